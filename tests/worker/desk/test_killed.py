"""Workers that are killed at any point: the next one ends in exactly one document (J3)."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from sandbox.world import World
from schema.models import Invoice, Job
from schema.words import InvoiceState, JobState
from tests.worker.conftest import Settled
from tests.worker.pair import Pair, opened, until

LEASE = 2.0
STEPS = ("invoice.create", "invoice.unhold", "invoice.release", "invoice.number")


@pytest.fixture
async def short(
    settled: Settled, settled_database: str, settled_world: World, redis_url: str
) -> AsyncIterator[Pair]:
    """A pair whose lease ends soon after its holder."""
    async with opened(
        settled_world,
        url=settled_database,
        redis_url=redis_url,
        integration_id=settled.integration_id,
        lease_seconds=LEASE,
    ) as pair:
        yield pair


async def numbered(guids: list[str]) -> bool:
    """Tell whether all invoices have their number in Severa."""
    states = await Invoice.filter(severa_id__in=guids).values_list("state", flat=True)
    return len(states) == len(guids) and set(states) == {InvoiceState.NUMBERED}


class TestKilledWorker:
    @pytest.mark.parametrize("moment", ["before", "after", "committed"])
    async def test_at_every_step_ends_in_one_document(self, short: Pair, moment: str) -> None:
        [guid] = await short.bill()
        await short.ask_for_a_run()
        for step in STEPS:
            async with short.worker(die_at=f"{step}.{moment}") as worker:
                code = await asyncio.wait_for(worker.wait(), timeout=30)
                assert code == -9, worker.tail()
        async with short.worker() as worker:
            await until(lambda: numbered([guid]), what=f"a number\n{worker.tail()}", limit=30)

        invoice = await short.invoice(guid)
        assert short.marked(guid) == [invoice.number]
        assert str(short.severa_invoice(guid)["number"]) == invoice.number
        assert (await short.summary())["numbers"]["missing"] == []


class TestLostRedis:
    async def test_loses_nothing(self, short: Pair) -> None:
        """J1: Redis carries knocks only."""
        guids = await short.bill(5)
        flushing = asyncio.create_task(_flush(str(short.settings.redis_url)))
        try:
            await short.ask_for_a_run()
            async with short.worker() as worker:
                await until(lambda: numbered(guids), what=f"numbers\n{worker.tail()}", limit=40)
        finally:
            flushing.cancel()

        assert [len(short.marked(guid)) for guid in guids] == [1] * 5
        assert not await Job.filter(state=JobState.DEAD).exists()


async def _flush(url: str) -> None:
    async with Redis.from_url(url) as redis:
        while True:
            await redis.flushall()
            await asyncio.sleep(0.1)
