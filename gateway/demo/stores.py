"""PostgreSQL and Redis of the demo: embedded ones, or those that the environment names."""

import asyncio
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError

from gateway.demo.together import together
from gateway.embedded.postgres import EmbeddedPostgres
from gateway.embedded.redis import EmbeddedRedis
from schema.errors import ConfigError
from schema.migrate import upgrade


class RedisUnreachable(ConfigError):
    """The Redis of REDIS_URL does not answer."""

    code = "redis_unreachable"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The Redis of REDIS_URL does not answer: {reason}")


class Stores:
    """Both stores; embedded ones live in the data directory and end with the demo."""

    def __init__(self, *, data_dir: Path, database_url: str, redis_url: str) -> None:
        """Take the addresses of real servers; an empty one asks for an embedded server."""
        self._given_database, self._given_redis = database_url, redis_url
        self._postgres = EmbeddedPostgres(data_dir=data_dir / "postgres", max_connections=100)
        self._redis = EmbeddedRedis(data_dir=data_dir / "redis")

    @property
    def database_url(self) -> str:
        """The address of the database."""
        return self._given_database or self._postgres.url

    @property
    def redis_url(self) -> str:
        """The address of Redis."""
        return self._given_redis or self._redis.url

    async def start(self) -> None:
        """Start what is embedded, try what is not, and migrate the database."""
        await together(self._start_database(), self._start_redis())

    async def stop(self) -> None:
        """Shut embedded servers down; their data stays."""
        await asyncio.gather(self._redis.stop(), self._postgres.stop())

    async def _start_database(self) -> None:
        if not self._given_database:
            await self._postgres.start()
        await upgrade(self.database_url)

    async def _start_redis(self) -> None:
        if self._given_redis:
            await _try_redis(self._given_redis)
        else:
            await self._redis.start()


async def _try_redis(url: str) -> None:
    try:
        client: Redis = Redis.from_url(url, socket_connect_timeout=5)
    except ValueError as error:
        raise ConfigError("REDIS_URL must start with redis:// or rediss://") from error
    try:
        await client.ping()
    except (RedisError, OSError) as error:
        raise RedisUnreachable(str(error)) from error
    finally:
        await client.aclose()
