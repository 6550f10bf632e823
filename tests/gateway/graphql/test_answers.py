"""Kept answers are never stale, and never those of somebody else."""

import asyncio
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from gateway.auth import make_key
from gateway.graphql import routes
from gateway.graphql.answers import LARGEST, Answers, Held, Snapshots
from schema import database
from schema.words import Scope

QUERY = {"query": "{ customers { nodes { name } } }"}


@pytest.fixture
async def client(services: Any) -> Any:
    transport = httpx.ASGITransport(Starlette(routes=routes(lambda: services)))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as found:
        yield found


async def names(client: httpx.AsyncClient, key: str) -> list[str]:
    headers = {"authorization": f"Bearer {key}"}
    answer = await client.post("/graphql", json=QUERY, headers=headers)
    return [node["name"] for node in answer.json()["data"]["customers"]["nodes"]]


class TestAnswers:
    async def test_follow_every_commit_at_once(
        self, client: httpx.AsyncClient, key: str, make: Any
    ) -> None:
        customer = await make.customer(await make.integration(), name="0")
        for number in range(1, 30):
            for _ in range(3):
                assert await names(client, key) == [str(number - 1)]
            customer.name = str(number)
            await customer.save()
        await database.execute("UPDATE customer SET name = 'by hand'")

        assert await names(client, key) == ["by hand"]

    async def test_are_not_asked_of_the_database_again(
        self, client: httpx.AsyncClient, key: str, make: Any, count_sql: list[str]
    ) -> None:
        await make.customer(await make.integration(), name="x")
        for _ in range(3):
            await names(client, key)
        count_sql.clear()
        found = await asyncio.gather(*(names(client, key) for _ in range(20)))

        assert found == [["x"]] * 20
        assert len(count_sql) < 20
        assert {sql for sql in count_sql if "snapshot" not in sql} == set()

    async def test_belong_to_one_caller(self, client: httpx.AsyncClient, make: Any) -> None:
        mine, other = await make.integration(), await make.integration()
        await make.customer(mine, name="mine")
        await make.customer(other, name="other")
        keys = [
            (await make_key(name="k", scopes=[Scope.READ], integration_ids=[pair.id]))[1]
            for pair in (mine, other)
        ]
        for _ in range(3):
            assert [await names(client, key) for key in keys] == [["mine"], ["other"]]

    async def test_see_what_another_transaction_commits_late(
        self, client: httpx.AsyncClient, key: str, make: Any
    ) -> None:
        pair = await make.integration()
        opened, commit = asyncio.Event(), asyncio.Event()

        async def slow() -> None:
            async with database.transaction():
                await make.customer(pair, name="late")
                opened.set()
                await commit.wait()

        task = asyncio.create_task(slow())
        await opened.wait()
        before = [await names(client, key) for _ in range(3)]
        commit.set()
        await task

        assert before == [[]] * 3
        assert await names(client, key) == ["late"]


class TestMemory:
    def test_is_bounded(self) -> None:
        kept = Answers()
        for number in range(200):
            kept.put(number, Held("s", b"x" * LARGEST))
        kept.put("large", Held("s", b"x" * (LARGEST + 1)))

        assert kept.get(0) is None
        assert kept.get("large") is None
        assert kept.get(199) is not None

    async def test_shares_one_look_at_the_snapshot(
        self, services: Any, count_sql: list[str]
    ) -> None:
        snapshots = Snapshots()
        found = await asyncio.gather(*(snapshots.now() for _ in range(50)))

        assert len(set(found)) == 1
        assert len(count_sql) <= 2
