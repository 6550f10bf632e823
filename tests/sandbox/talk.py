"""Speaks to the fake Severa and the control routes in this process, and checks every answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import httpx

from sandbox.app import create_app
from sandbox.codec import parse
from sandbox.http import Router
from sandbox.severa.routes import SIDE as SEVERA
from sandbox.world import World, make_world
from schema.words import Side
from tests.contracts.openapi import Document, load

ROOT = "http://sandbox.test"
BASE = f"{ROOT}/severa/rest-api"
UNDECLARED = frozenset({400, 401, 403, 405, 429})
_document: list[Document | None] = []


def document() -> Document | None:
    """Return Severa's document, None when it does not lie beside the project."""
    if not _document:
        _document.append(load(Side.SEVERA))
    return _document[0]


class Talk:
    """One client of the fake Severa; `faults` collects what breaks the contract."""

    def __init__(self, world: World, client: httpx.AsyncClient) -> None:
        self.world = world
        self.client = client
        self.seen: set[str] = set()
        self._router = Router(SEVERA)
        self._headers: dict[str, str] = {}

    async def sign_in(self, scope: str | None = None) -> dict[str, Any]:
        """Get a token and use it from now on."""
        login = self.world.companies[0].severa
        body = {"client_id": login.client_id, "client_secret": login.client_secret}
        if scope is not None:
            body["scope"] = scope
        answer = await self.client.post(f"{BASE}/v1/token", json=body)
        assert answer.status_code == 200, answer.text
        token: dict[str, Any] = answer.json()
        self._headers = {
            "Authorization": f"Bearer {token['access_token']}",
            "Client_Id": login.client_id,
        }
        return token

    async def raw(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Call an operation and check the answer against the document."""
        headers = {**self._headers, **more.pop("headers", {})}
        answer = await self.client.request(method, f"{BASE}{path}", headers=headers, **more)
        self._judge(method, path.split("?")[0], answer)
        return answer

    async def get(self, path: str, **params: Any) -> Any:
        """Read; the answer must be 200."""
        answer = await self.raw("GET", path, params=params)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return body_of(answer)

    async def post(self, path: str, body: Any, status: int = 201) -> Any:
        """Create; the answer must be 201."""
        answer = await self.raw("POST", path, json=body)
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        return body_of(answer)

    async def patch(self, path: str, status: int = 200, /, **values: Any) -> Any:
        """Replace values; `a__b` stands for the path `/a/b`."""
        steps = [
            {"op": "replace", "path": "/" + name.replace("__", "/"), "value": value}
            for name, value in values.items()
        ]
        answer = await self.raw("PATCH", path, json=steps)
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        return body_of(answer)

    async def delete(self, path: str, status: int = 204) -> Any:
        """Delete; the answer must be 204."""
        answer = await self.raw("DELETE", path)
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        return body_of(answer)

    async def control(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        """Turn a control route."""
        answer = await self.client.request(method, f"{ROOT}/control{path}", json=body)
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        return body_of(answer)

    async def whole(self, path: str, **params: Any) -> list[Any]:
        """Read every page of a token-style list."""
        rows: list[Any] = []
        while True:
            answer = await self.raw("GET", path, params=params)
            assert answer.status_code == 200, answer.text
            rows += body_of(answer)
            token = answer.headers.get("NextPageToken")
            if not token:
                return rows
            params["pageToken"] = token

    def _judge(self, method: str, path: str, answer: httpx.Response) -> None:
        op, _, _ = self._router.find(method=method, path=path.replace("/v1.0/", "/v1/"))
        if op is None or answer.status_code >= 500:
            return
        self.seen.add(op.name)
        known = document()
        if known is None or answer.status_code == 404:
            return
        assert known.operation(op.name) is not None, f"{op.name} is not in the document"
        body = body_of(answer)
        if answer.status_code in UNDECLARED:
            return
        faults = list(known.answer_faults(op.name, answer.status_code, as_floats(body), rows=20))
        faults = [fault for fault in faults if "'data' was unexpected" not in fault]
        assert not faults, (op.name, faults)


def body_of(answer: httpx.Response) -> Any:
    """Read JSON exactly, give anything else as bytes, an empty body as None."""
    if not answer.content:
        return None
    if "json" not in answer.headers.get("content-type", ""):
        return answer.content
    return parse(answer.content)


def as_floats(value: Any) -> Any:
    """Turn Decimals into floats for a schema validator that knows no Decimal."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list):
        return [as_floats(item) for item in value]
    if isinstance(value, dict):
        return {name: as_floats(item) for name, item in value.items()}
    return value


@asynccontextmanager
async def talking(**options: Any) -> AsyncIterator[Talk]:
    """Open a sandbox without limits and a signed-in client."""
    world = make_world(**{"size": "small", "seed": 1, "time_scale": 0.001, **options})
    for side in ("severa", "financials"):
        world.limits.set(side=side, allowed=None)
    transport = httpx.ASGITransport(create_app(world))
    async with httpx.AsyncClient(transport=transport) as client:
        talk = Talk(world, client)
        await talk.sign_in()
        yield talk
    await world.close()
