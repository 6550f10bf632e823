"""The command `issues`: what waits for a person, with the next step."""

from argparse import Namespace
from typing import Any

from gateway.cli.session import visit
from gateway.cli.table import show_json, show_table
from schema.database import rows
from schema.issues import CATALOGUE
from schema.settings import Settings

COLUMNS = ("opened", "title", "subject", "cause", "next step", "times")

_SQL = """
SELECT opened_at, code, subject, cause, next_step, occurrences FROM issue
WHERE resolved_at IS NULL ORDER BY id DESC LIMIT $1
"""


def run(arguments: Namespace) -> int:
    """Show the open issues, newest first."""

    async def read(settings: Settings) -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for row in await rows(_SQL, arguments.count)]

    found = [(row[0], _title(row[1]), *row[2:]) for row in visit(read)]
    if arguments.json:
        show_json([dict(zip(COLUMNS, row, strict=True)) for row in found])
    else:
        show_table("Open issues", COLUMNS, found)
    return 0


def _title(code: str) -> str:
    known = CATALOGUE.get(code)
    return code if known is None else known.title
