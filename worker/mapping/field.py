"""A mapping is a table: one row per field, with its place on both sides, owner and converter."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schema.words import Side
from worker.mapping.convert import TEXT, Convert

Form = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a unified record and where it lives in Severa and in Financials.

    `only_to` names the one direction of a field that goes one way. `..._write` is the place in
    the vendor's write model where it differs from the read model.
    """

    name: str
    severa: str | None = None
    financials: str | None = None
    severa_write: str | None = None
    financials_write: str | None = None
    owner: Side | None = None
    only_to: Side | None = None
    convert: Convert = TEXT
    mandatory: bool = False

    def place(self, side: Side) -> str | None:
        """Return where the field is read on a side."""
        return self.severa if side is Side.SEVERA else self.financials

    def target(self, side: Side) -> str | None:
        """Return where the field is written on a side."""
        if side is Side.SEVERA:
            return self.severa_write or self.severa
        return self.financials_write or self.financials


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """A constant that is sent when a record is created in Financials."""

    financials: str
    value: Any


def pick(body: Mapping[str, Any], place: str) -> Any:
    """Read a dotted place; what is absent is None."""
    found: Any = body
    for part in place.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(part)
    return found


def put(body: dict[str, Any], place: str, value: Any) -> None:
    """Write a dotted place, making the objects on the way."""
    *way, last = place.split(".")
    for part in way:
        body = body.setdefault(part, {})
    body[last] = value


def form_of(fields: tuple[Field, ...], *, side: Side, body: Mapping[str, Any]) -> Form:
    """Take the fields of a record out of a vendor's body, each in that side's own form."""
    form: Form = {}
    for field in fields:
        place = field.place(side)
        if place is not None:
            form[field.name] = field.convert.tidy(pick(body, place))
    return form
