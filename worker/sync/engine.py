"""A run: its steps in order, each on its own, the failure of one no hindrance to the others."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from schema import database
from schema.errors import GatewayError, Retryable
from schema.models import Integration, SyncRun, SyncStep
from schema.words import Entity, IntegrationState, SyncDirection, SyncRunState
from worker.context import Context, RunCancelled, Stopping
from worker.lease import LeaseLost
from worker.sync import doubts, ledger, missing, reference, report
from worker.sync.flow import Flow
from worker.sync.progress import Progress, note_run
from worker.sync.pull import pull
from worker.sync.rules import contact, customer, payment, product, project
from worker.sync.rules.invoice import files, transfer
from worker.sync.rules.project_cost import journal
from worker.sync.rules.project_cost.settle import settle_costs
from worker.sync.settle import settle
from worker.vendors.errors import VendorDenied

log = logging.getLogger(__name__)

Work = Callable[[Context, SyncRun, Progress], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a run."""

    name: str
    entity: Entity | None
    direction: SyncDirection
    work: Work


async def _reference(ctx: Context, run: SyncRun, progress: Progress) -> None:
    await reference.refresh(ctx, full=run.full)
    await reference.settle_roles(ctx)
    ctx.references = await reference.load(ctx)


def _register(*flows: Flow) -> Work:
    """Return a step that pulls everything of some registers, then settles one after the other."""
    # The parts of a record are pulled before it, so that none of them is taken for a new one.
    sources = [(flow, source) for flow in reversed(flows) for source in flow.sources]

    async def work(ctx: Context, run: SyncRun, progress: Progress) -> None:
        for _, source in sources:
            await pull(ctx, source, full=run.full, count=progress.page)
        ctx.references = await reference.load(ctx)
        if run.full and run.started_at is not None:
            for flow, source in sources:
                await missing.compare(ctx, flow, source, since=run.started_at)
        for flow in flows:
            await settle(ctx, flow, tally=progress.tally)

    return work


async def _invoices(ctx: Context, run: SyncRun, progress: Progress) -> None:
    await transfer.take_in(ctx, full=run.full, progress=progress)
    await transfer.carry(ctx, tally=progress.tally, wait=False)


async def _numbers(ctx: Context, run: SyncRun, progress: Progress) -> None:
    await transfer.carry_released(ctx, tally=progress.tally)
    await files.attach_pdfs(ctx)


async def _payments(ctx: Context, run: SyncRun, progress: Progress) -> None:
    await pull(ctx, payment.DOCUMENTS, full=run.full, count=progress.page)
    await pull(ctx, payment.PAYMENTS, full=run.full, count=progress.page)
    await payment.settle_payments(ctx, tally=progress.tally)
    await payment.settle_documents(ctx, tally=progress.tally)
    if progress.step.total:
        await ledger.refresh(ctx)


async def _costs(ctx: Context, run: SyncRun, progress: Progress) -> None:
    await pull(ctx, journal.SOURCE, full=run.full, count=progress.page)
    await settle_costs(ctx, full=run.full, tally=progress.tally)


async def _doubts(ctx: Context, run: SyncRun, progress: Progress) -> None:
    await doubts.settle_left(ctx, tally=progress.tally)


async def _inactivations(ctx: Context, run: SyncRun, progress: Progress) -> None:
    for flow in (project.FLOW, customer.FLOW, product.FLOW):
        await settle(ctx, flow, tally=progress.tally, final=True)


_IN, _OUT, _BOTH = SyncDirection.IN, SyncDirection.OUT, SyncDirection.BOTH
# fmt: off
STEPS = (
    Step(name="reference",     entity=None,            direction=_IN,   work=_reference),
    Step(name="products",      entity=Entity.PRODUCT,  direction=_BOTH, work=_register(product.FLOW)),
    Step(name="customers",     entity=Entity.CUSTOMER, direction=_BOTH, work=_register(customer.FLOW, contact.FLOW)),
    Step(name="projects",      entity=Entity.PROJECT,  direction=_OUT,  work=_register(project.FLOW)),
    Step(name="invoices",      entity=Entity.INVOICE,  direction=_OUT,  work=_invoices),
    Step(name="numbers",       entity=Entity.INVOICE,  direction=_IN,   work=_numbers),
    Step(name="payments",      entity=Entity.PAYMENT,  direction=_IN,   work=_payments),
    Step(name="costs",         entity=Entity.PROJECT_COST, direction=_IN, work=_costs),
    Step(name="doubts",        entity=None,            direction=_OUT,  work=_doubts),
    Step(name="inactivations", entity=Entity.PROJECT,  direction=_OUT,  work=_inactivations),
)
# fmt: on


async def run_sync(ctx: Context, run: SyncRun) -> None:
    """Carry out a run to its end; whatever fails is said in its steps and in issues.

    Raises LeaseLost, which leaves the run to the next holder.
    """
    ctx.run_id = run.id
    run.state, run.started_at = SyncRunState.RUNNING, run.started_at or ctx.clock()
    await note_run(ctx, run)
    rows = await _step_rows(ctx, run)
    final = SyncRunState.SUCCEEDED
    for step, row in zip(_chosen(run), rows, strict=True):
        if row.finished_at is not None:
            continue
        if await _cancelled(run):
            final = SyncRunState.CANCELLED
            await Progress(ctx, row).end(SyncRunState.CANCELLED)
            continue
        await reference.take_settings(ctx)
        denied = await _run_step(ctx, run, step, Progress(ctx, row))
        if denied is not None:
            await _give_up(ctx, rows, str(denied))
            run.reason = str(denied)
            break
    run.state = _final(rows, final)
    run.finished_at = ctx.clock()
    await note_run(ctx, run)
    ctx.run_id = None


def _chosen(run: SyncRun) -> tuple[Step, ...]:
    wanted = set(run.entities or ())
    if not wanted:
        return STEPS
    return tuple(step for step in STEPS if step.entity is None or step.entity.value in wanted)


async def _step_rows(ctx: Context, run: SyncRun) -> list[SyncStep]:
    """Return the rows of the steps; a run that was interrupted goes on where it stopped."""
    known = {row.position: row for row in await SyncStep.filter(run_id=run.id)}
    rows = []
    async with ctx.transaction():
        for position, step in enumerate(_chosen(run)):
            row = known.get(position)
            if row is None:
                row = SyncStep(
                    run_id=run.id,
                    position=position,
                    name=step.name,
                    entity=step.entity,
                    direction=step.direction,
                )
                await row.save()
            rows.append(row)
    return rows


async def _give_up(ctx: Context, rows: list[SyncStep], why: str) -> None:
    """End the steps that are left: a vendor does not let us in, so none of them could succeed."""
    for row in rows:
        if row.finished_at is None:
            await Progress(ctx, row).end(SyncRunState.FAILED, why)


async def _run_step(
    ctx: Context, run: SyncRun, step: Step, progress: Progress
) -> VendorDenied | None:
    """Carry out one step; returns the denial that makes every later step pointless."""
    subject = f"step:{step.name}"
    await progress.begin()
    try:
        await step.work(ctx, run, progress)
    except (LeaseLost, Stopping):
        raise
    except RunCancelled:
        await progress.end(SyncRunState.CANCELLED)
        return None
    except VendorDenied as error:
        await pause(ctx, error)
        await progress.end(SyncRunState.FAILED, str(error))
        return error
    except Exception as error:
        if database.lost(error):
            raise
        if not isinstance(error, GatewayError):
            log.exception("step.surprise step=%s", step.name)
        await _report(ctx, step, error, subject)
        await progress.end(SyncRunState.FAILED, str(error))
        return None
    async with ctx.transaction():
        await report.resolve(ctx, subject=subject)
    state = SyncRunState.SUCCEEDED
    if progress.step.failed:
        state = SyncRunState.SUCCEEDED_WITH_ISSUES
    await progress.end(state)
    return None


async def _report(ctx: Context, step: Step, error: Exception, subject: str) -> None:
    code = "vendor_down" if isinstance(error, Retryable) else "step_failed"
    async with ctx.transaction():
        problem = report.Problem(code=code, cause=f"Step {step.name}: {error}", subject=subject)
        await report.report(ctx, problem)


async def pause(ctx: Context, error: VendorDenied) -> None:
    """Pause an integration whose credentials are refused: nothing more can succeed (J6)."""
    async with ctx.transaction():
        await Integration.filter(id=ctx.integration.id, state=IntegrationState.ACTIVE).update(
            state=IntegrationState.PAUSED, paused_reason=str(error)
        )
        await report.report(
            ctx,
            report.Problem(
                code="vendor_denied",
                cause=str(error),
                subject=f"integration:{ctx.integration.id}",
            ),
        )
    log.error("integration.paused integration=%s why=%s", ctx.integration.id, error)


async def _cancelled(run: SyncRun) -> bool:
    fresh = await SyncRun.get(id=run.id)
    return fresh.cancel_asked


def _final(rows: list[SyncStep], state: SyncRunState) -> SyncRunState:
    if state is SyncRunState.CANCELLED:
        return state
    states = {row.state for row in rows}
    if states == {SyncRunState.FAILED}:
        return SyncRunState.FAILED
    if SyncRunState.FAILED in states:
        return SyncRunState.FAILED
    if SyncRunState.SUCCEEDED_WITH_ISSUES in states:
        return SyncRunState.SUCCEEDED_WITH_ISSUES
    return state
