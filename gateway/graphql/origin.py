"""Where the value of each field comes from: owners, agreed values of both sides, the journal."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any
from uuid import UUID

from schema import database
from schema.money import loads
from schema.owners import OWNERS
from schema.types.provenance import FieldProvenance, provenance_type
from schema.words import Entity, Side

_LAST = """
SELECT DISTINCT ON (c.record_id, f->>'field')
       c.record_id, f->>'field' AS field, c.actor, c.at, c.reason, c.run_id
FROM change c, jsonb_array_elements(c.fields_changed) f
WHERE c.record_id = ANY($1::uuid[])
ORDER BY c.record_id, f->>'field', c.id DESC
"""


async def provenance(keys: list[tuple[Entity, UUID]]) -> list[list[FieldProvenance]]:
    """Load the provenance of many records: three statements for each kind of record at most."""
    ids = [key for _, key in keys]
    records, bases, last = await asyncio.gather(_records(keys), _bases(ids), _last(ids))
    return [
        [
            provenance_type(
                owned,
                record=records.get(key, {}),
                bases=bases.get(key, {}),
                last=last.get((key, owned.field)),
            )
            for owned in OWNERS[entity]
        ]
        for entity, key in keys
    ]


async def _records(keys: list[tuple[Entity, UUID]]) -> dict[UUID, dict[str, Any]]:
    grouped: defaultdict[Entity, list[UUID]] = defaultdict(list)
    for entity, key in keys:
        grouped[entity].append(key)
    found: dict[UUID, dict[str, Any]] = {}
    for entity, ids in grouped.items():
        table = entity.value.lower()
        rows = await database.rows(f"SELECT * FROM {table} WHERE id = ANY($1::uuid[])", ids)
        found |= {row["id"]: row for row in rows}
    return found


async def _bases(ids: list[UUID]) -> dict[UUID, dict[Side, dict[str, Any]]]:
    rows = await database.rows(
        "SELECT record_id, side, base FROM link WHERE record_id = ANY($1::uuid[])", ids
    )
    found: defaultdict[UUID, dict[Side, dict[str, Any]]] = defaultdict(dict)
    for row in rows:
        base = loads(row["base"]) if isinstance(row["base"], str) else row["base"]
        found[row["record_id"]][Side(row["side"])] = base or {}
    return found


async def _last(ids: list[UUID]) -> dict[tuple[UUID, str], dict[str, Any]]:
    rows = await database.rows(_LAST, ids)
    return {(row["record_id"], row["field"]): row for row in rows}
