"""One run: set up, let people work while faults strike, let it come to rest, compare."""

import asyncio
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from chaos.compare import Before, Verdict, compare
from chaos.deeds import Deeds
from chaos.house import House, open_house
from chaos.options import LEASE_SECONDS, WORKERS, Options
from chaos.people import People
from chaos.plan import Plan, make_plan
from chaos.quiet import Look
from chaos.workers import Workers
from chaos.wrapped import SWITCH

_REST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a run has shown."""

    options: Options
    verdict: Verdict
    planned: Counter[str]
    happened: Counter[str]
    surprises: list[str]
    seconds: float
    settled: bool


async def run(options: Options) -> Result:
    """Carry out one run."""
    begun = time.monotonic()
    plan = make_plan(
        faults=options.faults, seed=options.seed, invoices=options.invoices, focus=options.focus
    )
    async with open_house(options) as house:
        environ = dict(house.environ)
        if options.mutation:
            environ[SWITCH] = options.mutation
        workers = Workers(
            count=WORKERS, environ=environ, log_dir=house.data_dir, pointed=plan.pointed
        )
        workers.pause_seconds = LEASE_SECONDS + 1.0
        look = Look(house.postgres.url)
        before = await Before.read(house.vendors)
        deeds = Deeds(house, workers)
        try:
            workers.start()
            await _first_sync(look, options)
            _say(f"first sync after {time.monotonic() - begun:.0f} s")
            people = People(
                vendors=house.vendors,
                wanted=options.invoices,
                backlog=options.backlog,
                chance=Random(f"people-{options.seed}"),
            )
            await _storm(house, workers, deeds, people, plan, look, until=begun + options.limit)
            workers.disarm()
            await deeds.end()
            workers.renew()
            settled = await _rest(look, until=begun + options.limit)
        finally:
            await workers.stop()
        verdict = await compare(
            vendors=house.vendors,
            look=look,
            before=before,
            wanted=options.invoices,
            twins=deeds.happened["late_twin"],
        )
        return Result(
            options=options,
            verdict=verdict,
            planned=plan.by_kind,
            happened=deeds.happened,
            surprises=workers.surprises,
            seconds=time.monotonic() - begun,
            settled=settled,
        )


async def _first_sync(look: Look, options: Options) -> None:
    moment = datetime.min.replace(tzinfo=UTC)
    deadline = time.monotonic() + min(options.limit, 300)
    while await look.runs_since(moment) < options.companies:
        if time.monotonic() > deadline:
            raise TimeoutError("The first sync does not end.")
        await asyncio.sleep(0.2)


async def _storm(
    house: House,
    workers: Workers,
    deeds: Deeds,
    people: People,
    plan: Plan,
    look: Look,
    *,
    until: float,
) -> None:
    """Let faults strike in step with the work, so that the last ones meet the last invoices."""
    struck, paid, told = 0, 0, time.monotonic()
    hooked = False
    while time.monotonic() < until:
        done = await look.done()
        if done >= 0:
            if not people.finished and len(people.made) - done < people.backlog:
                await people.bill()
            share = len(plan.faults) if people.finished and done >= people.wanted else 0
            due = max(share, int(len(plan.faults) * done / people.wanted) + 1)
            while struck < min(due, len(plan.faults)):
                fault = plan.faults[struck]
                # The doorbells ring while a fault of theirs is near, and are silent else.
                near = any(
                    item.kind.startswith("webhook") for item in plan.faults[struck : struck + 3]
                )
                if near != hooked:
                    hooked = near
                    targets = house.hooks if near else dict.fromkeys(house.hooks)
                    await house.vendors.control("POST", "/webhooks", targets)
                await deeds.do(fault)
                struck += 1
                if fault.kind in ("kill", "pause", "postgres_restart"):
                    await asyncio.sleep(0.5)
            if done - paid > 25:
                paid = done
                await people.pay()
            if people.finished and done >= people.wanted and struck == len(plan.faults):
                return
        if time.monotonic() - told > 10:
            told = time.monotonic()
            _say(f"{done} of {people.wanted} numbered, {struck} of {len(plan.faults)} faults")
        await asyncio.sleep(0.15)


async def _rest(look: Look, *, until: float) -> bool:
    """Wait until nothing is under way, and runs have gone through without finding anything."""
    until = max(until, time.monotonic() + 60)
    while time.monotonic() < until:
        await _runs(look, _REST, until=until)
        if await look.busy() == 0:
            return True
    return False


async def _runs(look: Look, count: int, *, until: float) -> None:
    """Wait until some runs have begun and gone through."""
    moment = datetime.now(UTC)
    for _ in range(int(max(until - time.monotonic(), 0) / 0.3)):
        if await look.runs_since(moment) >= count:
            return
        await asyncio.sleep(0.3)


def _say(text: str) -> None:
    sys.stdout.write(f"  {text}\n")
    sys.stdout.flush()
