"""Subscribers: addresses that are told of changes by webhook, and what was delivered to them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from schema.journal import write_cursor
from schema.types.base import Node, Row
from schema.types.change import as_list
from schema.types.context import Info, loaders
from schema.types.ids import write_id
from schema.types.integration import Integration
from schema.types.said import said


@strawberry.type
class Subscriber(Node):
    """An address that is told of changes by signed webhooks."""

    integration_key: strawberry.Private[UUID | None]
    url: str = said("The address.")
    events: list[str] = said("The kinds of change that it wants; empty for all.")
    cursor: str = said("How far changes of the journal have been taken up for it.")
    disabled_at: datetime | None = said("Since when it is switched off.")
    disabled_reason: str | None = said("Why it is switched off.")
    created_at: datetime = said("When it was made.")

    @strawberry.field
    async def integration(self, info: Info) -> Integration | None:
        """The integration whose changes it wants; null for all."""
        if self.integration_key is None:
            return None
        return await loaders(info).integration.load(self.integration_key)


@strawberry.type
class Delivery(Node):
    """The delivery of one change to one subscriber."""

    cursor: str | None = said("The place of the change in the journal; null for a test.")
    type: str = said("The kind of change.")
    state: str = said("QUEUED, SENDING, DELIVERED, FAILED, EXPIRED or SKIPPED.")
    tries: int = said("How often it was tried.")
    status: int | None = said("The HTTP status that the subscriber answered last.")
    error: str | None = said("Why the last try failed.")
    created_at: datetime = said("When it was made.")
    due_at: datetime | None = said("When the next try is due.")
    delivered_at: datetime | None = said("When it arrived.")


def subscriber_type(row: Row) -> Subscriber:
    """Make a subscriber from its row."""
    return Subscriber(
        id=write_id("Subscriber", row["id"]),
        integration_key=row["integration_id"],
        url=row["url"],
        events=[str(name) for name in as_list(row["events"])],
        cursor=write_cursor(row["position"]),
        disabled_at=row["disabled_at"],
        disabled_reason=row["disabled_reason"],
        created_at=row["created_at"],
    )


def delivery_type(row: Row) -> Delivery:
    """Make a delivery from its row."""
    return Delivery(
        id=write_id("Delivery", row["id"]),
        cursor=None if row["position"] is None else write_cursor(row["position"]),
        type=row["type"],
        state=row["state"],
        tries=row["tries"],
        status=row["status"],
        error=row["error"],
        created_at=row["created_at"],
        due_at=row["due_at"],
        delivered_at=row["delivered_at"],
    )
