"""The connection to PostgreSQL: opened once per process, transactions at the edge of each job."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncpg
from tortoise import Tortoise
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection
from tortoise.exceptions import DBConnectionError, TransactionManagementError
from tortoise.transactions import in_transaction

from schema.errors import ConfigError

MODELS = {"models": ["schema.models"]}
# A process that stands still inside a transaction would keep its locks, the lease's among them.
IDLE_LIMIT = "20s"
_LOST = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.InvalidTransactionStateError,
    DBConnectionError,
    TransactionManagementError,
)


class DatabaseUnreachable(ConfigError):
    """PostgreSQL does not answer, or is not what we need."""

    code = "database_unreachable"


def credentials(url: str) -> dict[str, Any]:
    """Split a postgresql:// address into the parts that asyncpg wants.

    Raises ConfigError for any other kind of address.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ConfigError("DATABASE_URL must start with postgresql://")
    return {
        "host": unquote(parts.hostname or "127.0.0.1"),
        "port": parts.port or 5432,
        "user": unquote(parts.username or "postgres"),
        "password": unquote(parts.password or ""),
        "database": unquote(parts.path.lstrip("/") or "postgres"),
    }


def configuration(url: str, *, pool: int = 10) -> dict[str, Any]:
    """Return the Tortoise configuration for one database."""
    options = credentials(url) | {"minsize": 1, "maxsize": pool, "command_timeout": 60}
    options["server_settings"] = {"idle_in_transaction_session_timeout": IDLE_LIMIT}
    options["reset"] = _as_it_is
    return {
        "connections": {"default": {"engine": "schema.postgres", "credentials": options}},
        "apps": {"models": {"models": MODELS["models"], "default_connection": "default"}},
        "use_tz": True,
        "timezone": "UTC",
    }


async def _as_it_is(connection: Any) -> None:
    """Give a connection back without a round trip.

    We leave nothing in a session (no SET, LISTEN or session lock), and asyncpg has rolled an open
    transaction back before it comes here; its own reset doubled the statements of a sync.
    """


@asynccontextmanager
async def opened(url: str, *, pool: int = 10) -> AsyncIterator[None]:
    """Open the database for this process; close it at the end.

    Raises DatabaseUnreachable with one sentence when PostgreSQL does not answer.
    """
    await Tortoise.init(config=configuration(url, pool=pool), _enable_global_fallback=True)
    try:
        await connection().execute_query("SELECT 1")
    except Exception as error:
        await Tortoise.close_connections()
        raise DatabaseUnreachable(f"PostgreSQL does not answer: {error}") from error
    try:
        yield
    finally:
        await Tortoise.close_connections()


def lost(error: BaseException) -> bool:
    """Tell whether an error says that PostgreSQL went away, restarted or gave up a transaction.

    Nothing is wrong with what was asked for then: the same work succeeds later.
    """
    return isinstance(error, _LOST)


def connection() -> BaseDBAsyncClient:
    """Return the connection of the running transaction, or the pool."""
    return get_connection("default")


def transaction() -> Any:
    """Open a transaction; nested ones are savepoints."""
    return in_transaction("default")


async def rows(sql: str, *values: Any) -> list[dict[str, Any]]:
    """Run one statement and return its rows as dictionaries, also those of RETURNING."""
    # `execute_query` drops the rows of INSERT, UPDATE and DELETE (Tortoise 1.1.9).
    return list(await connection().execute_query_dict(sql, list(values)))


async def execute(sql: str, *values: Any) -> int:
    """Run one statement and return how many rows it touched."""
    # `execute_query` reads "INSERT 0 5" as 0 and counts nothing behind WITH (Tortoise 1.1.9).
    async with connection().acquire_connection() as raw:
        status = str(await raw.execute(sql, *values))
    count = status.rpartition(" ")[2]
    return int(count) if count.isdigit() else 0
