"""What contract tests share: one sandbox in this process, and clients under a recorder."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from sandbox.app import create_app
from sandbox.samples.company import Company
from sandbox.world import World, make_world
from tests.contracts.openapi import FOLDER
from tests.contracts.recorder import Recorder
from worker.vendors import financials, severa
from worker.vendors.client import Client

# Without the vendors' documents there is nothing to hold the tables against.
collect_ignore = [] if FOLDER.exists() else ["test_openapi.py"]

ROOT = "http://sandbox.test"
_tables: list[str] = []


@pytest.fixture
def world() -> World:
    """A sandbox without limits and without waits."""
    made = make_world(size="small", seed=7, time_scale=0.001)
    for side in ("severa", "financials"):
        made.limits.set(side=side, allowed=None)
    made.assume.latency = 0.0
    made.assume.release_delay = 0.0
    made.assume.vendor_integration_on = True
    return made


@pytest.fixture
def recorder() -> Recorder:
    """A recorder that looks at the first rows of each list."""
    return Recorder(rows=5)


@pytest.fixture
async def transport(world: World) -> AsyncIterator[httpx.ASGITransport]:
    """The sandbox as something that clients can call."""
    yield httpx.ASGITransport(create_app(world))
    await world.close()


@pytest.fixture
def company(world: World) -> Company:
    """The sample company."""
    return world.companies[0]


@pytest.fixture
async def severa_client(
    transport: httpx.ASGITransport, company: Company, recorder: Recorder
) -> AsyncIterator[Client]:
    """A Severa client with every scope the product asks for, under the recorder."""
    async with severa.client(
        base_url=f"{ROOT}/severa/rest-api",
        client_id=company.severa.client_id,
        client_secret=company.severa.client_secret,
        scopes=f"{severa.SCOPES},projects:write,fees:delete,customers:delete,hours:write",
        calls_per_second=None,
        transport=transport,
        on_exchange=recorder.check,
    ) as client:
        yield client


@pytest.fixture
async def financials_client(
    transport: httpx.ASGITransport, company: Company, recorder: Recorder
) -> AsyncIterator[Client]:
    """A Financials client under the recorder."""
    async with financials.client(
        base_url=f"{ROOT}/financials",
        token_url=f"{ROOT}/connect/token",
        client_id=company.financials.client_id,
        client_secret=company.financials.client_secret,
        tenant_id=company.financials.tenant_id,
        transport=transport,
        on_exchange=recorder.check,
    ) as client:
        yield client


@pytest.fixture
def show_table(recorder: Recorder) -> Iterator[None]:
    """Keep the table of this test for the end of the session."""
    yield
    _tables.append(recorder.table())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show how many exchanges of each operation were checked."""
    for table in _tables:
        terminalreporter.write_sep("-", "exchanges checked against the contracts")
        terminalreporter.write_line(table)
