"""One first sync per session; every test of the sync goes on from a copy of both worlds."""

import itertools
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from gateway.embedded.postgres import EmbeddedPostgres
from gateway.embedded.redis import EmbeddedRedis
from sandbox.snapshot import restore, save
from sandbox.world import World
from schema.models import SyncRun
from tests.conftest import run
from tests.worker.pair import Pair, opened, small_world
from worker import faultpoint

TEMPLATE = "template_settled"
_numbers = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Settled:
    """Both worlds after the first sync: a database to copy and the sandbox in a file."""

    template: str
    state: Path
    integration_id: UUID
    first: SyncRun


async def _first_sync(*, url: str, redis_url: str, state: Path) -> tuple[UUID, SyncRun]:
    async with opened(small_world(), url=url, redis_url=redis_url) as pair:
        first = await pair.sync()
        save(pair.world, state)
        return pair.integration.id, first


@pytest.fixture(scope="session")
def settled(
    postgres: EmbeddedPostgres, migrated: str, redis_server: EmbeddedRedis, store_dir: Path
) -> Settled:
    """The first sync of the small sample, carried out once."""
    state = store_dir / "settled.state"
    url = run(postgres.create_database(TEMPLATE, template=migrated))
    integration_id, first = run(_first_sync(url=url, redis_url=redis_server.url, state=state))
    return Settled(template=TEMPLATE, state=state, integration_id=integration_id, first=first)


@pytest.fixture
def settled_database(postgres: EmbeddedPostgres, settled: Settled) -> Iterator[str]:
    """A copy of the database after the first sync."""
    name = f"settled_{next(_numbers)}"
    yield run(postgres.create_database(name, template=settled.template))
    run(postgres.drop_database(name))


@pytest.fixture
def settled_world(settled: Settled) -> World:
    """A copy of the sandbox after the first sync."""
    world = small_world()
    restore(world, settled.state)
    return world


@pytest.fixture
async def pair(
    settled: Settled, settled_database: str, settled_world: World, redis_url: str
) -> AsyncIterator[Pair]:
    """Both companies in step, and a desk that works."""
    async with opened(
        settled_world,
        url=settled_database,
        redis_url=redis_url,
        integration_id=settled.integration_id,
    ) as made:
        yield made


@pytest.fixture(autouse=True)
def no_fault_points() -> Iterator[None]:
    """Forget armed places after each test."""
    yield
    faultpoint.disarm()
