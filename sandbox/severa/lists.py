"""Severa's two paging styles and the filters of its lists."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any

from sandbox.http import Call, Query, Reply
from sandbox.severa.errors import invalid
from sandbox.severa.fields import Entity, Filter, parse_moment
from sandbox.severa.state import Organization
from sandbox.severa.table import Record, Table

DEFAULT = 20
MOST = 100

Test = Callable[[Record], bool]
Show = Callable[[Record], Any]


def every(record: Record) -> bool:
    """Choose every record; lists skip the test when it is this one."""
    return True


def token_page(call: Call, table: Table, *, test: Test, show: Show) -> Reply:
    """Answer one page in token style: `NextPageToken` only when more rows exist."""
    count = _row_count(call.query)
    start = _place(call.query.one("pageToken"))
    rows: list[Any] = []
    last = start
    for place, record in table.after(start):
        if not test(record):
            continue
        if len(rows) == count:
            return Reply(body=rows, headers={"NextPageToken": _page_token(last)})
        rows.append(show(record))
        last = place
    return Reply(body=rows)


def token_page_of(call: Call, records: list[Record], *, show: Show) -> Reply:
    """Answer one page in token style of an already selected list."""
    count = _row_count(call.query)
    start = _place(call.query.one("pageToken"))
    rows = [show(record) for record in records[start : start + count]]
    more = start + count < len(records)
    return Reply(body=rows, headers={"NextPageToken": _page_token(start + count)} if more else {})


def offset_page(
    call: Call, records: Iterable[Record], *, show: Show, all_by_default: bool = False
) -> Reply:
    """Answer one page in offset style: no header, no total."""
    first = max(call.query.number("firstRow") or 0, 0)
    asked = call.query.number("rowCount")
    last = None if asked is None and all_by_default else first + _row_count(call.query)
    chosen = islice(_sorted(records, call.query), first, last)
    return Reply(body=[show(record) for record in chosen])


def selection(org: Organization, entity: Entity, query: Query) -> Test:
    """Build the test for all filters that were asked for; unknown parameters are ignored."""
    tests = list(_tests(org, entity, query))
    if not tests:
        return every
    return lambda record: all(test(record) for test in tests)


def changed_since(query: Query, *, name: str = "changedSince", key: str = "updated") -> Test | None:
    """Build the inclusive test of a point in time."""
    text = query.one(name)
    if text is None:
        return None
    moment = parse_moment(text)
    if moment is None:
        raise invalid(f"{name} is no ISO 8601 time: {text}.", name=name)
    return lambda record: record.get(key) is not None and record[key] >= moment


def _tests(org: Organization, entity: Entity, query: Query) -> Iterator[Test]:
    for row in entity.filters:
        values = [value for value in query.many(row.name) if value]
        if values:
            test = _FILTERS[row.kind](org, row, values, query)
            if test is not None:
                yield test
    if text := query.one("textToSearch"):
        yield lambda record: _contains(record, entity.search, text.lower())


def _contains(record: Record, names: tuple[str, ...], text: str) -> bool:
    return any(text in str(record.get(name) or "").lower() for name in names)


def _flag(org: Organization, row: Filter, values: list[str], query: Query) -> Test | None:
    wanted = query.flag(row.name)
    if wanted is None:
        raise invalid(f"{row.name} must be true or false.", name=row.name)
    return lambda record: bool(record.get(row.on)) == wanted


def _guids(org: Organization, row: Filter, values: list[str], query: Query) -> Test:
    wanted = {value.lower() for value in values}
    return lambda record: record.get(row.on) in wanted


def _numbers(org: Organization, row: Filter, values: list[str], query: Query) -> Test:
    if not all(value.lstrip("-").isdigit() for value in values):
        raise invalid(f"{row.name} must be whole numbers.", name=row.name)
    wanted = {int(value) for value in values}
    return lambda record: record.get(row.on) in wanted


def _texts(org: Organization, row: Filter, values: list[str], query: Query) -> Test:
    wanted = {value.casefold() for value in values}
    return lambda record: str(record.get(row.on) or "").casefold() in wanted


def _since(org: Organization, row: Filter, values: list[str], query: Query) -> Test | None:
    return changed_since(query, name=row.name, key=row.on or "updated")


def _day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise invalid(f"{name} is no date: {text}.", name=name) from error


def _from_day(org: Organization, row: Filter, values: list[str], query: Query) -> Test:
    day = _day(values[0], row.name)
    return lambda record: record.get(row.on) is not None and record[row.on] >= day


def _to_day(org: Organization, row: Filter, values: list[str], query: Query) -> Test:
    day = _day(values[0], row.name)
    return lambda record: record.get(row.on) is not None and record[row.on] <= day


def _own(org: Organization, row: Filter, values: list[str], query: Query) -> Test:
    own = row.test
    assert own is not None
    return lambda record: own(org, record, values)


_FILTERS: dict[str, Callable[[Organization, Filter, list[str], Query], Test | None]] = {
    "flag": _flag,
    "guids": _guids,
    "numbers": _numbers,
    "texts": _texts,
    "since": _since,
    "from_day": _from_day,
    "to_day": _to_day,
    "own": _own,
}


def _row_count(query: Query) -> int:
    asked = query.number("rowCount")
    return DEFAULT if asked is None or asked <= 0 else min(asked, MOST)


def _page_token(place: int) -> str:
    return base64.urlsafe_b64encode(f"p:{place}".encode()).decode()


def _place(token: str | None) -> int:
    if token is None:
        return 0
    try:
        text = base64.urlsafe_b64decode(token.encode()).decode()
        return int(text.removeprefix("p:"))
    except ValueError as error:
        raise invalid("pageToken is not valid.", name="pageToken") from error


def _sorted(records: Iterable[Record], query: Query) -> Iterable[Record]:
    key = query.one("sortings[0].key")
    if key is None:
        return records
    name = key[:1].lower() + key[1:]
    down = (query.one("sortings[0].value") or "Asc").startswith("Desc")
    return sorted(records, key=lambda record: str(record.get(name) or "").lower(), reverse=down)


def as_amount(text: str) -> Decimal | None:
    """Read an amount of a filter."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
