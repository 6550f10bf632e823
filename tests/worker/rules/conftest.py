"""A house in which everything but invoices is in step already; one copy per test."""

import itertools
from collections.abc import AsyncIterator, Iterator

import pytest

from gateway.embedded.postgres import EmbeddedPostgres
from tests.conftest import run
from tests.worker.rules import house as houses
from tests.worker.rules.house import House

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def furnished(postgres: EmbeddedPostgres, migrated: str) -> tuple[str, bytes]:
    """The name of a database after a first sync, and the sandbox's state beside it."""
    name = "template_furnished"
    url = run(postgres.create_database(name, template=migrated))
    return name, run(houses.prepare(url, houses.new_world()))


@pytest.fixture
def furnished_database(postgres: EmbeddedPostgres, furnished: tuple[str, bytes]) -> Iterator[str]:
    """The address of a fresh copy."""
    name = f"house_{next(_numbers)}"
    yield run(postgres.create_database(name, template=furnished[0]))
    run(postgres.drop_database(name))


@pytest.fixture
async def house(furnished_database: str, furnished: tuple[str, bytes]) -> AsyncIterator[House]:
    """Both companies, in step, and the worker's context between them."""
    async with houses.opened(furnished_database, houses.thawed(furnished[1])) as made:
        yield made
