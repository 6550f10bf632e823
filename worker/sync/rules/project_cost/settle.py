"""Settling the journal: each due batch gives costs, fees and files; one failure stops no other."""

import logging
from datetime import timedelta
from decimal import Decimal
from typing import Any

from schema.errors import GatewayError, Retryable
from schema.models import Attempt, Issue, ProjectCost
from schema.words import AttemptState, Entity, Side, SyncState
from worker.checks.cost import VOIDED, Scope, costs_of
from worker.context import Context, RunCancelled, Stopping
from worker.lease import LeaseLost
from worker.mapping.project_cost import Line, batch_key
from worker.sync import push, report, store
from worker.sync.rules.project_cost import fee, files, intake, journal
from worker.sync.rules.project_cost.errors import CostWaits
from worker.sync.rules.project_cost.fee import Shelf
from worker.sync.rules.project_cost.intake import Place
from worker.sync.settle import Tally
from worker.vendors.errors import (
    OutcomeUnknown,
    VendorBusy,
    VendorDenied,
    VendorDown,
    VendorRefused,
)

log = logging.getLogger(__name__)

# A refused cost is tried again after this time; its batch never changes by itself.
AGAIN = timedelta(hours=1)
_ENDS = (VendorDenied, VendorDown, VendorBusy, LeaseLost, Stopping, RunCancelled)


async def settle_costs(ctx: Context, *, full: bool, tally: Tally) -> None:
    """Bring the costs of every due batch to Severa.

    Raises VendorDenied, LeaseLost, and VendorDown or VendorBusy, which would meet every batch.
    """
    if full:
        await journal.look_at_all(ctx)
    scope, shelf = await journal.scope_of(ctx), Shelf()
    async for row in journal.due(ctx):
        try:
            finished = await _batch(ctx, row.body, scope, shelf, tally, full=full)
        except _ENDS:
            raise
        except Exception as error:
            await _surprise(ctx, row.external_id, error)
            await tally("failed")
            continue
        if finished:
            await journal.done(ctx, row)
            await _clear(ctx, row.external_id)
    await _unknown(ctx, shelf)


async def _batch(
    ctx: Context,
    body: dict[str, Any],
    scope: Scope,
    shelf: Shelf,
    tally: Tally,
    *,
    full: bool,
) -> bool:
    """Settle one batch; tells whether nothing of it is left to do."""
    if body.get("status") == VOIDED:
        return await _void(ctx, body, shelf, tally, full=full)
    if costs_of(body, scope):
        body = await journal.whole(ctx, body)
    lines = costs_of(body, scope)
    places = await intake.places_of(ctx, lines)
    finished, there = True, []
    for line in lines:
        place = places.get(str(line.project))
        if place is None:
            finished = False
            shelf.unknown.setdefault(str(line.project), []).append(line.cost)
            await tally("waiting")
            continue
        cost, word = await _line(ctx, body, line, place, shelf, full=full)
        await tally(word)
        if cost is None or word in ("waiting", "failed"):
            finished = False
        else:
            there.append(files.Holder(line=line, cost=cost, guid=place.guid))
    return await files.settle_files(ctx, body, there, shelf, full=full) and finished


async def _line(
    ctx: Context, body: dict[str, Any], line: Line, place: Place, shelf: Shelf, *, full: bool
) -> tuple[ProjectCost | None, str]:
    try:
        cost = await intake.absorb(ctx, body, line, place)
    except CostWaits as error:
        await _say(ctx, f"cost:{batch_key(body)}", error.issue, error.cause)
        return None, "waiting"
    return cost, await carry(ctx, cost, place, shelf, full=full)


async def carry(
    ctx: Context, cost: ProjectCost, place: Place, shelf: Shelf, *, full: bool = False
) -> str:
    """Bring one cost to Severa unless it stands there; returns what became of it in one word."""
    if Side.SEVERA in await store.links_of(cost.id):
        return "unchanged"
    if cost.sync_state is SyncState.BLOCKED and not full and await _just_refused(ctx, cost):
        return "failed"
    try:
        intake.require_open(place)
        return await fee.carry(ctx, cost, place.guid, shelf)
    except _ENDS:
        raise
    except CostWaits as error:
        await _hold(ctx, cost, SyncState.WAITING, error.issue, error.cause)
        return "waiting"
    except (OutcomeUnknown, push.StillUncertain) as error:
        await _hold(ctx, cost, SyncState.UNCERTAIN, "outcome_unknown", str(error))
        return "waiting"
    except VendorRefused as error:
        await _hold(ctx, cost, SyncState.BLOCKED, "vendor_refused", error.message)
        return "failed"
    except Retryable as error:
        await _hold(ctx, cost, SyncState.PENDING, None, str(error))
        return "waiting"


async def _just_refused(ctx: Context, cost: ProjectCost) -> bool:
    return await Attempt.exists(
        record_id=cost.id,
        purpose=fee.CREATE,
        state=AttemptState.REFUSED,
        finished_at__gt=ctx.clock() - AGAIN,
    )


async def _void(
    ctx: Context, body: dict[str, Any], shelf: Shelf, tally: Tally, *, full: bool
) -> bool:
    """Take back the costs of a batch that was voided after its transfer (Q25)."""
    for cost in await ProjectCost.filter(
        integration_id=ctx.integration.id, journal_key__startswith=f"{batch_key(body)}/"
    ):
        # What is in doubt may have landed; it is settled before it is taken back.
        place = await intake.place_of(cost)
        if await push.open_attempts(cost.id) and place is not None:
            word = await carry(ctx, cost, place, shelf, full=full)
            if word in ("waiting", "failed"):
                await tally(word)
                return False
    finished = True
    for cost in await intake.take_back(ctx, body):
        place = await intake.place_of(cost)
        word = "waiting"
        if place is not None:
            word = await carry(ctx, cost, place, shelf, full=full)
        finished = finished and word not in ("waiting", "failed")
        await tally(word)
    return finished


async def _hold(
    ctx: Context, cost: ProjectCost, state: SyncState, issue: str | None, cause: str
) -> None:
    subject = report.subject_of(Entity.PROJECT_COST, cost.id)
    async with ctx.transaction():
        await report.resolve(ctx, subject=subject, keep=(issue,) if issue else ())
        why = store.Why(kind="project_cost.waits", reason=cause)
        await store.save(ctx, cost, {"sync_state": state, "waiting_reason": cause}, why=why)
        if issue is not None:
            problem = report.Problem(
                code=issue,
                cause=f"{cost.description}: {cause}",
                subject=subject,
                records=((Entity.PROJECT_COST, cost.id),),
            )
            await report.report(ctx, problem)


async def _unknown(ctx: Context, shelf: Shelf) -> None:
    """Report the projects that Severa does not have, one issue each; their costs wait (R54)."""
    subjects = []
    for code, costs in sorted(shelf.unknown.items()):
        total = sum(costs, Decimal(0))
        cause = (
            f"{len(costs)} {'cost' if len(costs) == 1 else 'costs'} of {total:f} "
            f"{ctx.references.base_currency} in all on project {code}, "
            "which Severa does not have."
        )
        subjects.append(f"cost:project:{code}")
        await _say(ctx, subjects[-1], "cost_project_unknown", cause)
    gone = await Issue.filter(
        integration_id=ctx.integration.id, code="cost_project_unknown", resolved_at=None
    ).exclude(subject__in=subjects)
    async with ctx.transaction():
        for issue in gone:
            await report.resolve(ctx, subject=issue.subject)


async def _say(ctx: Context, subject: str, code: str, cause: str) -> None:
    async with ctx.transaction():
        await report.report(ctx, report.Problem(code=code, cause=cause, subject=subject))


async def _clear(ctx: Context, key: str) -> None:
    async with ctx.transaction():
        await report.resolve(ctx, subject=f"cost:{key}", keep=("file_refused",))


async def _surprise(ctx: Context, key: str, error: Exception) -> None:
    if not isinstance(error, GatewayError):
        log.exception("cost.surprise batch=%s", key)
    code = "vendor_refused" if isinstance(error, VendorRefused) else "surprise"
    await _say(ctx, f"cost:{key}", code, f"Batch {key}: {error}")
