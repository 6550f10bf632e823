"""The journal as a list: oldest first, with the cursors that the subscriptions use."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from gateway.graphql.connection import Page, no_freshness
from gateway.graphql.context import Context
from gateway.graphql.where import Where
from schema import database
from schema.journal import read_cursor
from schema.types.change import Change, change_type
from schema.types.ids import key_of
from schema.types.page import Connection
from schema.words import Entity


async def changes_after(
    context: Context,
    *,
    integration_id: str | None,
    entities: Sequence[Entity] | None,
    page: Page,
) -> Connection[Change]:
    """Load the changes after a place.

    Raises BadCursor for a cursor that this API did not give out.
    """
    size = page.size()
    where = Where()
    where.tenant(context.principal, integration_id)
    where.add("t.position IS NOT NULL")
    where.one_of("t.entity", entities or None)
    bounds = where.copy()
    if page.after is not None:
        bounds.add("t.position > ?", read_cursor(page.after))
    rows = await database.rows(
        f"SELECT t.* FROM change t WHERE {bounds.sql} ORDER BY t.position LIMIT {size + 1}",
        *bounds.values,
    )

    async def count() -> int:
        found = await database.rows(
            f"SELECT count(*) AS n FROM change t WHERE {where.sql}", *where.values
        )
        return int(found[0]["n"])

    nodes = [change_type(row) for row in rows[:size]]
    return Connection(
        nodes=nodes,
        cursors=[node.cursor for node in nodes],
        has_next=len(rows) > size,
        has_previous=page.after is not None,
        count=count,
        fresh=no_freshness,
    )


def followed(context: Context, integration_id: str | None) -> frozenset[UUID] | None:
    """Return the integrations whose changes a subscriber gets; None for all."""
    allowed = context.principal.integration_ids
    if integration_id is None:
        return allowed
    key = key_of(integration_id, "Integration")
    if key is None or (allowed is not None and key not in allowed):
        return frozenset()
    return frozenset({key})
