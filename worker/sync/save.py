"""Saving: merged records with their links, conflicts and issues, one transaction for many."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from schema.models import Conflict, Link
from schema.models.base import Record
from schema.words import Side, SyncState
from worker.context import Context
from worker.mapping.field import Form
from worker.sync import report, sightings, store
from worker.sync.flow import Case, Flow, Seen
from worker.sync.merge import Clash, Merged


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A case with the outcome of its merge; `waiting` is what it has to wait for."""

    case: Case
    merged: Merged
    waiting: str | None = None


async def save_local(
    ctx: Context, flow: Flow, case: Case, merged: Merged, waiting: str | None = None
) -> bool:
    """Save one merged record; tells whether readers see a change of a known one."""
    new = case.record is None
    item = Item(case=case, merged=merged, waiting=waiting)
    async with ctx.transaction():
        shown = await save_many(ctx, flow, [item])
        assert case.record is not None
        case.links = await store.links_of(case.record.id)
    return shown[0] and not new


async def save_many(ctx: Context, flow: Flow, items: Sequence[Item]) -> list[bool]:
    """Save merged records inside the running transaction; tells for each whether it shows."""
    known = [item.case.record for item in items if item.case.record is not None]
    savings = [_saving(ctx, flow, item) for item in items]
    shown = await store.save_many(ctx, savings)
    for item, saving in zip(items, savings, strict=True):
        item.case.record = saving.record
    await flow.saved(ctx, [(item.case, item.merged.values) for item in items])
    await store.tie(ctx, [tie for item in items for tie in _ties(flow, item)])
    await _conflicts(ctx, flow, items, known)
    await _issues(ctx, flow, items)
    return shown


def _saving(ctx: Context, flow: Flow, item: Item) -> store.Saving:
    case, merged = item.case, item.merged
    new = case.record is None
    record = case.record or flow.model(integration_id=ctx.integration.id)
    state = _state(item)
    values = flow.columns(case, merged.values) | {
        "sync_state": state,
        "waiting_reason": item.waiting,
    }
    if state is SyncState.IN_SYNC and any(merged.writes.values()):
        values["sync_state"] = SyncState.PENDING
    if state is SyncState.IN_SYNC:
        values["last_synced_at"] = ctx.clock()
    word = "created" if new else "changed"
    why = store.Why(kind=f"{flow.name.lower()}.{word}", reason=_reason(merged))
    return store.Saving(record=record, values=values, why=why)


def _state(item: Item) -> SyncState:
    if item.merged.clashes:
        return SyncState.CONFLICT
    if item.merged.failures:
        return SyncState.BLOCKED
    return SyncState.WAITING if item.waiting is not None else SyncState.IN_SYNC


def _reason(merged: Merged) -> str:
    sides = sorted({winner.value.capitalize() for winner in merged.winners.values()})
    return f"Taken from {' and '.join(sides)}." if sides else ""


def tie_of(flow: Flow, case: Case, seen: Seen, base: Form) -> store.Tie:
    """Return the link of a record to what was seen of it."""
    assert case.record is not None
    number = flow.number(seen)
    return store.Tie(
        entity=flow.name,
        record_id=case.record.id,
        side=seen.side,
        external_id=seen.key if seen.side is Side.SEVERA else (number or seen.key),
        external_number=number,
        internal_id=seen.key,
        base=base,
    )


def _ties(flow: Flow, item: Item) -> Iterable[store.Tie]:
    for side, seen in item.case.seen.items():
        link = item.case.links.get(side)
        base = dict(link.base) if link is not None else {}
        tie = tie_of(flow, item.case, seen, base | item.merged.agreed[side])
        if link is None or not _tied(link, tie):
            yield tie


def _tied(link: Link, tie: store.Tie) -> bool:
    return (
        link.missing_since is None
        and link.base == tie.base
        and link.external_id == tie.external_id
        and link.external_number in (tie.external_number, None)
    )


async def _conflicts(
    ctx: Context, flow: Flow, items: Sequence[Item], known: Sequence[Record]
) -> None:
    """Open a conflict per field that both sides changed; close those that agree again (Q58)."""
    if not known and not any(item.merged.clashes for item in items):
        return
    existing = await open_conflicts(known)
    for item in items:
        record = item.case.record
        assert record is not None
        if item.merged.clashes or record.id in existing:
            await _conflict(ctx, item, existing.get(record.id, []))


async def open_conflicts(records: Collection[Record]) -> dict[UUID, list[Any]]:
    """Return the open conflicts of records by their own id."""
    shown = {store.about(record)[1] for record in records}
    found: dict[UUID, list[Any]] = {}
    rows = await Conflict.filter(record_id__in=list(shown), resolved_at=None) if shown else []
    if not rows:
        return found
    for record in records:
        shown_id, start = store.about(record)[1], store.conflict_field(record, "")
        mine = [row for row in rows if row.record_id == shown_id and row.field.startswith(start)]
        if mine:
            found[record.id] = mine
    return found


async def _conflict(ctx: Context, item: Item, existing: Sequence[Any]) -> None:
    record = item.case.record
    assert record is not None
    entity, shown_id = store.about(record)
    open_now: Mapping[str, Clash] = {
        store.conflict_field(record, clash.name): clash for clash in item.merged.clashes
    }
    for old in existing:
        if old.field not in open_now:
            old.resolved_at = ctx.clock()
            await old.save()
    known = {old.field: old for old in existing}
    for name, clash in open_now.items():
        row: Any = known.get(name) or Conflict(
            integration_id=ctx.integration.id,
            entity=entity,
            record_id=shown_id,
            field=name,
            opened_at=ctx.clock(),
        )
        row.base = store.text(clash.base)
        row.severa_value = store.text(clash.severa)
        row.financials_value = store.text(clash.financials)
        await row.save()


async def _issues(ctx: Context, flow: Flow, items: Sequence[Item]) -> None:
    """Report what is wrong with each record; close whatever is not wrong any more."""
    clean: list[str] = []
    for item in items:
        clean += loose_subjects(flow, item.case)
        troubles = (*item.merged.failures, *flow.warnings(item.case))
        subject = subject_of(flow, item.case)
        if not troubles:
            clean.append(subject)
            continue
        await report.resolve(ctx, subject=subject, keep=tuple(e.issue for e in troubles))
        for error in troubles:
            await report.report(
                ctx,
                report.Problem(
                    code=error.issue,
                    cause=f"{flow.label(item.case)}: {error.cause}",
                    subject=subject,
                    records=records_of(item.case),
                ),
            )
    await report.resolve_many(ctx, subjects=clean)


def subject_of(flow: Flow, case: Case) -> str:
    """Return the subject of the issues of a case: its record, or an object that has none."""
    if case.record is None:
        return object_subject(flow, next(iter(case.seen.values())))
    return f"{flow.name}:{case.record.id}"


def object_subject(flow: Flow, seen: Seen) -> str:
    """Return the subject of issues about an object that has no record of its own."""
    return f"{flow.name}:{seen.key}"


def match_subject(flow: Flow, seen: Seen) -> str | None:
    """Return the subject of issues about everything that goes by one name or code."""
    match = flow.match(seen)
    key = match(seen.body) if match is not None else None
    return f"{flow.name}:{key}"[:200] if key else None


def loose_subjects(flow: Flow, case: Case) -> list[str]:
    """Return the subjects of a case's issues from before it had a record."""
    found = []
    for seen in case.seen.values():
        found.append(object_subject(flow, seen))
        if (named := match_subject(flow, seen)) is not None:
            found.append(named)
    return found


def records_of(case: Case) -> tuple[tuple[Any, UUID], ...]:
    """Return the record that the issues of a case belong to."""
    return () if case.record is None else (store.about(case.record),)


async def done(ctx: Context, cases: Iterable[Case]) -> None:
    """Mark what was seen of the cases as looked at, inside the running transaction."""
    keys: dict[tuple[Side, str], list[str]] = {}
    for case in cases:
        for seen in case.seen.values():
            keys.setdefault((seen.side, seen.resource), []).append(seen.key)
    for (side, resource), found in keys.items():
        await sightings.mark(ctx, side=side, resource=resource, keys=found, dirty=False)


async def keep_seen(ctx: Context, flow: Flow, seen: Seen) -> None:
    """Store what was read of an object, inside the running transaction."""
    body = {name: value for name, value in seen.body.items() if not name.startswith("_")}
    await sightings.keep(
        ctx,
        side=seen.side,
        resource=seen.resource,
        rows=[(seen.key, None, body)],
        match=flow.match(seen),
    )
