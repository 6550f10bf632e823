"""Pulling page by page: a list that broke off goes on behind its last committed page (J8)."""

from dataclasses import replace

import pytest

from schema.models import Checkpoint, Sighting
from schema.words import Side
from tests.worker.pair import Pair
from worker.sync.pull import Source, pull
from worker.vendors.financials import FINANCIALS
from worker.vendors.severa import SEVERA


class Stop(Exception):
    """The process ends in the middle of a list."""


def in_small_pages(side: Side) -> Source:
    """Return the customers of a side, four to a page."""
    listed = SEVERA["customers"] if side is Side.SEVERA else FINANCIALS["customer"]
    return Source(side=side, endpoint=replace(listed, page_size=4))


def pages_read(pair: Pair, source: Source) -> int:
    """Count the pages of a list that were asked for."""
    return pair.world.log.counts()[source.side.lower()].get(source.endpoint.operation.name, 0)


@pytest.mark.parametrize("side", list(Side))
class TestPages:
    async def test_are_committed_one_by_one(self, pair: Pair, side: Side) -> None:
        source, seen = in_small_pages(side), 0
        await Sighting.filter(resource=source.resource).delete()

        async def stop_behind_the_second(rows: int, changed: int) -> None:
            nonlocal seen
            seen += rows
            if seen > 4:
                raise Stop

        async with pair.context() as ctx:
            with pytest.raises(Stop):
                await pull(ctx, source, full=True, count=stop_behind_the_second)

        assert await Sighting.filter(resource=source.resource).count() == seen
        mark = await Checkpoint.get(side=side.value, resource=source.resource)
        assert mark.resume is not None

    async def test_are_not_read_twice(self, pair: Pair, side: Side) -> None:
        source, turns = in_small_pages(side), 0

        async def count(rows: int, changed: int) -> None:
            nonlocal turns
            turns += 1
            if turns == 2:
                raise Stop

        async with pair.context() as ctx:
            before = pages_read(pair, source)
            with pytest.raises(Stop):
                await pull(ctx, source, full=True, count=count)
            broken_off = pages_read(pair, source) - before
            await pull(ctx, source, count=count)
            resumed = pages_read(pair, source) - before - broken_off
            await pull(ctx, source, full=True, count=count)
            whole = pages_read(pair, source) - before - broken_off - resumed

        # One page may be on its way already when a pull is broken off.
        assert broken_off in (2, 3)
        assert broken_off + resumed - whole in (0, 1)
        mark = await Checkpoint.get(side=side.value, resource=source.resource)
        assert mark.resume is None

    async def test_that_say_nothing_new_are_dropped(self, pair: Pair, side: Side) -> None:
        source = in_small_pages(side)

        async def count(rows: int, changed: int) -> None:
            assert rows <= 4

        async with pair.context() as ctx:
            await pull(ctx, source, full=True, count=count)

            assert await pull(ctx, source, full=True, count=count) == 0
