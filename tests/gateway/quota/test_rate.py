"""Points per caller: shared in Redis by all processes, kept going without it (K6)."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from arq.connections import ArqRedis

from gateway.connect import open_redis
from gateway.quota import Rates, Standing, headers
from gateway.quota.bucket import SCRIPT


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[ArqRedis]:
    found = open_redis(redis_url)
    yield found
    await found.aclose()


@pytest.fixture
async def no_redis() -> AsyncIterator[ArqRedis]:
    found = open_redis("redis://127.0.0.1:1")
    yield found
    await found.aclose()


@pytest.fixture
def who() -> str:
    return f"key:{uuid4().hex}"


async def passed(rates: Rates, who: str, tries: int, cost: int = 1) -> int:
    standings = [await rates.take(who, cost) for _ in range(tries)]
    return sum(one is not None and one.allowed for one in standings)


class TestRates:
    async def test_give_a_full_bucket_to_all_processes_together(
        self, redis: ArqRedis, who: str
    ) -> None:
        first, second = (Rates(rate=0.5, redis=redis) for _ in range(2))

        assert await passed(first, who, 3) + await passed(second, who, 10) == 5

    async def test_give_no_more_than_there_is_to_many_at_once(
        self, redis: ArqRedis, who: str
    ) -> None:
        processes = [Rates(rate=10, redis=redis) for _ in range(4)]
        found = await asyncio.gather(*(one.take(who, 7) for one in processes * 20))
        allowed = sum(one is not None and one.allowed for one in found)

        # 100 points hold 14 times 7; what comes in during the test is at most one time more.
        assert 12 <= allowed <= 15

    async def test_come_back_with_time(self, redis: ArqRedis, who: str) -> None:
        rates = Rates(rate=20, redis=redis)
        assert await passed(rates, who, 1, 200) == 1
        refused = await rates.take(who, 4)
        await asyncio.sleep(0.3)

        assert refused is not None
        assert (refused.allowed, refused.retry_after) == (False, 1)
        assert await passed(rates, who, 1, 4) == 1

    async def test_refuse_again_without_asking_redis(self, redis: ArqRedis, who: str) -> None:
        rates = Rates(rate=0.1, redis=redis)
        assert await passed(rates, who, 2) == 1
        await redis.delete(f"gateway:rate:{who}")

        assert await passed(rates, who, 50) == 0

    async def test_ask_redis_once_per_portion(self, redis: ArqRedis, who: str) -> None:
        rates = Rates(rate=1000, redis=redis)
        await rates.take(who)
        # Whoever asked again would get a full bucket, and leave it behind.
        await redis.delete(f"gateway:rate:{who}")

        assert await passed(rates, who, 400) == 400
        assert await redis.exists(f"gateway:rate:{who}") == 0

    async def test_belong_to_one_caller(self, redis: ArqRedis, who: str) -> None:
        rates = Rates(rate=0.1, redis=redis)
        assert await passed(rates, who, 5) == 1

        assert await passed(rates, f"{who}2", 5) == 1

    async def test_charge_a_giant_as_a_full_bucket(self, redis: ArqRedis, who: str) -> None:
        assert await passed(Rates(rate=1, redis=redis), who, 2, 10**9) == 1

    async def test_limit_nobody_at_0(self, redis: ArqRedis, who: str) -> None:
        assert await Rates(rate=0, redis=redis).take(who, 10**9) is None

    async def test_are_forgotten_once_they_are_full(self, redis: ArqRedis, who: str) -> None:
        await Rates(rate=1, redis=redis).take(who)

        assert 0 < await redis.pttl(f"gateway:rate:{who}") <= 11_000

    async def test_survive_a_redis_that_lost_its_scripts(self, redis: ArqRedis, who: str) -> None:
        rates = Rates(rate=0.2, redis=redis)
        await rates.take(who)
        await redis.script_flush()

        assert await passed(rates, who, 5) == 1

    def test_take_one_round_trip(self) -> None:
        assert SCRIPT.count("'TIME'") == 1


class TestWithoutRedis:
    async def test_are_counted_in_the_process_and_logged_once(
        self, no_redis: ArqRedis, who: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        rates = Rates(rate=0.5, redis=no_redis)

        assert await passed(rates, who, 20) == 5
        assert await passed(rates, f"{who}2", 20) == 5
        assert [one.message.split()[0] for one in caplog.records] == ["rate.redis_away"]

    async def test_come_back_with_time(self, who: str) -> None:
        now = 0.0
        rates = Rates(rate=1, redis=None, timer=lambda: now)
        assert await passed(rates, who, 20) == 10
        now = 3.0

        assert await passed(rates, who, 20) == 3


class TestHeaders:
    def test_say_what_is_left(self) -> None:
        found = headers(Standing(allowed=True, size=50, left=20, full_in=6))

        assert found == [
            (b"ratelimit-policy", b'"points";q=50;w=10'),
            (b"ratelimit", b'"points";r=20;t=6'),
        ]
