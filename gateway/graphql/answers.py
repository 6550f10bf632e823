"""Answers that are given again while nothing has changed, exactly (no time to live, no stale read).

PostgreSQL says whether anything was committed: two equal snapshots see the same data. Requests
that come in together share one look at the snapshot, so that a repeated query costs almost nothing.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from schema import database

BYTES = 16 * 1024 * 1024
LARGEST = 256 * 1024
SEEN = 4096


class Snapshots:
    """Asks PostgreSQL for its snapshot, once for everybody who asked before the question left."""

    def __init__(self) -> None:
        self._next: asyncio.Future[str] | None = None
        self._task: asyncio.Task[None] | None = None

    async def now(self) -> str:
        """Return a text that differs as soon as any transaction has committed something."""
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
            if self._task is None or self._task.done():
                context = contextvars.Context()
                self._task = asyncio.get_running_loop().create_task(self._ask(), context=context)
        return await asyncio.shield(self._next)

    async def _ask(self) -> None:
        while self._next is not None:
            waiting, self._next = self._next, None
            try:
                found = await database.rows("SELECT pg_current_snapshot()::text AS now")
                waiting.set_result(found[0]["now"])
            except Exception as error:  # Whoever waits gets to know; the next one asks again.
                waiting.set_exception(error)
                waiting.exception()


@dataclass(frozen=True, slots=True)
class Held:
    """An answer with the snapshot that it was made for."""

    snapshot: str
    body: bytes


class Answers:
    """Keeps encoded answers, the least recently used ones go first; memory is bounded."""

    def __init__(self) -> None:
        self._held: OrderedDict[Hashable, Held] = OrderedDict()
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._bytes = 0

    def get(self, key: Hashable) -> Held | None:
        """Return what is kept for a request."""
        found = self._held.get(key)
        if found is not None:
            self._held.move_to_end(key)
        return found

    def again(self, key: Hashable) -> bool:
        """Tell whether a request came before: what is asked once is not worth keeping."""
        name = hash(key)
        known = name in self._seen
        self._seen[name] = None
        self._seen.move_to_end(name)
        if len(self._seen) > SEEN:
            self._seen.popitem(last=False)
        return known

    def put(self, key: Hashable, held: Held) -> None:
        """Keep an answer."""
        if len(held.body) > LARGEST:
            return
        before = self._held.pop(key, None)
        self._bytes += len(held.body) - (len(before.body) if before else 0)
        self._held[key] = held
        while self._bytes > BYTES:
            _, gone = self._held.popitem(last=False)
            self._bytes -= len(gone.body)
