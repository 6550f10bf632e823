"""Holds webhooks back, handles them again, and revives work that was given up (J10, W11)."""

from __future__ import annotations

from uuid import UUID

from gateway.graphql.context import Context
from gateway.operations.base import Outcome, note, perform, refused, unknown
from gateway.webhooks.release import release
from schema import database, jobs, queue
from schema.models import Integration, Job, WebhookEvent
from schema.types.ids import key_of
from schema.types.inputs import (
    DrainWebhooksInput,
    HoldWebhooksInput,
    ReplayDeadLettersInput,
    ReplayWebhookEventsInput,
)
from schema.words import JobState, WebhookEventState

MOST = 100


async def hold_webhooks(context: Context, given: HoldWebhooksInput) -> Outcome:
    """Let received webhooks wait: they are stored, nothing is done about them."""
    return await _hold(context, "holdWebhooks", given, held=True)


async def drain_webhooks(context: Context, given: DrainWebhooksInput) -> Outcome:
    """Handle all that was held back, and from now on what comes in."""
    return await _hold(context, "drainWebhooks", given, held=False)


async def _hold(
    context: Context, name: str, given: HoldWebhooksInput | DrainWebhooksInput, *, held: bool
) -> Outcome:
    key = key_of(given.integration_id, "Integration")
    if key is None or not context.principal.may_see(key):
        return unknown("integration", "integrationId")

    async def work() -> Outcome:
        integration = await Integration.filter(id=key).select_for_update().first()
        if integration is None:
            return unknown("integration", "integrationId")
        integration.webhooks_held = held
        await integration.save(update_fields=["webhooks_held", "updated_at"])
        if not held:
            await release(integration_id=integration.id)
        word = "hold" if held else "drain"
        await note(
            context, f"webhooks.{word}", integration_id=integration.id, subject=integration.name
        )
        return Outcome(subject=integration.id, ring=integration.id)

    return await perform(context, name, given, work)


async def _handle(integration_id: UUID, event_id: UUID) -> None:
    await queue.enqueue(
        jobs.WEBHOOK_HANDLE, integration_id=integration_id, arguments={"event_id": event_id}
    )


async def replay_webhook_events(context: Context, given: ReplayWebhookEventsInput) -> Outcome:
    """Handle webhooks again; the record is fetched anew, so doing it twice does no harm."""
    keys = [key_of(text, "WebhookEvent") for text in given.webhook_event_ids[: MOST + 1]]
    if len(keys) > MOST or not keys:
        return _too_many("webhookEventIds")

    async def work() -> Outcome:
        events = await WebhookEvent.filter(id__in=[key for key in keys if key])
        mine = [
            one
            for one in events
            if one.integration_id and context.principal.may_see(one.integration_id)
        ]
        if len(mine) != len(set(keys)):
            return unknown("webhook", "webhookEventIds")
        for event in mine:
            await WebhookEvent.filter(id=event.id).update(
                state=WebhookEventState.RECEIVED, reason=None, handled_at=None
            )
            await _handle(event.integration_id, event.id)  # type: ignore[arg-type]  # not null, see above
        await note(
            context,
            "webhooks.replay",
            integration_id=mine[0].integration_id,
            subject=f"{len(mine)} webhooks",
        )
        return Outcome(subject=mine[0].id, ring=mine[0].integration_id)

    return await perform(context, "replayWebhookEvents", given, work)


async def replay_dead_letters(context: Context, given: ReplayDeadLettersInput) -> Outcome:
    """Queue given-up work again, with all its tries before it."""
    keys = [key_of(text, "DeadLetter") for text in given.dead_letter_ids[: MOST + 1]]
    if len(keys) > MOST or not keys:
        return _too_many("deadLetterIds")

    async def work() -> Outcome:
        found = await Job.filter(
            id__in=[key for key in keys if key], state=JobState.DEAD
        ).select_for_update()
        mine = [one for one in found if context.principal.may_see(one.integration_id)]
        if len(mine) != len(set(keys)):
            return unknown("dead letter", "deadLetterIds")
        for job in mine:
            await _revive(job)
        await note(
            context,
            "dead_letters.replay",
            integration_id=mine[0].integration_id,
            subject=f"{len(mine)} dead letters",
        )
        return Outcome(subject=mine[0].id, ring=mine[0].integration_id)

    return await perform(context, "replayDeadLetters", given, work)


async def _revive(job: Job) -> None:
    """Queue a dead job, unless the same wish is queued already."""
    revived = await database.execute(
        "UPDATE job SET state = 'QUEUED', tries = 0, due_at = now(), finished_at = NULL "
        "WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM job twin WHERE twin.state = 'QUEUED' "
        "AND twin.integration_id = job.integration_id AND twin.dedupe_key = job.dedupe_key)",
        job.id,
    )
    if not revived:
        await Job.filter(id=job.id).update(state=JobState.DONE)


def _too_many(field: str) -> Outcome:
    return refused(
        "BAD_COUNT",
        f"Give 1 to {MOST} ids.",
        "Split the wish into several.",
        path=("input", field),
    )
