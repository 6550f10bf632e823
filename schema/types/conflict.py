"""Conflicts: fields that both sides changed and nobody owns."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from schema.types.base import Node, Row, SyncedRecord
from schema.types.context import Info, loaders
from schema.types.ids import write_id
from schema.types.said import said
from schema.words import Entity, Side


@strawberry.type
class Conflict(Node):
    """A field with two new values; a person picks a side."""

    key: strawberry.Private[UUID]
    integration_key: strawberry.Private[UUID]
    entity: strawberry.Private[Entity]
    record_key: strawberry.Private[UUID]
    field: str = said("The field's name in the record's type, for example `website`.")
    base: str | None = said("The value that both sides last agreed on.")
    severa_value: str | None = said("The value in Severa now.")
    financials_value: str | None = said("The value in Financials now.")
    opened_at: datetime = said("When it was noticed.")
    resolved_at: datetime | None = said("When both sides agreed again.")
    chosen_side: Side | None = said("The side that a person picked.")
    resolved_by: str | None = said("Who picked it.")

    @strawberry.field
    async def record(self, info: Info) -> SyncedRecord:
        """The record that the field belongs to."""
        found = await loaders(info).record.load((self.entity, self.record_key))
        assert found is not None
        return found


def conflict_type(row: Row) -> Conflict:
    """Make a conflict from its row."""
    side = row["chosen_side"]
    return Conflict(
        id=write_id("Conflict", row["id"]),
        key=row["id"],
        integration_key=row["integration_id"],
        entity=Entity(row["entity"]),
        record_key=row["record_id"],
        field=row["field"],
        base=row["base"],
        severa_value=row["severa_value"],
        financials_value=row["financials_value"],
        opened_at=row["opened_at"],
        resolved_at=row["resolved_at"],
        chosen_side=Side(side) if side else None,
        resolved_by=row["resolved_by"],
    )
