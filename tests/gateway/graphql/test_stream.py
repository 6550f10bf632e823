"""Server-sent events end to end: the npm client and raw streams (L13)."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.auth import make_key
from schema import bell
from schema.models import ApiKey
from schema.words import Scope

CLIENTS = Path(__file__).resolve().parents[2] / "clients"
CHANGES = "subscription { changes { kind } }"
STREAM = {"accept": "text/event-stream"}


@pytest.fixture
async def client(server: str, key: str) -> Any:
    headers = {"authorization": f"Bearer {key}"} | STREAM
    async with httpx.AsyncClient(headers=headers, trust_env=False, timeout=10) as found:
        yield found


async def events(answer: httpx.Response) -> Any:
    """Yield the name and data of each event."""
    name = ""
    async for line in answer.aiter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            text = line.removeprefix("data: ")
            yield name, json.loads(text) if text else None


class TestNodeClient:
    async def test_receives_changes(self, server: str, key: str, make: Any, services: Any) -> None:
        customer = await make.customer(await make.integration())
        node = shutil.which("node")
        assert node
        process = await asyncio.create_subprocess_exec(
            node,
            "subscribe_sse.mjs",
            f"http://{server}",
            key,
            "2",
            CHANGES,
            cwd=CLIENTS,
            stdout=-1,
        )
        assert process.stdout is not None
        async with asyncio.timeout(30):
            await process.stdout.readline()
            first = json.loads(await process.stdout.readline())
            await make.change(customer)
            await bell.ring(services.redis)
            second = json.loads(await process.stdout.readline())
            await process.wait()

        assert first["data"]["changes"]["kind"] == "snapshot"
        assert second["data"]["changes"]["kind"] == "customer.changed"


class TestStreams:
    async def test_answer_a_query_once(self, client: httpx.AsyncClient, server: str) -> None:
        body = {"query": "{ viewer { name } }"}
        async with client.stream("POST", f"http://{server}", json=body) as answer:
            found = [one async for one in events(answer)]

        assert answer.headers["content-type"].startswith("text/event-stream")
        assert found == [("next", {"data": {"viewer": {"name": "all"}}}), ("complete", None)]

    async def test_carry_request_errors_inside(
        self, client: httpx.AsyncClient, server: str
    ) -> None:
        body = {"query": "subscription { nothing }"}
        async with client.stream("POST", f"http://{server}", json=body) as answer:
            found = [one async for one in events(answer)]

        assert answer.status_code == 200
        assert found[0][1]["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
        assert found[1] == ("complete", None)

    async def test_need_a_client_that_takes_streams(
        self, client: httpx.AsyncClient, server: str
    ) -> None:
        headers = {"accept": "application/json"}
        answer = await client.post(f"http://{server}", json={"query": CHANGES}, headers=headers)

        assert answer.status_code == 406
        assert answer.json()["errors"][0]["extensions"]["code"] == "NOT_ACCEPTABLE"

    async def test_refuse_callers_without_a_key(
        self, client: httpx.AsyncClient, server: str
    ) -> None:
        headers = {"authorization": "Bearer no"}
        answer = await client.post(f"http://{server}", json={"query": CHANGES}, headers=headers)

        assert answer.status_code == 401

    async def test_end_when_the_key_is_revoked(
        self, client: httpx.AsyncClient, server: str, services: Any
    ) -> None:
        key, text = await make_key(name="short", scopes=[Scope.READ])
        found = []
        async with client.stream(
            "GET",
            f"http://{server}",
            params={"query": CHANGES},
            headers={"authorization": f"Bearer {text}"},
        ) as answer:
            async for name, data in events(answer):
                found.append((name, data))
                if len(found) == 1:
                    await ApiKey.filter(id=key.id).update(revoked_at=key.created_at)

        assert found[1][1]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert found[2] == ("complete", None)
        async with asyncio.timeout(5):
            while services.hub.subscribers:  # noqa: ASYNC110  the hub has no event for it
                await asyncio.sleep(0.01)
