"""One reader of the journal per process feeds all subscribers (L10, L14).

The bell says when to look; the rows come from PostgreSQL. A subscriber has a bounded queue. One
that reads too slowly loses its queue, never a change: it goes on from its own place in the journal.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from redis.asyncio import Redis

from gateway.outage import is_outage
from schema import bell, database, journal
from schema.clock import Clock, utc_now
from schema.types.change import HEARTBEAT, Change, change_type, mark
from schema.words import Entity

log = logging.getLogger(__name__)

QUEUE = 1000
BATCH = 500
HEARTBEAT_SECONDS = 10.0

_READ = """
SELECT * FROM change
WHERE position > $1 AND ($2::uuid[] IS NULL OR integration_id = ANY($2::uuid[]))
  AND ($3::text[] IS NULL OR entity = ANY($3::text[]))
ORDER BY position LIMIT $4
"""


class Made:
    """Something that is being made once for everybody who waits for it."""

    __slots__ = ("_error", "_ready", "_value")

    def __init__(self, make: Callable[[], Awaitable[Any]]) -> None:
        self._ready: asyncio.Event | None = asyncio.Event()
        self._value: Any = None
        self._error: BaseException | None = None
        # A task of its own: a subscriber that leaves must not cancel it for the others.
        task = asyncio.get_running_loop().create_task(
            self._run(make), context=contextvars.Context()
        )
        _running.add(task)
        task.add_done_callback(_running.discard)

    async def _run(self, make: Callable[[], Awaitable[Any]]) -> None:
        try:
            self._value = await make()
        except BaseException as error:
            self._error = error
            if not isinstance(error, Exception):
                raise
        finally:
            assert self._ready is not None
            ready, self._ready = self._ready, None
            ready.set()

    async def get(self) -> Any:
        """Wait for it; whoever comes later gets it at once."""
        if self._ready is not None:
            await self._ready.wait()
        if self._error is not None:
            raise self._error
        return self._value


Memo = dict[Any, Made]
_running: set[asyncio.Task[None]] = set()


async def once(memo: Memo, key: Any, make: Callable[[], Awaitable[Any]]) -> Any:
    """Make something the first time that anybody wants it."""
    found = memo.get(key)
    if found is None:
        found = memo[key] = Made(make)
    return await found.get()


@dataclass(slots=True, kw_only=True, eq=False)
class Event:
    """A row of the journal on its way to subscribers; what it leads to is made once for all."""

    position: int
    change: Change
    row: dict[str, Any] = field(default_factory=dict)
    made: Memo = field(default_factory=dict)

    async def once(self, key: Any, make: Callable[[], Awaitable[Any]]) -> Any:
        """Make something of this event the first time that anybody wants it."""
        return await once(self.made, key, make)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which changes a subscriber wants; None stands for all."""

    integrations: frozenset[UUID] | None = None
    entities: frozenset[Entity] | None = None
    heartbeats: bool = False

    def takes(self, event: Event) -> bool:
        """Tell whether a change is wanted."""
        if self.integrations is not None and event.row["integration_id"] not in self.integrations:
            return False
        return self.entities is None or event.change.entity in self.entities


class Tap:
    """The queue of one subscriber."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.lost = False
        self.quiet_since = time.monotonic()
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue(QUEUE)

    def put(self, event: Event) -> None:
        """Queue an event; a full queue is emptied and the subscriber told to read by itself."""
        if self.lost:
            return
        if self._queue.full():
            self.lost = True
            while not self._queue.empty():
                self._queue.get_nowait()
            self._queue.put_nowait(None)
            return
        self._queue.put_nowait(event)
        self.quiet_since = time.monotonic()

    def end(self) -> None:
        """Let the subscriber finish."""
        if self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(None)

    async def get(self) -> Event | None:
        """Wait for the next event; None means: read the journal yourself, or the end."""
        return await self._queue.get()


class Hub:
    """Reads the journal once for everybody."""

    def __init__(
        self, *, redis: Redis, clock: Clock = utc_now, heartbeat: float = HEARTBEAT_SECONDS
    ) -> None:
        self.clock = clock
        self.heartbeat = heartbeat
        self.position = 0
        self.closed = False
        self.rings = 0
        self._redis = redis
        self._taps: set[Tap] = set()
        self._rung = asyncio.Event()
        self._made: Memo = {}
        self._task: asyncio.Task[None] | None = None
        self._known = False

    @property
    def subscribers(self) -> int:
        """How many subscribers there are."""
        return len(self._taps)

    async def start(self) -> None:
        """Begin to follow the journal."""
        context = contextvars.Context()
        self._task = asyncio.get_running_loop().create_task(self._follow(), context=context)

    async def stop(self) -> None:
        """End all subscriptions and stop following (L12)."""
        self.closed = True
        for tap in list(self._taps):
            tap.end()
        self._rung.set()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _follow(self) -> None:
        async for _ in bell.rings(self._redis):
            try:
                await self._look()
            except Exception as error:  # The next ring tries again; so does a lost database.
                log.warning("hub.failed error=%r", error, exc_info=not is_outage(error))
            self._ring()

    def _ring(self) -> None:
        self.rings += 1
        self._made.clear()
        self._rung.set()
        self._rung = asyncio.Event()

    async def _look(self) -> None:
        if not self._known:
            self.position, self._known = await journal.position(), True
        if await _unstamped():
            await journal.stamp()
        if not self._taps:
            self.position = await journal.position()
            return
        while rows := await database.rows(_READ, self.position, None, None, BATCH):
            self._send(rows)
        self._beat()

    def _send(self, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            event = event_of(row)
            for tap in self._taps:
                if tap.wanted.takes(event):
                    tap.put(event)
            self.position = event.position

    def _beat(self) -> None:
        now = time.monotonic()
        late = [
            tap
            for tap in self._taps
            if tap.wanted.heartbeats and now - tap.quiet_since >= self.heartbeat
        ]
        if late:
            change = mark(HEARTBEAT, position=self.position, at=self.clock())
            event = Event(position=self.position, change=change)
            for tap in late:
                tap.put(event)

    async def ring_after(self, seen: int) -> int:
        """Wait until the bell has rung again; returns the number of the newest ring."""
        while self.rings == seen and not self.closed:
            await self._rung.wait()
        return self.rings

    async def once(self, key: Any, make: Callable[[], Awaitable[Any]]) -> Any:
        """Make something once between two rings, for all who want the same."""
        return await once(self._made, key, make)

    @contextmanager
    def tap(self, wanted: Wanted) -> Iterator[Tap]:
        """Open a queue; it is closed when the subscriber leaves (L11)."""
        tap = Tap(wanted)
        self._taps.add(tap)
        try:
            yield tap
        finally:
            self._taps.discard(tap)

    async def follow(self, wanted: Wanted, *, after: int | None) -> AsyncIterator[Event]:
        """Yield every wanted change after a place, each once and in order.

        The queue is opened before the journal is read, so that nothing falls between the two.
        """
        place = after if after is not None else await self.now()
        while not self.closed:
            with self.tap(wanted) as tap:
                async for event in _stored(wanted, place):
                    yield event
                    place = event.position
                while (event_or_end := await tap.get()) is not None:
                    beat = event_or_end.change.kind == HEARTBEAT
                    if beat or event_or_end.position > place:
                        yield event_or_end
                    place = max(place, event_or_end.position)

    async def now(self) -> int:
        """Return the place after everything that has been committed."""
        if await _unstamped():
            await journal.stamp()
        return await journal.position()


async def _unstamped() -> bool:
    found = await database.rows("SELECT 1 FROM change WHERE position IS NULL LIMIT 1")
    return bool(found)


async def _stored(wanted: Wanted, place: int) -> AsyncIterator[Event]:
    integrations = None if wanted.integrations is None else list(wanted.integrations)
    entities = None if wanted.entities is None else [one.value for one in wanted.entities]
    while rows := await database.rows(_READ, place, integrations, entities, BATCH):
        for row in rows:
            yield event_of(row)
        place = rows[-1]["position"]


def event_of(row: dict[str, Any]) -> Event:
    """Make an event from a row of the journal."""
    return Event(position=row["position"], change=change_type(row), row=row)
