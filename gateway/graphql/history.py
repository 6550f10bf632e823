"""The journal of single records, page by page, and the items of plans."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from gateway.graphql.connection import BadCursor, Page, no_freshness
from schema import database
from schema.journal import BadCursor as BadJournalCursor
from schema.journal import read_cursor, write_cursor
from schema.types.change import Change, change_type
from schema.types.page import Connection
from schema.types.plan import PlanItem, plan_item_type

Key = tuple[UUID, int | None, str | None]

_PAGE = """
SELECT * FROM (
    SELECT c.*, row_number() OVER (PARTITION BY record_id ORDER BY position DESC) AS n
    FROM change c
    WHERE record_id = ANY($1::uuid[]) AND position IS NOT NULL
      AND ($2::bigint IS NULL OR position < $2::bigint)
) numbered WHERE n <= $3 ORDER BY record_id, position DESC
"""

_ITEMS = """
SELECT * FROM (
    SELECT i.*, row_number() OVER (PARTITION BY plan_id ORDER BY position) AS n
    FROM plan_item i WHERE plan_id = ANY($1::uuid[]) AND position > $2::int
) numbered WHERE n <= $3 ORDER BY plan_id, position
"""


async def pages(keys: list[Key]) -> list[Connection[Change]]:
    """Load a page of the journal for many records, newest first; one statement per page size."""
    made: dict[Key, Connection[Change]] = {}
    for (first, after), group in _by_page(keys).items():
        size = Page(first=first).size()
        place = _place(after)
        rows = await database.rows(_PAGE, group, place, size + 1)
        for key, found in _grouped(rows, "record_id").items():
            made[(key, first, after)] = _history(key, found, size, after)
        for key in group:
            made.setdefault((key, first, after), _history(key, [], size, after))
    return [made[key] for key in keys]


async def plan_pages(keys: list[Key]) -> list[Connection[PlanItem]]:
    """Load a page of intended writes for many plans."""
    made: dict[Key, Connection[PlanItem]] = {}
    for (first, after), group in _by_page(keys).items():
        size = Page(first=first).size()
        rows = await database.rows(_ITEMS, group, _place(after, default=-1), size + 1)
        found = _grouped(rows, "plan_id")
        for key in group:
            made[(key, first, after)] = _items(key, found.get(key, []), size, after)
    return [made[key] for key in keys]


def _by_page(keys: list[Key]) -> dict[tuple[int | None, str | None], list[UUID]]:
    grouped: defaultdict[tuple[int | None, str | None], list[UUID]] = defaultdict(list)
    for key, first, after in keys:
        grouped[(first, after)].append(key)
    return grouped


def _grouped(rows: list[dict[str, Any]], column: str) -> dict[UUID, list[dict[str, Any]]]:
    grouped: defaultdict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        grouped[row[column]].append(row)
    return grouped


def _place(after: str | None, default: int | None = None) -> int | None:
    if after is None:
        return default
    try:
        return read_cursor(after)
    except BadJournalCursor as error:
        raise BadCursor("This cursor was not given out by this list.") from error


def _history(
    key: UUID, rows: list[dict[str, Any]], size: int, after: str | None
) -> Connection[Change]:
    async def count() -> int:
        found = await database.rows(
            "SELECT count(*) AS n FROM change WHERE record_id = $1 AND position IS NOT NULL", key
        )
        return int(found[0]["n"])

    nodes = [change_type(row) for row in rows[:size]]
    return Connection(
        nodes=nodes,
        cursors=[node.cursor for node in nodes],
        has_next=len(rows) > size,
        has_previous=after is not None,
        count=count,
        fresh=no_freshness,
    )


def _items(
    key: UUID, rows: list[dict[str, Any]], size: int, after: str | None
) -> Connection[PlanItem]:
    async def count() -> int:
        found = await database.rows("SELECT count(*) AS n FROM plan_item WHERE plan_id = $1", key)
        return int(found[0]["n"])

    return Connection(
        nodes=[plan_item_type(row) for row in rows[:size]],
        cursors=[write_cursor(row["position"]) for row in rows[:size]],
        has_next=len(rows) > size,
        has_previous=after is not None,
        count=count,
        fresh=no_freshness,
    )
