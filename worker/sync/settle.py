"""Settling: merge what both sides say of each due record, and carry the outcome to both.

What concerns only us is saved at once, many records in one transaction; what concerns a vendor goes
through an attempt. A record that fails does not stop the others; what only time can heal stays due.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass

from schema import database
from schema.errors import GatewayError, Refused, Retryable
from schema.models import Link
from schema.words import AttemptState, Side, SyncState
from worker.context import Context
from worker.lease import LeaseLost
from worker.mapping.field import Form
from worker.sync import missing, push, save, store
from worker.sync.flow import Case, Flow, Seen
from worker.sync.gather import Batch, batch_of
from worker.sync.merge import Merged
from worker.sync.merged import guard, merged_of, vanished_side
from worker.sync.quiet import Tally, keys_of, save_quiet
from worker.sync.refusal import block, unclear
from worker.sync.save import save_local
from worker.vendors.errors import OutcomeUnknown, RecordMissing, VendorDenied

log = logging.getLogger(__name__)
__all__ = ["Outcome", "Tally", "merged_of", "save_local", "settle", "settle_one"]
# Create on one side, number back, and one more look: more passes would be a ping-pong.
PASSES = 4


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
    await flow.prepare(ctx)
    while (batch := await batch_of(ctx, flow, after=after)) is not None:
        await unclear(ctx, flow, batch)
        if await _settle_batch(ctx, flow, batch, handled, tally=tally, final=final):
            after = batch.last


async def _settle_batch(
    ctx: Context, flow: Flow, batch: Batch, handled: set[str], *, tally: Tally, final: bool
) -> bool:
    """Settle a batch; False says that urgent work passed by and the rest must be read again."""
    cases = [case for case in batch.cases if not keys_of(case) & handled]
    if final:
        await _find_busy(ctx, flow, cases)
    loud = await save_quiet(ctx, flow, cases, handled, tally)
    for case in loud:
        if await ctx.breathe():
            return False
        outcome = await settle_one(ctx, flow, case, final=final)
        handled |= keys_of(case)
        await tally(outcome.word)
    return not await ctx.breathe()


async def _find_busy(ctx: Context, flow: Flow, cases: Collection[Case]) -> None:
    """Mark the records that a document still needs (Q55)."""
    ids = [case.record.id for case in cases if case.record is not None]
    busy = await flow.busy(ctx, ids) if ids else set()
    for case in cases:
        case.busy = case.record is not None and case.record.id in busy


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
    except RecordMissing as error:
        if case.record is None or error.side not in case.seen or error.side not in case.links:
            await block(ctx, flow, case, error)
        else:
            await missing.gone(ctx, flow, case, error.side)
        return Outcome(word="failed")
    except GatewayError as error:
        await block(ctx, flow, case, error)
        return Outcome(word="failed")
    except Exception as error:
        if database.lost(error):
            raise
        log.exception("record.surprise entity=%s", flow.name)
        await _hold(ctx, flow, case, SyncState.BLOCKED, f"{type(error).__name__}: {error}")
        return Outcome(word="failed", due=True)
    if not outcome.due:
        async with ctx.transaction():
            await save.done(ctx, [case])
    return outcome


async def _passes(ctx: Context, flow: Flow, case: Case, final: bool) -> Outcome:
    reason = flow.skip(ctx, case)
    if reason is not None and case.record is None:
        return Outcome(word="unchanged")
    if case.lost:
        await missing.remind(ctx, flow, case)
        return Outcome(word="failed")
    side = vanished_side(flow, case)
    if side is not None:
        await missing.gone(ctx, flow, case, side)
        return Outcome(word="failed")
    await _doubts(ctx, flow, case)
    word = "unchanged" if case.record is not None else "created"
    for _ in range(PASSES):
        guard(flow, case)
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


async def _write(ctx: Context, flow: Flow, case: Case, merged: Merged, final: bool) -> bool | None:
    """Write what the merge asks for; None means something was written and must be merged again.

    Otherwise tells whether the record stays due.
    """
    deferred = False
    for side in Side:
        wanted = merged.writes[side]
        if side not in case.seen:
            if flow.skip(ctx, case) is None:
                await _create(ctx, flow, case, side, wanted)
                return None
            continue
        later = frozenset() if final and not case.busy else flow.defer(wanted)
        deferred = deferred or bool(later)
        wanted = {name: value for name, value in wanted.items() if name not in later}
        if wanted and await _update(ctx, flow, case, side, wanted):
            return None
    return deferred


async def _create(ctx: Context, flow: Flow, case: Case, side: Side, wanted: Form) -> None:
    assert case.record is not None
    made = await flow.halves[side].create(ctx, case, wanted)
    # What the other side filled in by itself is its own news, and travels back.
    told = {name for name, value in wanted.items() if value is not None} - flow.later
    await _remember(ctx, flow, case, made, told)


async def _update(ctx: Context, flow: Flow, case: Case, side: Side, wanted: Form) -> bool:
    """Write to one side, unless it moved since it was merged; then it must be merged again."""
    if side not in case.fresh:
        before = flow.form(case, side)
        case.seen[side] = await flow.halves[side].read(ctx, case)
        if flow.form(case, side) != before:
            await _keep(ctx, flow, case, side)
            return True
    made = await flow.halves[side].update(ctx, case, wanted)
    await _remember(ctx, flow, case, made, set(wanted))
    return True


async def _remember(
    ctx: Context, flow: Flow, case: Case, seen: Seen, told: Collection[str] | None = None
) -> None:
    """Make what was read back after a write the new base: our own write is no news (no echo).

    `told` names the fields that were written, on which both sides agree from now on; None stands
    for all that stands there.
    """
    assert case.record is not None
    case.seen[seen.side] = seen
    case.fresh.add(seen.side)
    other = seen.side.other
    async with ctx.transaction():
        await save.keep_seen(ctx, flow, seen)
        ties = [save.tie_of(flow, case, seen, _base(flow, case, seen.side, told))]
        if told is not None and other in case.seen and other in case.links:
            ties.append(save.tie_of(flow, case, case.seen[other], _base(flow, case, other, told)))
        await store.tie(ctx, ties)
        case.links = await store.links_of(case.record.id)


def _base(flow: Flow, case: Case, side: Side, told: Collection[str] | None) -> Form:
    """Return the agreed values of a side with those of the named fields as they stand now."""
    link: Link | None = case.links.get(side)
    base = dict(link.base) if link is not None else {}
    form = flow.form(case, side) or {}
    return base | {name: raw for name, raw in form.items() if told is None or name in told}


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
        await save.keep_seen(ctx, flow, case.seen[side])


async def _hold(ctx: Context, flow: Flow, case: Case, state: SyncState, why: str) -> None:
    log.warning("record.held entity=%s why=%s", flow.name, why)
    if case.record is None:
        return
    async with ctx.transaction():
        case.record.sync_state, case.record.waiting_reason = state, why
        await case.record.save(update_fields=["sync_state", "waiting_reason", "updated_at"])
