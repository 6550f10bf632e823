"""Starts sync runs."""

from __future__ import annotations

from uuid import UUID

from gateway.graphql.context import Context
from gateway.operations.base import Outcome, note, perform, refused, unknown
from schema import database, jobs, queue
from schema.models import Integration, SyncRun
from schema.money import dumps
from schema.types.ids import key_of
from schema.types.inputs import StartSyncInput
from schema.words import Entity, IntegrationState, SyncRunState, SyncTrigger

# What the initial sync of the wizard may carry before activation.
REGISTERS = (Entity.CUSTOMER, Entity.PRODUCT, Entity.PROJECT)


async def start_sync(context: Context, given: StartSyncInput) -> Outcome:
    """Start a sync run; while one is running, answer it and queue exactly one more."""
    key = key_of(given.integration_id, "Integration")
    if key is None or not context.principal.may_see(key):
        return unknown("integration", "integrationId")

    async def work() -> Outcome:
        return await _start(context, key, given)

    return await perform(context, "startSync", given, work)


async def _start(context: Context, key: UUID, given: StartSyncInput) -> Outcome:
    # The lock makes two starters one after the other, so that only one run is queued.
    integration = await Integration.filter(id=key).select_for_update().first()
    if integration is None:
        return unknown("integration", "integrationId")
    if integration.state is IntegrationState.PAUSED:
        return refused(
            "INTEGRATION_PAUSED",
            "The integration is paused.",
            "Resume it first.",
            path=("input", "integrationId"),
        )
    setup = integration.state is IntegrationState.SETUP
    if setup and not set(given.entities or REGISTERS) <= set(REGISTERS):
        return refused(
            "NOT_ACTIVE",
            "Documents and costs wait until the integration is activated.",
            "Sync customers, products and projects, or activate the integration.",
            path=("input", "entities"),
        )
    running = await _newest(key, SyncRunState.RUNNING)
    queued = await _newest(key, SyncRunState.QUEUED)
    if queued is None:
        queued = await _create(key, given, setup=setup)
    else:
        await _widen(queued, given, setup=setup)
    await queue.enqueue(jobs.SYNC, integration_id=key, arguments={"run_id": queued.id})
    answered = running or queued
    await note(
        context, "sync.start", integration_id=key, subject=str(answered.id), full=bool(given.full)
    )
    return Outcome(subject=answered.id, ring=key)


async def _newest(key: UUID, state: SyncRunState) -> SyncRun | None:
    return await SyncRun.filter(integration_id=key, state=state).order_by("-id").first()


async def _create(key: UUID, given: StartSyncInput, *, setup: bool) -> SyncRun:
    """Queue a run; the initial sync of the wizard carries registers only (R150, Q45)."""
    wanted = given.entities or (REGISTERS if setup else None)
    return await SyncRun.create(
        integration_id=key,
        trigger=SyncTrigger.SETUP if setup else SyncTrigger.MANUAL,
        entities=[entity.value for entity in wanted] if wanted else None,
        full=bool(given.full),
    )


async def _widen(queued: SyncRun, given: StartSyncInput, *, setup: bool) -> None:
    """Let a run that still waits do what is wished for now, too."""
    wished = given.entities or (REGISTERS if setup else None)
    wanted = {entity.value for entity in wished} if wished else None
    entities = None if wanted is None or queued.entities is None else wanted | set(queued.entities)
    await database.execute(
        'UPDATE sync_run SET "full" = "full" OR $2, entities = $3::jsonb WHERE id = $1',
        queued.id,
        bool(given.full),
        None if entities is None else dumps(sorted(entities)),
    )
