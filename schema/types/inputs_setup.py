"""Inputs of the set-up: integrations, their credentials, settings, statuses and matches."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import strawberry

from schema.types import enums as _enums  # noqa: F401  registers the enums
from schema.types.inputs import KEY
from schema.types.said import given
from schema.types.settings import TABLES, ContactSlot
from schema.words import (
    CostMode,
    Entity,
    MatchDecision,
    ProductKind,
    ReleaseMode,
    Role,
    SeveralProjects,
    Side,
)


@strawberry.input
class SeveraCredentialsInput:
    """How the gateway gets into Severa; sealed at once and never shown again."""

    client_id: str = given("The client id of the API client.")
    client_secret: str = given("Its secret.")


@strawberry.input
class FinancialsCredentialsInput:
    """How the gateway gets into Visma.net; sealed at once and never shown again."""

    client_id: str = given("The client id of the application.")
    client_secret: str = given("Its secret.")
    tenant_id: str = given("The tenant of the company, not of the licence holder.")


@strawberry.input
class CreateIntegrationInput:
    """Which two companies to link."""

    name: str = given("The name that people use.")
    severa: SeveraCredentialsInput = given("How to get into Severa.")
    financials: FinancialsCredentialsInput = given("How to get into Visma.net.")
    start_from: date | None = given(
        "Invoices before this day stay as they are; the day of activation by default.",
        default=None,
    )
    idempotency_key: str | None = given(KEY, default=None)


@strawberry.input
class UpdateIntegrationCredentialsInput:
    """New credentials of an integration; a side that is left out keeps its own."""

    integration_id: strawberry.ID = given("The integration.")
    severa: SeveraCredentialsInput | None = given("How to get into Severa.", default=None)
    financials: FinancialsCredentialsInput | None = given(
        "How to get into Visma.net; the tenant can change only before activation.", default=None
    )
    idempotency_key: str | None = given(KEY, default=None)


@strawberry.input
class TestIntegrationInput:
    """Which integration to test."""

    integration_id: strawberry.ID = given("The integration.")
    idempotency_key: str | None = given(KEY, default=None)


@strawberry.input
class AttestSetupInput:
    """What an administrator confirms about a check that no API answers."""

    integration_id: strawberry.ID = given("The integration.")
    code: str = given("The check, for example `same_license`.")
    status_id: str | None = given(
        "For AutoInvoice: the guid of the status that is set there; it is judged by the next test.",
        default=None,
    )
    not_used: bool | None = given("For AutoInvoice: it is not used at all.", default=None)
    idempotency_key: str | None = given(KEY, default=None)


@strawberry.input
class SetAsideSetupCheckInput:
    """Which finding to pass over, and why."""

    check_id: strawberry.ID = given("The check.")
    reason: str = given("Why; it is kept with your name.")
    idempotency_key: str | None = given(KEY, default=None)


@strawberry.input
class MatchDecisionInput:
    """What becomes of one candidate."""

    candidate_id: strawberry.ID = given("The candidate.")
    decision: MatchDecision = given("One record, two records, or left alone.")


@strawberry.input
class DecideMatchesInput:
    """What becomes of candidates: single ones, all that are proposed, or both."""

    integration_id: strawberry.ID = given("The integration.")
    decisions: list[MatchDecisionInput] | None = given("Single ones; at most 500.", default=None)
    accept_proposals: bool | None = given(
        "Decide every other candidate as it is proposed.", default=None
    )
    entity: Entity | None = given("Accept only proposals of this kind of record.", default=None)
    idempotency_key: str | None = given(KEY, default=None)


@strawberry.input
class StatusRoleInput:
    """The role of one invoice status."""

    status_id: str = given("The status' guid in Severa.")
    role: Role = given("What it means.")


@strawberry.input
class SetStatusRolesInput:
    """What the invoice statuses of Severa mean."""

    integration_id: strawberry.ID = given("The integration.")
    roles: list[StatusRoleInput] = given(
        "One status for every role; an empty list lets the gateway infer them again."
    )
    idempotency_key: str | None = given(KEY, default=None)


@strawberry.input
class ActivateIntegrationInput:
    """Which integration to switch on."""

    integration_id: strawberry.ID = given("The integration.")
    start_from: date | None = given(
        "Invoices before this day stay as they are; today by default, unless chosen before.",
        default=None,
    )
    idempotency_key: str | None = given(KEY, default=None)


@strawberry.input
class RotateWebhookSecretInput:
    """Which webhook secret to renew."""

    integration_id: strawberry.ID = given("The integration.")
    side: Side = given("The endpoint.")
    overlap_hours: int | None = given(
        "How long the old secret stays valid, 0 to 168; 24 by default.", default=None
    )
    idempotency_key: str | None = given(KEY, default=None)


@strawberry.input
class SettingEntryInput:
    """One choice of a table of choices."""

    key: str = given("What the choice is for.")
    value: str = given("What is chosen.")


def table_given(name: str) -> list[SettingEntryInput] | None:
    """Return the field of a table of choices; given, it replaces the table."""
    text = f"Replaces these choices: {TABLES[name]}."
    found: list[SettingEntryInput] | None = given(text, default=strawberry.UNSET)
    return found


@strawberry.input
class UpdateIntegrationSettingsInput:
    """What to change; whatever is left out stays, and null stands for the default."""

    integration_id: strawberry.ID = given("The integration.")
    idempotency_key: str | None = given(KEY, default=None)
    name: str | None = given("The name that people use.")
    start_from: date | None = given("Invoices before this day are not transferred.")
    cost_mode: CostMode | None = given("Costs only, or costs and billable fees.")
    cost_multiplier: Decimal | None = given("In percent: 150 means times 1.5.")
    cost_start_from: date | None = given("Costs before this day are not transferred.")
    cost_accounts: list[str] | None = given("The accounts whose rows become costs.")
    cost_accounts_excluded: list[str] | None = given(
        "Expense accounts whose rows do not; the others then add to the expense accounts."
    )
    several_projects: SeveralProjects | None = given(
        "What happens to an invoice whose rows belong to several projects."
    )
    release: ReleaseMode | None = given("Whether the gateway releases, or a bookkeeper does.")
    apply_credit_notes: bool | None = given("Whether credit notes are applied to their invoice.")
    attachments: bool | None = given("Whether files of invoices are copied along.")
    pdf_after_release: bool | None = given("Whether the invoice as PDF is attached.")
    contact_mobile_slot: ContactSlot | None = given("Where Financials keeps mobile numbers.")
    contact_phone_slot: ContactSlot | None = given("Where Financials keeps phone numbers.")
    prices: list[ProductKind] | None = given("The registers whose price is kept in step.")
    units: list[SettingEntryInput] | None = table_given("units")
    terms: list[SettingEntryInput] | None = table_given("terms")
    branches: list[SettingEntryInput] | None = table_given("branches")
    customer_classes: list[SettingEntryInput] | None = table_given("customer_classes")
    item_classes: list[SettingEntryInput] | None = table_given("item_classes")
    fallback_items: list[SettingEntryInput] | None = table_given("fallback_items")
    project_constants: list[SettingEntryInput] | None = table_given("project_constants")
    invoice_series: list[SettingEntryInput] | None = table_given("invoice_series")
