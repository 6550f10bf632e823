"""Whether the registers of both sides were read once: before that, nothing may be made in them."""

from schema import jobs, queue
from schema.models import Checkpoint, SyncRun
from schema.words import SyncRunState, SyncTrigger
from worker.context import Context
from worker.sync.rules import customer, product, project

FLOWS = (product.FLOW, customer.FLOW, project.FLOW)


async def read_once(ctx: Context) -> bool:
    """Tell whether every list of the registers was read to its end (Q14, Q29)."""
    wanted = {(source.side.value, source.resource) for flow in FLOWS for source in flow.sources}
    done = await Checkpoint.filter(
        integration_id=ctx.integration.id, completed_at__isnull=False
    ).values_list("side", "resource")
    return wanted <= {(str(side), str(resource)) for side, resource in done}


async def ask_for_a_run(ctx: Context) -> None:
    """Queue a run unless one is queued; one that goes on may have passed the invoices."""
    queued = SyncRun.filter(integration_id=ctx.integration.id, state=SyncRunState.QUEUED)
    if await queued.exists():
        return
    run = await SyncRun.create(integration_id=ctx.integration.id, trigger=SyncTrigger.WEBHOOK)
    await queue.enqueue(jobs.SYNC, integration_id=ctx.integration.id, arguments={"run_id": run.id})
