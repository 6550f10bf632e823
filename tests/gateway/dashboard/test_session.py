"""Signing in and out: the cookie is out of reach of scripts, of other sites, and ends for good."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from gateway import auth
from gateway.dashboard import session
from gateway.dashboard.session import Sessions, cookie_name
from gateway.services import Services
from schema.clock import utc_now
from schema.models import ApiKey, Audit
from schema.secrets import new_key
from schema.settings import Hidden

ORIGIN = "http://gateway.test:8000"
COOKIE = "severa-gateway-8000"


async def sign_in(client: httpx.AsyncClient, key: str) -> httpx.Response:
    """Come in by the door."""
    answer = await client.post("/session", json={"key": key})
    assert answer.status_code == 200, answer.text
    return answer


class TestSigningIn:
    async def test_sets_a_cookie_that_only_our_page_can_use(
        self, client: httpx.AsyncClient, key: str, viewer: Any
    ) -> None:
        answer = await sign_in(client, key)

        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Path=/" in cookie
        assert key.split("_")[2] not in cookie
        assert answer.json() == {"name": "Kari", "scopes": ["records:read"]}
        assert (await viewer(client)).json()["data"]["viewer"]["name"] == "Kari"
        assert await Audit.filter(action="signIn", subject="Kari").count() == 1

    @pytest.mark.parametrize(
        "body", [b"", b"5", b"[]", b'{"key": 7}', b'{"key": "sgw_x"}', b"{", b"\xff"]
    )
    async def test_refuses_what_is_no_key(self, client: httpx.AsyncClient, body: bytes) -> None:
        answer = await client.post(
            "/session", content=body, headers={"content-type": "application/json"}
        )

        assert answer.status_code == 401
        assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert "set-cookie" not in answer.headers

    @pytest.mark.parametrize(
        "headers",
        [
            {"origin": "https://evil.example"},
            {"origin": ""},
            {"origin": "null"},
            {"sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "same-site"},
        ],
    )
    async def test_is_for_our_own_page_only(
        self, client: httpx.AsyncClient, key: str, headers: dict[str, str]
    ) -> None:
        answer = await client.post("/session", json={"key": key}, headers=headers)

        assert answer.status_code == 403

    async def test_takes_json_only(self, client: httpx.AsyncClient, key: str) -> None:
        answer = await client.post(
            "/session", content=f'{{"key": "{key}"}}', headers={"content-type": "text/plain"}
        )

        assert answer.status_code == 415


class TestTheCookie:
    @pytest.mark.parametrize(
        "headers",
        [
            {"origin": "https://evil.example"},
            {"origin": ""},
            {"sec-fetch-site": "cross-site"},
            {"authorization": "Bearer sgw_nonsense"},
        ],
    )
    async def test_counts_on_our_own_page_only(
        self, client: httpx.AsyncClient, key: str, viewer: Any, headers: dict[str, str]
    ) -> None:
        """S8: what a page of another site sends with our cookie is nobody's request."""
        await sign_in(client, key)

        assert (await viewer(client, **headers)).status_code == 401

    async def test_counts_in_no_simple_request(self, client: httpx.AsyncClient, key: str) -> None:
        await sign_in(client, key)

        read = await client.get("/graphql", params={"query": "{ viewer { name } }"})
        form = await client.post("/graphql", content="query={viewer{name}}")

        assert read.status_code == 401
        assert form.status_code == 415

    async def test_is_refused_when_it_is_forged_or_another_gateways(
        self, client: httpx.AsyncClient, services: Services, key: str, viewer: Any
    ) -> None:
        settings = replace(services.settings, secret_keys=Hidden(new_key()))
        other = replace(services, settings=settings)
        for text in ("x", "x" * 5000, Sessions(lambda: other).seal(key)):
            client.cookies.set(COOKIE, text)

            assert (await viewer(client)).status_code == 401

    async def test_ends_with_its_age(
        self, client: httpx.AsyncClient, key: str, viewer: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await sign_in(client, key)
        monkeypatch.setattr(session, "SECONDS", -1)

        assert (await viewer(client)).status_code == 401

    async def test_ends_with_its_key(
        self, client: httpx.AsyncClient, key: str, viewer: Any
    ) -> None:
        await sign_in(client, key)
        await ApiKey.all().update(revoked_at=utc_now())
        auth._cache.clear()

        assert (await viewer(client)).status_code == 401

    def test_is_bound_to_the_host_where_there_is_tls(self) -> None:
        assert cookie_name("https://gateway.example.com") == "__Host-severa-gateway"
        assert cookie_name("http://127.0.0.1:8123") == "severa-gateway-8123"


class TestSigningOut:
    async def test_ends_every_copy_of_the_cookie(
        self, client: httpx.AsyncClient, services: Services, key: str, viewer: Any
    ) -> None:
        await sign_in(client, key)
        copied = client.cookies[COOKIE]

        answer = await client.delete("/session")

        assert answer.status_code == 204
        assert (await viewer(client)).status_code == 401
        client.cookies.set(COOKIE, copied)
        assert (await viewer(client)).status_code == 401
        assert await Sessions(lambda: services).open(copied) is None  # another process

    async def test_cannot_be_forced_from_outside(
        self, client: httpx.AsyncClient, key: str, viewer: Any
    ) -> None:
        await sign_in(client, key)

        answer = await client.delete("/session", headers={"origin": "https://evil.example"})

        assert answer.status_code == 403
        assert (await viewer(client)).status_code == 200


class TestASocket:
    async def test_opens_with_the_cookie_of_our_own_page(
        self, client: httpx.AsyncClient, app: Any, key: str
    ) -> None:
        await sign_in(client, key)
        cookie = f"{COOKIE}={client.cookies[COOKIE]}"

        assert await _socket(app, cookie=cookie, origin=ORIGIN) == "connection_ack"
        assert await _socket(app, cookie=cookie, origin="https://evil.example") != "connection_ack"
        assert await _socket(app, cookie=cookie, origin=None) != "connection_ack"


async def _socket(app: Any, *, cookie: str, origin: str | None) -> str:
    """Shake hands as a browser does, and return the type of the first message or the close."""
    headers = [(b"host", b"gateway.test:8000"), (b"cookie", cookie.encode())]
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    scope = {
        "type": "websocket", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "ws",
        "path": "/graphql", "raw_path": b"/graphql", "query_string": b"", "root_path": "",
        "headers": headers, "subprotocols": ["graphql-transport-ws"], "client": ("127.0.0.1", 1),
        "server": ("gateway.test", 8000), "state": {}, "extensions": {},
    }  # fmt: skip
    came = [
        {"type": "websocket.connect"},
        {"type": "websocket.receive", "text": '{"type":"connection_init"}'},
        {"type": "websocket.disconnect", "code": 1000},
    ]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return came.pop(0) if came else {"type": "websocket.disconnect", "code": 1000}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    texts = [one["text"] for one in sent if one.get("type") == "websocket.send"]
    return "connection_ack" if any("connection_ack" in text for text in texts) else "refused"
