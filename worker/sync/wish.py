"""Carrying out what a person wants of a record: one side is changed as if by hand, the merge
takes it to the other (R4, R5, Q42).
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from schema.errors import Refused
from schema.models import Conflict, Link, Sighting
from schema.models.base import Record
from schema.words import Side
from worker.context import Context
from worker.mapping.field import Field
from worker.sync import push, save, store
from worker.sync.flow import Case, Flow
from worker.sync.gather import case_of
from worker.sync.settle import settle_one


class CannotCarryOut(Refused):
    """A wish that the record as it stands cannot have."""

    code = "cannot_carry_out"


async def carry(ctx: Context, flow: Flow, record: Record, wanted: Mapping[str, Any]) -> str | None:
    """Give a record the wanted values on both sides; returns what is left to wait for, if any.

    Raises CannotCarryOut, CannotMap and VendorError.
    """
    why = store.Why(kind=f"{flow.name.lower()}.changed", reason="A person asked for it.")
    push.require_due(ctx, await push.open_attempts(record.id))
    case = await _case(ctx, flow, record)
    if case is None or case.lost:
        raise CannotCarryOut("The record has disappeared from one of the systems.")
    rows = {row.name: row for row in flow.fields(case)}
    strange = [name for name in wanted if name not in rows]
    if strange:
        raise CannotCarryOut(f"{store.shown_name(record._meta.db_table, strange[0])} is not kept.")
    _try(ctx, flow, case, rows, wanted)
    placed = {name: _place(rows[name], case) for name in wanted}
    kept = {name: wanted[name] for name, side in placed.items() if side is None}
    if kept:
        # No side has a place for it yet: it is used when the record is created there.
        async with ctx.transaction():
            await store.save(ctx, record, kept, why=why)
    for side in Side:
        mine = {name: wanted[name] for name, place in placed.items() if place is side}
        if mine:
            await _write(ctx, flow, case, side, mine, rows)
    outcome = await settle_one(ctx, flow, case)
    if outcome.word == "failed":
        raise CannotCarryOut("The other system refused it; see the issues of the record.")
    return "The rest follows with the next sync." if outcome.due else None


def _try(
    ctx: Context, flow: Flow, case: Case, rows: Mapping[str, Field], wanted: Mapping[str, Any]
) -> None:
    """Convert every value for every side before anything is written.

    Raises CannotMap.
    """
    for side in case.seen:
        form = flow.form(case, side) or {}
        for name, value in wanted.items():
            if rows[name].target(side) is not None:
                rows[name].convert.write(side, value, ctx.references, form.get(name))


async def _case(ctx: Context, flow: Flow, record: Record) -> Case | None:
    """Return the case of a record from what was seen of it on either side, read again now."""
    for link in await Link.filter(record_id=record.id).order_by("-side"):
        side = Side(link.side)
        row = await Sighting.filter(
            integration_id=ctx.integration.id,
            side=side.value,
            resource__in=list(flow.resources[side]),
            external_id=link.internal_id,
            missing_since=None,
        ).first()
        if row is None:
            continue
        case = await case_of(ctx, flow, side=side, resource=row.resource, key=row.external_id)
        if case is not None and case.record is not None:
            await _read(ctx, flow, case)
            return case
    return None


async def _read(ctx: Context, flow: Flow, case: Case) -> None:
    for side in list(case.seen):
        case.seen[side] = await flow.halves[side].read(ctx, case)
        async with ctx.transaction():
            await save.keep_seen(ctx, flow, case.seen[side])


def _place(row: Field, case: Case) -> Side | None:
    """Choose the side that is changed first: Severa, so that inactivations can wait (Q55)."""
    for side in (Side.SEVERA, Side.FINANCIALS):
        if side in case.seen and row.target(side) is not None and row.only_to in (None, side):
            return side
    return None


async def _write(
    ctx: Context,
    flow: Flow,
    case: Case,
    side: Side,
    wanted: Mapping[str, Any],
    rows: Mapping[str, Field],
) -> None:
    form = flow.form(case, side) or {}
    told: dict[str, Any] = {}
    for name, value in wanted.items():
        row, now = rows[name], form.get(name)
        value = _exact(row, side, now, value, ctx)
        if row.convert.read(side, now, ctx.references) == value:
            continue
        told[name] = row.convert.write(side, value, ctx.references, now)
    await _choose(ctx, case, side, wanted)
    if not told:
        return
    case.seen[side] = await flow.halves[side].update(ctx, case, told)
    async with ctx.transaction():
        await save.keep_seen(ctx, flow, case.seen[side])


def _exact(row: Field, side: Side, now: Any, value: Any, ctx: Context) -> Any:
    """Bring a JSON value into the field's own type."""
    if isinstance(row.convert.read(side, now, ctx.references), Decimal) and value is not None:
        return Decimal(str(value))
    return value


async def _choose(ctx: Context, case: Case, side: Side, names: Mapping[str, Any]) -> None:
    """Answer open conflicts of the fields: the wish is a person's choice."""
    assert case.record is not None
    shown_id = store.about(case.record)[1]
    fields = [store.conflict_field(case.record, name) for name in names]
    async with ctx.transaction():
        await Conflict.filter(record_id=shown_id, field__in=fields, resolved_at=None).update(
            chosen_side=side, resolved_by=ctx.actor[:120]
        )
