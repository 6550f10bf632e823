"""Work that was given up."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from schema.types.base import Node, Row
from schema.types.context import Info, loaders
from schema.types.ids import write_id
from schema.types.integration import Integration
from schema.types.said import said


@strawberry.type
class DeadLetter(Node):
    """A piece of work that failed too often; it can be replayed."""

    integration_key: strawberry.Private[UUID]
    kind: str = said("The kind of work, for example `invoice.retry`.")
    reason: str = said("Why it failed in the end.")
    tries: int = said("How often it was tried.")
    created_at: datetime = said("When it was asked for.")
    failed_at: datetime | None = said("When it was given up.")

    @strawberry.field
    async def integration(self, info: Info) -> Integration:
        """The integration that it belongs to."""
        found = await loaders(info).integration.load(self.integration_key)
        assert found is not None
        return found


def dead_letter_type(row: Row) -> DeadLetter:
    """Make a dead letter from its job row."""
    return DeadLetter(
        id=write_id("DeadLetter", row["id"]),
        integration_key=row["integration_id"],
        kind=row["kind"],
        reason=row["error"] or "No reason was written down.",
        tries=row["tries"],
        created_at=row["created_at"],
        failed_at=row["finished_at"],
    )
