"""Where the value of each field comes from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from schema.money import dumps
from schema.owners import Owned
from schema.types.context import Info, loaders
from schema.types.said import said
from schema.words import Side

if TYPE_CHECKING:
    from schema.types.run import SyncRun


@strawberry.type
class FieldProvenance:
    """Who owns a field, what each side holds, and who wrote it last."""

    run_key: strawberry.Private[UUID | None]
    field: str = said("The field's name in the record's type, for example `website`.")
    owner: Side | None = said("The side whose value wins; null if the last change wins.")
    value: str | None = said("The value here, as text.")
    severa_value: str | None = said("The value in Severa, in that system's own form.")
    financials_value: str | None = said("The value in Financials, in that system's own form.")
    last_writer: str | None = said("Who or what changed it last.")
    changed_at: datetime | None = said("When it was last changed.")
    reason: str | None = said("Why it was last changed.")

    @strawberry.field
    async def run(
        self, info: Info
    ) -> Annotated[SyncRun, strawberry.lazy("schema.types.run")] | None:
        """The sync run that changed it last, if one did."""
        if self.run_key is None:
            return None
        return await loaders(info).run.load(self.run_key)


def provenance_type(
    owned: Owned,
    *,
    record: Mapping[str, Any],
    bases: Mapping[Side, Mapping[str, Any]],
    last: Mapping[str, Any] | None,
) -> FieldProvenance:
    """Make the provenance of one field from the record, both agreed values and the journal."""
    return FieldProvenance(
        run_key=last["run_id"] if last else None,
        field=owned.field,
        owner=owned.owner,
        value=as_text(record.get(owned.name)),
        severa_value=_held(bases, Side.SEVERA, owned),
        financials_value=_held(bases, Side.FINANCIALS, owned),
        last_writer=last["actor"] if last else None,
        changed_at=last["at"] if last else None,
        reason=(last["reason"] or None) if last else None,
    )


def _held(bases: Mapping[Side, Mapping[str, Any]], side: Side, owned: Owned) -> str | None:
    form = bases.get(side, {})
    return as_text(form.get(owned.name, form.get(owned.field)))


def as_text(value: Any) -> str | None:
    """Write a value the way the journal does."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, dict | list):
        return dumps(value)
    return str(value)
