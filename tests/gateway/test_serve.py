"""The gateway as a process: it says what is wrong in one sentence, and leaves when told to."""

import asyncio
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from gateway.serve import AddressTaken, configuration, serve
from schema.migrate import NotMigrated
from schema.secrets import new_key
from schema.settings import Hidden, Settings

PROGRAM = """
import os, sys
from gateway.serve import serve
from schema.settings import Settings
serve(Settings.from_env(os.environ), listening=lambda port: print(port, flush=True))
print("over", flush=True)
"""

Start = Callable[[], Coroutine[Any, Any, tuple[asyncio.subprocess.Process, str]]]


@pytest.fixture(autouse=True)
def _logging() -> Iterator[None]:
    """Give the root logger its handlers back."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)


@pytest.fixture
def settings(database: str, redis_url: str) -> Settings:
    return Settings(
        database_url=Hidden(database), redis_url=Hidden(redis_url), secret_keys=Hidden(new_key())
    )


@pytest.fixture
async def start(settings: Settings) -> AsyncIterator[Start]:
    """Starts the process and tells its address."""
    running: list[asyncio.subprocess.Process] = []
    environ = os.environ | {
        "DATABASE_URL": str(settings.database_url),
        "REDIS_URL": str(settings.redis_url),
        "GATEWAY_SECRET_KEYS": str(settings.secret_keys),
        "GATEWAY_PORT": "0",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }

    async def begin() -> tuple[asyncio.subprocess.Process, str]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", PROGRAM),
            env=environ,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        running.append(process)
        assert process.stdout is not None
        async with asyncio.timeout(30):
            port = int(await process.stdout.readline())
        return process, f"http://127.0.0.1:{port}"

    yield begin
    for process in running:
        if process.returncode is None:
            process.kill()
            await process.wait()


class TestTheProcess:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    async def test_answers_until_it_is_told_to_leave(
        self, start: Start, number: signal.Signals
    ) -> None:
        process, url = await start()
        async with httpx.AsyncClient() as client:
            ready = await client.get(f"{url}/readyz")
        process.send_signal(number)
        async with asyncio.timeout(10):
            out, err = await process.communicate()

        assert ready.status_code == 200
        assert "server" not in ready.headers
        assert (process.returncode, out) == (0, b"over\n")
        events = [json.loads(line).get("event") for line in err.splitlines()]
        assert events[0] == "gateway.listening"
        assert "gateway.stopping" in events

    async def test_closes_sockets_that_stay_open(self, start: Start) -> None:
        process, url = await start()
        host, port = url.removeprefix("http://").split(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"POST /webhooks/financials HTTP/1.1\r\nHost: localhost\r\n")
        writer.write(b"Content-Length: 10\r\n\r\nhalf")
        await writer.drain()
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(8):
            await process.wait()
        writer.close()

        assert process.returncode == 0


class TestRefusing:
    def test_an_older_database(self, settings: Settings, empty_database: str) -> None:
        with pytest.raises(NotMigrated, match="severa-gateway migrate"):
            serve(replace(settings, database_url=Hidden(empty_database)))

    def test_an_address_in_use(self, settings: Settings) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            with pytest.raises(AddressTaken, match=str(port)):
                serve(replace(settings, port=port))


class TestTheConfiguration:
    def test_bounds_sockets_and_the_end(self, settings: Settings) -> None:
        made = configuration(object(), settings=replace(settings, forwarded_allow_ips="10.0.0.7"))

        assert made.ws_max_size <= 256 * 1024
        assert made.timeout_graceful_shutdown == 2
        assert made.forwarded_allow_ips == "10.0.0.7"
        assert not made.server_header
