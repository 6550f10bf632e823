"""Tells a lost database from a mistake of ours."""

import asyncpg
from tortoise.exceptions import DBConnectionError

_LOST = (
    DBConnectionError,
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
)


def is_outage(error: BaseException) -> bool:
    """Tell whether an error, or what it was raised from, means that PostgreSQL is away."""
    seen: BaseException | None = error
    for _ in range(5):
        if seen is None:
            return False
        if isinstance(seen, _LOST):
            return True
        seen = seen.__cause__
    return False
