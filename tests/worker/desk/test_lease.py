"""The lease: one holder at a time, and nothing counts that a former holder writes (J2)."""

import asyncio
from datetime import timedelta

import pytest

from schema.clock import utc_now
from schema.models import Customer, Lease
from tests.worker.pair import Pair, until
from worker import lease as leases
from worker.lease import LeaseLost


async def expire(pair: Pair) -> None:
    """Let the lease end as if its holder had stood still."""
    past = utc_now() - timedelta(seconds=1)
    await Lease.filter(integration_id=pair.integration.id).update(expires_at=past)


async def take(pair: Pair, *, seconds: float = 60) -> leases.Lease:
    """Take the lease, which must be free."""
    held = await leases.acquire(integration_id=pair.integration.id, holder="test", seconds=seconds)
    assert held is not None
    return held


class TestTaking:
    async def test_is_for_one_only(self, pair: Pair) -> None:
        takers = [
            leases.acquire(integration_id=pair.integration.id, holder=f"h{n}", seconds=60)
            for n in range(8)
        ]

        found = await asyncio.gather(*takers)

        assert len([lease for lease in found if lease is not None]) == 1

    async def test_raises_the_token_each_time(self, pair: Pair) -> None:
        first = await take(pair)
        await leases.release(first)
        second = await take(pair)
        await expire(pair)
        third = await take(pair)

        assert first.token < second.token < third.token

    async def test_gives_a_call_less_time_than_is_left(self, pair: Pair) -> None:
        held = await take(pair, seconds=40)

        assert held.remaining() <= 35


class TestFormerHolder:
    async def test_cannot_extend(self, pair: Pair) -> None:
        held = await take(pair)
        await expire(pair)

        with pytest.raises(LeaseLost):
            await held.extend()
        assert held.lost.is_set()

    async def test_cannot_give_back_what_another_holds(self, pair: Pair) -> None:
        old = await take(pair)
        await expire(pair)
        new = await take(pair)

        await leases.release(old)

        assert (await Lease.get(integration_id=pair.integration.id)).token == new.token
        await new.extend()

    async def test_has_its_writes_refused(self, pair: Pair) -> None:
        async with pair.context() as ctx:
            customer = await Customer.all().first()
            assert customer is not None
            await expire(pair)
            with pytest.raises(LeaseLost):
                async with ctx.transaction():
                    await Customer.filter(id=customer.id).update(name="Late")

        await customer.refresh_from_db()
        assert customer.name != "Late"

    async def test_has_its_writes_refused_after_another_took_over(self, pair: Pair) -> None:
        async with pair.context() as ctx:
            await expire(pair)
            new = await take(pair)
            with pytest.raises(LeaseLost):
                async with ctx.transaction():
                    pass
            await leases.release(new)


class TestKeeping:
    async def test_extends_as_long_as_the_body_runs(self, pair: Pair) -> None:
        held = await take(pair, seconds=4)
        before = held.until

        async def extended() -> bool:
            return held.until > before

        async with leases.kept(held):
            await until(extended, what="the lease to be extended")

        await leases.release(held)

    async def test_ends_the_body_when_the_lease_is_lost(self, pair: Pair) -> None:
        held = await take(pair, seconds=2)
        await expire(pair)

        with pytest.raises(LeaseLost):
            await _stand_under(held)


async def _stand_under(held: leases.Lease) -> None:
    async with leases.kept(held):
        await asyncio.sleep(20)
