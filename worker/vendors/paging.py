"""How a list is read to its end in each of its styles; the end is never guessed from silence.

Each reader is an endless loop around one `fetch`, which sends a query and returns the parsed body
and the headers. A resume text is opaque to callers and continues behind the page it came with.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from worker.vendors.endpoints import Endpoint, Paging
from worker.vendors.records import Page, Record

Pairs = list[tuple[str, str]]
Fetch = Callable[[Pairs], Awaitable[tuple[Any, Mapping[str, str]]]]
_LINES = "journalTransactionLines"
# A page is cut to a maximum in silence, and rows without metadata do not say to which; every
# maximum seen is 1000 or more, so a page below this is short whatever the maximum is.
_SMALLEST_CAP = 100


class EndedShort(Exception):
    """A list stopped before the total it announced; never leaves the room."""


def read(endpoint: Endpoint, *, fetch: Fetch, resume: str | None) -> AsyncIterator[Page]:
    """Read a list page by page, from its start or from a resume text."""
    readers = {
        Paging.TOKEN: by_token,
        Paging.OFFSET: by_offset,
        Paging.WHOLE: whole,
        Paging.NUMBERED: by_number,
        Paging.LINES: by_lines,
        Paging.RECORDS: by_records,
    }
    return readers[endpoint.paging](endpoint, fetch, resume)


async def by_token(endpoint: Endpoint, fetch: Fetch, resume: str | None) -> AsyncIterator[Page]:
    """Follow the token in the response header until there is none; short pages mean nothing."""
    token = resume
    size = ("rowCount", str(endpoint.page_size))
    while True:
        body, headers = await fetch([size, ("pageToken", token)] if token else [size])
        following = headers.get("nextpagetoken") or None
        if following is not None and following == token:
            raise EndedShort("the page token did not move on")
        yield Page(rows=_rows(body), resume=following)
        if following is None:
            return
        token = following


async def by_offset(endpoint: Endpoint, fetch: Fetch, resume: str | None) -> AsyncIterator[Page]:
    """Count rows from the first until a page is not full."""
    first = int(resume or 0)
    while True:
        pairs = [("firstRow", str(first)), ("rowCount", str(endpoint.page_size))]
        rows = _rows((await fetch(pairs))[0])
        first += len(rows)
        full = len(rows) >= endpoint.page_size
        yield Page(rows=rows, resume=str(first) if full else None)
        if not full:
            return


async def whole(endpoint: Endpoint, fetch: Fetch, resume: str | None) -> AsyncIterator[Page]:
    """Read everything in one answer."""
    yield Page(rows=_rows((await fetch([]))[0]))


async def by_number(endpoint: Endpoint, fetch: Fetch, resume: str | None) -> AsyncIterator[Page]:
    """Count pages until one is short, and compare with the total that each row carries."""
    number, seen = _numbers(resume)
    earlier: Record | None = None
    while True:
        rows = _rows((await fetch(_numbered(endpoint, number)))[0])
        total, size = _metadata(rows, endpoint.page_size)
        if not rows or rows[0] == earlier:
            _complete(seen, _known_total(resume))
            yield Page(rows=[])
            return
        earlier = rows[0]
        seen += len(rows)
        number += 1
        # A short page that admits more rows is not the end: the next one settles it.
        last = len(rows) < size if total is None else seen >= total
        yield Page(rows=rows, resume=None if last else json.dumps([number, seen, total]))
        if last:
            return
        resume = json.dumps([number, seen, total])


async def by_records(endpoint: Endpoint, fetch: Fetch, resume: str | None) -> AsyncIterator[Page]:
    """Count pages of the one list that comes inside an object."""
    number, seen = _numbers(resume)
    while True:
        body = (await fetch(_numbered(endpoint, number)))[0]
        if not isinstance(body, dict):
            raise ValueError("the page is not an object")
        rows = _rows(body.get("records") or [])
        seen += len(rows)
        number += 1
        total = body.get("totalCount")
        last = not rows or (isinstance(total, int) and seen >= total)
        if not rows and isinstance(total, int):
            _complete(seen, total)
        yield Page(rows=rows, resume=None if last else json.dumps([number, seen, total]))
        if last:
            return


async def by_lines(endpoint: Endpoint, fetch: Fetch, resume: str | None) -> AsyncIterator[Page]:
    """Count pages of lines; a batch is given out only when the next one has begun."""
    reader = _Lines(resume)
    while True:
        rows = _rows((await fetch(_numbered(endpoint, reader.number)))[0])
        total, size = _metadata(rows, endpoint.page_size)
        page = reader.take(rows, total=total, size=size)
        yield page
        if page.resume is None:
            return


class _Lines:
    """Merges the lines of batches that were split over two answers."""

    def __init__(self, resume: str | None) -> None:
        state = json.loads(resume) if resume else {}
        self.number: int = state.get("page", 1)
        self._seen: int = state.get("seen", 0)
        self._skip: list[Any] | None = state.get("skip")
        self._held: Record | None = None
        self._held_from: dict[str, Any] = dict(state) or {"page": 1, "seen": 0, "skip": None}
        self._total: int | None = None
        self._earlier: Record | None = None

    def take(self, rows: list[Record], *, total: int | None, size: int) -> Page:
        """Add one answer; return the batches that are certainly whole."""
        if not rows or rows[0] == self._earlier:
            _complete(self._seen, self._total)
            return Page(rows=[self._held] if self._held else [])
        self._earlier = rows[0]
        start = {"page": self.number, "seen": self._seen, "skip": None}
        self._total = total
        lines = sum(len(row.get(_LINES) or ()) for row in rows)
        self._seen += lines
        self.number += 1
        done = self._merge(rows, start)
        last = lines < size if total is None else self._seen >= total
        if last:
            return Page(rows=[*done, self._held] if self._held else done)
        return Page(rows=done, resume=json.dumps(self._held_from))

    def _merge(self, rows: list[Record], start: dict[str, Any]) -> list[Record]:
        done: list[Record] = []
        for index, row in enumerate(rows):
            key = _batch(row)
            if index == 0 and self._skip == key:
                continue
            if self._held is not None and _batch(self._held) == key:
                self._held = _joined(self._held, row)
                continue
            if self._held is not None:
                done.append(self._held)
                if index > 0 and _batch(rows[0]) == _batch(self._held):
                    # Its lines end on this page: who resumes here has had them.
                    start = {**start, "skip": _batch(self._held)}
            self._held = row
            self._held_from = start
        return done


def _batch(row: Record) -> list[Any]:
    return [row.get("module"), row.get("batchNumber")]


def _joined(first: Record, second: Record) -> Record:
    lines = {line.get("lineNumber"): line for line in first.get(_LINES) or ()}
    lines.update({line.get("lineNumber"): line for line in second.get(_LINES) or ()})
    return {**second, _LINES: list(lines.values())}


def _numbered(endpoint: Endpoint, number: int) -> Pairs:
    return [("pageNumber", str(number)), ("pageSize", str(endpoint.page_size))]


def _numbers(resume: str | None) -> tuple[int, int]:
    if resume is None:
        return 1, 0
    number, seen, _ = json.loads(resume)
    return number, seen


def _known_total(resume: str | None) -> int | None:
    return json.loads(resume)[2] if resume else None


def _complete(seen: int, total: int | None) -> None:
    if total is not None and seen < total:
        raise EndedShort(f"the list ended after {seen} of {total} rows")


def _metadata(rows: list[Record], asked: int) -> tuple[int | None, int]:
    metadata = rows[0].get("metadata") if rows else None
    if not isinstance(metadata, dict):
        return None, min(asked, _SMALLEST_CAP)
    total, largest = metadata.get("totalCount"), metadata.get("maxPageSize")
    size = min(asked, largest) if isinstance(largest, int) and largest > 0 else asked
    return (total if isinstance(total, int) else None), size


def _rows(body: Any) -> list[Record]:
    if not isinstance(body, list):
        raise ValueError("the page is not a list")
    if not all(isinstance(row, dict) for row in body):
        raise ValueError("the page holds something that is not a record")
    return body
