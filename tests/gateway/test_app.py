"""What surrounds every request: ids, headers, hosts, sizes, JSON failures; refusing to start."""

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from gateway import logs
from gateway.app import create_app
from gateway.services import check, open_services
from schema.errors import ConfigError
from schema.secrets import new_key, new_webhook_secret
from schema.settings import Hidden, Settings

CANARY = "whsec_Q0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZ"


@pytest.fixture
def settings(database: str, redis_url: str) -> Settings:
    return Settings(
        database_url=Hidden(database),
        redis_url=Hidden(redis_url),
        secret_keys=Hidden(new_key()),
        public_url="https://gateway.example.com",
        cors_origins="https://dashboard.example.com",
        database_pool=2,
    )


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[Starlette]:
    async with open_services(settings) as services:
        made = create_app(settings, services=services)
        made.router.routes.append(Route("/broken", _broken, methods=["GET"]))
        made.router.routes.append(Route("/echo", _echo, methods=["POST"]))
        yield made


@pytest.fixture
async def client(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://localhost") as opened:
        yield opened


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything that is logged, as a production process writes it."""
    root, stream = logging.getLogger(), io.StringIO()
    before, level = list(root.handlers), root.level
    logs.configure(level="DEBUG", stream=stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


async def _broken(request: Request) -> None:
    raise RuntimeError(f"the password is {CANARY}")


async def _echo(request: Request) -> None:
    await request.body()


def code(response: httpx.Response) -> str:
    return str(response.json()["errors"][0]["extensions"]["code"])


class TestAFailure:
    @pytest.mark.parametrize(
        ("method", "path", "status", "expected"),
        [
            ("GET", "/nowhere", 404, "NOT_FOUND"),
            ("DELETE", "/livez", 405, "METHOD_NOT_ALLOWED"),
            ("GET", "/webhooks/financials", 405, "METHOD_NOT_ALLOWED"),
            ("GET", "/broken", 500, "INTERNAL"),
        ],
    )
    async def test_is_json_with_a_code(
        self, client: httpx.AsyncClient, method: str, path: str, status: int, expected: str
    ) -> None:
        response = await client.request(method, path)

        assert (response.status_code, code(response)) == (status, expected)
        assert response.headers["content-type"] == "application/json; charset=utf-8"

    async def test_hides_what_happened_and_names_the_request(
        self, client: httpx.AsyncClient, written: io.StringIO
    ) -> None:
        response = await client.get("/broken", headers={"x-request-id": "my-request-1"})

        assert "password" not in response.text
        assert response.json()["errors"][0]["extensions"]["requestId"] == "my-request-1"
        lines = [json.loads(line) for line in written.getvalue().splitlines()]
        failed = [line for line in lines if line.get("event") == "request.failed"]
        assert [line["request_id"] for line in failed] == ["my-request-1"]
        assert "RuntimeError" in failed[0]["traceback"]
        assert CANARY not in written.getvalue()


class TestARequest:
    async def test_keeps_a_well_formed_id_and_no_other(self, client: httpx.AsyncClient) -> None:
        good = await client.get("/livez", headers={"x-request-id": "abcdefgh-1.2"})
        bad = await client.get("/livez", headers={"x-request-id": 'x"} injected'})

        assert good.headers["x-request-id"] == "abcdefgh-1.2"
        assert len(bad.headers["x-request-id"]) == 32

    @pytest.mark.parametrize("path", ["/", "/livez", "/nowhere", "/broken"])
    async def test_is_answered_with_security_headers(
        self, client: httpx.AsyncClient, path: str
    ) -> None:
        headers = (await client.get(path)).headers

        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["strict-transport-security"].startswith("max-age=")
        assert "server" not in headers

    async def test_of_an_unknown_host_is_refused(self, client: httpx.AsyncClient) -> None:
        hosts = ["evil.example.com", "", "gateway.example.com.evil.com", "[::1", "a b"]
        statuses = [
            (await client.get("/", headers={"host": host})).status_code
            for host in (*hosts, "GATEWAY.example.com:443", "127.0.0.1:8000", "[::1]:8000")
        ]

        assert statuses == [400] * len(hosts) + [200] * 3

    @pytest.mark.parametrize("path", ["/echo", "/graphql"])
    async def test_may_have_a_body_of_100_kib(self, client: httpx.AsyncClient, path: str) -> None:
        response = await client.post(path, content=b"x" * (100 * 1024 + 1))

        assert (response.status_code, code(response)) == (413, "PAYLOAD_TOO_LARGE")

    async def test_is_counted_when_it_does_not_tell_its_length(
        self, client: httpx.AsyncClient
    ) -> None:
        response = await client.post("/echo", content=_chunks(101))

        assert (response.status_code, code(response)) == (413, "PAYLOAD_TOO_LARGE")


class TestAnotherOrigin:
    async def test_may_call_when_it_is_named(self, client: httpx.AsyncClient) -> None:
        asks = {"access-control-request-method": "POST"}
        named = await client.options(
            "/graphql", headers=asks | {"origin": "https://dashboard.example.com"}
        )
        other = await client.options("/graphql", headers=asks | {"origin": "https://evil.com"})

        assert named.headers["access-control-allow-origin"] == "https://dashboard.example.com"
        assert "access-control-allow-credentials" not in named.headers
        assert "access-control-allow-origin" not in other.headers

    async def test_is_denied_by_default(self, settings: Settings) -> None:
        closed = create_app(replace(settings, cors_origins=""))
        transport = httpx.ASGITransport(app=closed)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            response = await client.get("/livez", headers={"origin": "https://evil.com"})

        assert not [name for name in response.headers if name.startswith("access-control")]


class TestStarting:
    @pytest.mark.parametrize(
        ("change", "named"),
        [
            ({"secret_keys": Hidden("")}, "GATEWAY_SECRET_KEYS"),
            ({"secret_keys": Hidden(" , ")}, "GATEWAY_SECRET_KEYS"),
            ({"secret_keys": Hidden("secret")}, "GATEWAY_SECRET_KEYS"),
            ({"redis_url": Hidden("")}, "REDIS_URL"),
            ({"redis_url": Hidden("memory://")}, "REDIS_URL"),
            ({"redis_url": Hidden("http://x")}, "REDIS_URL"),
        ],
    )
    async def test_is_refused_in_one_sentence(
        self, settings: Settings, change: dict[str, Any], named: str
    ) -> None:
        with pytest.raises(ConfigError, match=named) as caught:
            async with open_services(replace(settings, **change)):
                pass

        assert "\n" not in str(caught.value)

    def test_in_a_demo_may_use_the_redis_in_process(self, settings: Settings) -> None:
        check(replace(settings, profile="demo", redis_url=Hidden("memory://")))

    async def test_without_redis_succeeds(self, settings: Settings) -> None:
        away = replace(settings, redis_url=Hidden("redis://127.0.0.1:1/0"))

        async with asyncio.timeout(5), open_services(away) as services:
            assert services.redis is not None


class TestALogLine:
    @pytest.mark.parametrize(
        "text",
        [
            f"secret {CANARY}",
            "sgw_abcdefgh_" + "Z" * 43 + "_00c0ffee",
            "Authorization: Bearer CANARYCANARYCANARY",
            "postgresql://user:CANARY@host/db",
            "{'client_secret': 'CANARY', 'scope': 'x'}",
            "password=CANARY rest",
            "token: CANARY",
            "gAAAAABmCANARYCANARYCANARYCANARY",
            "jwt eyJhbGciOiJI.CANARYpayload.CANARYsig",
        ],
    )
    def test_shows_no_secret(self, text: str) -> None:
        shown = logs.redact(text)

        assert "CANARY" not in shown
        assert CANARY not in shown
        assert "Z" * 43 not in shown

    def test_is_one_json_object_whatever_it_holds(self, written: io.StringIO) -> None:
        logging.getLogger("test").warning(
            "webhook.conflict with\nlines", extra={"event_id": "a\ud800b", "more": {"x": 1}}
        )

        (line,) = [json.loads(text) for text in written.getvalue().splitlines()]
        assert line["event"] == "webhook.conflict"
        assert (line["level"], line["logger"]) == ("WARNING", "test")

    async def test_of_a_webhook_holds_neither_body_nor_signature(
        self, client: httpx.AsyncClient, written: io.StringIO
    ) -> None:
        headers = {
            "webhook-id": "m1",
            "webhook-timestamp": "1",
            "webhook-signature": f"v1,{new_webhook_secret()[6:]}",
        }
        await client.post(
            "/webhooks/severa/x", content=f'{{"a": "{CANARY}"}}'.encode(), headers=headers
        )

        assert "request.answered" in written.getvalue()
        assert CANARY not in written.getvalue()
        assert headers["webhook-signature"][3:] not in written.getvalue()


async def _chunks(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * 1024
