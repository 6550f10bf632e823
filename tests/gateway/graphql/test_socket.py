"""WebSockets end to end: the npm client, raw frames, keys that end (L1 to L9)."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from gateway.auth import make_key
from schema import bell
from schema.models import ApiKey
from schema.words import Scope

CLIENTS = Path(__file__).resolve().parents[2] / "clients"
CHANGES = "subscription { changes { kind cursor entity record { id } } }"


@asynccontextmanager
async def opened(
    address: str, payload: dict[str, Any] | None = None, **options: Any
) -> AsyncIterator[ClientConnection]:
    """Open a socket; with a payload the connection is initialized."""
    async with connect(
        f"ws://{address}",
        subprotocols=options.pop("subprotocols", ["graphql-transport-ws"]),
        **options,
    ) as socket:
        if payload is not None:
            await send(socket, type="connection_init", payload=payload)
            assert (await take(socket))["type"] == "connection_ack"
        yield socket


async def send(socket: ClientConnection, **message: Any) -> None:
    await socket.send(json.dumps(message))


async def take(socket: ClientConnection) -> Any:
    async with asyncio.timeout(10):
        text = await socket.recv()
    assert isinstance(text, str)
    return json.loads(text)


async def closed(socket: ClientConnection) -> int:
    """Wait for the end; returns its code."""

    async def drain() -> None:
        while True:
            await take(socket)

    with pytest.raises(ConnectionClosed) as end:
        await drain()
    assert end.value.rcvd is not None
    return end.value.rcvd.code


async def subscribe(socket: ClientConnection, name: str, query: Any, **payload: Any) -> None:
    await send(socket, id=name, type="subscribe", payload={"query": query, **payload})


@pytest.fixture
def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


class TestNodeClient:
    async def test_receives_a_snapshot_and_then_every_change(
        self, server: str, key: str, make: Any, services: Any, global_id: Any
    ) -> None:
        customer = await make.customer(await make.integration())
        node = shutil.which("node")
        assert node
        process = await asyncio.create_subprocess_exec(
            node,
            "subscribe_ws.mjs",
            f"ws://{server}",
            key,
            "3",
            CHANGES,
            cwd=CLIENTS,
            stdout=-1,
        )
        assert process.stdout is not None
        async with asyncio.timeout(30):
            assert json.loads(await process.stdout.readline()) == {"connected": True}
            first = json.loads(await process.stdout.readline())
            for kind in ("customer.created", "customer.changed"):
                await make.change(customer, kind=kind)
                await bell.ring(services.redis)
            rest = [json.loads(await process.stdout.readline()) for _ in range(2)]
            await process.wait()

        assert first["data"]["changes"]["kind"] == "snapshot"
        assert [one["data"]["changes"]["kind"] for one in rest] == [
            "customer.created",
            "customer.changed",
        ]
        assert rest[0]["data"]["changes"]["record"]["id"] == global_id(customer)


class TestProtocol:
    async def test_runs_queries_and_mutations_too(
        self, server: str, bearer: dict[str, str]
    ) -> None:
        async with opened(server, bearer) as socket:
            await subscribe(socket, "1", "{ viewer { name } }")

            assert await take(socket) == {
                "id": "1",
                "type": "next",
                "payload": {"data": {"viewer": {"name": "all"}}},
            }
            assert await take(socket) == {"id": "1", "type": "complete"}

    async def test_takes_the_key_of_the_handshake(
        self, server: str, bearer: dict[str, str]
    ) -> None:
        async with opened(server, {}, additional_headers=bearer) as socket:
            await send(socket, type="ping")

            assert (await take(socket))["type"] == "pong"

    async def test_closes_with_the_codes_of_the_protocol(
        self, server: str, bearer: dict[str, str]
    ) -> None:
        async with opened(server) as socket:
            await send(socket, type="connection_init", payload={"authorization": "Bearer no"})
            assert await closed(socket) == 4403
        async with opened(server) as socket:
            await send(socket, type="connection_init")
            assert await closed(socket) == 4403
        async with opened(server) as socket:
            await subscribe(socket, "1", CHANGES)
            assert await closed(socket) == 4401
        async with opened(server, bearer) as socket:
            await send(socket, type="connection_init", payload=bearer)
            assert await closed(socket) == 4429
        async with opened(server, bearer) as socket:
            await subscribe(socket, "1", CHANGES)
            await subscribe(socket, "1", CHANGES)
            assert await closed(socket) == 4409

    async def test_speaks_only_the_modern_protocol(self, server: str) -> None:
        async with opened(server, subprotocols=["graphql-ws"]) as socket:
            assert await closed(socket) == 4406

    async def test_refuses_pages_of_other_origins(self, server: str) -> None:
        with pytest.raises(InvalidStatus, match="403"):
            async with opened(server, origin="https://evil.example"):
                pass

    async def test_keeps_an_error_to_its_own_operation(
        self, server: str, bearer: dict[str, str], make: Any, services: Any
    ) -> None:
        customer = await make.customer(await make.integration())
        async with opened(server, bearer) as socket:
            await subscribe(socket, "good", CHANGES)
            assert (await take(socket))["id"] == "good"
            bad = [
                ("{", {}, "GRAPHQL_PARSE_FAILED"),
                ("{ nothing }", {}, "GRAPHQL_VALIDATION_FAILED"),
                ("query A { viewer { name } }", {"operationName": "B"}, None),
                (5, {}, "BAD_REQUEST"),
                ("{ viewer { name } }", {"variables": [1]}, "BAD_REQUEST"),
                ("{ viewer {" + " a: name" * 20 + "} }", {}, None),
            ]
            for number, (query, payload, code) in enumerate(bad):
                await subscribe(socket, str(number), query, **payload)
                answer = await take(socket)
                assert (answer["id"], answer["type"]) == (str(number), "error"), answer
                if code:
                    assert answer["payload"][0]["extensions"]["code"] == code

            await make.change(customer)
            await bell.ring(services.redis)
            answer = await take(socket)

        assert (answer["id"], answer["type"]) == ("good", "next")

    async def test_closes_on_messages_that_are_none(
        self, server: str, bearer: dict[str, str]
    ) -> None:
        for text in (
            "5",
            "[]",
            "null",
            "{",
            '{"type": 5}',
            '{"type": "unknown"}',
            '{"type": "subscribe"}',
            '{"type": "subscribe", "id": 5, "payload": {}}',
            '{"type": "subscribe", "id": "1", "payload": []}',
            "[" * 50_000,
            '{"a": ' + "9" * 20_000 + "}",
        ):
            async with opened(server, bearer) as socket:
                await socket.send(text)
                assert await closed(socket) == 4400, text[:40]

    async def test_caps_the_subscriptions_of_a_socket(
        self, server: str, bearer: dict[str, str]
    ) -> None:
        async with opened(server, bearer) as socket:
            for number in range(21):
                await subscribe(socket, str(number), CHANGES)
            answers = [await take(socket) for _ in range(21)]

        assert sum(answer["type"] == "error" for answer in answers) == 1

    async def test_cleans_up_when_the_client_is_gone(
        self, server: str, bearer: dict[str, str], services: Any
    ) -> None:
        async with opened(server, bearer) as socket:
            await subscribe(socket, "1", CHANGES)
            await take(socket)
            async with asyncio.timeout(5):
                while services.hub.subscribers == 0:  # noqa: ASYNC110  the hub has no event for it
                    await asyncio.sleep(0.01)
            socket.transport.abort()
        async with asyncio.timeout(5):
            while services.hub.subscribers:  # noqa: ASYNC110  the hub has no event for it
                await asyncio.sleep(0.01)

        assert services.hub.subscribers == 0


class TestKeys:
    async def test_end_open_sockets_within_five_seconds(self, server: str) -> None:
        key, text = await make_key(name="short", scopes=[Scope.READ])
        async with opened(server, {"authorization": f"Bearer {text}"}) as socket:
            await subscribe(socket, "1", CHANGES)
            await take(socket)
            began = asyncio.get_running_loop().time()
            await ApiKey.filter(id=key.id).update(revoked_at=key.created_at)

            assert await closed(socket) == 4403
            assert asyncio.get_running_loop().time() - began < 5

    async def test_need_the_scope_of_a_subscription(self, server: str) -> None:
        _, text = await make_key(name="keys only", scopes=[Scope.KEYS])
        async with opened(server, {"authorization": f"Bearer {text}"}) as socket:
            await subscribe(socket, "1", CHANGES)
            answer = await take(socket)

        assert answer["type"] == "error"
        assert answer["payload"][0]["extensions"]["code"] == "FORBIDDEN"
