"""Changes: the journal as clients read and follow it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from schema.journal import write_cursor
from schema.money import loads
from schema.types.base import Row, SyncedRecord
from schema.types.context import Info, loaders
from schema.types.said import said
from schema.words import Entity

if TYPE_CHECKING:
    from schema.types.run import SyncRun

SNAPSHOT = "snapshot"
HEARTBEAT = "heartbeat"


@strawberry.type
class FieldChange:
    """A field with its value before and after, as text."""

    field: str = said("The field's name in the record's type, for example `website`.")
    before: str | None = said("The value before.")
    after: str | None = said("The value after.")


@strawberry.type
class Change:
    """A change of a record. A subscription also sends `snapshot` first and `heartbeat` at rest."""

    record_key: strawberry.Private[UUID | None]
    run_key: strawberry.Private[UUID | None]
    memo: strawberry.Private[dict[Any, Any] | None] = None
    cursor: str = said("The place of the change; give it as `after` to go on from here.")
    kind: str = said("What happened, for example `invoice.released`; or `snapshot`, `heartbeat`.")
    entity: Entity | None = said("The kind of record; null for a snapshot or heartbeat.")
    fields: list[FieldChange] = said("The fields that changed.")
    previous_state: str | None = said("The state before, for records that have one.")
    actor: str | None = said("Who or what changed it.")
    reason: str | None = said("Why it changed.")
    at: datetime = said("When it changed.")

    @strawberry.field
    async def record(self, info: Info) -> SyncedRecord | None:
        """The record as it is now; null for a snapshot or heartbeat, or if it is gone."""
        if self.entity is None or self.record_key is None:
            return None
        return await loaders(info).record.load((self.entity, self.record_key))

    @strawberry.field
    async def run(
        self, info: Info
    ) -> Annotated[SyncRun, strawberry.lazy("schema.types.run")] | None:
        """The sync run that changed it, if one did."""
        if self.run_key is None:
            return None
        return await loaders(info).run.load(self.run_key)


def change_type(row: Row) -> Change:
    """Make a change from its journal row."""
    return Change(
        record_key=row["record_id"],
        run_key=row["run_id"],
        cursor=write_cursor(row["position"] or 0),
        kind=row["kind"],
        entity=Entity(row["entity"]),
        fields=[field_change_type(item) for item in as_list(row["fields_changed"])],
        previous_state=row["previous_state"],
        actor=row["actor"],
        reason=row["reason"] or None,
        at=row["at"],
    )


def field_change_type(item: Row) -> FieldChange:
    """Make a field's change from its JSON."""
    return FieldChange(
        field=item["field"], before=_text(item.get("before")), after=_text(item.get("after"))
    )


def mark(kind: str, *, position: int, at: datetime) -> Change:
    """Make a message that only carries a cursor."""
    return Change(
        record_key=None,
        run_key=None,
        cursor=write_cursor(position),
        kind=kind,
        entity=None,
        fields=[],
        previous_state=None,
        actor=None,
        reason=None,
        at=at,
    )


def as_list(value: Any) -> list[Any]:
    """Read a JSON column that holds a list."""
    found: list[Any] = loads(value) if isinstance(value, str) else value or []
    return found


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
