"""The state of one sandbox: the sample companies, both vendors, and what control routes turn."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from sandbox.assume import Assume
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.hooks import Hooks
from sandbox.limits import Limits
from sandbox.log import Log
from sandbox.samples.company import Company, make_company

if TYPE_CHECKING:
    from sandbox.financials.state import FinancialsState
    from sandbox.severa.state import SeveraState


class World:
    """Everything that lives in one sandbox; built by `make_world`, refilled by `load`."""

    severa: SeveraState
    financials: FinancialsState

    def __init__(self, *, seed: int, time_scale: float) -> None:
        self.seed = seed
        self.time_scale = time_scale
        self.clock = Clock()
        self.assume = Assume(
            release_delay=2.0 * time_scale,
            execution_limit=240.0 * time_scale,
        )
        self.faults = Faults(seed=seed)
        self.limits = Limits()
        self.log = Log()
        self.companies: list[Company] = []
        self.order_numbers: set[str] = set()
        self.nonce = f"{random.Random(f'nonce-{seed}').getrandbits(32):08x}"
        self.hooks = Hooks(self)
        self._tasks: set[asyncio.Task[None]] = set()

    def load(
        self, *, size: str, seed: int, companies: int = 1, branches: int = 2, matched: bool = False
    ) -> None:
        """Throw both vendors' data away and fill them from a sample."""
        from sandbox.financials.sample import fill as fill_financials
        from sandbox.financials.state import FinancialsState
        from sandbox.severa.sample import fill as fill_severa
        from sandbox.severa.state import SeveraState

        self.seed = seed
        self.order_numbers.clear()
        self.severa = SeveraState(seed=seed)
        self.financials = FinancialsState()
        self.companies = [
            make_company(size=size, seed=seed, index=index, branches=branches)
            for index in range(companies)
        ]
        for company in self.companies:
            fill_severa(self, company, matched)
            fill_financials(self, company, matched)

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something in the background of the running event loop."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def busy(self) -> bool:
        """Tell whether something is put off and has not happened yet."""
        return bool(self._tasks)

    async def settle(self) -> None:
        """Wait until everything that was put off has happened."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        """Give up everything that was put off."""
        for task in list(self._tasks):
            task.cancel()
        await self.settle()


def make_world(
    *,
    size: str = "small",
    seed: int = 1,
    time_scale: float = 1.0,
    companies: int = 1,
    branches: int = 2,
    matched: bool = False,
) -> World:
    """Build a sandbox and fill it with sample companies."""
    world = World(seed=seed, time_scale=time_scale)
    world.load(size=size, seed=seed, companies=companies, branches=branches, matched=matched)
    return world
