"""Child processes under our supervision: own session, output in a file, ended with their parent,
started again when they die if wanted. `Child` is bound to an event loop only while it restarts.
Start children from the main thread: the kernel sends the parent-death signal when a thread ends.
"""

import asyncio
import functools
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, ClassVar

from schema.errors import GatewayError

_HERE = Path(__file__).parent
_POLL_SECONDS = 0.05
_GRACE_SECONDS = 8.0
_LOG_LIMIT = 10_000_000
_log = logging.getLogger(__name__)


class ChildFailed(GatewayError):
    """A process of ours could not be started or ended at once."""

    code = "child_failed"

    def __init__(self, name: str, *, detail: str) -> None:
        self.name, self.detail = name, detail
        super().__init__(f"{name} did not start: {detail}")


class Child:
    """One supervised process."""

    first_delay: ClassVar[float] = 0.2
    longest_delay: ClassVar[float] = 10.0
    settled_after: ClassVar[float] = 30.0

    def __init__(
        self,
        name: str,
        argv: Sequence[str | Path],
        *,
        log_path: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        restart: bool = False,
        stop_signal: int = signal.SIGTERM,
        stop_limit: float = 10.0,
        user: int | None = None,
        on_start: "Callable[[Child], None] | None" = None,
        on_exit: "Callable[[Child, int], None] | None" = None,
    ) -> None:
        """Describe the process; `start` runs it. `user` is a numeric id to become under root."""
        self.name, self.argv, self.log_path = name, [str(word) for word in argv], log_path
        self.env, self.cwd, self.user, self.restart = env, cwd, user, restart
        self.stop_signal, self.stop_limit = stop_signal, stop_limit
        self.on_start, self.on_exit = on_start, on_exit
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._watcher: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it runs, else None."""
        return self._process.pid if self._process is not None and self.running else None

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self._process is not None and self._process.poll() is None

    @property
    def returncode(self) -> int | None:
        """The exit code of the last run, negative for a signal; None while it runs."""
        return None if self._process is None else self._process.poll()

    async def start(self) -> None:
        """Spawn the process; a running one is left alone."""
        if self.running:
            return
        self._spawn()
        if self._watcher is None and (self.restart or self.on_exit is not None):
            self._watcher = asyncio.create_task(self._watch(), name=f"watch {self.name}")

    async def stop(self) -> None:
        """End the process politely, then by force after `stop_limit` seconds."""
        await self._stop_watching()
        process = self._process
        if process is None:
            return
        if process.poll() is None:
            with suppress(ProcessLookupError):
                process.send_signal(self.stop_signal)
        if not await self._ended(self.stop_limit):
            self.kill()
            await self._ended(self.stop_limit)
        self._forget(process)

    async def wait(self) -> int:
        """Return the exit code once the process has ended."""
        if self._process is None:
            raise ChildFailed(self.name, detail="it was never started.")
        while True:
            code = self._process.poll()
            if code is not None:
                return code
            await asyncio.sleep(_POLL_SECONDS)

    def kill(self) -> None:
        """Kill the process and its own children at once."""
        if self._process is not None and self._process.poll() is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def tail(self, *, lines: int = 20) -> str:
        """Return the last lines of the process's output."""
        if not self.log_path.exists():
            return ""
        return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-lines:])

    def _spawn(self) -> None:
        options = {"parent": os.getpid(), "signal": int(self.stop_signal), "user": self.user}
        launcher = [sys.executable, "-I", "-S", str(_HERE / "launch.py"), json.dumps(options)]
        with _open_log(self.log_path) as log:
            self._process = subprocess.Popen(
                [*launcher, *self.argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=None if self.env is None else dict(self.env),
                cwd=self.cwd,
                start_new_session=True,
            )
        self._started_at = time.monotonic()
        _tell_watchdog(f"+{self._process.pid} {int(self.stop_signal)}\n")
        if self.on_start is not None:
            self.on_start(self)

    async def _ended(self, limit: float) -> bool:
        deadline = time.monotonic() + limit
        while self.running:
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(_POLL_SECONDS / 5)
        return True

    async def _watch(self) -> None:
        delay = self.first_delay
        while True:
            code = await self.wait()
            if self._process is not None:
                self._forget(self._process)
            if time.monotonic() - self._started_at > self.settled_after:
                delay = self.first_delay
            _log.warning("child.exited name=%s code=%s", self.name, code)
            if self.on_exit is not None:
                self.on_exit(self, code)
            if not self.restart:
                return
            await asyncio.sleep(delay)
            delay = min(delay * 2, self.longest_delay)
            self._spawn()

    async def _stop_watching(self) -> None:
        watcher, self._watcher = self._watcher, None
        if watcher is None or watcher is asyncio.current_task():
            return
        watcher.cancel()
        await asyncio.wait([watcher])

    def _forget(self, process: subprocess.Popen[bytes]) -> None:
        _tell_watchdog(f"-{process.pid}\n")


def _open_log(path: Path) -> BinaryIO:
    if path.exists() and path.stat().st_size > _LOG_LIMIT:
        path.replace(path.with_suffix(path.suffix + ".1"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")


def _tell_watchdog(order: str) -> None:
    # A watchdog that was killed is not replaced: the parent-death signal still stands.
    with suppress(OSError):
        os.write(_watchdog(), order.encode())


@functools.cache
def _watchdog() -> int:
    """Start the watchdog of this process once; it ends by itself when we do."""
    reading, writing = os.pipe()
    null = os.open(os.devnull, os.O_WRONLY)
    os.posix_spawn(
        sys.executable,
        [sys.executable, "-I", "-S", str(_HERE / "watchdog.py"), str(_GRACE_SECONDS)],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, reading, 0), (os.POSIX_SPAWN_DUP2, null, 1)],
        setsid=True,
    )
    os.close(reading)
    os.close(null)
    return writing
