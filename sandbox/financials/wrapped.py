"""Reading of written bodies: almost every member is wrapped in `{"value": ...}`.

A member in the wrong form is silently dropped; one sent as null stays in the result as None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from . import moment
from .errors import Refused

Shape: TypeAlias = "Mapping[str, Member]"
Fields: TypeAlias = dict[str, Any]

STR, INT, DEC, BOOL, DATE, UUID_ = "str", "int", "dec", "bool", "date", "uuid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member of a written body."""

    kind: str = STR
    wrapped: bool = True
    words: tuple[str, ...] = ()
    shape: Shape | None = None
    rows: bool = False


def scalars(names: str, kind: str = STR) -> dict[str, Member]:
    """Declare wrapped scalars."""
    return {name: Member(kind=kind) for name in names.split()}


def bare(names: str, kind: str = STR) -> dict[str, Member]:
    """Declare scalars that are not wrapped."""
    return {name: Member(kind=kind, wrapped=False) for name in names.split()}


def words(name: str, values: str, *, wrapped: bool = True) -> dict[str, Member]:
    """Declare an enum."""
    return {name: Member(words=tuple(values.split("/")), wrapped=wrapped)}


def nested(names: str, shape: Shape, *, wrapped: bool = True) -> dict[str, Member]:
    """Declare nested objects."""
    return {name: Member(shape=shape, wrapped=wrapped) for name in names.split()}


def rows(name: str, shape: Shape) -> dict[str, Member]:
    """Declare a list of objects; lists are never wrapped."""
    return {name: Member(shape=shape, wrapped=False, rows=True)}


def read(body: Any, shape: Shape, *, zone: ZoneInfo, zones_refused: bool = False) -> Fields:
    """Unwrap a body by its shape, dropping what is unknown or in the wrong form."""
    if not isinstance(body, dict):
        raise Refused("The request body is empty or is not an object.")
    return _Reader(zone=zone, zones_refused=zones_refused).object(body, shape, path="")


class _Reader:
    def __init__(self, *, zone: ZoneInfo, zones_refused: bool) -> None:
        self._zone, self._zones_refused = zone, zones_refused

    def object(self, body: dict[str, Any], shape: Shape, *, path: str) -> Fields:
        fields: Fields = {}
        for name, value in body.items():
            member = shape.get(name)
            if member is None:
                continue
            if member.wrapped:
                if not isinstance(value, dict) or "value" not in value:
                    continue
                value = value["value"]
            elif member.shape is None and isinstance(value, dict | list):
                continue
            self._put(fields, name, value, member, path=f"{path}{name}")
        return fields

    def _put(self, fields: Fields, name: str, value: Any, member: Member, *, path: str) -> None:
        if value is None:
            fields[name] = None
        elif member.rows and member.shape is not None:
            if isinstance(value, list):
                fields[name] = [
                    self.object(row, member.shape, path=f"{path}.")
                    for row in value
                    if isinstance(row, dict)
                ]
        elif member.shape is not None:
            if isinstance(value, dict):
                fields[name] = self.object(value, member.shape, path=f"{path}.")
        else:
            fields[name] = self._scalar(value, member, path=path)

    def _scalar(self, value: Any, member: Member, *, path: str) -> Any:
        if isinstance(value, dict | list):
            raise Refused(f"Error reading value. Unexpected token at path '{path}'.")
        if member.words:
            return _word(value, member.words, path=path)
        match member.kind:
            case "dec":
                return _decimal(value, path=path)
            case "int":
                return int(_decimal(value, path=path))
            case "bool":
                return _boolean(value, path=path)
            case "date":
                if self._zones_refused and moment.zoned(str(value)):
                    raise Refused(f"The value '{value}' at path '{path}' has a time zone.")
                return moment.written(path, str(value), zone=self._zone)
            case "uuid":
                return _uuid(value, path=path)
            case _:
                return str(value)


def _word(value: Any, allowed: tuple[str, ...], *, path: str) -> str:
    for word in allowed:
        if str(value).lower() == word.lower():
            return word
    raise Refused(f"Error converting value \"{value}\" at path '{path}'.")


def _decimal(value: Any, *, path: str) -> Decimal:
    if isinstance(value, bool):
        raise Refused(f"Could not convert '{value}' to decimal. Path '{path}'.")
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise Refused(f"Could not convert string to decimal: {value}. Path '{path}'.") from None


def _boolean(value: Any, *, path: str) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in ("true", "false"):
        return str(value).lower() == "true"
    raise Refused(f"Could not convert string to boolean: {value}. Path '{path}'.")


def _uuid(value: Any, *, path: str) -> str:
    try:
        return str(UUID(str(value)))
    except ValueError:
        raise Refused(f"Could not convert string to Guid: {value}. Path '{path}'.") from None
