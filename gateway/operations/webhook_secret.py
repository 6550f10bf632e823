"""Renews the secret of a webhook endpoint; the old one stays valid for a while (W5)."""

from __future__ import annotations

import json
from datetime import timedelta

from gateway.graphql.context import Context
from gateway.operations.base import Outcome, note, on_integration, refused
from gateway.webhooks.secret import overlap
from schema.models import Integration
from schema.secrets import SecretUnreadable, new_webhook_secret
from schema.types.inputs_setup import RotateWebhookSecretInput

USUAL, LONGEST = 24, 168


async def rotate_webhook_secret(context: Context, given: RotateWebhookSecretInput) -> Outcome:
    """Make a new secret for one side; it is shown once."""
    hours = USUAL if given.overlap_hours is None else given.overlap_hours

    async def change(integration: Integration) -> Outcome:
        if not 0 <= hours <= LONGEST:
            return refused(
                "BAD_OVERLAP",
                f"The old secret stays valid for 0 to {LONGEST} hours.",
                "Choose a shorter time.",
                path=("input", "overlapHours"),
            )
        return await _rotate(context, integration, given, hours)

    return await on_integration(context, "rotateWebhookSecret", given, change)


async def _rotate(
    context: Context, integration: Integration, given: RotateWebhookSecretInput, hours: int
) -> Outcome:
    vault, side = context.services.vault, given.side.lower()
    try:
        known = (
            vault.open(integration_id=integration.id, sealed=integration.webhook_secrets)
            if integration.webhook_secrets
            else {}
        )
    except SecretUnreadable as error:
        return refused(
            "SECRET_UNREADABLE",
            str(error),
            "Give the gateway the missing key, then try again.",
            path=("input", "integrationId"),
        )
    new = new_webhook_secret()
    until = context.services.clock() + timedelta(hours=hours)
    current = known.get(side, "") if hours else ""
    values = {**known, side: overlap(current=current, new=new, until=until)}
    integration.webhook_secrets = vault.seal(integration_id=integration.id, values=values)
    await integration.save(update_fields=["webhook_secrets", "updated_at"])
    await note(
        context,
        "webhooks.rotate",
        integration_id=integration.id,
        subject=f"{integration.name} {given.side.value}",
        overlap_hours=hours,
    )
    return Outcome(subject=integration.id, secret=json.dumps({side: new}))
