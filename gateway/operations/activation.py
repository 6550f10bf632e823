"""Switches an integration on, once nothing stands in the way any more (R150, Q45, Q46)."""

from __future__ import annotations

from datetime import timedelta

from gateway.graphql.context import Context
from gateway.operations import twins
from gateway.operations.base import Outcome, Refusal, note, on_integration, refused
from schema import jobs, queue
from schema.models import Integration, Issue, SyncRun
from schema.setup import obstacles
from schema.types.inputs_setup import ActivateIntegrationInput
from schema.words import IntegrationState, SyncRunState, SyncTrigger

# So many reasons are told at once; the report shows them all.
MOST = 50
# Issues that tell of the state of a record, and hold nothing up.
_HARMLESS = frozenset({"on_hold", "address_split", "text_cut", "address_differs"})


async def activate_integration(context: Context, given: ActivateIntegrationInput) -> Outcome:
    """Let an integration run by itself; the first full run starts at once."""

    async def change(integration: Integration) -> Outcome:
        if integration.state is not IntegrationState.SETUP:
            return refused(
                "ALREADY_ACTIVATED",
                f"The integration was activated before; it is {integration.state.value}.",
                "Resume it if it is paused.",
                path=("input", "integrationId"),
            )
        await twins.lock()
        twin = await twins.of_integration(context.services.vault, integration)
        if twin is not None:
            return twin
        reasons = await _reasons(context, integration)
        if reasons:
            return Outcome(refusals=tuple(reasons[:MOST]))
        return await _activate(context, integration, given)

    return await on_integration(context, "activateIntegration", given, change)


async def _reasons(context: Context, integration: Integration) -> list[Refusal]:
    """List what stands in the way: open checks, and errors of the initial sync (R150, Q46)."""
    path = ("input", "integrationId")
    found = await obstacles(integration_id=integration.id, now=context.services.clock())
    reasons = [
        Refusal(
            code=one.code.upper(),
            message=f"{one.subject}: {one.cause}" if one.subject else one.cause,
            next_step=one.next_step,
            path=path,
        )
        for one in found
    ]
    issues = await Issue.filter(integration_id=integration.id, resolved_at=None).order_by("id")
    reasons += [
        Refusal(
            code="INITIAL_SYNC_ERROR",
            message=one.cause,
            next_step=f"{one.next_step} Or dismiss the issue with a reason.",
            path=path,
        )
        for one in issues
        if one.code not in _HARMLESS
    ]
    return reasons


async def _activate(
    context: Context, integration: Integration, given: ActivateIntegrationInput
) -> Outcome:
    now = context.services.clock()
    integration.state = IntegrationState.ACTIVE
    integration.activated_at = now
    integration.start_from = given.start_from or integration.start_from or now.date()
    integration.next_tick_at = now + timedelta(
        seconds=context.services.settings.sync_interval_seconds
    )
    await integration.save(
        update_fields=["state", "activated_at", "start_from", "next_tick_at", "updated_at"]
    )
    await _first_run(integration)
    await note(
        context,
        "integration.activate",
        integration_id=integration.id,
        subject=integration.name,
        start_from=integration.start_from.isoformat(),
    )
    return Outcome(subject=integration.id, ring=integration.id)


async def _first_run(integration: Integration) -> None:
    """Queue the first full run, unless one of the set-up waits already."""
    queued = await SyncRun.filter(integration_id=integration.id, state=SyncRunState.QUEUED).first()
    if queued is None:
        queued = await SyncRun.create(
            integration_id=integration.id, trigger=SyncTrigger.SETUP, full=True
        )
    else:
        await SyncRun.filter(id=queued.id).update(full=True, entities=None)
    await queue.enqueue(jobs.SYNC, integration_id=integration.id, arguments={"run_id": queued.id})
