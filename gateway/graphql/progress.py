"""Follows sync runs and plans: re-read on every ring, sent when something moved."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID

from gateway.graphql.context import Context
from gateway.graphql.journal import followed
from schema import database
from schema.types.ids import key_of
from schema.types.plan import Plan, plan_type
from schema.types.run import SyncRun, run_type

_DIGEST = """
(SELECT md5(string_agg(s::text, '|' ORDER BY s.position)) FROM sync_step s WHERE s.run_id = r.id)
"""
_CURRENT = f"""
SELECT r.*, {_DIGEST} AS digest FROM sync_run r
WHERE r.state <> 'SKIPPED' AND ($1::uuid[] IS NULL OR r.integration_id = ANY($1::uuid[]))
ORDER BY (r.state = 'RUNNING') DESC, r.id DESC LIMIT 1
"""
_ONE = f"SELECT r.*, {_DIGEST} AS digest FROM sync_run r WHERE r.id = $1"
_PLAN = """
SELECT * FROM plan WHERE id = $1 AND ($2::uuid[] IS NULL OR integration_id = ANY($2::uuid[]))
"""

Row = dict[str, Any]


async def follow_runs(
    context: Context, integration_id: str | None
) -> AsyncGenerator[SyncRun, None]:
    """Yield the running run or the last one, then whenever it or one of its steps moved."""
    hub = context.services.hub
    allowed = followed(context, integration_id)
    sent: Row | None = None
    while not hub.closed:
        seen = hub.rings
        rows: list[Row] = await hub.once(("run", allowed), lambda: _current(allowed))
        newest = rows[0] if rows else None
        if sent is not None and newest is not None and newest["id"] != sent["id"]:
            # Another run took over: the end of the one before is told first.
            last = (await database.rows(_ONE, sent["id"])) or [sent]
            if _moved(last[0], sent):
                yield run_type(last[0])
        if newest is not None and _moved(newest, sent):
            sent = newest
            yield run_type(newest)
        await hub.ring_after(seen)


async def _current(allowed: frozenset[UUID] | None) -> list[Row]:
    return await database.rows(_CURRENT, None if allowed is None else list(allowed))


def _moved(row: Row, sent: Row | None) -> bool:
    return sent is None or dict(row) != dict(sent)


async def follow_plan(context: Context, text: str) -> AsyncGenerator[Plan, None]:
    """Yield a plan now and whenever its state changes; ends when there is no such plan."""
    hub = context.services.hub
    key = key_of(text, "Plan")
    allowed = context.principal.integration_ids
    sent: Row | None = None
    while not hub.closed and key is not None:
        seen = hub.rings
        found = await database.rows(_PLAN, key, None if allowed is None else list(allowed))
        if not found:
            return
        if _moved(found[0], sent):
            sent = found[0]
            yield plan_type(found[0])
        await hub.ring_after(seen)
