"""The timer: every 5 minutes one run per active integration, claimed by compare-and-set (R26).

The next time stands in the database, so that any number of workers make one tick, and a tick
that was missed while every worker was down is made up for once (J1).
"""

from uuid import UUID

from schema import database, jobs, queue
from schema.models import SyncRun
from schema.settings import Settings
from schema.words import SyncRunState, SyncTrigger

_DUE = """
UPDATE integration
SET next_tick_at = greatest(coalesce(next_tick_at, now()) + make_interval(secs => $1), now())
WHERE state = 'ACTIVE' AND (next_tick_at IS NULL OR next_tick_at <= now())
RETURNING id
"""


async def tick(settings: Settings) -> list[UUID]:
    """Queue a run for every integration whose time has come; returns the integrations."""
    if not settings.sync_interval_seconds:
        return []
    async with database.transaction():
        due = await database.rows(_DUE, settings.sync_interval_seconds)
        ids = [UUID(str(row["id"])) for row in due]
        for integration_id in ids:
            await _queue_run(integration_id)
    return ids


async def _queue_run(integration_id: UUID) -> None:
    """Queue one run; while another goes on, the tick is skipped and recorded (Q16)."""
    runs = await SyncRun.filter(
        integration_id=integration_id, state__in=[SyncRunState.QUEUED, SyncRunState.RUNNING]
    )
    if any(run.state is SyncRunState.RUNNING for run in runs):
        await SyncRun.create(
            integration_id=integration_id,
            trigger=SyncTrigger.SCHEDULE,
            state=SyncRunState.SKIPPED,
            reason="The run before it was still going on.",
        )
        return
    if runs:
        return
    run = await SyncRun.create(integration_id=integration_id, trigger=SyncTrigger.SCHEDULE)
    await queue.enqueue(jobs.SYNC, integration_id=integration_id, arguments={"run_id": run.id})
