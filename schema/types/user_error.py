"""Refusals that a person can act on, and the answers of the mutations that carry them."""

from __future__ import annotations

import strawberry

from schema.types.access import ApiKey
from schema.types.conflict import Conflict
from schema.types.integration import Integration
from schema.types.invoice import Invoice
from schema.types.issue import Issue
from schema.types.run import SyncRun
from schema.types.said import said


@strawberry.type
class UserError:
    """Why a mutation was refused."""

    code: str = said("The kind of refusal, for programs.")
    message: str = said("What is wrong.")
    next_step: str = said("What a person can do about it.")
    path: list[str] = said("The part of the input that it is about.")


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
