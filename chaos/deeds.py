"""Carrying faults out: at processes, stores and vendors."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from typing import Any

from chaos.house import House, restart_postgres
from chaos.options import LEASE_SECONDS
from chaos.plan import WEBHOOKS, Fault
from chaos.workers import Workers


class Deeds:
    """What was done so far; deeds that take time go on in the background."""

    def __init__(self, house: House, workers: Workers) -> None:
        self._house, self._workers = house, workers
        self._tasks: set[asyncio.Task[None]] = set()
        self._stores = asyncio.Lock()
        self._done: Counter[str] = Counter()
        self._planned: Counter[str] = Counter()
        workers.on_stop = self._twin

    @property
    def happened(self) -> Counter[str]:
        """Count what really happened, by kind; complete after `end`."""
        return self._done + self._workers.happened

    async def do(self, fault: Fault) -> None:
        """Begin a fault."""
        if fault.side:
            await self._plan(fault)
        elif fault.kind == "kill":
            self._workers.kill(fault.worker)
            self._done["kill"] += 1
        elif fault.kind == "clock_jump":
            await self._house.vendors.control("POST", "/clock", {"advance": fault.seconds})
            self._done["clock_jump"] += 1
        elif fault.kind == "pause":
            self._later(self._pause(fault))
        else:
            self._later(self._at_store(fault))

    async def end(self) -> None:
        """Switch every fault off and wait until nothing of ours is under way."""
        left = Counter[str]()
        for row in await self._house.vendors.control("GET", "/faults"):
            left[row["fault"]] += int(row["times"] or 0)
        await self._house.vendors.control("DELETE", "/faults")
        self._done += self._planned - left
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _twin(self, fault: Fault) -> None:
        """Let the last draft land a second time, as a write of a dead worker would."""
        if fault.kind == "late_twin":
            # What other workers draft meanwhile is released by then; this one stands still.
            await asyncio.sleep(0.4)
            await self._house.vendors.create_again()

    async def _plan(self, fault: Fault) -> None:
        body = {"side": fault.side, "operation": fault.operation, "fault": fault.kind, "times": 1}
        if fault.kind in WEBHOOKS:
            body["operation"] = "*"
        if fault.kind == "slow":
            body["delay"] = 0.3
        elif fault.seconds:
            body["delay"] = fault.seconds
        await self._house.vendors.control("POST", "/faults", body)
        self._planned[fault.kind] += 1

    async def _pause(self, fault: Fault) -> None:
        await self._workers.pause(fault.worker, seconds=LEASE_SECONDS + fault.seconds)
        self._done["pause"] += 1

    async def _at_store(self, fault: Fault) -> None:
        async with self._stores:
            if fault.kind == "redis_flush":
                await self._house.flush_redis()
            elif fault.kind == "redis_restart":
                await self._house.redis.restart()
            elif fault.kind == "postgres_restart":
                await restart_postgres(self._house)
            self._done[fault.kind] += 1

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
