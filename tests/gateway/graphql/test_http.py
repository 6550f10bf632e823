"""GraphQL over HTTP as clients meet it: the public audit, statuses, media types, hostile bodies."""

import asyncio
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from gateway.auth import make_key
from gateway.graphql import routes
from schema.ids import new_id
from schema.types.ids import write_id
from schema.words import Scope

CLIENTS = Path(__file__).resolve().parents[2] / "clients"
JSON = {"content-type": "application/json"}
GRAPHQL = "application/graphql-response+json"


@pytest.fixture
async def client(services: Any, key: str) -> Any:
    """A client of the routes, without a server between."""
    transport = httpx.ASGITransport(Starlette(routes=routes(lambda: services)))
    headers = {"authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://gateway", headers=headers
    ) as found:
        yield found


async def run_client(script: str, *arguments: str) -> str:
    """Run one of the Node clients; returns what it printed."""
    node = shutil.which("node")
    assert node, "Node.js is needed for the tests of GraphQL clients"
    process = await asyncio.create_subprocess_exec(
        node, script, *arguments, cwd=CLIENTS, stdout=-1, stderr=-1
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, out.decode() + err.decode()
    return out.decode()


class TestAudit:
    async def test_passes_every_audit_of_the_reference_suite(self, server: str, key: str) -> None:
        results = json.loads(await run_client("audit.mjs", f"http://{server}", key))

        assert len(results) == 61
        assert [one for one in results if one["status"] != "ok"] == []


class TestStatuses:
    async def test_keeps_the_promise_of_each_media_type(self, client: httpx.AsyncClient) -> None:
        cases = [
            ("{", "application/json", 200),
            ("{", GRAPHQL, 400),
            ("{ nothing }", "application/json", 200),
            ("{ nothing }", GRAPHQL, 400),
            ("{ viewer { name } }", GRAPHQL, 200),
            ("{ viewer { name } }", "text/html", 406),
            ("{ viewer { name } }", "application/json;q=0", 406),
        ]
        for query, accept, status in cases:
            answer = await client.post(
                "/graphql", json={"query": query}, headers={"accept": accept}
            )
            assert answer.status_code == status, (query, accept)
            assert "charset=utf-8" in answer.headers["content-type"]
            assert ("data" in answer.json()) == (query == "{ viewer { name } }" and status == 200)

    async def test_prefers_by_weight(self, client: httpx.AsyncClient) -> None:
        cases = [
            (f"{GRAPHQL};q=0.5, application/json", "application/json"),
            (f"application/json;q=0.5, {GRAPHQL}", GRAPHQL),
            (f"{GRAPHQL}, application/json", GRAPHQL),
            ("*/*", "application/json"),
            ("application/*;q=0.2", "application/json"),
        ]
        for accept, expected in cases:
            answer = await client.post(
                "/graphql", json={"query": "{ __typename }"}, headers={"accept": accept}
            )
            assert answer.headers["content-type"].startswith(expected), accept

    async def test_refuses_a_caller_without_a_key(self, client: httpx.AsyncClient) -> None:
        for value in ("", "Bearer nonsense", "Basic abc"):
            answer = await client.post(
                "/graphql", json={"query": "{ __typename }"}, headers={"authorization": value}
            )
            assert answer.status_code == 401
            assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"

    async def test_allows_only_queries_by_address(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/graphql", params={"query": "mutation { __typename }"})
        deleted = await client.delete("/graphql")

        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
        assert (deleted.status_code, deleted.headers["allow"]) == (405, "GET, POST")

    async def test_limits_bodies_and_addresses(self, client: httpx.AsyncClient) -> None:
        long = await client.get("/graphql", params={"query": "#" * 20_000})
        large = await client.post("/graphql", content=b" " * 200_000, headers=JSON)

        assert long.status_code == 414
        assert large.status_code == 413

    async def test_matches_the_content_type_exactly(self, client: httpx.AsyncClient) -> None:
        body = b'{"query": "{ __typename }"}'
        for kind in (
            "text/plain,application/json",
            "text/plain",
            "application/json; charset=latin1",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
        ):
            answer = await client.post("/graphql", content=body, headers={"content-type": kind})
            assert answer.status_code == 415, kind


HOSTILE = (
    b"5",
    b"null",
    b"[]",
    b"[5]",
    b'"x"',
    b"\xff\xfe",
    b"\xef\xbb\xbf{}",
    b"",
    b"{",
    b"[" * 90_000,
    b'{"query": "{ __typename }", "variables": {"a": ' + b"9" * 90_000 + b"}}",
    b'{"query": "{ __typename }", "variables": {"a": NaN}}',
    b'{"query": "{ __typename }", "variables": {"a": "\\ud800"}}',
    b'{"query": "{ node(id: \\"\\ud800\\") { id } }"}',
    b'{"query": "{ customers(filter: {search: \\"\\\\u0000\\"}) { nodes { id } } }"}',
    b'{"query": "query ($s: String) { customers(filter: {search: $s}) { nodes { id } } }",'
    b' "variables": {"s": "\\u0000"}}',
    b'{"query": "{ invoices(first: 99999999999) { nodes { id } } }"}',
    b'{"query": "{ invoices(filter: {totalMin: \\"1e999999\\"}) { nodes { id } } }"}',
    b'{"query": "{ invoices(filter: {totalMin: 0.1}) { nodes { id } } }"}',
    b'{"query": "{ invoices(filter: {dateFrom: \\"0000-00-00\\"}) { nodes { id } } }"}',
    b'{"query": "{ invoices(after: \\"AAAA\\") { nodes { id } } }"}',
    b'{"query": "{ invoices(last: 5, before: \\"\xc3\xa6\\") { nodes { id } } }"}',
    b'{"query": "{ changes(after: \\"ajE6OTk5OTk5OTk5OTk5OTk5OTk5\\") { nodes { kind } } }"}',
    b'{"query": "' + b"{a" * 20_000 + b'"}',
    b'{"query": "{ __typename }", "operationName": "\\ud800"}',
)


class TestHostileBodies:
    async def test_answers_each_with_json_and_a_code(self, client: httpx.AsyncClient) -> None:
        for body in HOSTILE:
            answer = await client.post("/graphql", content=body, headers=JSON)
            assert answer.status_code < 500, body[:80]
            assert answer.headers["content-type"].startswith("application/json")
            found = answer.json()
            assert found.get("errors") or found["data"], body[:80]
            for error in found.get("errors", ()):
                assert error["extensions"]["code"] != "INTERNAL_ERROR", (body[:80], error)

    async def test_answers_whatever_comes_in(self, client: httpx.AsyncClient) -> None:
        loop = asyncio.get_running_loop()
        seen: list[int] = []
        values = st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=5,
        )
        bodies = st.binary(max_size=60) | st.fixed_dictionaries(
            {"query": values | st.just("{ __typename }"), "variables": values}
        ).map(lambda found: json.dumps(found).encode())
        found: list[bytes] = []

        @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
        @given(bodies)
        def collect(body: bytes) -> None:
            found.append(body)

        collect()
        for body in found:
            answer = await client.post("/graphql", content=body, headers=JSON)
            seen.append(answer.status_code)
            answer.json()
        assert max(seen) < 500
        assert loop.is_running()


class TestErrors:
    async def test_masks_surprises(
        self, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from gateway.graphql import nodes

        async def burst(*_: Any) -> None:
            raise RuntimeError("secret password")

        monkeypatch.setattr("gateway.graphql.query.find", burst)
        answer = await client.post("/graphql", json={"query": '{ node(id: "x") { id } }'})

        error = answer.json()["errors"][0]
        assert nodes.find is not burst
        assert "secret" not in answer.text
        assert error["message"] == "Internal error."
        assert error["extensions"]["code"] == "INTERNAL_ERROR"
        assert error["path"] == ["node"]

    async def test_shows_ten_errors_at_most(self, client: httpx.AsyncClient) -> None:
        fields = " ".join(f"unknown{number}" for number in range(15))
        answer = await client.post("/graphql", json={"query": "{ " + fields + " }"})

        assert len(answer.json()["errors"]) == 10


class TestProduction:
    @pytest.fixture
    async def production(self, services: Any, key: str) -> Any:
        """A client of a gateway in the production profile, with the statuses of the draft."""
        settings = replace(services.settings, profile="production", graphql_statuses="draft")
        changed = replace(services, settings=settings)
        transport = httpx.ASGITransport(Starlette(routes=routes(lambda: changed)))
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as found:
            yield found

    async def _ask(self, client: httpx.AsyncClient, query: str, *scopes: Scope) -> Any:
        _, text = await make_key(name="k", scopes=scopes)
        headers = {"authorization": f"Bearer {text}", "accept": GRAPHQL}
        return await client.post("/graphql", json={"query": query}, headers=headers)

    async def test_shows_its_schema_only_to_those_who_set_up(
        self, production: httpx.AsyncClient
    ) -> None:
        for query in ("{ __schema { queryType { name } } }", '{ __type\n(name: "X") { name } }'):
            refused = await self._ask(production, query, Scope.READ)
            shown = await self._ask(production, query, Scope.SETUP)
            assert refused.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
            assert "errors" not in shown.json()

    async def test_gives_no_hints_of_names(self, production: httpx.AsyncClient) -> None:
        answer = await self._ask(production, "{ viewr { name } }", Scope.READ)

        assert "viewer" not in answer.text

    async def test_can_use_the_statuses_of_the_draft(self, production: httpx.AsyncClient) -> None:
        hidden = write_id("ApiKey", new_id())
        cases = [
            ("{", 400),
            ("{ nothing }", 422),
            ("query ($id: ID!) { node(id: $id) { id } }", 422),
            (f'{{ viewer {{ name }} node(id: "{hidden}") {{ id }} }}', 294),
            ("{ viewer { name } }", 200),
        ]  # fmt: skip
        for query, status in cases:
            answer = await self._ask(production, query, Scope.READ)
            assert answer.status_code == status, (query, answer.text)
