"""What all records of the unified model share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from uuid import UUID

import strawberry

from schema.types import enums as _enums  # noqa: F401  registers the enums
from schema.types.context import Info, loaders
from schema.types.ids import write_id
from schema.types.page import Connection
from schema.types.said import said
from schema.words import Entity, Side, SyncState

if TYPE_CHECKING:
    from schema.types.change import Change
    from schema.types.integration import Integration
    from schema.types.issue import Issue
    from schema.types.provenance import FieldProvenance


@strawberry.interface
class Node:
    """Anything that can be fetched again by its id."""

    id: strawberry.ID = said("The global id.")


@strawberry.type
class Link:
    """A record's twin on one side."""

    side: Side = said("The system that holds the twin.")
    external_id: str = said(
        "Severa's guid, or the key in Financials: customer number, item, project, document number."
    )
    external_number: str | None = said("The number that people use for it there, if any.")
    last_seen_at: datetime | None = said("When the twin was last read from its system.")
    missing_since: datetime | None = said("Since when its system no longer lists it.")


@strawberry.type
class RecordSync:
    """Where a record stands between the two systems."""

    record_key: strawberry.Private[UUID]
    state: SyncState = said("The state.")
    last_synced_at: datetime | None = said("When both sides were last known to agree.")
    reason: str | None = said("What the record waits for, if it waits.")

    @strawberry.field
    async def issues(
        self, info: Info
    ) -> list[Annotated[Issue, strawberry.lazy("schema.types.issue")]]:
        """The open issues of the record, newest first."""
        found = await loaders(info).issues.load(self.record_key)
        return [issue for issue in found if issue.resolved_at is None]


@strawberry.interface
class SyncedRecord(Node):
    """A record that exists in Severa, in Financials, or in both."""

    entity: ClassVar[Entity]

    key: strawberry.Private[UUID]
    integration_key: strawberry.Private[UUID]
    sync: RecordSync = said("Where the record stands between the two systems.")
    created_at: datetime = said("When the gateway first saw the record.")
    updated_at: datetime = said("When the record last changed here.")

    @strawberry.field
    async def integration(
        self, info: Info
    ) -> Annotated[Integration, strawberry.lazy("schema.types.integration")]:
        """The integration that the record belongs to."""
        found = await loaders(info).integration.load(self.integration_key)
        assert found is not None
        return found

    @strawberry.field
    async def links(self, info: Info) -> list[Link]:
        """The record's twins: one per side at most."""
        return await loaders(info).links.load(self.key)

    @strawberry.field
    async def history(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[Annotated[Change, strawberry.lazy("schema.types.change")]]:
        """Who changed which field, before and after, and why; newest first."""
        return await loaders(info).history.load((self.key, first, after))

    @strawberry.field
    async def provenance(
        self, info: Info
    ) -> list[Annotated[FieldProvenance, strawberry.lazy("schema.types.provenance")]]:
        """Per field: who owns it, what each side holds, who wrote it last."""
        return await loaders(info).provenance.load((self.entity, self.key))


Row = Mapping[str, Any]


def shared(row: Row, kind: str) -> dict[str, Any]:
    """Return the fields that all records have in common."""
    key = row["id"]
    return {
        "id": write_id(kind, key),
        "key": key,
        "integration_key": row["integration_id"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "sync": RecordSync(
            record_key=key,
            state=SyncState(row["sync_state"]),
            last_synced_at=row["last_synced_at"],
            reason=row["waiting_reason"],
        ),
    }


def link_type(row: Row) -> Link:
    """Make a link from its row."""
    return Link(
        side=Side(row["side"]),
        external_id=row["external_id"],
        external_number=row["external_number"],
        last_seen_at=row["last_seen_at"],
        missing_since=row["missing_since"],
    )
