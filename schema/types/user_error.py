"""Refusals that a person can act on, and the answers of the mutations that carry them."""

from __future__ import annotations

import strawberry

from schema.types.access import ApiKey
from schema.types.conflict import Conflict
from schema.types.customer import Customer
from schema.types.integration import Integration
from schema.types.invoice import Invoice
from schema.types.issue import Issue
from schema.types.match import MatchCandidate
from schema.types.plan import Plan, PlanItem
from schema.types.product import Product
from schema.types.run import SyncRun
from schema.types.said import said
from schema.types.setup import SetupReport
from schema.types.subscriber import Delivery, Subscriber
from schema.types.webhook import WebhookEvent
from schema.words import Side


@strawberry.type
class UserError:
    """Why a mutation was refused."""

    code: str = said("The kind of refusal, for programs.")
    message: str = said("What is wrong.")
    next_step: str = said("What a person can do about it.")
    path: list[str] = said("The part of the input that it is about.")


@strawberry.type
class WebhookAccess:
    """Where the webhooks of one side go, and how they are signed."""

    side: Side = said("The side that they come from.")
    url: str = said("The address.")
    secret: str = said("The secret.")


@strawberry.type
class StartSyncPayload:
    """The answer to `startSync`."""

    run: SyncRun | None = said("The run that goes on, or was queued.")
    user_errors: list[UserError] = said("Why it was refused.")


@strawberry.type
class RetryInvoicePayload:
    """The answer to `retryInvoice`."""

    invoice: Invoice | None = said("The invoice as it stands; the worker goes on from here.")
    user_errors: list[UserError] = said("Why it was refused.")


@strawberry.type
class IntegrationPayload:
    """The answer to a mutation of an integration."""

    integration: Integration | None = said("The integration as it is now.")
    webhooks: list[WebhookAccess] | None = strawberry.field(
        default=None,
        description=(
            "Where webhooks go and how they are signed; shown only in the first answer that "
            "makes them."
        ),
    )
    user_errors: list[UserError] = said("Why it was refused.")


@strawberry.type
class RotateWebhookSecretPayload:
    """The answer to `rotateWebhookSecret`."""

    integration: Integration | None = said("The integration.")
    secret: str | None = said("The new secret, shown only in the first answer.")
    webhook: WebhookAccess | None = said("The endpoint with the new secret.")
    user_errors: list[UserError] = said("Why it was refused.")


@strawberry.type
class SetupReportPayload:
    """The answer to a mutation of the set-up."""

    setup_report: SetupReport | None = said("The newest report; null if nothing was tested yet.")
    user_errors: list[UserError] = said("Why it was refused.")


@strawberry.type
class DecideMatchesPayload:
    """The answer to `decideMatches`."""

    decided: int = said("How many candidates were decided.")
    candidates: list[MatchCandidate] = said("The candidates that were named.")
    user_errors: list[UserError] = said("Why it was refused.")


@strawberry.type
class CustomerPayload:
    """The answer to a mutation of a customer."""

    customer: Customer | None = said("The customer as it stands; the worker goes on from here.")
    user_errors: list[UserError] = said("Why it was refused.")


@strawberry.type
class ProductPayload:
    """The answer to a mutation of a product."""

    product: Product | None = said("The product as it stands; the worker goes on from here.")
    user_errors: list[UserError] = said("Why it was refused.")


@strawberry.type
class IssuePayload:
    """The answer to a mutation of an issue."""

    issue: Issue | None = said("The issue as it is now.")
    user_errors: list[UserError] = said("Why it was refused.")


@strawberry.type
class ConflictPayload:
    """The answer to `resolveConflict`."""

    conflict: Conflict | None = said("The conflict; it ends when the sync has applied the choice.")
    user_errors: list[UserError] = said("Why it was refused.")


@strawberry.type
class CreateApiKeyPayload:
    """The answer to `createApiKey`."""

    api_key: ApiKey | None = said("The key's description.")
    key: str | None = said("The key itself, shown only in the first answer.")
    user_errors: list[UserError] = said("Why it was refused.")


@strawberry.type
class RevokeApiKeyPayload:
    """The answer to `revokeApiKey`."""

    api_key: ApiKey | None = said("The revoked key.")
    user_errors: list[UserError] = said("Why it was refused.")


@strawberry.type
class CancelSyncPayload:
    """The answer to `cancelSync`."""

    run: SyncRun | None = said("The run; it stops at its next safe place.")
    user_errors: list[UserError] = said("Why it was refused.")


@strawberry.type
class PlanPayload:
    """The answer to a mutation that makes a plan."""

    plan: Plan | None = said("The plan; follow it with `planProgress`.")
    user_errors: list[UserError] = said("Why it was refused.")


@strawberry.type
class ExecuteRetryPayload:
    """The answer to `executeRetry`."""

    plan: Plan | None = said("The plan; its items get an outcome each.")
    results: list[PlanItem] = said("The items of the plan, one per invoice.")
    user_errors: list[UserError] = said("Why it was refused.")


@strawberry.type
class ReplayWebhookEventsPayload:
    """The answer to `replayWebhookEvents`."""

    webhook_events: list[WebhookEvent] = said("The webhooks that will be handled again.")
    user_errors: list[UserError] = said("Why it was refused.")


@strawberry.type
class ReplayDeadLettersPayload:
    """The answer to `replayDeadLetters`."""

    replayed: int = said("How much work will be tried again.")
    user_errors: list[UserError] = said("Why it was refused.")


@strawberry.type
class SubscriberPayload:
    """The answer to a mutation of a subscriber."""

    subscriber: Subscriber | None = said("The subscriber as it is now.")
    secret: str | None = said("A new secret, shown only in the first answer.")
    delivery: Delivery | None = said("The test that is being sent; read it again by its id.")
    user_errors: list[UserError] = said("Why it was refused.")


@strawberry.type
class RedeliverPayload:
    """The answer to `redeliver`."""

    subscriber: Subscriber | None = said("The subscriber.")
    redelivered: int = said("How many changes are sent again.")
    user_errors: list[UserError] = said("Why it was refused.")
