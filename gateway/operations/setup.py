"""Links two companies, renews their credentials, and has an integration tested (R14, R117)."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from gateway.graphql.context import Context
from gateway.operations import twins
from gateway.operations.base import Outcome, note, on_integration, perform, refused
from schema import jobs, queue
from schema.ids import new_id
from schema.models import Integration, SetupReport
from schema.secrets import Vault, new_webhook_secret
from schema.types.inputs_setup import (
    CreateIntegrationInput,
    FinancialsCredentialsInput,
    SeveraCredentialsInput,
    TestIntegrationInput,
    UpdateIntegrationCredentialsInput,
)
from schema.words import IntegrationState, SetupReportState, Side

GOING = (SetupReportState.QUEUED, SetupReportState.RUNNING)
LONGEST = 500


async def create_integration(context: Context, given: CreateIntegrationInput) -> Outcome:
    """Link a Severa organization with a Visma.net company; its webhook secrets are made with it."""

    async def work() -> Outcome:
        if context.principal.integration_ids is not None:
            return refused(
                "KEY_IS_BOUND",
                "This key is bound to integrations and could not see a new one.",
                "Use a key for all integrations.",
            )
        problem = _incomplete(given)
        return problem or await _create(context, given)

    return await perform(context, "createIntegration", given, work)


def _incomplete(given: CreateIntegrationInput) -> Outcome | None:
    if not 1 <= len(given.name.strip()) <= 200:
        return refused(
            "BAD_NAME",
            "An integration needs a name of 1 to 200 characters.",
            "Use the name of the company.",
            path=("input", "name"),
        )
    return _empty("severa", severa_values(given.severa)) or _empty(
        "financials", financials_values(given.financials)
    )


def _empty(side: str, values: dict[str, str]) -> Outcome | None:
    for name, value in values.items():
        if not 1 <= len(value) <= LONGEST:
            return refused(
                "CREDENTIALS_INCOMPLETE",
                f"The {name.replace('_', ' ')} of {side.capitalize()} is missing or too long.",
                "Copy it from the vendor's page again.",
                path=("input", side),
            )
    return None


def severa_values(given: SeveraCredentialsInput) -> dict[str, str]:
    """Return the credentials of Severa as the vault keeps them."""
    return {"client_id": given.client_id.strip(), "client_secret": given.client_secret.strip()}


def financials_values(given: FinancialsCredentialsInput) -> dict[str, str]:
    """Return the credentials of Visma.net as the vault keeps them."""
    return {
        "client_id": given.client_id.strip(),
        "client_secret": given.client_secret.strip(),
        "tenant_id": given.tenant_id.strip(),
    }


async def _create(context: Context, given: CreateIntegrationInput) -> Outcome:
    vault, key = context.services.vault, new_id()
    severa, financials = severa_values(given.severa), financials_values(given.financials)
    await twins.lock()
    twin = await twins.of_credentials(
        vault, own=key, tenant=financials["tenant_id"], client=severa["client_id"]
    )
    if twin is not None:
        return twin
    secrets = {side.lower(): new_webhook_secret() for side in Side}
    integration = Integration(
        id=key,
        name=given.name.strip(),
        state=IntegrationState.SETUP,
        financials_tenant_id=financials["tenant_id"],
        start_from=given.start_from,
        severa_credentials=vault.seal(integration_id=key, values=severa),
        financials_credentials=vault.seal(integration_id=key, values=financials),
        webhook_secrets=vault.seal(integration_id=key, values=secrets),
    )
    await integration.save(force_create=True)
    await note(context, "integration.create", integration_id=key, subject=integration.name)
    return Outcome(subject=key, secret=json.dumps(secrets), ring=key)


async def update_credentials(context: Context, given: UpdateIntegrationCredentialsInput) -> Outcome:
    """Replace the credentials of one or both sides."""

    async def change(integration: Integration) -> Outcome:
        sides = (
            ("severa", severa_values(given.severa) if given.severa else {}),
            ("financials", financials_values(given.financials) if given.financials else {}),
        )
        if not any(values for _, values in sides):
            return refused("NOTHING_GIVEN", "No credentials are given.", "Give those of a side.")
        for side, values in sides:
            problem = _empty(side, values)
            if problem is not None:
                return problem
        return await _replace(context, integration, dict(sides))

    return await on_integration(context, "updateIntegrationCredentials", given, change)


async def _replace(
    context: Context, integration: Integration, sides: dict[str, dict[str, str]]
) -> Outcome:
    vault: Vault = context.services.vault
    tenant = sides["financials"].get("tenant_id", integration.financials_tenant_id)
    if (
        tenant != integration.financials_tenant_id
        and integration.state is not IntegrationState.SETUP
    ):
        return refused(
            "TENANT_IS_FIXED",
            "An integration that was activated stays with its company.",
            "Create an integration for the other company.",
            path=("input", "financials", "tenantId"),
        )
    await twins.lock()
    client = sides["severa"].get("client_id")
    twin = await twins.of_credentials(vault, own=integration.id, tenant=tenant, client=client)
    if twin is not None:
        return twin
    values: dict[str, Any] = {
        f"{side}_credentials": vault.seal(integration_id=integration.id, values=found)
        for side, found in sides.items()
        if found
    }
    integration.update_from_dict({**values, "financials_tenant_id": tenant})
    await integration.save(update_fields=[*values, "financials_tenant_id", "updated_at"])
    await note(
        context,
        "integration.credentials",
        integration_id=integration.id,
        subject=integration.name,
        sides=[side for side, found in sides.items() if found],
    )
    return Outcome(subject=integration.id, ring=integration.id)


async def run_test(context: Context, given: TestIntegrationInput) -> Outcome:
    """Have every check looked at; a test that goes on already is answered."""

    async def change(integration: Integration) -> Outcome:
        if integration.state is IntegrationState.PAUSED:
            return refused(
                "INTEGRATION_PAUSED",
                "The integration is paused; its worker does nothing.",
                "Resume it first.",
                path=("input", "integrationId"),
            )
        return await _test(context, integration)

    return await on_integration(context, "testIntegration", given, change)


async def _test(context: Context, integration: Integration) -> Outcome:
    going = (
        await SetupReport.filter(integration_id=integration.id, state__in=GOING)
        .order_by("-id")
        .first()
    )
    report = going or await SetupReport.create(integration_id=integration.id)
    await queue.enqueue(
        jobs.TEST_INTEGRATION,
        integration_id=integration.id,
        arguments={"report_id": report.id},
    )
    await note(context, "integration.test", integration_id=integration.id, subject=integration.name)
    return Outcome(subject=report.id, ring=integration.id)


async def newest_report(integration_id: UUID) -> UUID | None:
    """Return the newest report of an integration; None if it was never tested."""
    found = await SetupReport.filter(integration_id=integration_id).order_by("-id").first()
    return None if found is None else found.id
