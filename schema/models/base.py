"""What all tables share: time-ordered ids, exact JSON, and the columns of a synced record."""

from typing import Any

from tortoise import Model, fields

from schema.ids import new_id
from schema.money import dumps, loads
from schema.words import SyncState


def json_field(**options: Any) -> Any:
    """Return a JSONB column whose numbers come back as Decimal."""
    return fields.JSONField[Any](encoder=dumps, decoder=loads, **options)


def money_field(**options: Any) -> Any:
    """Return a column for an amount; its currency stands in the row beside it."""
    return fields.DecimalField(max_digits=20, decimal_places=6, **options)


class Row(Model):
    """A row with an id of its own and the time it was made."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        abstract = True


class Record(Row):
    """A unified record: it exists in Severa, in Financials, or in both."""

    integration: fields.ForeignKeyRelation[Any] = fields.ForeignKeyField(
        "models.Integration", on_delete=fields.CASCADE
    )
    integration_id: Any
    sync_state = fields.CharEnumField(SyncState, default=SyncState.PENDING, max_length=16)
    waiting_reason = fields.TextField(null=True)
    last_synced_at = fields.DatetimeField(null=True)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        abstract = True
