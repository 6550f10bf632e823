"""Plans: intended writes that can be read before they are carried out."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import strawberry

from schema.types.base import Node, Row, SyncedRecord
from schema.types.change import FieldChange, as_list, field_change_type
from schema.types.context import Info, loaders
from schema.types.ids import write_id
from schema.types.page import Connection
from schema.types.said import said
from schema.words import Entity, PlanAction, PlanKind, PlanState, Side


@strawberry.type
class PlanCount:
    """How many items of a plan do the same."""

    entity: Entity = said("The kind of record.")
    side: Side = said("The system that would be written to.")
    action: PlanAction = said("What would be done.")
    count: int = said("How many records.")
    money: Decimal | None = said("Their totals with VAT in one currency; null if they have none.")
    currency: str | None = said("The currency of the money.")


@strawberry.type
class PlanItem:
    """One intended write."""

    entity: Entity = said("The kind of record.")
    record_key: strawberry.Private[UUID | None]
    label: str = said("The record in words, also for one that does not exist yet.")
    side: Side = said("The system that would be written to.")
    action: PlanAction = said("What would be done.")
    fields: list[FieldChange] = said("The fields with their values before and after.")
    forecast: str | None = said("What is likely to happen.")
    cause: str | None = said("Why nothing can be done, if so.")
    next_step: str | None = said("What a person can do about it.")
    outcome: str | None = said("What happened when the plan was carried out.")

    @strawberry.field
    async def record(self, info: Info) -> SyncedRecord | None:
        """The record, if it exists here already."""
        if self.record_key is None:
            return None
        return await loaders(info).record.load((self.entity, self.record_key))


@strawberry.type
class Plan(Node):
    """A list of intended writes."""

    key: strawberry.Private[UUID]
    kind: PlanKind = said("What it was made for.")
    state: PlanState = said("Whether it can be read and carried out.")
    reason: str | None = said("Why it failed or is stale.")
    created_at: datetime = said("When it was asked for.")
    finished_at: datetime | None = said("When it was ready.")
    executed_at: datetime | None = said("When it was carried out.")

    @strawberry.field
    async def counts(self, info: Info) -> list[PlanCount]:
        """How many items do what."""
        return await loaders(info).plan_counts.load(self.key)

    @strawberry.field
    async def items(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[PlanItem]:
        """The intended writes, in order."""
        return await loaders(info).plan_items.load((self.key, first, after))


def plan_type(row: Row) -> Plan:
    """Make a plan from its row."""
    return Plan(
        id=write_id("Plan", row["id"]),
        key=row["id"],
        kind=PlanKind(row["kind"]),
        state=PlanState(row["state"]),
        reason=row["reason"],
        created_at=row["created_at"],
        finished_at=row["finished_at"],
        executed_at=row["executed_at"],
    )


def plan_item_type(row: Row) -> PlanItem:
    """Make an intended write from its row."""
    return PlanItem(
        entity=Entity(row["entity"]),
        record_key=row["record_id"],
        label=row["label"],
        side=Side(row["side"]),
        action=PlanAction(row["action"]),
        fields=[field_change_type(item) for item in as_list(row["fields_changed"])],
        forecast=row["forecast"],
        cause=row["cause"],
        next_step=row["next_step"],
        outcome=row["outcome"],
    )


def plan_count_type(row: Row) -> PlanCount:
    """Make a count from an aggregated row."""
    return PlanCount(
        entity=Entity(row["entity"]),
        side=Side(row["side"]),
        action=PlanAction(row["action"]),
        count=row["count"],
        money=row["money"],
        currency=row["currency"],
    )
