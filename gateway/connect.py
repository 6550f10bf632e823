"""The gateway's connection to Redis: made without asking whether Redis is there, since losing it
only makes things slower. Without an address it is a fakeredis inside this process.
"""

from typing import Any
from urllib.parse import unquote

from arq.connections import ArqRedis

from schema.errors import ConfigError
from schema.queue import deserialize, redis_settings, serialize

IN_PROCESS = ("", "memory://")


def open_redis(url: str) -> ArqRedis:
    """Return a pool that connects when it is first used.

    Raises ConfigError for an address that is not of Redis.
    """
    client = _in_process() if url in IN_PROCESS else ArqRedis(**_options(url))
    client.job_serializer = serialize
    client.job_deserializer = deserialize
    return client


def _options(url: str) -> dict[str, Any]:
    try:
        settings = redis_settings(url)
    except (RuntimeError, ValueError) as error:
        raise ConfigError(
            "REDIS_URL is no address of Redis; it must start with redis:// or rediss://."
        ) from error
    return {
        "host": settings.host,
        "port": settings.port,
        "unix_socket_path": settings.unix_socket_path,
        "db": settings.database,
        "username": unquote(settings.username) if settings.username else None,
        "password": unquote(settings.password) if settings.password else None,
        "ssl": settings.ssl,
        "ssl_check_hostname": settings.ssl_check_hostname,
        "socket_connect_timeout": settings.conn_timeout,
        "retry": settings.retry,
        "retry_on_error": settings.retry_on_error,
        "max_connections": settings.max_connections,
        "encoding": "utf8",
    }


def _in_process() -> ArqRedis:
    from fakeredis import FakeServer
    from fakeredis.aioredis import FakeAsyncRedisConnection
    from redis.asyncio import ConnectionPool

    pool = ConnectionPool(
        connection_class=FakeAsyncRedisConnection,
        server=FakeServer(),
        version=(7,),
        server_type="redis",
    )
    return ArqRedis(pool)
