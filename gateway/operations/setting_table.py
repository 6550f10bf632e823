"""Reads the tables of choices of an integration and checks them against what the vendors offer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from schema.classes import fits
from schema.models import Reference
from schema.types.inputs_setup import SettingEntryInput
from schema.words import ProductKind

MOST, LONGEST = 500, 200
_CONSTANTS = ("billingPeriod", "template", "hold")
_TRUE, _FALSE = ("true", "hold", "yes"), ("false", "no")


class BadTable(Exception):
    """A choice that cannot be kept: which table, why, and what to do."""

    def __init__(self, name: str, message: str, step: str) -> None:
        self.name, self.message, self.step = name, message, step
        super().__init__(message)


Bodies = Mapping[str, Any]
Check = Callable[[str, str, Bodies], str | None]


async def read_table(
    integration_id: UUID, name: str, entries: Sequence[SettingEntryInput]
) -> dict[str, Any]:
    """Return the table as it is stored.

    Raises BadTable.
    """
    if len(entries) > MOST:
        raise BadTable(name, f"At most {MOST} choices fit.", "Leave out what is not needed.")
    table = {entry.key.strip(): entry.value.strip() for entry in entries}
    if len(table) < len(entries):
        raise BadTable(name, "A choice is given twice.", "Give every key once.")
    known = await _bodies(integration_id, _KINDS.get(name))
    check = _CHECKS.get(name)
    for key, value in table.items():
        if not (1 <= len(key) <= LONGEST and 1 <= len(value) <= LONGEST):
            raise BadTable(name, "A choice is empty or too long.", "Give a key and a value.")
        problem = check(key, value, known) if check is not None else None
        if problem is not None:
            raise BadTable(name, problem, "Choose one of the values that exist.")
    return {key: _stored(name, key, value) for key, value in table.items()}


def _stored(name: str, key: str, value: str) -> Any:
    if name == "project_constants" and key == "hold":
        return value.casefold() in _TRUE
    return value


async def _bodies(integration_id: UUID, kind: str | None) -> Bodies:
    """Return the offered values by key; empty when the list was never read."""
    if kind is None:
        return {}
    rows = await Reference.filter(integration_id=integration_id, kind=kind)
    return {row.key.strip(): row.body for row in rows}


def _term(key: str, value: str, known: Bodies) -> str | None:
    if not (key.isascii() and key.isdigit() and len(key) < 5):
        return f"{key!r} is no number of days."
    return _offered("payment terms", value, known)


def _unit(key: str, value: str, known: Bodies) -> str | None:
    codes = {
        str(body.get(name)).strip() for body in known.values() for name in ("fromUnit", "toUnit")
    }
    return None if not known or value in codes else f"Financials has no unit {value!r}."


def _branch(key: str, value: str, known: Bodies) -> str | None:
    numbers = {str(body.get("number")).strip() for body in known.values()}
    return None if not known or value in numbers else f"Financials has no branch {value!r}."


def _customer_class(key: str, value: str, known: Bodies) -> str | None:
    if key != "*" and not (len(key) == 2 and key.isascii() and key.isupper()):
        return f"{key!r} is neither a country code of two capital letters nor a star."
    return _offered("customer class", value, known)


def _item_class(key: str, value: str, known: Bodies) -> str | None:
    if key not in ProductKind.__members__:
        return f"{key!r} is no register; use {', '.join(ProductKind)}."
    problem = _offered("item class", value, known)
    if problem is not None or not known:
        return problem
    kind = str(known[value].get("type"))
    return None if fits(kind, ProductKind(key)) else f"Class {value!r} is for {kind}, not {key}."


def _constant(key: str, value: str, known: Bodies) -> str | None:
    if key not in _CONSTANTS:
        return f"{key!r} is no constant; use {', '.join(_CONSTANTS)}."
    if key == "hold" and value.casefold() not in (*_TRUE, *_FALSE):
        return f"{value!r} is neither true nor false."
    return None


def _offered(what: str, value: str, known: Bodies) -> str | None:
    return None if not known or value in known else f"Financials has no {what} {value!r}."


_KINDS = {
    "terms": "creditTerm",
    "units": "unitofmeasure",
    "branches": "branch",
    "customer_classes": "customer_class",
    "item_classes": "item_class",
}
_CHECKS: dict[str, Check] = {
    "terms": _term,
    "units": _unit,
    "branches": _branch,
    "customer_classes": _customer_class,
    "item_classes": _item_class,
    "project_constants": _constant,
}
