"""A scripted vendor behind an ASGI transport, and clients of both sides that talk to it."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, settings
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.vendors import financials, severa
from worker.vendors.client import Client
from worker.vendors.gate import Budget
from worker.vendors.wire import Timeouts

# A machine shared with a running suite draws slowly; that says nothing about the code.
settings.register_profile(
    "shared-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("shared-machine")

BASE = "http://vendor.test"
Reply = Response | Callable[[Request], Awaitable[Response]]


def reply(
    body: Any = None, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Answer with JSON, or with nothing."""
    content = b"" if body is None else json.dumps(body).encode()
    return Response(content, status, headers=headers, media_type="application/json")


@dataclass
class Seen:
    """One request that reached the vendor."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes


@dataclass
class Vendor:
    """Answers in the order of its script; the last answer repeats."""

    script: list[Reply] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    tokens: list[Seen] = field(default_factory=list)
    token_script: list[Response] = field(default_factory=list)
    lifetime: int = 3600
    in_flight: int = 0
    most_in_flight: int = 0

    async def answer(self, request: Request) -> Response:
        """Take the next answer of the script."""
        seen = await _seen(request)
        if seen.path.endswith(("/token", "/refreshtoken")):
            self.tokens.append(seen)
            return self._token()
        self.seen.append(seen)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            following = self.script.pop(0) if len(self.script) > 1 else self.script[0]
            if isinstance(following, Response):
                return following
            return await following(request)
        finally:
            self.in_flight -= 1

    def _token(self) -> Response:
        if self.token_script:
            return self.token_script.pop(0)
        text = f"token-{len(self.tokens)}"
        return reply(
            {
                "access_token": text,
                "expires_in": self.lifetime,
                "access_token_expires_in": self.lifetime,
                "refresh_token": f"refresh-{text}",
            }
        )

    @property
    def app(self) -> Starlette:
        """The vendor as an application."""
        methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        return Starlette(routes=[Route("/{path:path}", self.answer, methods=methods)])


async def _seen(request: Request) -> Seen:
    raw = request.scope["raw_path"].decode()
    return Seen(
        request.method,
        raw.split("?")[0],
        list(request.query_params.multi_items()),
        dict(request.headers),
        await request.body(),
    )


class Wrist:
    """A clock that a test turns by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def vendor() -> Vendor:
    """A vendor without a script yet."""
    return Vendor()


@pytest.fixture
def wrist() -> Wrist:
    """A clock turned by hand."""
    return Wrist()


@pytest.fixture
def answer() -> Callable[..., Response]:
    """The maker of scripted answers."""
    return reply


Make = Callable[..., Client]


@pytest.fixture
async def make_severa(vendor: Vendor, wrist: Wrist) -> AsyncIterator[Make]:
    """Build Severa clients of the scripted vendor, closed after the test."""
    made: list[Client] = []

    def make(**changes: Any) -> Client:
        settings: dict[str, Any] = {
            "base_url": f"{BASE}/rest-api",
            "client_id": "id-1",
            "client_secret": "very-secret",
            "calls_per_second": None,
            "time_scale": 0.001,
            "clock": wrist,
            "transport": httpx.ASGITransport(vendor.app),
        }
        made.append(severa.client(**(settings | changes)))
        return made[-1]

    yield make
    await asyncio.gather(*(client.aclose() for client in made))


@pytest.fixture
async def make_financials(vendor: Vendor, wrist: Wrist) -> AsyncIterator[Make]:
    """Build Financials clients of the scripted vendor, closed after the test."""
    made: list[Client] = []

    def make(**changes: Any) -> Client:
        settings: dict[str, Any] = {
            "base_url": BASE,
            "token_url": f"{BASE}/connect/token",
            "client_id": "isv_1",
            "client_secret": "very-secret",
            "tenant_id": "8f14e45f-ceea-467f-a8d1-0b0b0b0b0b0b",
            "time_scale": 0.001,
            "clock": wrist,
            "transport": httpx.ASGITransport(vendor.app),
        }
        made.append(financials.client(**(settings | changes)))
        return made[-1]

    yield make
    await asyncio.gather(*(client.aclose() for client in made))


@pytest.fixture
def quick() -> Timeouts:
    """Time limits that a test does not have to wait for."""
    return Timeouts(connect=0.2, pool=0.2, send=0.2, read=0.1, write=0.1, total=0.5)


@pytest.fixture
def impatient() -> Budget:
    """A budget that waits for nobody."""
    return Budget(in_flight=8, patience=0.2)
