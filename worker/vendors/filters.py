"""Queries: only names that are declared, always with their condition; rows checked against them.

Financials ignores what it does not know without a word, so a filter is trusted only after each
row was compared with it.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any

from worker.vendors.dialect import Dialect
from worker.vendors.endpoints import Endpoint, Operation
from worker.vendors.records import Record

_COMPARE = {">": gt, ">=": ge, "<": lt, "<=": le}


def query(
    dialect: Dialect, operation: Operation, params: Mapping[str, Any] | None
) -> list[tuple[str, str]]:
    """Return the pairs of a query string; a list repeats its name.

    Raises ValueError for a name the operation does not declare, or a value without its condition.
    """
    given = {name: value for name, value in (params or {}).items() if value is not None}
    unknown = set(given) - operation.params
    if unknown:
        raise ValueError(f"{operation.name} has no parameter {', '.join(sorted(unknown))}")
    for name in given:
        if f"{name}Condition" in operation.params and f"{name}Condition" not in given:
            raise ValueError(f"{operation.name}: {name} needs {name}Condition")
    return [
        (name, _text(dialect, item))
        for name, value in given.items()
        for item in (value if isinstance(value, list | tuple | set | frozenset) else (value,))
    ]


def _text(dialect: Dialect, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return dialect.moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


def kept(
    dialect: Dialect,
    endpoint: Endpoint,
    rows: list[Record],
    params: Mapping[str, Any] | None,
) -> list[Record]:
    """Return the rows that really answer the query."""
    checks = [
        (place.split("."), params[name], params.get(f"{name}Condition"))
        for name, place in endpoint.checks.items()
        if params and params.get(name) is not None
    ]
    if not checks:
        return rows
    return [row for row in rows if all(_fits(dialect, row, *check) for check in checks)]


def _fits(
    dialect: Dialect, row: Record, place: list[str], wanted: Any, condition: str | None
) -> bool:
    found: Any = row
    for name in place:
        found = found.get(name) if isinstance(found, dict) else None
    if found is None:
        return False
    have = _plain(_text(dialect, found))
    several: Iterable[Any] = (
        wanted if isinstance(wanted, list | tuple | set | frozenset) else (wanted,)
    )
    options = [_plain(_text(dialect, item)) for item in several]
    if condition in _COMPARE:
        size = min(len(have), *(len(option) for option in options))
        return all(_COMPARE[condition](have[:size], option[:size]) for option in options)
    return have in options


def _plain(text: str) -> str:
    return text.strip().casefold()
