"""Sightings: what each vendor last said about each of its objects, unchanged ones dropped."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from schema import database
from schema.ids import new_id
from schema.models import Sighting
from schema.money import dumps
from schema.words import Side
from worker.context import Context
from worker.vendors.records import Record

# What changes without meaning: audit marks, row versions, paging marks.
_NOISE = frozenset(
    {"metadata", "timeStamp", "timestamp", "errorInfo", "lastUpdatedBy", "createdBy"}
    | {"lastUpdatedDateTime", "createdDateTime", "lastModifiedDateTime"}
)

_UPSERT = """
INSERT INTO sighting (id, created_at, integration_id, side, resource, external_id, parent_id,
                      match_key, body, digest, vendor_time, seen_at, dirty)
VALUES ($1, now(), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (integration_id, side, resource, external_id) DO UPDATE SET
    parent_id = excluded.parent_id, match_key = excluded.match_key,
    body = excluded.body, digest = excluded.digest,
    vendor_time = excluded.vendor_time, seen_at = excluded.seen_at, missing_since = NULL,
    dirty = excluded.dirty
"""


def digest_of(body: Any) -> str:
    """Return the fingerprint of what an object says, audit marks left out."""
    return hashlib.sha256(dumps(_calm(body)).encode()).hexdigest()


def _calm(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _calm(value[key]) for key in sorted(value) if key not in _NOISE}
    if isinstance(value, list):
        return [_calm(item) for item in value]
    return value


def vendor_time(body: Mapping[str, Any]) -> str | None:
    """Return the vendor's own time of the last change, in its own writing."""
    found = body.get("lastUpdatedDateTime") or body.get("lastModifiedDateTime")
    return None if found is None else str(found)


def key_of(row: Mapping[str, Any], names: Sequence[str]) -> str:
    """Return the key of a row; keys of several parts are joined by a slash."""
    parts = []
    for name in names:
        found: Any = row
        for part in name.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        parts.append(str(found).strip())
    return "/".join(parts)


async def keep(
    ctx: Context,
    *,
    side: Side,
    resource: str,
    rows: Iterable[tuple[str, str | None, Record]],
    dirty: bool = True,
    match: Callable[[Record], str | None] | None = None,
    touch: bool = False,
) -> list[str]:
    """Store rows `(key, parent, body)` inside the transaction; returns the keys that changed.

    With `touch` unchanged ones are noted as seen too.
    """
    wanted = {key: (parent, body, digest_of(body)) for key, parent, body in rows}
    if not wanted:
        return []
    known = {
        row["external_id"]: row["digest"]
        for row in await database.rows(
            "SELECT external_id, digest FROM sighting WHERE integration_id = $1 AND side = $2 "
            "AND resource = $3 AND external_id = ANY($4::text[]) AND missing_since IS NULL",
            ctx.integration.id,
            side.value,
            resource,
            list(wanted),
        )
    }
    changed = [key for key, (_, _, digest) in wanted.items() if known.get(key) != digest]
    values = [
        [
            new_id(),
            ctx.integration.id,
            side.value,
            resource,
            key,
            wanted[key][0],
            (match(wanted[key][1]) or "")[:300] or None if match else None,
            dumps(wanted[key][1]),
            wanted[key][2],
            vendor_time(wanted[key][1]),
            ctx.clock(),
            dirty,
        ]
        for key in changed
    ]
    if values:
        await database.connection().execute_many(_UPSERT, values)
    if touch and len(changed) < len(wanted):
        await _touch(ctx, side, resource, list(wanted))
    return changed


async def _touch(ctx: Context, side: Side, resource: str, keys: Sequence[str]) -> None:
    await database.execute(
        "UPDATE sighting SET seen_at = $5 WHERE integration_id = $1 AND side = $2 "
        "AND resource = $3 AND external_id = ANY($4::text[])",
        ctx.integration.id,
        side.value,
        resource,
        keys,
        ctx.clock(),
    )


async def mark(
    ctx: Context, *, side: Side, resource: str, keys: Sequence[str], dirty: bool
) -> None:
    """Say whether sightings still have to be looked at."""
    if keys:
        await database.execute(
            "UPDATE sighting SET dirty = $5 WHERE integration_id = $1 AND side = $2 "
            "AND resource = $3 AND external_id = ANY($4::text[])",
            ctx.integration.id,
            side.value,
            resource,
            list(keys),
            dirty,
        )


async def find(ctx: Context, *, side: Side, resource: str, key: str) -> Sighting | None:
    """Return one sighting, or None for an object that was never seen."""
    return await Sighting.get_or_none(
        integration_id=ctx.integration.id, side=side.value, resource=resource, external_id=key
    )


async def children(
    ctx: Context, *, side: Side, resource: str, parents: Sequence[str]
) -> dict[str, list[Record]]:
    """Return the bodies of child objects by their parent's key."""
    found: dict[str, list[Record]] = {}
    rows = await Sighting.filter(
        integration_id=ctx.integration.id,
        side=side.value,
        resource=resource,
        parent_id__in=list(parents),
        missing_since=None,
    ).order_by("id")
    for row in rows:
        found.setdefault(str(row.parent_id), []).append(row.body)
    return found
