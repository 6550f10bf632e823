"""The one writer of unified records, their links and the journal rows that tell of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from schema import database
from schema.ids import new_id
from schema.invoice_state import state_of, sync_state_of
from schema.models import Change, Invoice, Link
from schema.models.base import Record
from schema.money import dumps
from schema.words import Entity, Side
from worker.context import Context

# Names of the GraphQL fields where they differ from the column in more than camel case.
_SHOWN = {
    "class_id": {"customer": "customerClass", "product": "inventoryClass"},
    "severa_role": {"invoice": "severaStatus"},
    "office": {"customer": "addresses.office"},
    "billing": {"customer": "addresses.billing"},
    "postal": {"customer": "addresses.postal"},
}
# Facts that readers of the journal do not see as fields.
_QUIET = frozenset({"sync_state", "last_synced_at", "updated_at", "next_step_at", "texts"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Who changed a record and for what reason; both end in the journal."""

    kind: str
    reason: str = ""
    actor: str | None = None
    extra: tuple[dict[str, Any], ...] = field(default=())


async def save(ctx: Context, record: Record, values: Mapping[str, Any], *, why: Why) -> bool:
    """Set values of a record inside the running transaction; returns whether readers see it.

    A changed record gets one journal row with every field before and after.
    """
    before = {name: getattr(record, name) for name in values}
    previous = record.state if isinstance(record, Invoice) else None
    for name, value in values.items():
        setattr(record, name, value)
    changed = {name for name in values if not _same(before[name], getattr(record, name))}
    if isinstance(record, Invoice):
        record.state = state_of(record)
        record.sync_state = sync_state_of(record.state)
    if not changed and record._saved_in_db and not why.extra:
        return False
    new = not record._saved_in_db
    await record.save()
    shown = [
        _shown(record, name, None if new else before[name])
        for name in values
        if name in changed and name not in _QUIET
    ]
    shown += list(why.extra)
    if isinstance(record, Invoice) and (new or previous != record.state):
        shown.append(
            {"field": "state", "before": None if new else text(previous), "after": record.state}
        )
    if shown or new:
        await _journal(ctx, record, shown, why=why, previous=None if new else previous)
    return bool(shown) or new


async def _journal(
    ctx: Context, record: Record, fields: list[dict[str, Any]], *, why: Why, previous: Any
) -> None:
    await change_of(
        ctx,
        entity=entity_of(record),
        record_id=record.id,
        fields=fields,
        why=why,
        previous=text(previous),
    ).save()


def change_of(
    ctx: Context,
    *,
    entity: Entity,
    record_id: UUID,
    fields: list[dict[str, Any]],
    why: Why,
    previous: str | None = None,
) -> Change:
    """Build a journal row that is not stamped yet."""
    return Change(
        integration_id=ctx.integration.id,
        entity=entity,
        record_id=record_id,
        kind=why.kind,
        fields_changed=fields,
        previous_state=previous,
        actor=why.actor or ctx.actor,
        reason=why.reason,
        run_id=ctx.run_id,
        at=ctx.clock(),
    )


def entity_of(record: Record) -> Entity:
    """Return the kind of a record."""
    return Entity(_ENTITIES[record._meta.db_table])


_ENTITIES = {
    "customer": "CUSTOMER",
    "product": "PRODUCT",
    "project": "PROJECT",
    "invoice": "INVOICE",
    "payment": "PAYMENT",
    "project_cost": "PROJECT_COST",
    "contact": "CUSTOMER",
}


def _shown(record: Record, name: str, before: Any) -> dict[str, Any]:
    return {
        "field": shown_name(record._meta.db_table, name),
        "before": text(before),
        "after": text(getattr(record, name)),
    }


def shown_name(table: str, name: str) -> str:
    """Return the name of a column's field in the public API."""
    special = _SHOWN.get(name, {}).get(table)
    if special is not None:
        return special
    head, *rest = name.removesuffix("_id").split("_")
    return head + "".join(part.capitalize() for part in rest)


def text(value: Any) -> str | None:
    """Return a value as the journal shows it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, dict | list):
        return dumps(value)
    return str(value)


def _same(before: Any, after: Any) -> bool:
    return bool(before == after)


_LINK = """
INSERT INTO link (id, created_at, integration_id, entity, record_id, side, external_id,
                  external_number, internal_id, base, last_seen_at)
VALUES ($1, now(), $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (record_id, side) DO UPDATE SET
    external_id = excluded.external_id,
    external_number = coalesce(excluded.external_number, link.external_number),
    internal_id = coalesce(excluded.internal_id, link.internal_id),
    base = excluded.base, last_seen_at = excluded.last_seen_at, missing_since = NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """One side of a record: its key there and the last agreed values in that side's form."""

    entity: str
    record_id: UUID
    side: Side
    external_id: str
    external_number: str | None = None
    internal_id: str | None = None
    base: Mapping[str, Any] = field(default_factory=dict)


async def tie(ctx: Context, ties: Iterable[Tie]) -> None:
    """Bind records to their twins inside the running transaction."""
    values = [
        [
            new_id(),
            ctx.integration.id,
            item.entity,
            item.record_id,
            item.side.value,
            item.external_id,
            item.external_number,
            item.internal_id,
            dumps(dict(item.base)),
            ctx.clock(),
        ]
        for item in ties
    ]
    if values:
        await database.connection().execute_many(_LINK, values)


async def links_of(record_id: UUID) -> dict[Side, Link]:
    """Return the links of a record by side."""
    return {Side(link.side): link for link in await Link.filter(record_id=record_id)}
