"""Received webhooks."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from schema.types.base import Node, Row
from schema.types.context import Info, loaders
from schema.types.ids import write_id
from schema.types.integration import Integration
from schema.types.said import said
from schema.words import Side, WebhookEventState


@strawberry.type
class WebhookEvent(Node):
    """A webhook as it came in; its body stays hidden."""

    integration_key: strawberry.Private[UUID | None]
    side: Side = said("The system that it came from.")
    event_id: str = said("The sender's id of the event.")
    type: str = said("The sender's name for what happened.")
    state: WebhookEventState = said("How far it has been handled.")
    received_at: datetime = said("When it was received.")
    handled_at: datetime | None = said("When it was handled.")
    reason: str | None = said("Why it failed or was ignored.")
    tries: int = said("How often handling was tried.")
    duplicates: int = said("How often the same event came again.")

    @strawberry.field
    async def integration(self, info: Info) -> Integration | None:
        """The integration that it was meant for; null if that is not known."""
        if self.integration_key is None:
            return None
        return await loaders(info).integration.load(self.integration_key)


def webhook_type(row: Row) -> WebhookEvent:
    """Make a webhook from its row."""
    return WebhookEvent(
        id=write_id("WebhookEvent", row["id"]),
        integration_key=row["integration_id"],
        side=Side(row["side"]),
        event_id=row["event_id"],
        type=row["type"],
        state=WebhookEventState(row["state"]),
        received_at=row["received_at"],
        handled_at=row["handled_at"],
        reason=row["reason"],
        tries=row["tries"],
        duplicates=row["duplicates"],
    )
