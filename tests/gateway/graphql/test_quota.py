"""Quotas at the GraphQL address, the same on every transport (S3, S4, K6)."""

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from gateway.app import create_app
from gateway.auth import make_key
from gateway.graphql import routes, view, watch
from gateway.services import Services, open_services
from schema.settings import Hidden, Settings
from schema.words import Scope

NAMES = "{ customers { nodes { name } } }"
DEAR = "{ invoices(first: 100) { nodes { id customer { name } } } }"
WRONG = "sgw_aaaaaaaa_" + "a" * 43 + "_00000000"

PROTOCOL = Subprotocol("graphql-transport-ws")

Opener = Callable[..., Awaitable[Services]]


@pytest.fixture
async def opening(settings: Settings) -> AsyncIterator[Opener]:
    async with AsyncExitStack() as stack:

        async def opened(**changed: Any) -> Services:
            given = dataclasses.replace(settings, **changed)
            clock = lambda: datetime(2026, 11, 24, 6, tzinfo=UTC)  # noqa: E731
            return await stack.enter_async_context(open_services(given, clock=clock))

        yield opened


def client_of(services: Services) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(Starlette(routes=routes(lambda: services)))
    return httpx.AsyncClient(transport=transport, base_url="http://gateway")


async def bearer() -> dict[str, str]:
    _, text = await make_key(name="all", scopes=list(Scope))
    return {"authorization": f"Bearer {text}"}


def left(answer: httpx.Response) -> int:
    return int(answer.headers["ratelimit"].split("r=")[1].split(";")[0])


class TestHTTP:
    async def test_tells_the_quota_on_every_answer(self, opening: Opener) -> None:
        services = await opening(rate_points=0.5)
        async with client_of(services) as client:
            headers = await bearer()
            fine = await client.post("/graphql", json={"query": NAMES}, headers=headers)
            broken = await client.post("/graphql", json={"query": "{"}, headers=headers)
            bad = await client.post("/graphql", json=[], headers=headers)

        assert [left(one) for one in (fine, broken, bad)] == [4, 3, 2]
        assert fine.headers["ratelimit-policy"] == '"points";q=5;w=10'

    async def test_refuses_beyond_it(self, opening: Opener) -> None:
        services = await opening(rate_points=0.2)
        async with client_of(services) as client:
            headers = await bearer()
            found = [
                await client.post("/graphql", json={"query": NAMES}, headers=headers)
                for _ in range(5)
            ]

        assert [one.status_code for one in found] == [200, 200, 429, 429, 429]
        extensions = found[-1].json()["errors"][0]["extensions"]
        wait = int(found[-1].headers["retry-after"])
        assert extensions == {"code": "TOO_MANY_REQUESTS", "retryAfter": wait}
        assert 1 <= wait <= 5

    async def test_charges_by_cost(self, opening: Opener) -> None:
        services = await opening(rate_points=0.5)
        async with client_of(services) as client:
            headers = await bearer()
            first = await client.post("/graphql", json={"query": DEAR}, headers=headers)

        assert first.status_code == 200, first.text
        assert left(first) < 4

    async def test_is_met_by_get_and_event_streams_too(self, opening: Opener) -> None:
        services = await opening(rate_points=0.1)
        async with client_of(services) as client:
            headers = await bearer()
            await client.get("/graphql", params={"query": NAMES}, headers=headers)
            stream = {**headers, "accept": "text/event-stream"}
            refused = await client.post("/graphql", json={"query": NAMES}, headers=stream)

        assert refused.status_code == 429
        assert refused.json()["errors"][0]["extensions"]["code"] == "TOO_MANY_REQUESTS"

    async def test_is_switched_off_by_0(self, opening: Opener) -> None:
        services = await opening(rate_points=0)
        async with client_of(services) as client:
            answer = await client.post("/graphql", json={"query": NAMES}, headers=await bearer())

        assert answer.status_code == 200
        assert "ratelimit" not in answer.headers

    @pytest.mark.parametrize("url", ["memory://", "redis://127.0.0.1:1"])
    async def test_works_without_redis(self, opening: Opener, url: str) -> None:
        services = await opening(rate_points=0.2, redis_url=Hidden(url))
        async with client_of(services) as client:
            headers = await bearer()
            found = [
                await client.post("/graphql", json={"query": NAMES}, headers=headers)
                for _ in range(3)
            ]

        assert [one.status_code for one in found] == [200, 200, 429]

    async def test_leaves_probes_and_doorbells_alone(
        self, opening: Opener, settings: Settings
    ) -> None:
        services = await opening(rate_points=0.1, failed_keys_per_minute=1)
        transport = httpx.ASGITransport(create_app(settings, services=services))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            wrong = {"authorization": f"Bearer {WRONG}"}
            for _ in range(3):
                last = await client.post("/graphql", json={"query": NAMES}, headers=wrong)
            probes = [await client.get("/livez") for _ in range(5)]
            rings = [await client.post("/webhooks/severa/x", json={}) for _ in range(5)]

        assert last.status_code == 429
        assert {one.status_code for one in probes} == {200}
        assert 429 not in {one.status_code for one in rings}


class TestInvalidKeys:
    async def test_are_held_off_but_nobody_else(self, opening: Opener) -> None:
        services = await opening(failed_keys_per_minute=3)
        wrong = {"authorization": f"Bearer {WRONG}"}
        async with client_of(services) as client:
            good = await bearer()
            assert (
                await client.post("/graphql", json={"query": NAMES}, headers=good)
            ).status_code == 200
            tries = [
                await client.post("/graphql", json={"query": NAMES}, headers=wrong)
                for _ in range(5)
            ]
            still = await client.post("/graphql", json={"query": NAMES}, headers=good)

        assert [one.status_code for one in tries] == [401, 401, 401, 429, 429]
        assert tries[-1].json()["errors"][0]["extensions"]["code"] == "TOO_MANY_ATTEMPTS"
        assert int(tries[-1].headers["retry-after"]) >= 1
        assert still.status_code == 200

    async def test_are_counted_no_more_than_given(self, opening: Opener) -> None:
        services = await opening(failed_keys_per_minute=1)
        async with client_of(services) as client:
            tries = [await client.post("/graphql", json={"query": NAMES}) for _ in range(5)]

        assert {one.status_code for one in tries} == {401}


async def send(socket: ClientConnection, **message: Any) -> None:
    await socket.send(json.dumps(message))


async def take(socket: ClientConnection) -> Any:
    return json.loads(await socket.recv())


async def begin(socket: ClientConnection, key: str) -> None:
    await send(socket, type="connection_init", payload={"authorization": f"Bearer {key}"})
    assert (await take(socket))["type"] == "connection_ack"


class TestSockets:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return dataclasses.replace(settings, rate_points=0.2, failed_keys_per_minute=1)

    async def test_refuse_an_operation_alone(self, server: str, key: str) -> None:
        async with connect(f"ws://{server}", subprotocols=[PROTOCOL]) as socket:
            await send(socket, type="connection_init", payload={"authorization": f"Bearer {key}"})
            assert (await take(socket))["type"] == "connection_ack"
            ends = []
            for number in range(3):
                await send(socket, id=str(number), type="subscribe", payload={"query": NAMES})
                message = await take(socket)
                ends.append(message["type"])
                if message["type"] == "next":
                    assert (await take(socket))["type"] == "complete"

        assert ends == ["next", "next", "error"]
        extensions = message["payload"][0]["extensions"]
        assert extensions["code"] == "TOO_MANY_REQUESTS"
        assert extensions["retryAfter"] >= 1

    async def test_close_on_too_many_invalid_keys(self, server: str) -> None:
        codes = []
        for _ in range(2):
            async with connect(f"ws://{server}", subprotocols=[PROTOCOL]) as socket:
                payload = {"authorization": f"Bearer {WRONG}"}
                await send(socket, type="connection_init", payload=payload)
                with pytest.raises(ConnectionClosed) as end:
                    await take(socket)
                assert end.value.rcvd is not None
                codes.append(end.value.rcvd.code)

        assert codes == [4403, 4429]


class TestAtOnce:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return dataclasses.replace(settings, operations_at_once=1, subscriptions_at_once=2)

    async def test_refuses_one_operation_too_many(self, opening: Opener) -> None:
        services = await opening()
        made, text = await make_key(name="all", scopes=list(Scope))
        headers = {"authorization": f"Bearer {text}"}
        async with client_of(services) as client:
            with services.operations.hold(f"key:{made.prefix}"):
                busy = await client.post("/graphql", json={"query": NAMES}, headers=headers)
            later = await client.post("/graphql", json={"query": NAMES}, headers=headers)

        assert busy.status_code == 429
        extensions = busy.json()["errors"][0]["extensions"]
        assert extensions == {"code": "TOO_MANY_AT_ONCE", "retryAfter": 1}
        assert busy.headers["retry-after"] == "1"
        assert later.status_code == 200
        assert services.operations.count(f"key:{made.prefix}") == 0

    async def test_refuses_one_subscription_too_many(
        self, server: str, key: str, services: Services
    ) -> None:
        async with connect(f"ws://{server}", subprotocols=[PROTOCOL]) as socket:
            await begin(socket, key)
            for number in range(3):
                payload = {"query": "subscription { changes { kind } }"}
                await send(socket, id=str(number), type="subscribe", payload=payload)
                message = await take(socket)
                assert message["id"] == str(number)
            assert message["type"] == "error"
            assert message["payload"][0]["extensions"]["code"] == "TOO_MANY_AT_ONCE"
            await send(socket, id="0", type="complete")
            while sum(services.subscriptions._count.values()) > 1:  # noqa: ASYNC110  nobody tells
                await asyncio.sleep(0.01)

    async def test_closes_a_socket_too_many(
        self, server: str, key: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(watch, "PER_CALLER", 1)
        async with connect(f"ws://{server}", subprotocols=[PROTOCOL]) as first:
            await begin(first, key)
            async with connect(f"ws://{server}", subprotocols=[PROTOCOL]) as second:
                payload = {"authorization": f"Bearer {key}"}
                await send(second, type="connection_init", payload=payload)
                with pytest.raises(ConnectionClosed) as end:
                    await take(second)
            stream = {"authorization": f"Bearer {key}", "accept": "text/event-stream"}
            async with httpx.AsyncClient(trust_env=False) as client:
                query = {"query": "subscription { changes { kind } }"}
                refused = await client.post(f"http://{server}", json=query, headers=stream)

        assert end.value.rcvd is not None
        assert end.value.rcvd.code == 4429
        assert refused.status_code == 429
        assert refused.json()["errors"][0]["extensions"]["code"] == "TOO_MANY_AT_ONCE"


class TestOneSocket:
    async def test_holds_twenty_operations(self, server: str, key: str) -> None:
        async with connect(f"ws://{server}", subprotocols=[PROTOCOL]) as socket:
            await begin(socket, key)
            for number in range(view.PER_SOCKET + 1):
                payload = {"query": "subscription { changes { kind } }"}
                await send(socket, id=str(number), type="subscribe", payload=payload)
                message = await take(socket)
                assert message["id"] == str(number)

        assert message["type"] == "error"
        assert message["payload"][0]["extensions"] == {"code": "TOO_MANY_AT_ONCE", "retryAfter": 1}
