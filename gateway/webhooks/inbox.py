"""The inbox: stores verified webhooks, many in one commit (W1, W8).

The first event that waits starts a writer; whatever arrives while it commits goes into its next
batch, so the commits are shared when many arrive and nothing is delayed when few do.
"""

import asyncio
import contextvars
from collections.abc import Sequence

from gateway.outage import is_outage
from gateway.webhooks.event import Event
from gateway.webhooks.refusal import Crowded
from gateway.webhooks.store import Outcome, store

BATCH = 200
MOST_WAITING = 2000
STORE_SECONDS = 10.0

Waiting = tuple[Event, asyncio.Future[Outcome]]


class Inbox:
    """Takes events to be stored; an answer means that the event is committed."""

    def __init__(self) -> None:
        self._waiting: list[Waiting] = []
        self._writer: asyncio.Task[None] | None = None

    async def put(self, event: Event) -> Outcome:
        """Wait until an event is stored.

        Raises Crowded when too many wait, and what the database raises.
        """
        if len(self._waiting) >= MOST_WAITING:
            raise Crowded("Too many webhooks are waiting; try again soon.")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Outcome] = loop.create_future()
        self._waiting.append((event, answer))
        if self._writer is None:
            # The writer outlives the request that started it and belongs to none.
            self._writer = loop.create_task(self._write(), context=contextvars.Context())
        return await answer

    async def close(self) -> None:
        """Wait until everything that was taken is stored or refused."""
        if self._writer is not None:
            await self._writer

    async def _write(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                await _store_batch(batch)
        finally:
            self._writer = None


async def _store_batch(batch: Sequence[Waiting]) -> None:
    """Store a batch; when one event spoils it, each is stored by itself."""
    try:
        await _store(batch)
    except Exception as error:
        if is_outage(error) or len(batch) == 1:
            _refuse(batch, error=error)
            return
        for one in batch:
            await _store_batch([one])


async def _store(batch: Sequence[Waiting]) -> None:
    async with asyncio.timeout(STORE_SECONDS):
        outcomes = await store([event for event, _ in batch])
    for event, answer in batch:
        if not answer.done():
            answer.set_result(outcomes[event.id])


def _refuse(batch: Sequence[Waiting], *, error: Exception) -> None:
    for _, answer in batch:
        if not answer.done():
            answer.set_exception(error)
