"""Pauses and resumes integrations."""

from __future__ import annotations

from gateway.graphql.context import Context
from gateway.operations.base import Outcome, note, on_integration, refused
from schema.models import Integration
from schema.types.inputs import PauseIntegrationInput, ResumeIntegrationInput
from schema.words import IntegrationState

DEFAULT_REASON = "Paused by a person."


async def pause_integration(context: Context, given: PauseIntegrationInput) -> Outcome:
    """Let an integration stand still."""

    async def pause(integration: Integration) -> Outcome:
        if integration.state is IntegrationState.SETUP:
            return refused(
                "NOT_ACTIVE",
                "The integration is still being set up.",
                "Activate it first.",
                path=("input", "integrationId"),
            )
        integration.state = IntegrationState.PAUSED
        integration.paused_reason = (given.reason or DEFAULT_REASON)[:500]
        await integration.save(update_fields=["state", "paused_reason", "updated_at"])
        await note(
            context,
            "integration.pause",
            integration_id=integration.id,
            subject=integration.name,
            reason=integration.paused_reason,
        )
        return Outcome(subject=integration.id, ring=integration.id)

    return await on_integration(context, "pauseIntegration", given, pause)


async def resume_integration(context: Context, given: ResumeIntegrationInput) -> Outcome:
    """Set an integration going again; the next tick is due at once."""

    async def resume(integration: Integration) -> Outcome:
        if integration.state is IntegrationState.SETUP:
            return refused(
                "NOT_ACTIVE",
                "The integration is still being set up.",
                "Activate it first.",
                path=("input", "integrationId"),
            )
        integration.state = IntegrationState.ACTIVE
        integration.paused_reason = None  # type: ignore[assignment]  # the column may be null
        integration.next_tick_at = context.services.clock()
        await integration.save(
            update_fields=["state", "paused_reason", "next_tick_at", "updated_at"]
        )
        await note(
            context,
            "integration.resume",
            integration_id=integration.id,
            subject=integration.name,
        )
        return Outcome(subject=integration.id, ring=integration.id)

    return await on_integration(context, "resumeIntegration", given, resume)
