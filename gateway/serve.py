"""Runs the gateway under uvicorn: stores first, then the socket, so that what is wrong with the
settings is one sentence and not a traceback.
"""

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn
import uvloop

from gateway import logs
from gateway.app import create_app
from gateway.services import open_services
from schema import migrate
from schema.errors import ConfigError
from schema.settings import Settings

log = logging.getLogger(__name__)

KIB = 1024
GRACE_SECONDS = 2


class AddressTaken(ConfigError):
    """The gateway cannot listen where it should."""

    code = "address_taken"


class _Server(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config, *, listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen."""
        await super().startup(sockets)
        if self.started:
            self._listening()


def serve(settings: Settings, *, listening: Callable[[int], None] | None = None) -> None:
    """Listen and answer until SIGINT or SIGTERM; `listening` is told the port.

    Raises ConfigError with one sentence when it cannot start.
    """
    logs.configure(level=settings.log_level)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, listening=listening))


async def _serve(settings: Settings, *, listening: Callable[[int], None] | None) -> None:
    async with open_services(settings) as services:
        await migrate.require_head(settings.database_url)
        with _socket(settings) as listener, _no_sudden_end():
            port = int(listener.getsockname()[1])

            def announce() -> None:
                log.info("gateway.listening", extra={"port": port})
                if listening is not None:
                    listening(port)

            config = configuration(create_app(settings, services=services), settings=settings)
            await _Server(config, listening=announce).serve(sockets=[listener])


def configuration(app: object, *, settings: Settings) -> uvicorn.Config:
    """Return the settings of uvicorn (L12, L15, K7, S9)."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type]  # uvicorn's own alias of an ASGI application
        log_config=None,
        access_log=False,
        server_header=False,
        ws_max_size=128 * KIB,
        ws_max_queue=32,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        proxy_headers=True,
        forwarded_allow_ips=settings.forwarded_allow_ips,
        h11_max_incomplete_event_size=64 * KIB,
    )


@contextmanager
def _socket(settings: Settings) -> Iterator[socket.socket]:
    """Take the address.

    Raises AddressTaken.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError as error:
            raise AddressTaken(
                f"Cannot listen on {settings.host}:{settings.port}: {error.strerror}."
            ) from error
        yield listener


@contextmanager
def _no_sudden_end() -> Iterator[None]:
    """Let uvicorn raise its signal again after its shutdown without ending us before ours."""

    def ignore(number: int, frame: FrameType | None) -> None:
        log.info("gateway.stopping", extra={"signal": number})

    before = {number: signal.signal(number, ignore) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
