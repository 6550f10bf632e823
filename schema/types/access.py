"""Who asks, with which key, and what was done."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from schema.types.base import Node, Row
from schema.types.change import as_list
from schema.types.context import Info, loaders
from schema.types.ids import write_id
from schema.types.integration import Integration
from schema.types.page import Connection
from schema.types.said import said
from schema.words import Scope


@strawberry.type
class Viewer:
    """The caller."""

    id: strawberry.ID = said("The caller's id.")
    name: str = said("The name of the key.")
    scopes: list[Scope] = said("What the caller may do.")
    sees_all_integrations: bool = said("Whether the caller is bound to no integration.")


@strawberry.type
class ApiKey(Node):
    """A key of a client; its text is shown once, when it is made."""

    integration_keys: strawberry.Private[list[UUID] | None]
    name: str = said("The name.")
    prefix: str = said("The start of the key, by which people recognize it.")
    scopes: list[Scope] = said("What it may do.")
    created_at: datetime = said("When it was made.")
    expires_at: datetime | None = said("When it ends by itself.")
    revoked_at: datetime | None = said("When it was revoked.")
    last_used_at: datetime | None = said("When it was last used, to the minute.")

    @strawberry.field
    async def integrations(self, info: Info) -> list[Integration] | None:
        """The integrations that it is bound to; null for all."""
        if self.integration_keys is None:
            return None
        found = [await loaders(info).integration.load(key) for key in self.integration_keys]
        return [integration for integration in found if integration]


@strawberry.type
class AuditEntry(Node):
    """What a person or a key did here."""

    actor: str = said("Who did it.")
    action: str = said("What was done, for example `invoice.retry`.")
    subject: str = said("What it was done to.")
    at: datetime = said("When it was done.")


@strawberry.type(name="AuditConnection")
class AuditConnection(Connection[AuditEntry]):
    """A page of the audit log."""


def api_key_type(row: Row) -> ApiKey:
    """Make an API key from its row."""
    bound = row["integration_ids"]
    known = {scope.value for scope in Scope}
    return ApiKey(
        id=write_id("ApiKey", row["id"]),
        integration_keys=None if bound is None else [UUID(text) for text in as_list(bound)],
        name=row["name"],
        prefix=row["prefix"],
        scopes=[Scope(text) for text in as_list(row["scopes"]) if text in known],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
        last_used_at=row["last_used_at"],
    )


def audit_type(row: Row) -> AuditEntry:
    """Make an entry of the audit log from its row."""
    return AuditEntry(
        id=write_id("AuditEntry", row["id"]),
        actor=row["actor"],
        action=row["action"],
        subject=row["subject"],
        at=row["created_at"],
    )
