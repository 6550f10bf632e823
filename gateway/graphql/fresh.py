"""How old the data of an integration can be, worked out from its latest successful steps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from schema import database
from schema.types.page import Freshness
from schema.words import Entity

STALE_AFTER = 3

_STEPS = """
SELECT i.id AS integration_id, s.entity, max(s.started_at) AS as_of
FROM integration i
CROSS JOIN LATERAL (
    SELECT id FROM sync_run WHERE integration_id = i.id ORDER BY id DESC LIMIT 50
) r
JOIN sync_step s ON s.run_id = r.id AND s.state IN ('SUCCEEDED', 'SUCCEEDED_WITH_ISSUES')
WHERE s.entity IS NOT NULL AND ($1::uuid[] IS NULL OR i.id = ANY($1::uuid[]))
GROUP BY i.id, s.entity
"""


async def load(
    keys: Sequence[tuple[UUID | None, Entity]],
    *,
    allowed: list[UUID] | None,
    now: datetime,
    interval: float,
) -> list[Freshness]:
    """Work out the freshness for many integrations and kinds of record in one statement."""
    wanted = [key for key, _ in keys if key is not None]
    everything = len(wanted) < len(keys)
    rows = await database.rows(_STEPS, allowed if everything else wanted)
    found: dict[Any, datetime] = {}
    for row in rows:
        entity = Entity(row["entity"])
        found[(row["integration_id"], entity)] = row["as_of"]
        # Over several integrations the oldest one counts.
        known = found.get((None, entity))
        found[(None, entity)] = min(known, row["as_of"]) if known else row["as_of"]
    return [freshness(found.get(key), now=now, interval=interval) for key in keys]


def freshness(as_of: datetime | None, *, now: datetime, interval: float) -> Freshness:
    """Tell how old data is, and whether that is too old."""
    if as_of is None:
        return Freshness(as_of=None, age_seconds=None, is_stale=True)
    age = max(int((now - as_of).total_seconds()), 0)
    return Freshness(as_of=as_of, age_seconds=age, is_stale=age > STALE_AFTER * interval)
