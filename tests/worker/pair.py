"""A linked pair of sample companies: the sandbox over HTTP, our database, and a desk at work.

The sandbox serves in the loop of the test, so that a test may look at its world; everything
else goes over the wire as it would in production.
"""

import asyncio
import os
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import httpx
import uvicorn
from redis.asyncio import Redis
from tortoise.queryset import QuerySet

from gateway.embedded.process import Child
from sandbox.app import create_app
from sandbox.codec import parse, render
from sandbox.world import World, make_world
from schema import database, jobs, queue
from schema.clock import utc_now
from schema.models import Attempt, Integration, Invoice, Issue, Job, SyncRun, SyncStep
from schema.secrets import Vault
from schema.settings import Hidden, Settings
from schema.words import IntegrationState, JobState, Side, SyncTrigger
from tests.contracts.recorder import Recorder
from worker import lease as leases
from worker.clients import Clients
from worker.context import Context
from worker.desk import Desk
from worker.notifier import Notifier
from worker.sync import reference

ROOT = Path(__file__).resolve().parents[2]
TIME_SCALE = 0.001
LIMIT = 20.0
CREATE = "POST /v2/customerinvoice"
WRITING = ("POST", "PUT", "PATCH", "DELETE")
KEY = "3Xy1pD4v9bqk0xJtB1mM4T4c1q2w3e4r5t6y7u8i9o0="
Found = TypeVar("Found")


def small_world() -> World:
    """Build the small sample without limits and nearly without waits."""
    world = make_world(size="small", seed=1, time_scale=TIME_SCALE)
    for side in ("severa", "financials"):
        world.limits.set(side=side, allowed=None)
    world.assume.latency = 0.0
    world.assume.release_delay = 0.0
    return world


@asynccontextmanager
async def serving(world: World) -> AsyncIterator[str]:
    """Serve a world on a free port of this machine; gives its address."""
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    door.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        create_app(world), log_level="warning", access_log=False, lifespan="off"
    )
    server = uvicorn.Server(config)
    # The public method would take the signals of the test session away from pytest.
    task = asyncio.create_task(server._serve([door]))
    try:
        await until(lambda: _true(server.started), what="the sandbox to listen")
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        await task
        await world.close()
        door.close()


async def _true(value: bool) -> bool:
    return value


async def until(look: Callable[[], Awaitable[Found]], *, what: str, limit: float = LIMIT) -> Found:
    """Look again and again until something is found; fails after a deadline."""
    deadline = time.monotonic() + limit
    while True:
        found = await look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {limit:g} s for {what}")
        await asyncio.sleep(0.02)


def settings_for(root: str, *, url: str, redis_url: str, **changes: Any) -> Settings:
    """Return the settings of a worker that talks to a sandbox."""
    values: dict[str, Any] = {
        "database_url": Hidden(url),
        "redis_url": Hidden(redis_url),
        "secret_keys": Hidden(KEY),
        "profile": "demo",
        "severa_base_url": f"{root}/severa/rest-api",
        "financials_base_url": f"{root}/financials",
        "financials_token_url": f"{root}/connect/token",
        "vendor_time_scale": TIME_SCALE,
        "severa_calls_per_second": 0.0,
    }
    return Settings(**(values | changes))


async def link(world: World) -> Integration:
    """Link the first sample company, with its credentials sealed."""
    company = world.companies[0]
    vault = Vault(KEY)
    integration = Integration(name=company.name, state=IntegrationState.ACTIVE)
    integration.severa_credentials = vault.seal(
        integration_id=integration.id,
        values={
            "client_id": company.severa.client_id,
            "client_secret": company.severa.client_secret,
        },
    )
    integration.financials_credentials = vault.seal(
        integration_id=integration.id,
        values={
            "client_id": company.financials.client_id,
            "client_secret": company.financials.client_secret,
            "tenant_id": company.financials.tenant_id,
        },
    )
    integration.options = {"units": {row.severa: row.financials for row in company.measures}}
    await integration.save()
    return integration


@dataclass(kw_only=True)
class Pair:
    """What a test of the sync needs, with short words for what people do."""

    world: World
    root: str
    integration: Integration
    settings: Settings
    recorder: Recorder
    notifier: Notifier
    http: httpx.AsyncClient
    desks: list[Desk] = field(default_factory=list)

    def desk(self, *, holder: str = "test", **changes: Any) -> Desk:
        """Open a desk; the first one is the one that `sync` uses."""

        def listen(clients: Clients) -> None:
            clients.on_exchange = self.recorder.check

        values: dict[str, Any] = {
            "settings": self.settings,
            "vault": Vault(KEY),
            "clock": utc_now,
            "notifier": self.notifier,
            "holder": holder,
            "on_client": listen,
        }
        desk = Desk(**(values | changes))
        self.desks.append(desk)
        return desk

    @asynccontextmanager
    async def context(self) -> AsyncIterator[Context]:
        """Hold the lease and give what a job works with."""
        clients = Clients(settings=self.settings, vault=Vault(KEY), clock=utc_now)
        clients.on_exchange = self.recorder.check
        held = await leases.acquire(integration_id=self.integration.id, holder="ctx", seconds=60)
        assert held is not None
        ctx = Context(
            integration=self.integration,
            lease=held,
            clients=await clients.of(self.integration),
            settings=self.settings,
            clock=utc_now,
            notifier=self.notifier,
        )
        ctx.references = await reference.load(ctx)
        try:
            yield ctx
        finally:
            await leases.release(held)
            await clients.aclose()

    @asynccontextmanager
    async def worker(self, *, die_at: str = "", **environ: str) -> AsyncIterator[Child]:
        """Run a worker process; it kills itself at the named places."""
        settings = self.settings
        known = {
            "PATH": os.environ["PATH"],
            "PYTHONUNBUFFERED": "1",
            "DATABASE_URL": str(settings.database_url),
            "REDIS_URL": str(settings.redis_url),
            "GATEWAY_SECRET_KEYS": KEY,
            "GATEWAY_PROFILE": "demo",
            "GATEWAY_FAULT_POINTS": die_at,
            "SEVERA_BASE_URL": settings.severa_base_url,
            "FINANCIALS_BASE_URL": settings.financials_base_url,
            "FINANCIALS_TOKEN_URL": settings.financials_token_url,
            "VENDOR_TIME_SCALE": str(settings.vendor_time_scale),
            "SEVERA_CALLS_PER_SECOND": "0",
            "SYNC_INTERVAL_SECONDS": "0",
            "LEASE_SECONDS": str(settings.lease_seconds),
        }
        with tempfile.NamedTemporaryFile(prefix="worker-", suffix=".log") as log:
            child = Child(
                "worker",
                [sys.executable, "-m", "worker"],
                env=known | environ,
                cwd=ROOT,
                log_path=Path(log.name),
            )
            await child.start()
            try:
                yield child
            finally:
                await child.stop()

    # What the gateway does.

    async def sync(self, *, full: bool = False, settle: bool = True) -> SyncRun:
        """Carry out one run, and by default everything that it queued for later."""
        run = await self.ask_for_a_run(full=full)
        await (self.drained() if settle else self.idle())
        return await SyncRun.get(id=run.id)

    async def ask_for_a_run(self, *, full: bool = False) -> SyncRun:
        """Queue one run, for whoever works."""
        run = await SyncRun.create(
            integration_id=self.integration.id, trigger=SyncTrigger.MANUAL, full=full
        )
        await queue.enqueue(
            jobs.SYNC, integration_id=self.integration.id, arguments={"run_id": run.id}
        )
        return run

    async def retry(self, invoice: Invoice) -> None:
        """Ask for a retry as the mutation does."""
        await queue.enqueue(
            jobs.INVOICE_RETRY,
            integration_id=self.integration.id,
            arguments={"invoice_id": invoice.id},
        )
        await self.drained()

    async def idle(self) -> None:
        """Let the desks work until nothing is due now."""
        await self._worked_off(lambda: _left().filter(due_at__lte=utc_now()), limit=LIMIT)

    async def drained(self, *, limit: float = LIMIT) -> None:
        """Let the desks work until nothing is queued, not even for later."""
        await self._worked_off(_left, limit=limit)

    async def _worked_off(self, left: Callable[[], QuerySet[Job]], *, limit: float) -> None:
        async def empty() -> bool:
            await self._at_rest(limit)
            if not await left().exists():
                return True
            await self.desks[0].sweep()
            return False

        self.desks[0].knock(self.integration.id)
        await until(empty, what="the jobs to be done", limit=limit)

    async def _at_rest(self, limit: float) -> None:
        """Wait for what the desks are doing; a look at their tasks costs no query."""
        async with asyncio.timeout(limit):
            while tasks := [task for desk in self.desks for task in desk._tasks.values()]:
                await asyncio.wait(tasks)

    # What people and other programs do.

    async def control(self, path: str, body: Any = None, *, method: str = "POST") -> Any:
        """Use a control route of the sandbox."""
        answer = await self.http.request(
            method, f"/control{path}", content=None if body is None else render(body)
        )
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return parse(answer.content)

    async def bill(self, count: int = 1, **more: Any) -> list[str]:
        """Create invoices in the transfer status; credit notes come last in the list."""
        made = await self.control("/severa/invoices", {"count": count, **more})
        return [*made["invoices"], *made["creditNotes"]]

    async def fault(
        self, kind: str, operation: str, side: Side = Side.FINANCIALS, **more: Any
    ) -> None:
        """Plan a fault; it happens once by default."""
        await self.control(
            "/faults", {"side": side.value, "operation": operation, "fault": kind, **more}
        )

    async def edit(self, side: Side, entity: str, key: str, **fields: Any) -> None:
        """Change a record by hand on one side."""
        await self.control(
            "/edit", {"side": side.value, "entity": entity, "id": key, "fields": fields}
        )

    async def pay(self, number: str, share: Decimal | None = None) -> None:
        """Pay a document in Financials."""
        body: dict[str, Any] = {"referenceNumber": number}
        await self.control("/financials/pay", body if share is None else body | {"share": share})

    # What can be seen.

    async def summary(self) -> Any:
        """Sum up both systems."""
        return await self.control("/summary", method="GET")

    async def requests(self, operation: str) -> list[dict[str, Any]]:
        """List what was on the wire for one operation."""
        found: list[dict[str, Any]] = await self.control(
            f"/requests?operation={operation}", method="GET"
        )
        return found

    def writes(self) -> dict[str, int]:
        """Count the requests so far that change something, tokens left out."""
        return {
            f"{side} {name}": count
            for side, names in self.world.log.counts().items()
            for name, count in names.items()
            if name.split()[0] in WRITING and "token" not in name
        }

    def reads(self) -> int:
        """Count the requests so far that only read."""
        return sum(
            count
            for names in self.world.log.counts().values()
            for name, count in names.items()
            if name.startswith("GET")
        )

    async def invoice(self, guid: str) -> Invoice:
        """Return the unified record of a Severa invoice."""
        return await Invoice.get(severa_id=guid)

    def marked(self, guid: str) -> list[str]:
        """Return the numbers of the documents that carry the mark of a Severa invoice."""
        company = next(iter(self.world.financials.companies.values()))
        mark = f"Severa {guid}"
        return [row.number for row in company.documents if mark in str(row.dto.get("note"))]

    def severa_invoice(self, guid: str) -> dict[str, Any]:
        """Return a Severa invoice as the sandbox stores it."""
        row: dict[str, Any] = self.world.severa.organizations[0].need("invoices", guid)
        return row

    async def attempts(self, record_id: UUID, purpose: str | None = None) -> list[Attempt]:
        """Return the attempts of a record in order."""
        query = Attempt.filter(record_id=record_id).order_by("id")
        return await (query if purpose is None else query.filter(purpose=purpose))

    async def open_issues(self) -> dict[str, Issue]:
        """Return the open issues by code."""
        return {issue.code: issue for issue in await Issue.filter(resolved_at=None)}

    async def steps(self, run: SyncRun) -> dict[str, SyncStep]:
        """Return the steps of a run by name."""
        return {step.name: step for step in await SyncStep.filter(run_id=run.id)}


def _left() -> QuerySet[Job]:
    return Job.filter(state__in=[JobState.QUEUED, JobState.RUNNING])


@asynccontextmanager
async def opened(
    world: World, *, url: str, redis_url: str, integration_id: UUID | None = None, **changes: Any
) -> AsyncIterator[Pair]:
    """Open a pair; at the end no exchange may have broken a contract, no order be booked twice."""
    async with (
        serving(world) as root,
        database.opened(url),
        httpx.AsyncClient(base_url=root, trust_env=False, timeout=60) as http,
        Redis.from_url(redis_url) as redis,
    ):
        integration = (
            await link(world)
            if integration_id is None
            else await Integration.get(id=integration_id)
        )
        notifier = Notifier(redis)
        notifier.start()
        pair = Pair(
            world=world,
            root=root,
            integration=integration,
            settings=settings_for(root, url=url, redis_url=redis_url, **changes),
            recorder=Recorder(rows=5),
            notifier=notifier,
            http=http,
        )
        pair.desk()
        try:
            yield pair
            summary = await pair.summary()
            assert summary["duplicates"] == []
            assert summary["financials"]["sentByFinancials"] == 0
            pair.recorder.assert_clean()
        finally:
            for desk in pair.desks:
                await desk.stop(limit=2)
            await notifier.stop()
