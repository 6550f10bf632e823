"""A subscriber's server on a free port, and postmen who work for real."""

import asyncio
import socket
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.connect import open_redis
from schema import database as db
from schema import journal
from schema.clock import utc_now
from schema.deliveries import seal_secret
from schema.ids import new_id
from schema.models import Change, Delivery, Subscriber
from schema.secrets import Vault
from schema.settings import Hidden, Settings
from schema.words import Entity
from worker.deliveries.postman import Postman

KEY = "3Xy1pD4v9bqk0xJtB1mM4T4c1q2w3e4r5t6y7u8i9o0="


@dataclass(kw_only=True)
class Got:
    """A request that came in."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(kw_only=True)
class Receiver:
    """A subscriber: keeps what it gets, answers what it was told to."""

    url: str = ""
    got: list[Got] = field(default_factory=list)
    answers: deque[Response] = field(default_factory=deque)
    usual: int = 204
    pause: float = 0.0
    inside: int = 0
    most_inside: int = 0

    async def take(self, request: Request) -> Response:
        """Take one webhook."""
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        self.got.append(
            Got(
                path=request.url.path,
                headers=dict(request.headers),
                body=await request.body(),
            )
        )
        await asyncio.sleep(self.pause)
        self.inside -= 1
        return self.answers.popleft() if self.answers else Response(status_code=self.usual)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A served subscriber."""
    made = Receiver()
    app = Starlette(routes=[Route("/{rest:path}", made.take, methods=["POST", "GET"])])
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    door.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve([door]))
    while not server.started:  # noqa: ASYNC110  uvicorn has no event for it
        await asyncio.sleep(0.01)
    made.url = f"http://127.0.0.1:{door.getsockname()[1]}/hook"
    yield made
    server.should_exit = server.force_exit = True
    await task
    door.close()


class House:
    """The rows of the tests."""

    def __init__(self, settings: Settings, vault: Vault) -> None:
        self.settings, self.vault = settings, vault
        self.integration_id = new_id()
        self.secrets: dict[Any, str] = {}

    async def subscriber(self, url: str, **values: Any) -> Subscriber:
        """Make a subscriber who wants what comes from now on."""
        own = new_id()
        secret, sealed = seal_secret(self.vault, subscriber_id=own, old=None, clock=utc_now)
        self.secrets[own] = secret
        given = {"integration_id": self.integration_id, "position": await journal.position()}
        return await Subscriber.create(id=own, url=url, secret=sealed, **(given | values))

    async def change(self, kind: str = "invoice.released", **values: Any) -> Change:
        """Write a row of the journal."""
        given = {
            "integration_id": self.integration_id,
            "entity": Entity.INVOICE,
            "record_id": new_id(),
            "fields_changed": [{"field": "state", "before": "COMPARED", "after": "RELEASED"}],
            "actor": "sync",
            "at": datetime(2026, 11, 24, 6, tzinfo=UTC),
        } | values
        change = Change(kind=kind, **given)
        await change.save()
        await journal.stamp()
        return await Change.get(id=change.id)

    async def log(self, subscriber: Subscriber) -> list[Delivery]:
        """Return the deliveries of a subscriber, oldest first."""
        return await Delivery.filter(subscriber_id=subscriber.id).order_by("id")

    async def pass_time(self, subscriber: Subscriber) -> None:
        """Let the next try of a subscriber fall due."""
        await db.execute(
            "UPDATE delivery SET due_at = now() WHERE subscriber_id = $1 AND due_at IS NOT NULL",
            subscriber.id,
        )


@pytest.fixture
def settings(database: str, redis_url: str) -> Settings:
    """Settings of a worker that may call this machine."""
    return Settings(
        database_url=Hidden(database),
        redis_url=Hidden(redis_url),
        secret_keys=Hidden(KEY),
        webhook_targets="any",
    )


@pytest.fixture
async def house(settings: Settings) -> AsyncIterator[House]:
    """Open the database."""
    async with db.opened(settings.database_url):
        yield House(settings, Vault(KEY))


@pytest.fixture
async def new_postman(house: House) -> AsyncIterator[Callable[..., Postman]]:
    """Make postmen, each like one of another worker."""
    made: list[Postman] = []
    redis = open_redis(house.settings.redis_url)

    def make(settings: Settings = house.settings) -> Postman:
        made.append(Postman(settings=settings, vault=house.vault, clock=utc_now, redis=redis))
        return made[-1]

    yield make
    for one in made:
        await one.stop()
    await redis.aclose()


@pytest.fixture
def postman(new_postman: Callable[..., Postman]) -> Postman:
    """One postman."""
    return new_postman()
