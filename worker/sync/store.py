"""The one writer of unified records, their links and the journal rows that tell of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from schema import database
from schema.ids import new_id
from schema.invoice_state import state_of, sync_state_of
from schema.models import Change, Contact, Invoice, Link
from schema.models.base import Record
from schema.money import dumps
from schema.words import Entity, Side
from worker.context import Context

# Names of the GraphQL fields where they differ from the column in more than camel case.
_SHOWN = {
    "class_id": {"customer": "customerClass", "product": "inventoryClass"},
    "severa_role": {"invoice": "severaStatus"},
    "financials_total": {"invoice": "financialsTotalIncludingVat"},
    "office": {"customer": "addresses.office"},
    "billing": {"customer": "addresses.billing"},
    "postal": {"customer": "addresses.postal"},
}
# What changes at every look at a record; alone it is written for many records at once.
_TOUCHED = frozenset({"last_synced_at"})
# Facts that readers of the journal do not see as fields.
_QUIET = frozenset({"sync_state", "last_synced_at", "updated_at", "next_step_at", "texts"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Who changed a record and for what reason; both end in the journal."""

    kind: str
    reason: str = ""
    actor: str | None = None
    extra: tuple[dict[str, Any], ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """Values to set in one record, and why."""

    record: Record
    values: Mapping[str, Any]
    why: Why


async def save(ctx: Context, record: Record, values: Mapping[str, Any], *, why: Why) -> bool:
    """Set values of a record inside the running transaction; returns whether readers see it.

    A changed record gets one journal row with every field before and after.
    """
    return (await save_many(ctx, [Saving(record=record, values=values, why=why)]))[0]


async def save_many(ctx: Context, savings: Sequence[Saving]) -> list[bool]:
    """Set values of many records of one kind; tells for each whether readers see it."""
    made: list[Record] = []
    touched: list[Record] = []
    journal: list[Change] = []
    seen: list[bool] = []
    for item in savings:
        changed, row = _apply(ctx, item)
        if not item.record._saved_in_db:
            made.append(item.record)
        elif changed <= _TOUCHED and changed:
            touched.append(item.record)
        elif changed:
            await item.record.save()
        if row is not None:
            journal.append(row)
        seen.append(row is not None)
    await _insert(made)
    await _touch(touched)
    if len(journal) == 1:
        await journal[0].save()
    elif journal:
        await Change.bulk_create(journal, batch_size=500)
    return seen


def _apply(ctx: Context, item: Saving) -> tuple[set[str], Change | None]:
    """Set the values in memory; returns what changed and the journal row that tells of it."""
    record, values, new = item.record, item.values, not item.record._saved_in_db
    before = {name: getattr(record, name) for name in values}
    previous = record.state if isinstance(record, Invoice) else None
    for name, value in values.items():
        setattr(record, name, value)
    changed = {name for name in values if not _same(before[name], getattr(record, name))}
    if isinstance(record, Invoice):
        record.state = state_of(record)
        record.sync_state = sync_state_of(record.state)
    if not changed and not new and not item.why.extra:
        return changed, None
    shown = [
        _shown(record, name, None if new else before[name])
        for name in values
        if name in changed and name not in _QUIET
    ]
    shown += list(item.why.extra)
    if isinstance(record, Invoice) and (new or previous != record.state):
        changed.add("state")
        shown.append(
            {"field": "state", "before": None if new else text(previous), "after": record.state}
        )
    if not shown and not new:
        return changed, None
    entity, record_id = about(record)
    row = change_of(
        ctx,
        entity=entity,
        record_id=record_id,
        fields=shown,
        why=item.why,
        previous=text(None if new else previous),
    )
    return changed, row


async def _insert(made: list[Record]) -> None:
    if len(made) == 1:
        await made[0].save()
    elif made:
        await type(made[0]).bulk_create(made, batch_size=500)
        for record in made:
            record._saved_in_db = True


async def _touch(records: list[Record]) -> None:
    """Note the time of a sync that changed nothing; no reader of changes has to see it."""
    if records:
        await (
            type(records[0])
            .filter(id__in=[record.id for record in records])
            .update(last_synced_at=records[0].last_synced_at)
        )


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


def about(record: Record) -> tuple[Entity, UUID]:
    """Return the record that readers see when this one changes: a contact shows at its customer."""
    if isinstance(record, Contact):
        return Entity.CUSTOMER, record.customer_id
    return Entity(_ENTITIES[record._meta.db_table]), record.id


_ENTITIES = {
    "customer": "CUSTOMER",
    "product": "PRODUCT",
    "project": "PROJECT",
    "invoice": "INVOICE",
    "payment": "PAYMENT",
    "project_cost": "PROJECT_COST",
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
    if table == "contact":
        return f"contacts.{_camel(name)}"
    return _camel(name)


def conflict_field(record: Record, name: str) -> str:
    """Return how a conflict names a field; one of a contact also says of which contact."""
    if isinstance(record, Contact):
        return f"contacts.{record.id}.{_camel(name) if name else ''}"
    return shown_name(record._meta.db_table, name) if name else ""


def _camel(name: str) -> str:
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
