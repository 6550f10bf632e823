"""Cancels runs."""

from __future__ import annotations

from gateway.graphql.context import Context
from gateway.operations.base import Outcome, note, perform, refused, unknown
from schema.models import SyncRun
from schema.types.ids import key_of
from schema.types.inputs import CancelSyncInput
from schema.words import SyncRunState


async def cancel_sync(context: Context, given: CancelSyncInput) -> Outcome:
    """Cancel a run: one that waits at once, one that runs at its next safe place."""
    key = key_of(given.run_id, "SyncRun")
    if key is None:
        return unknown("run", "runId")

    async def work() -> Outcome:
        run = await SyncRun.filter(id=key).select_for_update().first()
        if run is None or not context.principal.may_see(run.integration_id):
            return unknown("run", "runId")
        if run.state not in (SyncRunState.QUEUED, SyncRunState.RUNNING):
            return refused(
                "ALREADY_FINISHED",
                f"The run is {run.state.value} already.",
                "Nothing is left to do.",
                path=("input", "runId"),
            )
        run.cancel_asked = True
        if run.state is SyncRunState.QUEUED:
            run.state = SyncRunState.CANCELLED
            run.finished_at = context.services.clock()
        await run.save(update_fields=["cancel_asked", "state", "finished_at"])
        await note(context, "sync.cancel", integration_id=run.integration_id, subject=str(run.id))
        return Outcome(subject=run.id, ring=run.integration_id)

    return await perform(context, "cancelSync", given, work)
