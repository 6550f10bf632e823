"""Which scope each field needs (S10, K5): declared here for every type, enforced in one place.

A field needs the scope in its own row, else that of the type it leads to. A type that is not
here, or a root field without a row, fails the test that enumerates the schema.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema, get_named_type

from gateway.auth import require
from schema.words import Scope

READ, SYNC, INVOICES, RECORDS = Scope.READ, Scope.SYNC, Scope.INVOICES, Scope.RECORDS
SETUP, WEBHOOKS, KEYS = Scope.SETUP, Scope.WEBHOOKS, Scope.KEYS

# What any caller with a valid key may see: itself, and why something was refused.
OPEN = None

TYPES: dict[str, Scope | None] = {
    "Viewer": OPEN,
    "UserError": OPEN,
    "PageInfo": OPEN,
    "Freshness": READ,
    "ApiKey": KEYS,
    "AuditEntry": KEYS,
    "Subscriber": WEBHOOKS,
    "Delivery": WEBHOOKS,
    "WebhookAccess": OPEN,
    **dict.fromkeys(
        (
            "Address", "Attachment", "Attempt", "Change", "Conflict", "Contact", "Customer",
            "EntitySyncStatus", "FieldChange", "FieldProvenance", "Integration",
            "IntegrationSettings", "Invoice", "InvoiceChange", "InvoiceGroupSummary",
            "InvoiceRow", "InvoiceStatus", "Issue", "IssueChange", "Link", "MoneyByCurrency",
            "NumberLedgerEntry", "Payment", "PaymentApplication", "Plan", "PlanCount",
            "PlanItem", "Product", "Project", "ProjectCost", "RecordSync", "ReferenceValue",
            "RootCause", "StatusRole", "SyncRun", "SyncStep", "VatForecast", "VatForecastRow",
            "WebhookEvent", "DeadLetter", "Reconciliation", "ReconciliationMonth", "Explanation",
            "ReconciliationDifference", "SettingEntry", "SetupReport", "SetupCheck",
            "SetupObstacle", "MatchCandidate", "MatchObject",
        ),
        READ,
    ),
}  # fmt: skip

FIELDS: dict[str, Scope | None] = {
    "Query.viewer": OPEN,
    "Query.apiKeys": KEYS,
    "Query.auditLog": KEYS,
    "Query.subscribers": WEBHOOKS,
    "Query.deliveries": WEBHOOKS,
    "Mutation.startSync": SYNC,
    "Mutation.cancelSync": SYNC,
    "Mutation.startPlan": SYNC,
    "Mutation.retryInvoice": INVOICES,
    "Mutation.planRetry": INVOICES,
    "Mutation.executeRetry": INVOICES,
    "Mutation.holdWebhooks": WEBHOOKS,
    "Mutation.drainWebhooks": WEBHOOKS,
    "Mutation.replayWebhookEvents": WEBHOOKS,
    "Mutation.replayDeadLetters": SYNC,
    "Mutation.pauseIntegration": SYNC,
    "Mutation.resumeIntegration": SYNC,
    "Mutation.dismissIssue": RECORDS,
    "Mutation.resolveConflict": RECORDS,
    "Mutation.updateCustomer": RECORDS,
    "Mutation.updateProduct": RECORDS,
    "Mutation.setCustomerClass": RECORDS,
    "Mutation.setProductClass": RECORDS,
    "Mutation.createIntegration": SETUP,
    "Mutation.updateIntegrationCredentials": SETUP,
    "Mutation.testIntegration": SETUP,
    "Mutation.attestSetup": SETUP,
    "Mutation.setAsideSetupCheck": SETUP,
    "Mutation.decideMatches": SETUP,
    "Mutation.setStatusRoles": SETUP,
    "Mutation.updateIntegrationSettings": SETUP,
    "Mutation.activateIntegration": SETUP,
    "Mutation.rotateWebhookSecret": WEBHOOKS,
    "Mutation.createSubscriber": WEBHOOKS,
    "Mutation.updateSubscriber": WEBHOOKS,
    "Mutation.testSubscriber": WEBHOOKS,
    "Mutation.redeliver": WEBHOOKS,
    "SubscriberPayload.secret": WEBHOOKS,
    "RedeliverPayload.redelivered": WEBHOOKS,
    "Mutation.createApiKey": KEYS,
    "Mutation.revokeApiKey": KEYS,
    "CreateApiKeyPayload.key": KEYS,
    **dict.fromkeys(
        (
            "Query.node", "Query.nodes", "Query.integrations", "Query.integration",
            "Query.customers", "Query.products", "Query.projects", "Query.invoices",
            "Query.payments", "Query.projectCosts", "Query.customer", "Query.product",
            "Query.project", "Query.invoice", "Query.invoiceSummary", "Query.syncStatus",
            "Query.syncRuns", "Query.issues", "Query.rootCauses", "Query.conflicts",
            "Query.webhookEvents", "Query.changes", "Query.attempts", "Query.statusRoles",
            "Query.numberLedger", "Query.plan", "Query.planSync", "Query.deadLetters",
            "Query.reconciliation", "Query.explain", "Query.setupReport", "Query.matchCandidates",
            "Subscription.syncProgress",
            "Subscription.invoiceChanged", "Subscription.changes", "Subscription.issueChanged",
            "Subscription.planProgress",
        ),
        READ,
    ),
}  # fmt: skip

_ROOTS = ("Query", "Mutation", "Subscription")


class Undeclared(Exception):
    """A field without a policy."""


def policy_of_type(name: str) -> Scope | None:
    """Return the scope that a type's fields need.

    Raises Undeclared for a type without a row.
    """
    for ending in ("Connection", "Edge"):
        if name.endswith(ending):
            inner = name.removesuffix(ending)
            return TYPES.get(inner, READ)
    if name.endswith("Payload"):
        return OPEN
    if name not in TYPES:
        raise Undeclared(f"{name} has no policy")
    return TYPES[name]


def policy_of_field(parent: str, name: str, target: Any) -> Scope | None:
    """Return the scope that a field needs.

    Raises Undeclared for a root field without a row.
    """
    key = f"{parent}.{name}"
    if key in FIELDS:
        return FIELDS[key]
    if parent in _ROOTS:
        raise Undeclared(f"{key} has no policy")
    own = policy_of_type(parent)
    if isinstance(target, GraphQLObjectType):
        return policy_of_type(target.name) or own
    return own


def guard(schema: GraphQLSchema) -> None:
    """Put the check in front of every resolver that leads to something with a scope of its own."""
    for kind in schema.type_map.values():
        if not isinstance(kind, GraphQLObjectType) or kind.name.startswith("__"):
            continue
        inherited = None if kind.name in _ROOTS else policy_of_type(kind.name)
        for name, field in kind.fields.items():
            scope = policy_of_field(kind.name, name, get_named_type(field.type))
            if scope is None or (kind.name not in _ROOTS and scope == inherited):
                continue
            _guard_field(field, scope)
            if kind.name in _ROOTS:
                words = (field.description or "").rstrip()
                field.description = f"{words} Needs the scope `{scope.value}`.".strip()


def _guard_field(field: GraphQLField, scope: Scope) -> None:
    if field.subscribe is not None:
        field.subscribe = _checked(field.subscribe, scope)
    elif field.resolve is not None:
        field.resolve = _checked(field.resolve, scope)
    else:
        raise Undeclared("a guarded field needs a resolver")


def _checked(resolve: Callable[..., Any], scope: Scope) -> Callable[..., Any]:
    def check(source: Any, info: Any, **arguments: Any) -> Any:
        require(info.context.principal, scope)
        return resolve(source, info, **arguments)

    if inspect.isasyncgenfunction(resolve):
        return check
    return check
