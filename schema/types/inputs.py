"""Inputs of mutations: one per mutation, each with an optional idempotency key (J5)."""

from __future__ import annotations

from datetime import datetime

import strawberry

from schema.types import enums as _enums  # noqa: F401  registers the enums
from schema.types.filters import InvoiceFilter
from schema.types.said import given
from schema.words import Entity, Scope, Side

KEY = "Sent again with the same key, the mutation answers again and does nothing twice."


@strawberry.input
class StartSyncInput:
    """What to sync."""

    integration_id: strawberry.ID = given("The integration.")
    entities: list[Entity] | None = given("The kinds of record; all by default.", default=None)
    full: bool | None = given("Read everything, not only what changed.", default=None)
    idempotency_key: str | None = given(KEY, default=None)


@strawberry.input
class RetryInvoiceInput:
    """Which invoice to send again."""

    invoice_id: strawberry.ID = given("The invoice.")
    idempotency_key: str | None = given(KEY, default=None)


@strawberry.input
class PauseIntegrationInput:
    """Which integration to stop, and why."""

    integration_id: strawberry.ID = given("The integration.")
    reason: str | None = given("Why, for other people.", default=None)
    idempotency_key: str | None = given(KEY, default=None)


@strawberry.input
class ResumeIntegrationInput:
    """Which integration to set going again."""

    integration_id: strawberry.ID = given("The integration.")
    idempotency_key: str | None = given(KEY, default=None)


@strawberry.input
class DismissIssueInput:
    """Which issue to put aside, and why."""

    issue_id: strawberry.ID = given("The issue.")
    reason: str = given("Why it needs nobody.")
    idempotency_key: str | None = given(KEY, default=None)


@strawberry.input
class ResolveConflictInput:
    """Which side wins a field."""

    conflict_id: strawberry.ID = given("The conflict.")
    side: Side = given("The side whose value is kept.")
    make_rule: bool | None = given(
        "Let this side win this field from now on, without asking.", default=None
    )
    idempotency_key: str | None = given(KEY, default=None)


@strawberry.input
class CreateApiKeyInput:
    """What a new key may do."""

    name: str = given("What it is for.")
    scopes: list[Scope] = given("What it may do; no more than the caller may.")
    integration_ids: list[strawberry.ID] | None = given(
        "The integrations that it is bound to; all by default.", default=None
    )
    expires_at: datetime | None = given("When it ends by itself; never by default.", default=None)
    idempotency_key: str | None = given(KEY, default=None)


@strawberry.input
class RevokeApiKeyInput:
    """Which key to revoke."""

    api_key_id: strawberry.ID = given("The key.")
    idempotency_key: str | None = given(KEY, default=None)


@strawberry.input
class CancelSyncInput:
    """Which run to cancel."""

    run_id: strawberry.ID = given("The run.")
    idempotency_key: str | None = given(KEY, default=None)


@strawberry.input
class StartPlanInput:
    """Which integration to plan a sync for."""

    integration_id: strawberry.ID = given("The integration.")
    idempotency_key: str | None = given(KEY, default=None)


@strawberry.input
class PlanRetryInput:
    """Which invoices to plan a retry for."""

    integration_id: strawberry.ID = given("The integration.")
    filter: InvoiceFilter | None = given(
        "Which invoices; all that can be retried by default.", default=None
    )
    idempotency_key: str | None = given(KEY, default=None)


@strawberry.input
class ExecuteRetryInput:
    """Which plan to carry out."""

    plan_id: strawberry.ID = given("The plan.")
    idempotency_key: str | None = given(KEY, default=None)


@strawberry.input
class HoldWebhooksInput:
    """Which integration's webhooks to hold back."""

    integration_id: strawberry.ID = given("The integration.")
    idempotency_key: str | None = given(KEY, default=None)


@strawberry.input
class DrainWebhooksInput:
    """Which integration's held webhooks to handle now."""

    integration_id: strawberry.ID = given("The integration.")
    idempotency_key: str | None = given(KEY, default=None)


@strawberry.input
class ReplayWebhookEventsInput:
    """Which webhooks to handle again."""

    webhook_event_ids: list[strawberry.ID] = given("The webhooks; at most 100.")
    idempotency_key: str | None = given(KEY, default=None)


@strawberry.input
class ReplayDeadLettersInput:
    """Which given-up work to try again."""

    dead_letter_ids: list[strawberry.ID] = given("The dead letters; at most 100.")
    idempotency_key: str | None = given(KEY, default=None)
