"""The bell: a Redis message that says the journal or a run has moved. It carries no data.

Readers look into PostgreSQL when it rings, and every second without it, so a lost ring is
only slower.
"""

import asyncio
import logging
from collections.abc import AsyncIterator

from redis.asyncio import Redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

CHANNEL = "severa-gateway:bell"


async def ring(redis: Redis) -> None:
    """Ring the bell; never raises."""
    try:
        await redis.publish(CHANNEL, b"1")
    except (RedisError, OSError) as error:
        log.warning("bell.failed error=%s", error)


async def rings(redis: Redis, *, at_least_every: float = 1.0) -> AsyncIterator[None]:
    """Yield whenever the bell rings, and after a pause without a ring."""
    while True:
        try:
            async with redis.pubsub() as listener:
                await listener.subscribe(CHANNEL)
                while True:
                    await listener.get_message(
                        ignore_subscribe_messages=True, timeout=at_least_every
                    )
                    yield None
        except (RedisError, OSError) as error:
            log.warning("bell.listener_failed error=%s", error)
            await asyncio.sleep(at_least_every)
            yield None
