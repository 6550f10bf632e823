"""What a PostgreSQL that outlived its parent left behind in its directory."""

import asyncio
import os
import signal
import subprocess
import time
from pathlib import Path

_GRACE_SECONDS = 15.0


async def clear_leftover(cluster: Path) -> None:
    """Wait for an old server on this directory to end, and remove its stale pid file.

    The caller holds the directory's lock, so any server that still runs here is an orphan.
    """
    pid_file = cluster / "postmaster.pid"
    pid = _read(pid_file)
    if pid is None:
        return
    if not _serves(pid, cluster):
        # The number may belong to a stranger now, which PostgreSQL would take for a live server.
        pid_file.unlink(missing_ok=True)
        return
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        os.kill(pid, number)
        if await _gone(pid, cluster):
            break
    if number == signal.SIGKILL:
        pid_file.unlink(missing_ok=True)


def _read(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


async def _gone(pid: int, cluster: Path) -> bool:
    deadline = time.monotonic() + _GRACE_SECONDS
    while time.monotonic() < deadline:
        if not _serves(pid, cluster):
            return True
        await asyncio.sleep(0.05)
    return False


def _serves(pid: int, cluster: Path) -> bool:
    """Whether this process is a PostgreSQL of this directory."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return False
        words = subprocess.run(
            ["ps", "-p", str(pid), "-o", "command="], capture_output=True, check=False
        ).stdout
    return str(cluster).encode() in words
