"""A record as it was: the present one with the journal's later changes taken back."""

from __future__ import annotations

import types
import typing
from dataclasses import fields, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, TypeVar

from schema import database
from schema.types.base import SyncedRecord
from schema.types.change import as_list

R = TypeVar("R", bound=SyncedRecord)

_LATER = """
SELECT fields_changed FROM change WHERE record_id = $1 AND at > $2 ORDER BY id DESC
"""


async def as_of(record: R, moment: datetime) -> R | None:
    """Return a record as it was at a moment; None if it was not known then.

    Only its own fields go back in time: what it leads to is shown as it is now.
    """
    if record.created_at > moment:
        return None
    values: dict[str, Any] = {}
    names = {_camel(item.name): item.name for item in fields(record)}
    for row in await database.rows(_LATER, record.key, moment):
        for change in as_list(row["fields_changed"]):
            name = names.get(str(change["field"]))
            if name is not None:
                values[name] = change.get("before")
    hints = typing.get_type_hints(type(record), localns={}, include_extras=False)
    read = {name: _read(hints.get(name), value) for name, value in values.items()}
    return replace(record, **{name: value for name, value in read.items() if value is not _KEEP})


_KEEP: Any = object()


def _read(kind: Any, text: Any) -> Any:
    """Turn a value of the journal back into what the field holds; _KEEP if that is impossible."""
    options = typing.get_args(kind) if typing.get_origin(kind) in _UNIONS else (kind,)
    if text is None:
        return None if type(None) in options else _KEEP
    for option in options:
        try:
            if option is bool:
                return text == "true"
            if option in (int, Decimal, str):
                return option(text)
            if option is datetime or option is date:
                return option.fromisoformat(text)
            if isinstance(option, type) and issubclass(option, Enum):
                return option(text)
        except (ValueError, InvalidOperation):
            return _KEEP
    return _KEEP


_UNIONS = (typing.Union, types.UnionType)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
