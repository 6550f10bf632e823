"""What becomes of a record that cannot be settled now: blocked, or left to a person."""

from schema.errors import GatewayError
from schema.words import SyncState
from worker.context import Context
from worker.sync import report, save
from worker.sync.flow import Case, Flow
from worker.sync.gather import Batch
from worker.vendors.errors import VendorRefused


async def block(ctx: Context, flow: Flow, case: Case, error: GatewayError) -> None:
    """Record a refusal; it is not tried again until one of the sides changes."""
    code = getattr(error, "issue", None) or (
        "vendor_refused" if isinstance(error, VendorRefused) else "surprise"
    )
    cause = getattr(error, "cause", None) or getattr(error, "message", None) or str(error)
    async with ctx.transaction():
        if case.record is not None:
            case.record.sync_state = SyncState.BLOCKED
            await case.record.save(update_fields=["sync_state", "updated_at"])
        problem = report.Problem(
            code=code,
            cause=f"{flow.label(case)}: {cause}",
            subject=save.subject_of(flow, case),
            records=save.records_of(case),
        )
        await report.report(ctx, problem)
        await save.done(ctx, [case])


async def unclear(ctx: Context, flow: Flow, batch: Batch) -> None:
    """Report objects whose twin is not clear; they stay due until it is (Q29, Q44)."""
    for item in batch.unclear:
        case = Case(seen={item.seen.side: item.seen})
        problem = report.Problem(
            code=item.code,
            cause=f"{flow.label(case)}: {item.cause}.",
            subject=save.match_subject(flow, item.seen) or save.object_subject(flow, item.seen),
        )
        if not await report.known(ctx, problem):
            async with ctx.transaction():
                await report.report(ctx, problem)
