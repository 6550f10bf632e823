"""Tortoise's PostgreSQL engine, with transactions that leave nothing behind when they fail.

Tortoise 1.1.9 keeps the broken connection for the whole task when BEGIN fails, and never gives it
back to its pool; after a restart of PostgreSQL a long task would fail for good. This module can go
when `TransactionContextPooled` cleans up by itself.
"""

from contextlib import suppress
from typing import Any

from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    TransactionalDBClient,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.connection import get_connections


class CleanTransaction(TransactionContextPooled):
    """A transaction whose connection always returns to the pool."""

    __slots__ = ()

    async def __aenter__(self) -> TransactionalDBClient:
        try:
            return await super().__aenter__()
        except BaseException:
            self._forget()
            await self._give_back()
            raise

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> None:
        try:
            await super().__aexit__(kind, error, trace)
        except BaseException:
            self._forget()
            raise

    def _forget(self) -> None:
        """Let the task see the pool again; the token may have been used up already."""
        with suppress(AttributeError, RuntimeError, ValueError):
            get_connections().reset(self.token)

    async def _give_back(self) -> None:
        pool, connection = self.client._parent._pool, self.client._connection
        if pool and connection is not None:
            with suppress(Exception):
                await pool.release(connection)


class Client(AsyncpgDBClient):
    """The client of our engine."""

    def _in_transaction(self) -> TransactionContext:
        return CleanTransaction(TransactionWrapper(self), self._pool_init_lock)


client_class = Client
