"""The command `status`: integrations, their last run, and what waits for a person."""

from argparse import Namespace
from typing import Any

from gateway.cli.session import visit
from gateway.cli.table import show_json, show_table
from schema.database import rows
from schema.settings import Settings

COLUMNS = ("integration", "name", "state", "last run", "finished", "next", "queued jobs", "issues")

_SQL = """
SELECT integration.id, integration.name, integration.state, run.state AS run_state,
       run.finished_at, integration.next_tick_at,
       (SELECT count(*) FROM job WHERE job.integration_id = integration.id
        AND job.state = 'QUEUED') AS jobs,
       (SELECT count(*) FROM issue WHERE issue.integration_id = integration.id
        AND issue.resolved_at IS NULL) AS issues
FROM integration
LEFT JOIN LATERAL (SELECT state, finished_at FROM sync_run
                   WHERE sync_run.integration_id = integration.id AND state <> 'SKIPPED'
                   ORDER BY id DESC LIMIT 1) run ON true
ORDER BY integration.id
"""


def run(arguments: Namespace) -> int:
    """Show one line per integration."""
    found = visit(_read)
    if arguments.json:
        show_json([dict(zip(COLUMNS, row, strict=True)) for row in found])
    else:
        show_table("Integrations", COLUMNS, found)
    return 0


async def _read(settings: Settings) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in await rows(_SQL)]
