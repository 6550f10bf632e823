"""The workers of a run: real processes, started again whenever they die, however they die."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from chaos.plan import Fault

ROOT = Path(__file__).resolve().parent.parent
_POLL = 0.05
STOPPING = ("pause_at_point", "late_twin")


class Workers:
    """A few workers under one supervisor, with faults armed at named points."""

    def __init__(
        self, *, count: int, environ: Mapping[str, str], log_dir: Path, pointed: tuple[Fault, ...]
    ) -> None:
        self._environ, self._log_dir = environ, log_dir
        self._left = deque(pointed)
        self._armed: dict[int, Fault] = {}
        self._processes: list[subprocess.Popen[bytes] | None] = [None] * count
        self._killed: set[int] = set()
        self._stopped: dict[int, float] = {}
        self._task: asyncio.Task[None] | None = None
        self._calls: set[asyncio.Task[None]] = set()
        self.happened: Counter[str] = Counter()
        self.surprises: list[str] = []
        self.pause_seconds = 4.0
        # Called once for each worker that has stopped itself at its point.
        self.on_stop: Callable[[Fault], Coroutine[Any, Any, None]] | None = None

    def start(self) -> None:
        """Start them all and watch over them."""
        for place in range(len(self._processes)):
            self._spawn(place)
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """End them politely, then by force."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, *self._calls, return_exceptions=True)
        for process in filter(None, self._processes):
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
                process.terminate()
        for process in filter(None, self._processes):
            try:
                await asyncio.to_thread(process.wait, 15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def kill(self, place: int) -> None:
        """Kill a worker at once, wherever it stands."""
        process = self._processes[place]
        if process is not None and process.poll() is None:
            self._killed.add(process.pid)
            process.kill()

    async def pause(self, place: int, *, seconds: float) -> None:
        """Stop a worker past its lease, then let it go on as if nothing had been."""
        process = self._processes[place]
        if process is None or process.poll() is not None:
            return
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(seconds)
            process.send_signal(signal.SIGCONT)

    def disarm(self) -> None:
        """Arm nothing from now on; what is armed already still may strike."""
        self._left.clear()

    @property
    def armed(self) -> bool:
        """Tell whether a living worker still carries an armed point."""
        return any(
            process is not None and process.poll() is None and process.pid in self._armed
            for process in self._processes
        )

    def renew(self) -> None:
        """Start every worker that carries an armed point again, unarmed."""
        for place, process in enumerate(self._processes):
            if process is not None and process.pid in self._armed:
                self.kill(place)

    def _spawn(self, place: int) -> None:
        environ = dict(self._environ)
        fault = self._left.popleft() if self._left else None
        if fault is not None:
            stops = fault.kind in STOPPING
            environ["GATEWAY_FAULT_POINTS"] = fault.point + ("=stop" if stops else "")
        with (self._log_dir / f"worker-{place}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "chaos.wrapped"],
                cwd=ROOT,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        if fault is not None:
            self._armed[process.pid] = fault
        self._processes[place] = process

    async def _watch(self) -> None:
        while True:
            for place, process in enumerate(self._processes):
                assert process is not None
                if process.poll() is not None:
                    self._note_end(process)
                    self._spawn(place)
                elif process.pid in self._armed:
                    self._wake(process)
            await asyncio.sleep(_POLL)

    def _note_end(self, process: subprocess.Popen[bytes]) -> None:
        fault = self._armed.pop(process.pid, None)
        self._stopped.pop(process.pid, None)
        if process.pid in self._killed:
            # The point that it carried has not been passed; another worker may pass it.
            if fault is not None and self._left:
                self._left.append(fault)
            return
        if fault is not None and process.returncode == -signal.SIGKILL:
            self.happened[fault.kind] += 1
            return
        self.surprises.append(f"a worker ended by itself with {process.returncode}")

    def _wake(self, process: subprocess.Popen[bytes]) -> None:
        """Let a worker that stopped itself at a point go on once its lease is long over."""
        if _state_of(process.pid) != "T":
            return
        fault = self._armed[process.pid]
        if fault.kind not in STOPPING:
            return
        if process.pid not in self._stopped and self.on_stop is not None:
            self._calls.add(asyncio.create_task(self.on_stop(fault)))
        since = self._stopped.setdefault(process.pid, time.monotonic())
        if time.monotonic() - since > self.pause_seconds:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGCONT)
            self.happened[fault.kind] += 1
            del self._armed[process.pid], self._stopped[process.pid]


def _state_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""
