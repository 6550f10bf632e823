"""When a request may leave."""

import asyncio

import pytest

from worker.vendors.gate import Budget, Gate, HeldBack
from worker.vendors.records import Usage


def gate(budget: Budget) -> Gate:
    return Gate(budget, usage=Usage())


def now() -> float:
    return asyncio.get_running_loop().time()


async def passes(door: Gate, *, within: float = 5.0) -> float:
    async with door.turn(until=now() + within):
        return now()


class TestPace:
    async def test_spreads_requests_evenly(self) -> None:
        door = gate(Budget(in_flight=10, per_second=100.0))

        times = sorted(await asyncio.gather(*(passes(door) for _ in range(11))))

        assert times[-1] - times[0] >= 0.085

    async def test_never_bursts_above_its_rate(self) -> None:
        door = gate(Budget(in_flight=10, per_second=200.0))
        await passes(door)
        await asyncio.sleep(0.05)

        times = sorted(await asyncio.gather(*(passes(door) for _ in range(6))))

        assert times[-1] - times[0] >= 0.015


class TestInFlight:
    async def test_lets_one_at_a_time_through(self) -> None:
        door = gate(Budget(in_flight=1))
        inside: list[int] = []

        async def visit() -> int:
            async with door.turn(until=now() + 5):
                inside.append(1)
                await asyncio.sleep(0)
                most = len(inside)
                inside.pop()
                return most

        assert max(await asyncio.gather(*(visit() for _ in range(5)))) == 1


class TestHoldBack:
    async def test_holds_every_request_after_a_refusal(self) -> None:
        door = gate(Budget(in_flight=4))
        door.refused(wait=0.05)
        started = now()

        times = await asyncio.gather(*(passes(door) for _ in range(4)))

        assert min(times) - started >= 0.05

    async def test_gives_up_when_the_wait_is_longer_than_the_patience(self) -> None:
        door = gate(Budget())
        door.refused(wait=60)

        with pytest.raises(HeldBack) as caught:
            await passes(door, within=1)

        assert caught.value.wait > 59

    async def test_backs_off_further_with_every_refusal_but_not_for_ever(self) -> None:
        door = gate(Budget(first_wait=1, longest_wait=30))

        longest = [max(door.backoff(attempt) for _ in range(200)) for attempt in range(8)]

        assert longest[0] <= 1 < longest[3] <= 8
        assert max(longest) <= 30


class TestBreaker:
    async def test_opens_after_many_failures_and_closes_after_an_answer(self) -> None:
        door = gate(Budget(breaks_after=3, breaks_for=0.05))
        for _ in range(3):
            door.failed()

        with pytest.raises(HeldBack) as caught:
            await passes(door)
        await asyncio.sleep(0.06)
        await passes(door)
        door.answered()

        assert caught.value.broken
        assert await passes(door) > 0

    async def test_runs_out_of_retries(self) -> None:
        door = gate(Budget(spare_retries=2, retries_per_call=0))

        assert [door.may_retry() for _ in range(3)] == [True, True, False]
