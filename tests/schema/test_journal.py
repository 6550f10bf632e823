"""The journal: one order for all readers, with no gap and no latecomer below a cursor (J14)."""

import asyncio
from uuid import UUID

import asyncpg
import pytest

from schema import journal
from schema.clock import utc_now
from schema.ids import new_id
from schema.models import Change, Integration
from schema.words import Entity

INSERT = """
INSERT INTO change (integration_id, entity, record_id, kind, fields_changed, actor, reason, at)
VALUES ($1, 'CUSTOMER', $2, $3, '[]', 'test', '', now())
"""


async def add(integration: Integration, kind: str, record_id: UUID | None = None) -> None:
    """Append a row in a transaction of its own."""
    await Change.create(
        integration_id=integration.id,
        entity=Entity.CUSTOMER,
        record_id=record_id or new_id(),
        kind=kind,
        actor="test",
        at=utc_now(),
    )


async def kinds(after: int = 0) -> list[str]:
    """Read the kinds of the rows after a position."""
    return [row.kind for row in await journal.read(after=after, limit=1000)]


class TestStamping:
    async def test_numbers_rows_in_the_order_of_their_ids(self, integration: Integration) -> None:
        for kind in ("a", "b", "c"):
            await add(integration, kind)

        assert await journal.stamp() == 3
        rows = await journal.read(after=0, limit=10)
        assert [(row.kind, row.position) for row in rows] == [("a", 1), ("b", 2), ("c", 3)]

    async def test_numbers_each_row_once(self, integration: Integration) -> None:
        await add(integration, "a")

        assert await journal.stamp() == 1
        assert await journal.stamp() == 0
        assert await journal.position() == 1

    async def test_of_nothing_leaves_the_counter_alone(self, opened: str) -> None:
        assert await journal.stamp() == 0
        assert await journal.position() == 0

    async def test_hides_rows_that_are_not_stamped(self, integration: Integration) -> None:
        await add(integration, "a")

        assert await kinds() == []


class TestLateCommit:
    async def test_of_a_long_transaction_is_read_after_what_was_read(
        self, integration: Integration, opened: str
    ) -> None:
        slow = await asyncpg.connect(opened)
        try:
            transaction = slow.transaction()
            await transaction.start()
            await slow.execute(INSERT, integration.id, new_id(), "slow")
            await add(integration, "quick")
            await journal.stamp()
            seen = await journal.read(after=0, limit=10)
            await transaction.commit()
            await journal.stamp()
        finally:
            await slow.close()

        assert [row.kind for row in seen] == ["quick"]
        assert await kinds(after=seen[-1].position) == ["slow"]

    async def test_does_not_hold_the_stamper_up(
        self, integration: Integration, opened: str
    ) -> None:
        slow = await asyncpg.connect(opened)
        try:
            async with slow.transaction():
                await slow.execute(INSERT, integration.id, new_id(), "slow")
                await add(integration, "quick")

                assert await asyncio.wait_for(journal.stamp(), timeout=2) == 1
        finally:
            await slow.close()


class TestConcurrentCommits:
    async def test_reach_a_reader_that_follows_the_cursor_once_each(
        self, integration: Integration, opened: str
    ) -> None:
        read: list[str] = []
        done = asyncio.Event()

        async def write(name: str) -> None:
            connection = await asyncpg.connect(opened)
            try:
                for turn in range(20):
                    async with connection.transaction():
                        await connection.execute(INSERT, integration.id, new_id(), f"{name}{turn}")
                        await asyncio.sleep(0)
            finally:
                await connection.close()

        async def stamp() -> None:
            while not done.is_set():
                await asyncio.gather(journal.stamp(), journal.stamp())

        async def follow() -> None:
            cursor = 0
            while not (done.is_set() and cursor == await journal.position()):
                for row in await journal.read(after=cursor, limit=7):
                    assert row.position == cursor + 1
                    cursor = row.position
                    read.append(row.kind)

        follower, stamper = asyncio.create_task(follow()), asyncio.create_task(stamp())
        await asyncio.gather(*(write(name) for name in "abcd"))
        await journal.stamp()
        done.set()
        await asyncio.gather(follower, stamper)

        assert sorted(read) == sorted(f"{name}{turn}" for name in "abcd" for turn in range(20))


class TestReading:
    async def test_can_be_limited_to_integrations_and_records(
        self, integration: Integration
    ) -> None:
        other = await Integration.create(name="Other")
        record = new_id()
        await add(integration, "mine", record)
        await add(integration, "also mine")
        await add(other, "theirs")
        await journal.stamp()

        mine = await journal.read(after=0, limit=10, integration_ids=[integration.id])
        one = await journal.read(after=0, limit=10, record_id=record)

        assert [row.kind for row in mine] == ["mine", "also mine"]
        assert [row.kind for row in one] == ["mine"]
        assert await journal.read(after=0, limit=10, integration_ids=[]) == []


class TestCursor:
    @pytest.mark.parametrize("place", [0, 1, 42, 10**17])
    def test_round_trips(self, place: int) -> None:
        assert journal.read_cursor(journal.write_cursor(place)) == place

    def test_does_not_show_its_number(self) -> None:
        assert "42" not in journal.write_cursor(42)

    @pytest.mark.parametrize(
        "text",
        ["", "42", "ajI6MQ", "!!!", "ajE6", "ajE6LTE", "ajE6MTIzNDU2Nzg5MDEyMzQ1Njc4OTA", "å"],
    )
    def test_that_we_did_not_give_out_is_refused(self, text: str) -> None:
        with pytest.raises(journal.BadCursor):
            journal.read_cursor(text)
