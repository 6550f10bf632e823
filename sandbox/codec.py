"""JSON with exact numbers both ways: a Decimal is printed as a JSON number, never through float."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson

_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS


def parse(raw: bytes) -> Any:
    """Read JSON; numbers with a fraction become Decimal.

    Raises `ValueError` for text that is no JSON.
    """
    return json.loads(raw, parse_float=Decimal, parse_constant=_refuse)


def render(value: Any) -> bytes:
    """Write JSON; Decimals keep their digits, aware times end in Z, naive ones have no zone."""
    return orjson.dumps(value, default=_plain, option=_OPTIONS)


def shown_time(moment: datetime) -> str:
    """Write a time as the vendors do: Severa with zone, Financials without."""
    if moment.tzinfo is None:
        return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f"))
    if isinstance(value, datetime):
        return shown_time(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no JSON number")
