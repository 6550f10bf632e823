"""Attempts: the evidence of every write to the outside."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from schema.types.base import Node, Row, SyncedRecord
from schema.types.context import Info, loaders
from schema.types.ids import write_id
from schema.types.said import said
from schema.words import AttemptState, Entity, Side


@strawberry.type
class Attempt(Node):
    """One write to one of the two systems: what was tried, when, and what came of it."""

    entity: strawberry.Private[str]
    record_key: strawberry.Private[UUID]
    side: Side = said("The system that was written to.")
    operation: str = said("The call that was made.")
    purpose: str = said("What it was made for.")
    mark: str | None = said("The text by which the result is found again.")
    state: AttemptState = said("What is known about the outcome.")
    outcome: str = said("The outcome in one sentence.")
    external_id: str | None = said("The id that the other system answered.")
    request_id: str | None = said("The id of the call, for questions to the vendor.")
    started_at: datetime = said("When the intent was written down.")
    finished_at: datetime | None = said("When the outcome was written down.")

    @strawberry.field
    async def record(self, info: Info) -> SyncedRecord | None:
        """The record that was written."""
        if self.entity not in Entity.__members__:
            return None
        return await loaders(info).record.load((Entity(self.entity), self.record_key))


_OUTCOMES = {
    AttemptState.OPEN: "The call has not been answered yet.",
    AttemptState.SUCCEEDED: "The call succeeded.",
    AttemptState.REFUSED: "The call was refused.",
    AttemptState.UNCERTAIN: "Whether the call took effect is not known yet.",
    AttemptState.NOT_DONE: "The call did not take effect.",
}


def attempt_type(row: Row) -> Attempt:
    """Make an attempt from its row."""
    state = AttemptState(row["state"])
    return Attempt(
        id=write_id("Attempt", row["id"]),
        entity=row["entity"],
        record_key=row["record_id"],
        side=Side(row["side"]),
        operation=row["operation"],
        purpose=row["purpose"],
        mark=row["mark"],
        state=state,
        outcome=row["evidence"] or _OUTCOMES[state],
        external_id=row["external_id"],
        request_id=row["request_id"],
        started_at=row["created_at"],
        finished_at=row["finished_at"],
    )
