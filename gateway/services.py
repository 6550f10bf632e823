"""What the gateway's handlers work with: the stores and the journal's hub, opened once."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from arq.connections import ArqRedis

from gateway.connect import IN_PROCESS, open_redis
from gateway.metrics import Metrics
from gateway.quota import Attempts, Flights, Rates
from schema import database
from schema.clock import Clock, utc_now
from schema.errors import ConfigError
from schema.queue import Doorbell
from schema.secrets import Vault
from schema.settings import Settings

if TYPE_CHECKING:
    from gateway.graphql.hub import Hub

log = logging.getLogger(__name__)

KNOCK_SECONDS = 10.0
PAUSE_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The open stores and helpers of one gateway process."""

    settings: Settings
    redis: ArqRedis
    doorbell: Doorbell
    vault: Vault
    hub: Hub
    clock: Clock = utc_now
    knocker: Knocker
    metrics: Metrics
    rates: Rates
    attempts: Attempts
    operations: Flights
    subscriptions: Flights


class Knocker:
    """Rings the doorbell beside the answer, at most one knock at a time per integration."""

    def __init__(self, doorbell: Doorbell) -> None:
        self._doorbell = doorbell
        self._again: dict[UUID, bool] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def knock(self, integration_id: UUID) -> None:
        """Ring soon without waiting; call it after the commit. A lost Redis delays no answer."""
        if integration_id in self._again:
            self._again[integration_id] = True
            return
        self._again[integration_id] = False
        # A task inherits the caller's transaction, which is over when the task runs.
        task = asyncio.get_running_loop().create_task(
            self._ring(integration_id), context=contextvars.Context()
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Drop the knocks under way: the worker's sweep finds the rows."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _ring(self, integration_id: UUID) -> None:
        """Ring at once; however many asked meanwhile, ring once more after a pause."""
        try:
            await self._knock_once(integration_id)
            while self._again[integration_id]:
                await asyncio.sleep(PAUSE_SECONDS)
                self._again[integration_id] = False
                await self._knock_once(integration_id)
        finally:
            del self._again[integration_id]

    async def _knock_once(self, integration_id: UUID) -> None:
        try:
            async with asyncio.timeout(KNOCK_SECONDS):
                await self._doorbell.ring(integration_id)
        except TimeoutError:
            log.warning("knock.failed error=Redis hangs")


def check(settings: Settings) -> None:
    """Refuse settings that must not go into production.

    Raises ConfigError with one sentence.
    """
    if not settings.secret_keys.strip():
        raise ConfigError("GATEWAY_SECRET_KEYS is not set; give at least one Fernet key.")
    Vault(settings.secret_keys)
    if settings.profile == "production" and settings.redis_url in IN_PROCESS:
        raise ConfigError(
            "REDIS_URL is not set, and the in-process Redis is not fit for production; "
            "give a redis:// address."
        )


@asynccontextmanager
async def open_services(
    settings: Settings, *, clock: Clock = utc_now, metrics: Metrics | None = None
) -> AsyncIterator[Services]:
    """Open the database and Redis and start the hub; close them in reverse.

    Raises ConfigError for refused settings, DatabaseUnreachable when PostgreSQL is away.
    """
    from gateway.graphql.hub import Hub

    check(settings)
    async with database.opened(settings.database_url, pool=settings.database_pool):
        redis = open_redis(settings.redis_url)
        doorbell = Doorbell(redis)
        hub, knocker = Hub(redis=redis, clock=clock), Knocker(doorbell)
        await hub.start()
        try:
            yield Services(
                settings=settings,
                redis=redis,
                doorbell=doorbell,
                vault=Vault(settings.secret_keys),
                hub=hub,
                clock=clock,
                knocker=knocker,
                metrics=metrics or Metrics(),
                rates=_rates(settings, redis),
                attempts=Attempts(per_minute=settings.failed_keys_per_minute),
                operations=Flights(limit=settings.operations_at_once, words="operations under way"),
                subscriptions=Flights(
                    limit=settings.subscriptions_at_once, words="subscriptions open"
                ),
            )
        finally:
            await hub.stop()
            await knocker.close()
            await redis.aclose()


def _rates(settings: Settings, redis: ArqRedis) -> Rates:
    """A Redis inside this process has nobody to share the buckets with."""
    alone = settings.redis_url in IN_PROCESS
    return Rates(rate=settings.rate_points, redis=None if alone else redis)
