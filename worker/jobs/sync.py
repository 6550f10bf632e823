"""Carrying out a sync run."""

from uuid import UUID

from schema.models import SyncRun
from worker.context import Context
from worker.sync.engine import run_sync


async def run(ctx: Context, *, run_id: UUID) -> None:
    """Carry out one queued or interrupted run."""
    found = await SyncRun.get_or_none(id=run_id, integration_id=ctx.integration.id)
    if found is None or found.finished_at is not None:
        return
    ctx.actor = f"sync ({found.trigger.value.lower()})"
    await run_sync(ctx, found)
