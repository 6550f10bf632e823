"""Fetches anything again by its global id; an unknown and a forbidden one are both null (H12)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from gateway.auth import require
from gateway.graphql.context import Context
from gateway.graphql.policy import policy_of_type
from schema import database
from schema.types.access import api_key_type
from schema.types.base import Node
from schema.types.ids import read_id

LOADERS = {
    "Integration": "integration",
    "Customer": "customer",
    "Product": "product",
    "Project": "project",
    "Invoice": "invoice",
    "Payment": "payment",
    "ProjectCost": "project_cost",
    "SyncRun": "run",
    "Plan": "plan",
    "Issue": "issue",
    "Conflict": "conflict",
    "Attempt": "attempt",
    "WebhookEvent": "webhook_event",
    "DeadLetter": "dead_letter",
    "Subscriber": "subscriber",
    "Delivery": "delivery",
    "AuditEntry": "audit_entry",
    "SetupReport": "setup_report",
    "SetupCheck": "setup_check",
    "MatchCandidate": "match_candidate",
}


async def find(context: Context, text: str) -> Node | None:
    """Load whatever a global id names."""
    found = read_id(text)
    if found is None:
        return None
    kind, key = found
    scope = policy_of_type(kind) if kind in LOADERS or kind == "ApiKey" else None
    if scope is not None:
        require(context.principal, scope)
    if kind == "ApiKey":
        return await _api_key(context, key)
    name = LOADERS.get(kind)
    if name is None:
        return None
    node: Node | None = await getattr(context.loaders, name).load(key)
    return node


async def typed(context: Context, text: str, kind: str) -> Any:
    """Load a thing of one kind; None for an id of another kind."""
    found = read_id(text)
    if found is None or found[0] != kind:
        return None
    return await getattr(context.loaders, LOADERS[kind]).load(found[1])


async def _api_key(context: Context, key: UUID) -> Node | None:
    rows = await database.rows("SELECT * FROM api_key WHERE id = $1", key)
    made = [api_key_type(row) for row in rows]
    return made[0] if made and within(context, made[0].integration_keys) else None


def within(context: Context, bound: list[UUID] | None) -> bool:
    """Tell whether a key reaches no further than the caller."""
    allowed = context.principal.integration_ids
    if allowed is None:
        return True
    return bound is not None and set(bound) <= allowed
