"""A lost PostgreSQL: what failed leaves nothing behind, and the same task goes on afterwards."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from schema import database
from schema.models import Integration
from schema.words import IntegrationState

_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


async def cut_every_session(url: str) -> None:
    """End every session of a database, as a restart of the server does."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_OTHERS)
    finally:
        await connection.close()


async def _nothing() -> None:
    """Do nothing in the middle of a transaction."""


async def failure_of(work: Callable[[], Awaitable[None]]) -> Exception | None:
    """Open a transaction and do something in it; return what it failed with, whatever it is."""
    try:
        async with database.transaction():
            await database.rows("SELECT 1")
            await work()
            await database.rows("SELECT 1")
    except Exception as error:
        return error
    return None


class TestLostDatabase:
    async def test_in_a_transaction_does_not_poison_the_task(self, opened: str) -> None:
        error = await failure_of(lambda: cut_every_session(opened))

        assert error is not None
        assert database.lost(error)
        async with database.transaction():
            assert await database.rows("SELECT 1 AS one")

    async def test_before_a_transaction_does_not_use_up_the_pool(self, opened: str) -> None:
        """A BEGIN that fails gives its connection back, however often that happens."""
        for _ in range(30):
            await cut_every_session(opened)
            error = await failure_of(_nothing)
            assert error is None or database.lost(error), error

        async with asyncio.timeout(5), database.transaction():
            assert await database.rows("SELECT 1 AS one")

    async def test_cancelled_at_begin_gives_its_connection_back(self, opened: str) -> None:
        async def begin() -> None:
            async with database.transaction():
                await asyncio.sleep(1)

        for pause in (0, 0.0005, 0.001, 0.002, 0.005) * 6:
            task = asyncio.create_task(begin())
            await asyncio.sleep(pause)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        async with asyncio.timeout(5):
            await asyncio.gather(*(database.rows("SELECT 1") for _ in range(10)))

    def test_is_told_from_a_fault_of_ours(self) -> None:
        assert not database.lost(ValueError("x"))
        assert not database.lost(asyncpg.UndefinedColumnError("x"))
        assert database.lost(asyncpg.AdminShutdownError("x"))
        assert database.lost(ConnectionRefusedError())


class TestStandingStill:
    async def test_in_a_transaction_ends_it(
        self, database: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A stopped process would keep the lease's row, and with it every other worker, waiting."""
        from schema import database as db

        monkeypatch.setattr(db, "IDLE_LIMIT", "200ms")
        async with db.opened(database):
            one = await Integration.create(name="Nordlys", state=IntegrationState.ACTIVE)

            async def stand_still() -> None:
                await Integration.filter(id=one.id).update(name="Held")
                await asyncio.sleep(0.5)

            error = await failure_of(stand_still)

            assert error is not None
            assert db.lost(error)
            assert (await Integration.get(id=one.id)).name == "Nordlys"
