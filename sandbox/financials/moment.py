"""Local date-times without a zone, as Financials shows and takes them, and filter values."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from .errors import Refused

_FILTER = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:\.\d{1,3})?)?")
_ZONED = re.compile(r"(Z|[+-]\d\d:?\d\d)$")
ZONES = {
    "FI": "Europe/Helsinki",
    "SE": "Europe/Stockholm",
    "NO": "Europe/Oslo",
    "DK": "Europe/Copenhagen",
    "NL": "Europe/Amsterdam",
}


def stamp(moment: datetime) -> str:
    """Show a time stamp with milliseconds and no zone."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}"


def day(value: date) -> str:
    """Show a day as a date-time at midnight."""
    return value.strftime("%Y-%m-%dT00:00:00")


def full(text: str) -> str:
    """Bring any shown or given date-time to one width, so that texts compare like times."""
    text = text.replace(" ", "T")
    if len(text) == 10:
        return text + "T00:00:00.000"
    head, _, tail = text.partition(".")
    return f"{head}.{(tail + '000')[:3]}"


def filter_value(name: str, text: str) -> str:
    """Read a date filter; a zone letter or another format is refused."""
    if _FILTER.fullmatch(text) is None:
        raise Refused(f"The value '{text}' of parameter '{name}' is not a valid date time.")
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"The value '{text}' of parameter '{name}' is not a valid date time.") from (
            None
        )
    return full(text)


def zoned(text: str) -> bool:
    """Say whether a written date-time carries a zone."""
    return "T" in text and _ZONED.search(text) is not None


def written(name: str, text: str, *, zone: ZoneInfo) -> str:
    """Read a written date-time; one with a zone is moved to the company's local time."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"Could not convert string to DateTime: {text}. Path '{name}'.") from None
    if moment.tzinfo is not None:
        moment = moment.astimezone(zone).replace(tzinfo=None)
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def period_of(text: str) -> str:
    """Give the financial period `YYYYMM` of a shown date-time."""
    return text[:4] + text[5:7]


def plus_days(text: str, days: int) -> str:
    """Add days to a shown date."""
    return day(date.fromisoformat(text[:10]) + timedelta(days=days))
