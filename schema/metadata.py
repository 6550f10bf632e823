"""The Tortoise models restated as SQLAlchemy tables, so that Alembic can compare and find drift."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID
from tortoise import Tortoise, fields
from tortoise.indexes import Index
from tortoise.models import Model

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

# Indexes that a model cannot say: partial and expression indexes, by table.
EXTRA_INDEXES: dict[str, tuple[tuple[str, tuple[str, ...], str | None, bool], ...]] = {
    "sighting": (("sighting_dirty", ("integration_id", "side", "resource", "id"), "dirty", False),),
    "job": (("job_queued_once", ("integration_id", "dedupe_key"), "state = 'QUEUED'", True),),
    "change": (("change_unstamped", ("id",), "position IS NULL", False),),
    "attempt": (("attempt_open", ("integration_id",), "state IN ('OPEN', 'UNCERTAIN')", False),),
    "delivery": (
        ("delivery_open", ("subscriber_id", "id"), "state IN ('QUEUED', 'SENDING')", False),
    ),
    "issue": (
        (
            "issue_open_once",
            ("integration_id", "code", "subject"),
            "resolved_at IS NULL",
            True,
        ),
    ),
    "conflict": (("conflict_open_once", ("record_id", "field"), "resolved_at IS NULL", True),),
}


def build() -> sa.MetaData:
    """Return the SQLAlchemy tables of all models."""
    from schema import models

    metadata = sa.MetaData(naming_convention=NAMING)
    found = [getattr(models, name) for name in models.__all__]
    Tortoise.init_models(["schema.models"], "models")
    for model in found:
        _table(model, metadata)
    return metadata


def _table(model: type[Model], metadata: sa.MetaData) -> None:
    meta = model._meta
    columns = [
        _column(field)
        for field in meta.fields_map.values()
        if field.has_db_field and not isinstance(field, fields.relational.RelationalField)
    ]
    parts: list[Any] = [*columns]
    parts += [sa.UniqueConstraint(*names) for names in meta.unique_together]
    table = sa.Table(meta.db_table, metadata, *parts)
    for index in meta.indexes:
        if isinstance(index, Index):
            sa.Index(index.name, *[table.c[name] for name in index.fields])
    for name, names, where, unique in EXTRA_INDEXES.get(meta.db_table, ()):
        sa.Index(
            name,
            *[table.c[column] for column in names],
            unique=unique,
            postgresql_where=sa.text(where) if where else None,
        )


def _column(field: Any) -> sa.Column[Any]:
    name = field.source_field or field.model_field_name
    options: dict[str, Any] = {"nullable": field.null, "primary_key": field.pk}
    arguments: list[Any] = [_type(field)]
    if field.reference:
        relation = field.reference
        target = relation.related_model._meta
        arguments.append(
            sa.ForeignKey(f"{target.db_table}.{target.db_pk_column}", ondelete=_on_delete(relation))
        )
    if field.unique and not field.pk:
        options["unique"] = True
    if getattr(field, "generated", False):
        options["autoincrement"] = True
    return sa.Column(name, *arguments, **options)


def _on_delete(relation: Any) -> str:
    return str(relation.on_delete.value)


def _type(field: Any) -> Any:
    if isinstance(field, fields.UUIDField):
        return UUID()
    if isinstance(field, fields.DecimalField):
        return sa.Numeric(field.max_digits, field.decimal_places)
    if isinstance(field, fields.CharField):
        return sa.String(field.max_length)
    plain = {
        fields.TextField: sa.Text(),
        fields.BooleanField: sa.Boolean(),
        fields.BigIntField: sa.BigInteger(),
        fields.IntField: sa.Integer(),
        fields.DateField: sa.Date(),
        fields.DatetimeField: sa.TIMESTAMP(timezone=True),
        fields.JSONField: JSONB(),
        fields.BinaryField: sa.LargeBinary(),
    }
    for kind, made in plain.items():
        if isinstance(field, kind):
            return made
    raise TypeError(f"{type(field).__name__} has no SQLAlchemy twin yet")
