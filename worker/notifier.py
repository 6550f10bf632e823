"""Stamps the journal and rings the bell soon after a commit, once for many commits."""

import asyncio
import logging

from redis.asyncio import Redis

from schema import bell, journal

log = logging.getLogger(__name__)


class Notifier:
    """One background task per worker process; `touch` is cheap and never fails."""

    def __init__(self, redis: Redis, *, pause: float = 0.02) -> None:
        self._redis, self._pause = redis, pause
        self._touched = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to listen for commits."""
        self._task = asyncio.create_task(self._run(), name="notifier")

    async def stop(self) -> None:
        """Stamp what is left and end."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.flush()

    def touch(self) -> None:
        """Say that something was committed."""
        self._touched.set()

    async def flush(self) -> None:
        """Stamp and ring now."""
        try:
            await journal.stamp()
        except Exception as error:
            # The next commit or a reader stamps instead; readers see no gap meanwhile.
            log.warning("journal.stamp_failed error=%s", error)
        await bell.ring(self._redis)

    async def _run(self) -> None:
        while True:
            await self._touched.wait()
            self._touched.clear()
            try:
                await self.flush()
            except Exception:
                log.exception("notifier.failed")
            await asyncio.sleep(self._pause)
