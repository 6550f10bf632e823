"""When a request may leave: pace, requests in flight, hold-backs, retry budget, circuit breaker.

Nothing here knows HTTP; waits are in seconds of the event loop's clock.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from worker.vendors.records import Usage

Sleep = Callable[[float], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How hard a client tries; seconds that are ours (not the vendor's) shrink with `time_scale`.

    `patience` is what one call may spend on waiting before it gives up; a vendor's own
    `Retry-After` is obeyed in full or not at all.
    """

    in_flight: int = 1
    per_second: float | None = None
    tries: int = 4
    patience: float = 90.0
    first_wait: float = 1.0
    longest_wait: float = 30.0
    spare_retries: float = 20.0
    retries_per_call: float = 0.5
    breaks_after: int = 12
    breaks_for: float = 15.0
    time_scale: float = 1.0


class HeldBack(Exception):
    """The gate stays shut for longer than the caller is ready to wait; never leaves the room."""

    def __init__(self, *, wait: float, broken: bool) -> None:
        self.wait, self.broken = wait, broken
        super().__init__(f"held back for {wait:g} s")


class Gate:
    """Lets requests of one client out, never more and never faster than its budget says."""

    def __init__(self, budget: Budget, *, usage: Usage, sleep: Sleep = asyncio.sleep) -> None:
        self._budget = budget
        self._usage = usage
        self._sleep = sleep
        self._slots = asyncio.Semaphore(budget.in_flight)
        self._next_at = 0.0
        self._held_until = 0.0
        self._broken = False
        self._refusals = 0
        self._failures = 0
        self._spare = budget.spare_retries

    @asynccontextmanager
    async def turn(self, *, until: float) -> AsyncIterator[None]:
        """Wait for our turn, and keep it while the request is under way.

        Raises HeldBack when the turn would come after `until`.
        """
        try:
            async with asyncio.timeout_at(until):
                await self._slots.acquire()
        except TimeoutError as error:
            raise HeldBack(wait=1.0, broken=False) from error
        try:
            await self._pass(until)
            self._spare = min(
                self._budget.spare_retries, self._spare + self._budget.retries_per_call
            )
            yield
        finally:
            self._slots.release()

    async def _pass(self, until: float) -> None:
        while True:
            now = asyncio.get_running_loop().time()
            if self._held_until > now:
                if self._broken:
                    raise HeldBack(wait=self._held_until - now, broken=True)
                await self._wait(self._held_until - now, until=until)
                continue
            wait = self._reserve(now)
            if wait <= 0:
                return
            await self._wait(wait, until=until)
            if self._held_until <= asyncio.get_running_loop().time():
                return

    def _reserve(self, now: float) -> float:
        rate = self._budget.per_second
        if not rate:
            return 0.0
        # One step of credit makes up for a sleep that ran late; more would be a burst.
        at = max(self._next_at, now - 1 / rate)
        self._next_at = at + 1 / rate
        return at - now

    async def _wait(self, seconds: float, *, until: float) -> None:
        if asyncio.get_running_loop().time() + seconds > until:
            raise HeldBack(wait=seconds, broken=self._broken)
        self._usage.waits += seconds
        await self._sleep(seconds)

    def refused(self, *, wait: float | None) -> float:
        """Hold back every request after a 429; answer for how long."""
        self._refusals += 1
        seconds = wait or self.backoff(self._refusals - 1)
        self._hold(seconds)
        return seconds

    def answered(self) -> None:
        """Note that the vendor is there and let us in."""
        self._refusals = self._failures = 0
        self._broken = False

    def failed(self) -> None:
        """Note that the vendor gave no usable answer; many in a row shut the gate for a while."""
        self._failures += 1
        if self._failures >= self._budget.breaks_after:
            self._failures = self._budget.breaks_after - 1
            self._broken = True
            self._hold(self._budget.breaks_for * self._budget.time_scale)

    def may_retry(self) -> bool:
        """Take one retry out of the budget, if there is one left."""
        if self._spare < 1:
            return False
        self._spare -= 1
        self._usage.retries += 1
        return True

    def backoff(self, attempt: int) -> float:
        """Return an exponential wait with full jitter."""
        budget = self._budget
        longest = min(budget.longest_wait, budget.first_wait * 2.0**attempt)
        return random.uniform(0, longest) * budget.time_scale

    async def pause(self, seconds: float, *, until: float) -> None:
        """Wait before a retry.

        Raises HeldBack when the wait would end after `until`.
        """
        await self._wait(seconds, until=until)

    def _hold(self, seconds: float) -> None:
        now = asyncio.get_running_loop().time()
        self._held_until = max(self._held_until, now + seconds)
