"""The mutations of the set-up, in the order in which a wizard calls them (R14, R117)."""

from __future__ import annotations

import json
from typing import Any

import strawberry

from gateway.graphql import more, nodes
from gateway.graphql.shown import Info, errors, shown
from gateway.operations import (
    activation,
    attest,
    match,
    settings,
    setup,
    status_role,
    webhook_secret,
)
from gateway.operations.base import Outcome
from schema.types import inputs_setup as i
from schema.types import user_error as p
from schema.words import Side


def _webhooks(info: Info, outcome: Outcome) -> list[p.WebhookAccess] | None:
    """Say where webhooks go, with the secrets that are shown once."""
    if outcome.secret is None or outcome.subject is None:
        return None
    base = info.context.services.settings.public_url.rstrip("/")
    return [
        p.WebhookAccess(
            side=Side(side.upper()),
            url=f"{base}/webhooks/{side}/{outcome.subject}",
            secret=secret,
        )
        for side, secret in json.loads(outcome.secret).items()
    ]


async def _integration(info: Info, outcome: Outcome) -> p.IntegrationPayload:
    return p.IntegrationPayload(
        integration=await shown(info, outcome, "Integration"),
        webhooks=_webhooks(info, outcome),
        user_errors=errors(outcome),
    )


async def _report(info: Info, outcome: Outcome) -> p.SetupReportPayload:
    return p.SetupReportPayload(
        setup_report=await shown(info, outcome, "SetupReport"), user_errors=errors(outcome)
    )


@strawberry.type
class SetupMutations:
    """Setting integrations up."""

    @strawberry.mutation
    async def create_integration(
        self, info: Info, input: i.CreateIntegrationInput
    ) -> p.IntegrationPayload:
        """Link a Severa organization with a Visma.net company; nothing runs before activation."""
        return await _integration(info, await setup.create_integration(info.context, input))

    @strawberry.mutation
    async def update_integration_credentials(
        self, info: Info, input: i.UpdateIntegrationCredentialsInput
    ) -> p.IntegrationPayload:
        """Replace the credentials of one or both sides."""
        return await _integration(info, await setup.update_credentials(info.context, input))

    @strawberry.mutation
    async def test_integration(
        self, info: Info, input: i.TestIntegrationInput
    ) -> p.SetupReportPayload:
        """Have every check of the set-up looked at; read the result by the report's id."""
        return await _report(info, await setup.run_test(info.context, input))

    @strawberry.mutation
    async def attest_setup(self, info: Info, input: i.AttestSetupInput) -> p.SetupReportPayload:
        """Confirm a check that no API answers; who and when is kept, and asked again in a year."""
        return await _report(info, await attest.attest_setup(info.context, input))

    @strawberry.mutation
    async def set_aside_setup_check(
        self, info: Info, input: i.SetAsideSetupCheckInput
    ) -> p.SetupReportPayload:
        """Let activation pass over one finding, with a reason that is kept."""
        return await _report(info, await attest.set_aside(info.context, input))

    @strawberry.mutation
    async def decide_matches(
        self, info: Info, input: i.DecideMatchesInput
    ) -> p.DecideMatchesPayload:
        """Decide which objects of both systems are one record."""
        outcome = await match.decide_matches(info.context, input)
        found: list[Any] = []
        if outcome.subject is not None:
            info.context.renew()
            ids = [one.candidate_id for one in input.decisions or ()]
            found = await more.gathered([nodes.find(info.context, one) for one in ids])
        return p.DecideMatchesPayload(
            decided=outcome.count,
            candidates=[one for one in found if one],
            user_errors=errors(outcome),
        )

    @strawberry.mutation
    async def set_status_roles(
        self, info: Info, input: i.SetStatusRolesInput
    ) -> p.IntegrationPayload:
        """Say what the invoice statuses of Severa mean; test the integration again afterwards."""
        return await _integration(info, await status_role.set_status_roles(info.context, input))

    @strawberry.mutation
    async def update_integration_settings(
        self, info: Info, input: i.UpdateIntegrationSettingsInput
    ) -> p.IntegrationPayload:
        """Change how an integration transfers; whatever is left out stays."""
        return await _integration(info, await settings.update_settings(info.context, input))

    @strawberry.mutation
    async def activate_integration(
        self, info: Info, input: i.ActivateIntegrationInput
    ) -> p.IntegrationPayload:
        """Switch an integration on; refused with every reason that still stands in the way."""
        return await _integration(info, await activation.activate_integration(info.context, input))

    @strawberry.mutation
    async def rotate_webhook_secret(
        self, info: Info, input: i.RotateWebhookSecretInput
    ) -> p.RotateWebhookSecretPayload:
        """Make a new secret for webhooks of one side; the old one stays valid for a while."""
        outcome = await webhook_secret.rotate_webhook_secret(info.context, input)
        made = _webhooks(info, outcome)
        return p.RotateWebhookSecretPayload(
            integration=await shown(info, outcome, "Integration"),
            secret=made[0].secret if made else None,
            webhook=made[0] if made else None,
            user_errors=errors(outcome),
        )
