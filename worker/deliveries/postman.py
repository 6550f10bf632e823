"""The postman: one always-on loop per worker that brings changes to subscribers.

It stands outside of the leases: a subscriber has a queue of its own, whoever holds an integration.
"""

import asyncio
import logging
import time
from functools import partial
from uuid import UUID

from redis.asyncio import Redis

from schema import bell, database
from schema.clock import Clock
from schema.deliveries import DeliveryState, valid_secrets
from schema.money import dumps
from schema.secrets import SecretUnreadable, Vault
from schema.settings import Settings
from worker.deliveries import queue
from worker.deliveries.ladder import wait_after
from worker.deliveries.queue import Claimed
from worker.deliveries.send import Answer, make_client, send

log = logging.getLogger(__name__)

AT_ONCE = 8
# Between two looks, however often the bell rings, in seconds.
BREATH = 0.05
TIDY = 600.0
GONE = 410


class Postman:
    """The deliveries of one worker process."""

    def __init__(self, *, settings: Settings, vault: Vault, clock: Clock, redis: Redis) -> None:
        self._vault, self._clock, self._redis = vault, clock, redis
        self._local = settings.webhook_targets == "any"
        self._client = make_client(local=self._local)
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(AT_ONCE)
        self._stopping = False

    async def run(self) -> None:
        """Deliver whenever the bell rings, and every second without it (J1)."""
        tidied = time.monotonic()
        async for _ in bell.rings(self._redis):
            try:
                await self.look()
                if time.monotonic() - tidied > TIDY:
                    await queue.forget_old()
                    tidied = time.monotonic()
            except Exception as error:
                log.warning("deliveries.failed error=%s", error or type(error).__name__)
            await asyncio.sleep(BREATH)

    async def look(self) -> None:
        """Begin to serve every subscriber who is due and not served already; returns at once."""
        for subscriber_id in await queue.due():
            if subscriber_id not in self._tasks:
                task = asyncio.create_task(self._serve(subscriber_id))
                self._tasks[subscriber_id] = task
                task.add_done_callback(partial(self._ended, subscriber_id))

    async def settle(self) -> None:
        """Wait until everything that is due has been tried."""
        await self.look()
        while self._tasks:
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def stop(self, *, limit: float = 5.0) -> None:
        """End; a message that is cut off is sent again later, with the same id."""
        self._stopping = True
        if self._tasks:
            _, left = await asyncio.wait(self._tasks.values(), timeout=limit)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
        await self._client.aclose()

    def _ended(self, subscriber_id: UUID, task: asyncio.Task[None]) -> None:
        self._tasks.pop(subscriber_id, None)
        error = None if task.cancelled() else task.exception()
        if error is not None and database.lost(error):
            log.warning("deliveries.database_lost subscriber=%s error=%s", subscriber_id, error)
        elif error is not None:
            log.error("deliveries.surprise subscriber=%s", subscriber_id, exc_info=error)

    async def _serve(self, subscriber_id: UUID) -> None:
        """Send what is due to one subscriber, one after the other."""
        async with self._places:
            while not self._stopping:
                more = await queue.fill(subscriber_id)
                mine = await queue.claim(subscriber_id)
                if mine is not None:
                    await self._record(mine, await self._send(mine))
                elif not more:
                    return

    async def _send(self, mine: Claimed) -> Answer:
        now = self._clock()
        try:
            values = self._vault.open(integration_id=mine.subscriber_id, sealed=mine.secret)
        except SecretUnreadable as error:
            return Answer(error=str(error))
        return await send(
            self._client,
            url=mine.url,
            secrets=valid_secrets(values, at=now),
            message_id=mine.body["id"],
            content=dumps(mine.body).encode(),
            at=now,
            local=self._local,
        )

    async def _record(self, mine: Claimed, answer: Answer) -> None:
        log.info("delivery.tried id=%s try=%s status=%s", mine.id, mine.tries, answer.status)
        if answer.error is None:
            await queue.finish(
                mine, state=DeliveryState.DELIVERED, status=answer.status, error=None
            )
        elif mine.is_test:
            await queue.finish(
                mine, state=DeliveryState.FAILED, status=answer.status, error=answer.error
            )
        else:
            await _failed(mine, answer, answer.error)


async def _failed(mine: Claimed, answer: Answer, error: str) -> None:
    """Wait for the next try, or give up and switch the subscriber off."""
    wait = None if answer.status == GONE else wait_after(mine.tries, asked=answer.wait)
    if wait is not None:
        await queue.later(mine, status=answer.status, error=error, wait=wait)
        return
    reason = (
        "The address answered 410: it wants nothing any more."
        if answer.status == GONE
        else f"{mine.tries} tries failed within a day. The last: {error}"
    )
    log.warning("subscriber.disabled subscriber=%s why=%s", mine.subscriber_id, reason)
    await queue.fail_for_good(mine, status=answer.status, error=error, reason=reason)
