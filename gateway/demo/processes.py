"""The three processes of the demo, each started again when it dies."""

import asyncio
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx

from gateway.embedded.process import Child, ChildFailed

ROOT = Path(__file__).resolve().parent.parent.parent
OnPid = Callable[[str, int | None], None]
Say = Callable[[str], None]


class Process(Child):
    """A process that may be killed at any time: it comes back within a second."""

    longest_delay = 1.0


def process(
    name: str,
    argv: list[str],
    *,
    log_path: Path,
    environ: Mapping[str, str],
    on_pid: OnPid,
    say: Say,
) -> Process:
    """Describe a process of ours, run by this interpreter, with its output in a log file."""

    def ended(child: Child, code: int) -> None:
        say(f"The {name} ended with {code} and is started again; its output is in {log_path}")

    return Process(
        name,
        [sys.executable, "-m", *argv],
        log_path=log_path,
        env={**environ, "PYTHONUNBUFFERED": "1"},
        cwd=ROOT,
        restart=True,
        on_start=lambda child: on_pid(child.name, child.pid),
        on_exit=ended,
    )


async def wait_until_ready(child: Child, url: str, *, limit: float = 60.0) -> None:
    """Wait until an address answers 200.

    Raises ChildFailed with the end of the process's output.
    """
    deadline = time.monotonic() + limit
    async with httpx.AsyncClient(trust_env=False, timeout=2) as client:
        while time.monotonic() < deadline:
            if await _answers(client, url):
                return
            if child.returncode not in (None, 0):
                break
            await asyncio.sleep(0.05)
    raise ChildFailed(child.name, detail=child.tail(lines=8) or f"{url} does not answer.")


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code == 200
    except httpx.HTTPError:
        return False
