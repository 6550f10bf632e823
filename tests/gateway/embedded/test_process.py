"""Children under supervision: started, stopped, started again, and never left behind."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.embedded import watchdog
from gateway.embedded.process import Child, ChildFailed

ROOT = Path(__file__).resolve().parents[3]
SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('up', flush=True); time.sleep(60)",
]
PARENT = """
import asyncio, sys
from pathlib import Path
from gateway.embedded.process import Child

async def main():
    child = Child("sleeper", sys.argv[2:], log_path=Path(sys.argv[1]))
    await child.start()
    print(child.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


async def until(done: Callable[[], bool], *, limit: float = 10.0) -> None:
    """Wait until a condition holds."""
    deadline = asyncio.get_running_loop().time() + limit
    while True:
        if done():
            return
        assert asyncio.get_running_loop().time() < deadline, "it never happened"
        await asyncio.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def start_and_kill_a_parent(log: Path) -> int:
    """Let another process start a child, kill it, and return the child's pid."""
    command = [sys.executable, "-c", PARENT, log, *SLEEPER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    return pid


def tell_a_watchdog(orders: str) -> None:
    """Give a watchdog its orders and let it think that its owner died."""
    command = [sys.executable, "-I", "-S", watchdog.__file__, "0.2"]
    subprocess.run(command, input=orders.encode(), timeout=10, check=True)


class TestChild:
    async def test_writes_its_output_to_the_log(self, tmp_path: Path) -> None:
        child = Child("sleeper", SLEEPER, log_path=tmp_path / "log")
        await child.start()
        await until(lambda: child.tail() == "up")
        await child.stop()

        assert child.pid is None
        assert child.returncode == -signal.SIGTERM

    async def test_is_killed_when_it_ignores_the_request(self, tmp_path: Path) -> None:
        child = Child("deaf", DEAF, log_path=tmp_path / "log", stop_limit=0.2)
        await child.start()
        await until(lambda: child.tail() == "up")
        await child.stop()

        assert child.returncode == -signal.SIGKILL

    async def test_leads_a_session_of_its_own(self, tmp_path: Path) -> None:
        child = Child("sleeper", SLEEPER, log_path=tmp_path / "log")
        await child.start()
        leader = os.getsid(child.pid or 0)
        await child.stop()

        assert leader != os.getsid(0)

    async def test_gets_only_the_environment_it_is_given(self, tmp_path: Path) -> None:
        program = [sys.executable, "-c", "import os; print(os.environ['GREETING'])"]
        child = Child("env", program, log_path=tmp_path / "log", env={"GREETING": "hello"})
        await child.start()

        assert await child.wait() == 0
        assert child.tail() == "hello"

    async def test_says_which_program_is_missing(self, tmp_path: Path) -> None:
        child = Child("missing", ["/no/such/program"], log_path=tmp_path / "log")
        await child.start()

        assert await child.wait() == 1
        assert child.tail() == "/no/such/program could not be started: No such file or directory."

    async def test_has_no_exit_code_before_its_start(self, tmp_path: Path) -> None:
        child = Child("sleeper", SLEEPER, log_path=tmp_path / "log")

        with pytest.raises(ChildFailed, match="never started"):
            await child.wait()

    async def test_moves_a_long_log_aside(self, tmp_path: Path) -> None:
        log = tmp_path / "log"
        log.write_bytes(b"x" * 10_000_001)
        child = Child("true", ["true"], log_path=log)
        await child.start()
        await child.wait()

        assert log.stat().st_size == 0
        assert (tmp_path / "log.1").stat().st_size == 10_000_001


class TestRestart:
    async def test_brings_a_killed_child_back(self, tmp_path: Path) -> None:
        pids: list[int | None] = []
        codes: list[int] = []
        child = Child(
            "sleeper",
            SLEEPER,
            log_path=tmp_path / "log",
            restart=True,
            on_start=lambda child: pids.append(child.pid),
            on_exit=lambda _, code: codes.append(code),
        )
        await child.start()
        os.kill(pids[0] or 0, signal.SIGKILL)
        await until(lambda: len(pids) == 2)
        await child.stop()

        assert codes == [-signal.SIGKILL]
        assert pids[0] != pids[1]

    async def test_waits_longer_each_time_it_fails_at_once(self, tmp_path: Path) -> None:
        starts: list[float] = []
        clock = asyncio.get_running_loop().time
        child = Child(
            "false",
            ["false"],
            log_path=tmp_path / "log",
            restart=True,
            on_start=lambda _: starts.append(clock()),
        )
        await child.start()
        await until(lambda: len(starts) == 3)
        await child.stop()

        assert starts[2] - starts[1] > starts[1] - starts[0] + 0.1

    async def test_ends_with_stop(self, tmp_path: Path) -> None:
        starts: list[int | None] = []
        child = Child(
            "sleeper",
            SLEEPER,
            log_path=tmp_path / "log",
            restart=True,
            on_start=lambda child: starts.append(child.pid),
        )
        await child.start()
        await child.stop()
        await asyncio.sleep(0.4)

        assert len(starts) == 1
        assert not child.running


class TestKilledParent:
    async def test_leaves_no_child(self, tmp_path: Path) -> None:
        pid = start_and_kill_a_parent(tmp_path / "log")

        await until(lambda: not alive(pid))


class TestWatchdog:
    def test_kills_a_child_that_ignores_the_request(self, tmp_path: Path) -> None:
        with subprocess.Popen(DEAF, start_new_session=True, stdout=subprocess.PIPE) as deaf:
            assert deaf.stdout is not None
            assert deaf.stdout.readline() == b"up\n"
            tell_a_watchdog(f"+{deaf.pid} 15\n")

            assert deaf.wait(10) == -signal.SIGKILL

    def test_leaves_a_child_that_was_stopped_before(self) -> None:
        with subprocess.Popen(DEAF, start_new_session=True, stdout=subprocess.PIPE) as other:
            tell_a_watchdog(f"+{other.pid} 15\n-{other.pid}\n")

            assert other.poll() is None
            other.kill()
