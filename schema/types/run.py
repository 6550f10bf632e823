"""Sync runs with their steps."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from schema.types.base import Node, Row
from schema.types.change import as_list
from schema.types.context import Info, loaders
from schema.types.ids import write_id
from schema.types.integration import Integration
from schema.types.said import said
from schema.words import Entity, SyncDirection, SyncRunState, SyncTrigger


@strawberry.type
class SyncStep:
    """One step of a run; its counts move while it goes on."""

    name: str = said("The name of the step.")
    entity: Entity | None = said("The kind of record; null for reference data.")
    direction: SyncDirection = said("Which way it carries data.")
    state: SyncRunState = said("The state.")
    processed: int = said("Records handled so far.")
    total: int | None = said("Records to handle, if known.")
    created: int = said("Records created.")
    updated: int = said("Records updated.")
    unchanged: int = said("Records that needed nothing.")
    failed: int = said("Records that failed.")
    started_at: datetime | None = said("When it started.")
    finished_at: datetime | None = said("When it ended.")
    reason: str | None = said("Why it failed or was left out.")


@strawberry.type
class SyncRun(Node):
    """One pass over all steps of an integration."""

    key: strawberry.Private[UUID]
    integration_key: strawberry.Private[UUID]
    trigger: SyncTrigger = said("What started it.")
    state: SyncRunState = said("The state.")
    full: bool = said("Whether everything is read, not only what changed.")
    entities: list[Entity] | None = said("The kinds of record it is limited to; null for all.")
    queued_at: datetime = said("When it was asked for.")
    started_at: datetime | None = said("When it started.")
    finished_at: datetime | None = said("When it ended.")
    reason: str | None = said("Why it failed, was cancelled or skipped.")

    @strawberry.field
    async def integration(self, info: Info) -> Integration:
        """The integration that it belongs to."""
        found = await loaders(info).integration.load(self.integration_key)
        assert found is not None
        return found

    @strawberry.field
    async def steps(self, info: Info) -> list[SyncStep]:
        """The steps, in order."""
        return await loaders(info).steps.load(self.key)


def run_type(row: Row) -> SyncRun:
    """Make a run from its row."""
    entities = row["entities"]
    return SyncRun(
        id=write_id("SyncRun", row["id"]),
        key=row["id"],
        integration_key=row["integration_id"],
        trigger=SyncTrigger(row["trigger"]),
        state=SyncRunState(row["state"]),
        full=row["full"],
        entities=None if entities is None else _entities(as_list(entities)),
        queued_at=row["created_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        reason=row["reason"],
    )


def step_type(row: Row) -> SyncStep:
    """Make a step from its row."""
    entity = row["entity"]
    return SyncStep(
        name=row["name"],
        entity=Entity(entity) if entity else None,
        direction=SyncDirection(row["direction"]),
        state=SyncRunState(row["state"]),
        processed=row["processed"],
        total=row["total"],
        created=row["created"],
        updated=row["updated"],
        unchanged=row["unchanged"],
        failed=row["failed"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        reason=row["reason"],
    )


def _entities(names: list[str]) -> list[Entity]:
    return [Entity(name) for name in names if name in Entity.__members__]
