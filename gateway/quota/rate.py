"""Points per caller (K6): a bucket in Redis that all gateways share, spent in local portions.

A process takes a portion at a time, so that most requests cost no round trip. A portion in hand
lets a caller go over its quota by a twentieth per process at most.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil

from arq.connections import ArqRedis
from redis.exceptions import RedisError

from gateway.quota.bucket import SCRIPT, Bucket, Taken

log = logging.getLogger(__name__)

WINDOW = 10
PORTIONS = 20
ACCOUNTS = 10_000
REDIS_SECONDS = 0.25
AWAY_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a caller stands after a charge: let through or not, and what is left."""

    allowed: bool
    size: int
    left: int
    full_in: int
    retry_after: int = 0


@dataclass(slots=True)
class _Account:
    bucket: Bucket
    hand: int = 0
    shared: int = 0
    at: float = 0.0
    dry_until: float = 0.0
    dry_cost: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Rates:
    """Charges callers of one process; a rate of 0 lets everybody through."""

    def __init__(
        self,
        *,
        rate: float,
        redis: ArqRedis | None,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self.rate = rate
        self.size = max(1, int(rate * WINDOW))
        self._script = None if redis is None else redis.register_script(SCRIPT)
        self._timer = timer
        self._accounts: OrderedDict[str, _Account] = OrderedDict()
        self._away_until = 0.0
        self._away = False

    async def take(self, who: str, cost: int = 1) -> Standing | None:
        """Charge a caller; None when nothing is limited.

        More than the bucket holds is charged as a full bucket, so that it passes some time.
        """
        if self.rate <= 0:
            return None
        cost = min(cost, self.size)
        account = self._account(who)
        if account.hand < cost and not self._dry(account, cost):
            async with account.turn:
                # Others may spend from the hand while this one waits for Redis.
                while account.hand < cost and not self._dry(account, cost):
                    await self._refill(who, account, cost)
        if account.hand < cost:
            wait = max(1, ceil(account.dry_until - self._timer()))
            return self._standing(account, retry_after=wait)
        account.hand -= cost
        return self._standing(account)

    def _account(self, who: str) -> _Account:
        found = self._accounts.get(who)
        if found is None:
            now = self._timer()
            bucket = Bucket(rate=self.rate, size=self.size, points=self.size, at=now)
            found = self._accounts[who] = _Account(bucket, at=now)
            if len(self._accounts) > ACCOUNTS:
                self._accounts.popitem(last=False)
        else:
            self._accounts.move_to_end(who)
        return found

    def _dry(self, account: _Account, cost: int) -> bool:
        """Tell whether the bucket refused as much already: saying no again costs nothing."""
        return cost >= account.dry_cost and self._timer() < account.dry_until

    async def _refill(self, who: str, account: _Account, cost: int) -> None:
        need = cost - account.hand
        want = max(need, self.size // PORTIONS)
        taken = await self._shared(who, need, want)
        if taken is None:
            taken = account.bucket.take(need, want, now=self._timer())
        account.hand += taken.given
        account.shared, account.at = taken.left, self._timer()
        account.dry_cost, account.dry_until = cost, account.at + taken.wait

    async def _shared(self, who: str, need: int, want: int) -> Taken | None:
        """Take from Redis; None while it is away, which must not close the API."""
        if self._script is None or self._timer() < self._away_until:
            return None
        try:
            async with asyncio.timeout(REDIS_SECONDS):
                given, left, wait = await self._script(
                    keys=[f"gateway:rate:{who}"], args=[self.rate, self.size, need, want]
                )
        except (RedisError, OSError, TimeoutError) as error:
            self._away_until = self._timer() + AWAY_SECONDS
            if not self._away:
                self._away = True
                log.warning("rate.redis_away error=%s", type(error).__name__)
            return None
        if self._away:
            self._away = False
            log.info("rate.redis_back")
        return Taken(given=given, left=left, wait=wait / 1000)

    def _standing(self, account: _Account, *, retry_after: int = 0) -> Standing:
        grown = (self._timer() - account.at) * self.rate
        left = min(self.size, int(account.shared + grown) + account.hand)
        return Standing(
            allowed=not retry_after,
            size=self.size,
            left=left,
            full_in=ceil((self.size - left) / self.rate),
            retry_after=retry_after,
        )
