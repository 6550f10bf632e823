"""Settling: merge what both sides say of each due record, and carry the outcome to both.

What concerns only us is saved at once; what concerns a vendor goes through an attempt. A record
that fails does not stop the others; what only time can heal stays due for the next run.
"""

import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any

from schema import database
from schema.errors import GatewayError, Refused, Retryable
from schema.models import Conflict, Link
from schema.models.base import Record
from schema.words import AttemptState, Side, SyncState
from worker.context import Context
from worker.lease import LeaseLost
from worker.mapping.field import Form
from worker.sync import push, report, sightings, store
from worker.sync.flow import Case, Flow, Seen
from worker.sync.gather import Batch, batch_of
from worker.sync.merge import Clash, Merged, Sides, merge
from worker.vendors.errors import OutcomeUnknown, VendorDenied, VendorRefused

log = logging.getLogger(__name__)

# Create on one side, number back, and one more look: more passes would be a ping-pong.
PASSES = 4
Tally = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one record: created, updated, unchanged, failed or waiting."""

    word: str
    due: bool = False


class PingPong(Refused):
    """A record did not come to rest: each write was answered by another change."""

    code = "surprise"


async def settle(ctx: Context, flow: Flow, *, tally: Tally, final: bool = False) -> None:
    """Settle every due record of a flow; `final` also carries out inactivations (Q55).

    Raises VendorDenied and LeaseLost, which no later record could escape.
    """
    after = None
    handled: set[str] = set()
    while (batch := await batch_of(ctx, flow, after=after)) is not None:
        await _unclear(ctx, flow, batch)
        if await _settle_batch(ctx, flow, batch, handled, tally=tally, final=final):
            after = batch.last


async def _settle_batch(
    ctx: Context, flow: Flow, batch: Batch, handled: set[str], *, tally: Tally, final: bool
) -> bool:
    """Settle a batch; False says that urgent work passed by and the rest must be read again."""
    for case in batch.cases:
        keys = {seen.key for seen in case.seen.values()}
        if keys & handled:
            continue
        if await ctx.breathe():
            return False
        outcome = await settle_one(ctx, flow, case, final=final)
        handled |= keys
        await tally(outcome.word)
    return True


async def settle_one(ctx: Context, flow: Flow, case: Case, *, final: bool = False) -> Outcome:
    """Settle one record; a failure is recorded as an issue and does not spread."""
    try:
        outcome = await _passes(ctx, flow, case, final)
    except (VendorDenied, LeaseLost):
        raise
    except (push.StillUncertain, OutcomeUnknown) as error:
        await _hold(ctx, flow, case, SyncState.UNCERTAIN, str(error))
        return Outcome(word="waiting", due=True)
    except Retryable as error:
        await _hold(ctx, flow, case, SyncState.PENDING, str(error))
        return Outcome(word="failed", due=True)
    except GatewayError as error:
        await _block(ctx, flow, case, error)
        return Outcome(word="failed")
    except Exception as error:
        if database.lost(error):
            raise
        log.exception("record.surprise entity=%s", flow.entity)
        await _hold(ctx, flow, case, SyncState.BLOCKED, f"{type(error).__name__}: {error}")
        return Outcome(word="failed", due=True)
    if not outcome.due:
        await _done(ctx, case)
    return outcome


async def _passes(ctx: Context, flow: Flow, case: Case, final: bool) -> Outcome:
    reason = flow.skip(ctx, case)
    if reason is not None and case.record is None:
        return Outcome(word="unchanged")
    await _doubts(ctx, flow, case)
    word = "unchanged" if case.record is not None else "created"
    for _ in range(PASSES):
        waiting = await flow.wait(ctx, case)
        merged = await merged_of(ctx, flow, case)
        changed = await save_local(ctx, flow, case, merged, waiting)
        word = "updated" if changed and word == "unchanged" else word
        if waiting is not None:
            return Outcome(word="waiting", due=True)
        if merged.failures and len(case.seen) == 1:
            raise merged.failures[0]
        deferred = await _write(ctx, flow, case, merged, final)
        if deferred is not None:
            return Outcome(word=word, due=deferred)
        word = "updated" if word == "unchanged" else word
    raise PingPong(f"{flow.label(case)} did not come to rest after {PASSES} passes.")


async def merged_of(ctx: Context, flow: Flow, case: Case) -> Merged:
    """Merge what both sides say of a case; nothing is stored or written."""
    sides = Sides(
        now={side: flow.form(case, side) for side in Side},
        base={side: case.links[side].base if side in case.links else None for side in Side},
    )
    choices = await _choices(flow, case)
    return merge(flow.fields(case), sides=sides, references=ctx.references, choices=choices)


async def _write(ctx: Context, flow: Flow, case: Case, merged: Merged, final: bool) -> bool | None:
    """Write what the merge asks for; None means something was written and must be merged again.

    Otherwise tells whether the record stays due.
    """
    deferred = False
    for side in Side:
        wanted = merged.writes[side]
        if side not in case.seen:
            if side in case.links:
                continue  # It has disappeared there; nothing is created a second time (Q24).
            if flow.skip(ctx, case) is None:
                await _create(ctx, flow, case, side, wanted)
                return None
            continue
        later = frozenset() if final else flow.defer(wanted)
        deferred = deferred or bool(later)
        wanted = {name: value for name, value in wanted.items() if name not in later}
        if wanted and await _update(ctx, flow, case, side, wanted):
            return None
    return deferred


async def _create(ctx: Context, flow: Flow, case: Case, side: Side, wanted: Form) -> None:
    assert case.record is not None
    made = await flow.halves[side].create(ctx, case, wanted)
    # What the other side filled in by itself is its own news, and travels back.
    told = {name for name, value in wanted.items() if value is not None}
    await _remember(ctx, flow, case, made, told)


async def _update(ctx: Context, flow: Flow, case: Case, side: Side, wanted: Form) -> bool:
    """Write to one side, unless it moved since it was merged; then it must be merged again."""
    before = flow.form(case, side)
    fresh = await flow.halves[side].read(ctx, case)
    case.seen[side] = fresh
    if flow.form(case, side) != before:
        await _keep(ctx, flow, case, side)
        return True
    case.seen[side] = await flow.halves[side].update(ctx, case, wanted)
    await _remember(ctx, flow, case, case.seen[side])
    return True


async def _remember(
    ctx: Context, flow: Flow, case: Case, seen: Seen, told: Collection[str] | None = None
) -> None:
    """Make what was read back after a write the new base: our own write is no news (no echo).

    `told` names the fields that were written to a new object; None stands for all.
    """
    assert case.record is not None
    case.seen[seen.side] = seen
    async with ctx.transaction():
        await _keep_row(ctx, flow, seen)
        form = flow.form(case, seen.side) or {}
        base = {name: raw for name, raw in form.items() if told is None or name in told}
        await store.tie(ctx, [_tie(flow, case, seen, base)])
        case.links[seen.side] = await Link.get(record_id=case.record.id, side=seen.side.value)


def _tie(flow: Flow, case: Case, seen: Seen, base: Form) -> store.Tie:
    assert case.record is not None
    number = flow.number(seen)
    return store.Tie(
        entity=flow.entity.value,
        record_id=case.record.id,
        side=seen.side,
        external_id=seen.key if seen.side is Side.SEVERA else (number or seen.key),
        external_number=number,
        internal_id=seen.key,
        base=base,
    )


async def save_local(
    ctx: Context, flow: Flow, case: Case, merged: Merged, waiting: str | None = None
) -> bool:
    """Save the merged record with its links and conflicts in one transaction."""
    new = case.record is None
    record = case.record or flow.model(integration_id=ctx.integration.id)
    state = _state(merged, waiting)
    values = flow.columns(case, merged.values) | {"sync_state": state, "waiting_reason": waiting}
    if state is SyncState.IN_SYNC and any(merged.writes.values()):
        values["sync_state"] = SyncState.PENDING
    if state is SyncState.IN_SYNC:
        values["last_synced_at"] = ctx.clock()
    word = "created" if new else "changed"
    why = store.Why(kind=f"{flow.entity.lower()}.{word}", reason=_reason(merged))
    async with ctx.transaction():
        shown = await store.save(ctx, record, values, why=why)
        case.record = record
        await flow.saved(ctx, case, merged.values)
        await store.tie(ctx, _ties(flow, case, merged))
        case.links = await store.links_of(record.id)
        await _conflicts(ctx, flow, record, merged.clashes)
        await _failures(ctx, flow, case, merged)
    return shown and not new


def _ties(flow: Flow, case: Case, merged: Merged) -> list[store.Tie]:
    ties = []
    for side, seen in case.seen.items():
        base = dict(case.links[side].base) if side in case.links else {}
        base |= merged.agreed[side]
        ties.append(_tie(flow, case, seen, base))
    return ties


def _state(merged: Merged, waiting: str | None) -> SyncState:
    if merged.clashes:
        return SyncState.CONFLICT
    if merged.failures:
        return SyncState.BLOCKED
    return SyncState.WAITING if waiting is not None else SyncState.IN_SYNC


def _reason(merged: Merged) -> str:
    sides = sorted({winner.value.capitalize() for winner in merged.winners.values()})
    return f"Taken from {' and '.join(sides)}." if sides else ""


async def _choices(flow: Flow, case: Case) -> dict[str, Side]:
    if case.record is None:
        return {}
    found = await Conflict.filter(
        record_id=case.record.id, resolved_at=None, chosen_side__isnull=False
    )
    table = case.record._meta.db_table
    names = {store.shown_name(table, row.name): row.name for row in flow.fields(case)}
    return {names.get(row.field, row.field): Side(row.chosen_side) for row in found}


async def _conflicts(ctx: Context, flow: Flow, record: Record, clashes: list[Clash]) -> None:
    table = record._meta.db_table
    open_now = {store.shown_name(table, clash.name): clash for clash in clashes}
    existing: list[Any] = await Conflict.filter(record_id=record.id, resolved_at=None)
    for old in existing:
        if old.field not in open_now:
            old.resolved_at = ctx.clock()
            await old.save()
    known = {old.field: old for old in existing}
    for name, clash in open_now.items():
        row: Any = known.get(name) or Conflict(
            integration_id=ctx.integration.id,
            entity=flow.entity,
            record_id=record.id,
            field=name,
            opened_at=ctx.clock(),
        )
        row.base = store.text(clash.base)
        row.severa_value = store.text(clash.severa)
        row.financials_value = store.text(clash.financials)
        await row.save()


async def _failures(ctx: Context, flow: Flow, case: Case, merged: Merged) -> None:
    assert case.record is not None
    subject = report.subject_of(flow.entity, case.record.id)
    await report.resolve(ctx, subject=subject, keep=tuple(e.issue for e in merged.failures))
    for error in merged.failures:
        await report.report(
            ctx,
            report.Problem(
                code=error.issue,
                cause=f"{flow.label(case)}: {error.cause}",
                subject=subject,
                records=((flow.entity, case.record.id),),
            ),
        )


async def _doubts(ctx: Context, flow: Flow, case: Case) -> None:
    """Look up what earlier writes of this record have become, before anything else is written.

    Raises StillUncertain while "not found" would be no answer.
    """
    if case.record is None:
        return
    attempts = await push.open_attempts(case.record.id)
    push.require_due(ctx, attempts)
    await _unlinked(ctx, flow, case)
    for attempt in attempts:
        side = Side(attempt.side)
        found = None
        if attempt.purpose.endswith(".create") and side not in case.seen:
            found = await flow.halves[side].find(ctx, case)
        when = f"{ctx.clock():%H:%M:%S}"
        state = AttemptState.NOT_DONE if found is None else AttemptState.SUCCEEDED
        words = "merging from what stands there" if side in case.seen else "found nothing"
        evidence = f"Looked again at {when}: " + (
            f"{words}." if found is None else f"found {flow.number(found) or found.key}."
        )
        async with ctx.transaction():
            await push.settle(ctx, attempt, state=state, evidence=evidence)
        if found is not None:
            await _remember(ctx, flow, case, found)
        elif side in case.seen:
            case.seen[side] = await flow.halves[side].read(ctx, case)
            await _keep(ctx, flow, case, side)


async def _unlinked(ctx: Context, flow: Flow, case: Case) -> None:
    """Link what an earlier create made, if its worker ended between the answer and the link."""
    assert case.record is not None
    missing = [side for side in Side if side not in case.seen and side not in case.links]
    if len(missing) != 1:
        return
    for attempt in await push.unlinked_creates(case.record.id, missing):
        side = Side(attempt.side)
        found = await flow.halves[side].find(ctx, case)
        if found is not None:
            await _remember(ctx, flow, case, found)


async def _keep(ctx: Context, flow: Flow, case: Case, side: Side) -> None:
    async with ctx.transaction():
        await _keep_row(ctx, flow, case.seen[side])


async def _keep_row(ctx: Context, flow: Flow, seen: Seen) -> None:
    body = {name: value for name, value in seen.body.items() if not name.startswith("_")}
    await sightings.keep(
        ctx,
        side=seen.side,
        resource=seen.resource,
        rows=[(seen.key, None, body)],
        match=flow.match(seen),
    )


async def _done(ctx: Context, case: Case) -> None:
    async with ctx.transaction():
        for seen in case.seen.values():
            await sightings.mark(
                ctx, side=seen.side, resource=seen.resource, keys=[seen.key], dirty=False
            )


async def _hold(ctx: Context, flow: Flow, case: Case, state: SyncState, why: str) -> None:
    log.warning("record.held entity=%s why=%s", flow.entity, why)
    if case.record is None:
        return
    async with ctx.transaction():
        case.record.sync_state, case.record.waiting_reason = state, why
        await case.record.save(update_fields=["sync_state", "waiting_reason", "updated_at"])


async def _block(ctx: Context, flow: Flow, case: Case, error: GatewayError) -> None:
    """Record a refusal; it is not tried again until one of the sides changes."""
    code = getattr(error, "issue", None) or (
        "vendor_refused" if isinstance(error, VendorRefused) else "surprise"
    )
    cause = getattr(error, "cause", None) or getattr(error, "message", None) or str(error)
    subject = (
        report.subject_of(flow.entity, case.record.id)
        if case.record is not None
        else f"{flow.entity}:{flow.label(case)}"
    )
    records = ((flow.entity, case.record.id),) if case.record is not None else ()
    async with ctx.transaction():
        if case.record is not None:
            case.record.sync_state = SyncState.BLOCKED
            await case.record.save(update_fields=["sync_state", "updated_at"])
        problem = report.Problem(
            code=code, cause=f"{flow.label(case)}: {cause}", subject=subject, records=records
        )
        await report.report(ctx, problem)
    await _done(ctx, case)


async def _unclear(ctx: Context, flow: Flow, batch: Batch) -> None:
    """Report sightings that match more than one twin; they stay due (Q29)."""
    for seen, who in batch.unclear:
        case = Case(seen={seen.side: seen})
        code = "code_twice" if flow.entity == "PRODUCT" else "name_twice"
        async with ctx.transaction():
            await report.report(
                ctx,
                report.Problem(
                    code=code,
                    cause=f"{flow.label(case)} cannot be matched: {who}.",
                    subject=f"{flow.entity}:{flow.label(case)}",
                ),
            )
