"""Real stores for every test: one PostgreSQL and one Redis per session, a fresh database each."""

import asyncio
import itertools
import os
import shutil
import socket
import tempfile
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from redis import Redis

from gateway.embedded.postgres import EmbeddedPostgres
from gateway.embedded.redis import EmbeddedRedis

Result = TypeVar("Result")
TEMPLATE = "template_migrated"
_numbers = itertools.count(1)


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine on a loop of its own and leave the test's loop alone."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()


def _fast_dir() -> Path:
    """Choose memory where there is enough: copying a database is ten times faster there."""
    memory = Path("/dev/shm")
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2_000_000_000:
        return memory
    return Path(tempfile.gettempdir())


def _remove_left(base: Path) -> None:
    """Remove what a killed session left behind."""
    for path in base.glob("severa-tests-*"):
        pid = int(path.name.split("-")[2])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            shutil.rmtree(path, ignore_errors=True)
        except PermissionError:
            continue


@pytest.fixture(scope="session", autouse=True)
def this_machine_only() -> Iterator[None]:
    """Refuse connections to any other machine."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        local = self.family == socket.AF_UNIX or address[0] in ("127.0.0.1", "::1", "localhost")
        if not local:
            raise AssertionError(f"A test wants to reach {address[0]}.")
        real(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        yield


@pytest.fixture(scope="session")
def store_dir() -> Iterator[Path]:
    """A directory for the stores of this session, removed at its end."""
    base = _fast_dir()
    _remove_left(base)
    path = Path(tempfile.mkdtemp(prefix=f"severa-tests-{os.getpid()}-", dir=base))
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def postgres(store_dir: Path) -> Iterator[EmbeddedPostgres]:
    """A running PostgreSQL; tests that stop it make one of their own."""
    server = EmbeddedPostgres(data_dir=store_dir / "postgres", fsync=False)
    run(server.start())
    yield server
    run(server.stop())


@pytest.fixture(scope="session")
def redis_server(store_dir: Path) -> Iterator[EmbeddedRedis]:
    """A running Redis process; tests that stop it make one of their own."""
    server = EmbeddedRedis(data_dir=store_dir / "redis")
    run(server.start())
    yield server
    run(server.stop())


@pytest.fixture(scope="session")
def migrated(postgres: EmbeddedPostgres) -> str:
    """The name of a database with every migration applied, to be copied."""
    from schema.migrate import upgrade

    run(upgrade(run(postgres.create_database(TEMPLATE))))
    return TEMPLATE


@pytest.fixture
def empty_database(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The address of a fresh database without any table."""
    name = f"test_{next(_numbers)}"
    yield run(postgres.create_database(name))
    run(postgres.drop_database(name))


@pytest.fixture
def database(postgres: EmbeddedPostgres, migrated: str) -> Iterator[str]:
    """The address of a fresh database with our tables."""
    name = f"test_{next(_numbers)}"
    yield run(postgres.create_database(name, template=migrated))
    run(postgres.drop_database(name))


@pytest.fixture
def redis_url(redis_server: EmbeddedRedis) -> str:
    """The address of an empty Redis."""
    with Redis.from_url(redis_server.url) as client:
        client.flushall()
    return redis_server.url
