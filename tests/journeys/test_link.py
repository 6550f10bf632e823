"""An administrator links two companies on a terminal, with a worker and both vendors running."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.embedded.process import Child
from sandbox.world import World
from schema import database
from schema.models import Customer, Integration, Invoice, SyncRun
from schema.words import IntegrationState, SyncRunState
from tests.worker.pair import KEY, ROOT, serving, settings_for, small_world, until

ATTESTED = (
    "same_license",
    "autoinvoice_transfer",
    "autoinvoice_after",
    "autoinvoice_error",
    "autoinvoice_download",
)


@dataclass(frozen=True, kw_only=True)
class Terminal:
    """A terminal beside running vendors and a worker."""

    environ: dict[str, str]
    world: World

    async def run(self, *words: str) -> tuple[int, Any, str]:
        """Run a command; returns exit status, the JSON that it said, and its complaints."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway.cli", *words, "--json",
            cwd=ROOT, env=self.environ, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
        last = out.decode().strip().splitlines()
        return process.returncode or 0, json.loads(last[-1]) if last else None, err.decode()

    def credentials(self) -> list[str]:
        """Return the options that name both companies."""
        company = self.world.companies[0]
        severa, financials = company.severa, company.financials
        return [
            *("--name", company.name, "--severa-client-id", severa.client_id),
            *("--severa-client-secret", severa.client_secret),
            *("--financials-client-id", financials.client_id),
            *("--financials-client-secret", financials.client_secret),
            *("--tenant", financials.tenant_id),
        ]


@asynccontextmanager
async def working(environ: dict[str, str], log: Path) -> AsyncIterator[None]:
    """Run a worker."""
    command = [sys.executable, "-m", "worker"]
    child = Child("worker", command, env=environ, cwd=ROOT, log_path=log)
    await child.start()
    try:
        yield
    finally:
        await child.stop()


@pytest.fixture
async def terminal(database: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Terminal]:
    """Both vendors, a worker, and an empty database."""
    world = small_world()
    async with serving(world) as root:
        settings = settings_for(root, url=database, redis_url=redis_url)
        environ = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": database,
            "REDIS_URL": redis_url,
            "GATEWAY_SECRET_KEYS": KEY,
            "GATEWAY_PROFILE": "demo",
            "SEVERA_BASE_URL": settings.severa_base_url,
            "FINANCIALS_BASE_URL": settings.financials_base_url,
            "FINANCIALS_TOKEN_URL": settings.financials_token_url,
            "VENDOR_TIME_SCALE": str(settings.vendor_time_scale),
            "SEVERA_CALLS_PER_SECOND": "0",
        }
        async with working(environ, tmp_path / "worker.log"):
            yield Terminal(environ=environ, world=world)


class TestLink:
    async def test_leads_from_credentials_to_companies_in_step(
        self, terminal: Terminal, database: str
    ) -> None:
        """R14, R21, R24, R117, R150, Q45, Q46."""
        status, first, _ = await terminal.run("link", *terminal.credentials(), "--activate")
        assert (status, first["state"]) == (1, "SETUP")
        assert {one["code"] for one in first["obstacles"]} == set(ATTESTED)
        assert set(first["webhookSecrets"]) == {"severa", "financials"}

        stated = [word for code in ATTESTED for word in ("--attest", code)]
        status, second, complaints = await terminal.run(
            "link", "--integration", first["integration"], *stated, "--accept-matches", "--activate"
        )
        assert (status, second["state"], second["refusals"]) == (0, "ACTIVE", []), complaints

        await self.in_step(database)

    async def in_step(self, url: str) -> None:
        """Wait for the first run and look at what it did."""
        async with database_of(url):

            async def ended() -> bool:
                return await SyncRun.filter(
                    state__in=[SyncRunState.SUCCEEDED, SyncRunState.SUCCEEDED_WITH_ISSUES]
                ).exists()

            await until(ended, what="the first run to end", limit=60)
            integration = await Integration.get()
            assert integration.state is IntegrationState.ACTIVE
            assert integration.organization_number is not None
            assert await Customer.all().count() > 10
            old = await Invoice.filter(date__lt=integration.start_from, released_at__isnull=False)
            assert old == []


@asynccontextmanager
async def database_of(url: str) -> AsyncIterator[None]:
    """Look into the database."""
    async with database.opened(url, pool=2):
        yield


class TestPlan:
    async def test_shows_what_a_sync_would_do_and_writes_nothing(self, terminal: Terminal) -> None:
        _, linked, _ = await terminal.run("link", *terminal.credentials())
        before = terminal.world.log.counts()

        status, plan, _ = await terminal.run("plan", "--integration", linked["integration"])

        assert (status, plan["kind"], plan["state"]) == (0, "SYNC", "READY")
        assert {item["action"] for item in plan["items"]} >= {"CREATE"}
        after = terminal.world.log.counts()
        writes = [
            name
            for side, names in after.items()
            for name, count in names.items()
            if name.split()[0] in ("POST", "PUT", "PATCH", "DELETE")
            and "token" not in name
            and count != before.get(side, {}).get(name, 0)
        ]
        assert writes == []

    async def test_of_a_sync_is_not_carried_out(self, terminal: Terminal) -> None:
        await terminal.run("link", *terminal.credentials())

        status, _, complaint = await terminal.run("plan", "--execute")

        assert (status, complaint.count("\n")) == (2, 1)
        assert "sync" in complaint
