"""Speaks to the fake Financials in this process, and checks every answer against the document."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from sandbox.app import create_app
from sandbox.financials import control
from sandbox.financials.routes import OPS
from sandbox.financials.state import SCOPES, LedgerCompany
from sandbox.http import Router, Side
from sandbox.samples.company import Company
from sandbox.world import World, make_world
from schema.words import Side as Vendor
from tests.contracts.openapi import Document, load
from tests.sandbox.talk import as_floats, body_of

ROOT = "http://sandbox.test"
BASE = f"{ROOT}/financials"
_document: list[Document | None] = []


def document() -> Document | None:
    """Return the vendor's document, None when it does not lie beside the project."""
    if not _document:
        _document.append(load(Vendor.FINANCIALS))
    return _document[0]


def wrap(**fields: Any) -> dict[str, Any]:
    """Wrap scalars in `{"value": ...}`; lists stay bare."""
    return {
        name: value if isinstance(value, list) else {"value": value}
        for name, value in fields.items()
    }


class Ledger:
    """One client of the fake Financials."""

    def __init__(self, world: World, client: httpx.AsyncClient) -> None:
        self.world, self.client = world, client
        self.sample: Company = world.companies[0]
        self.headers: dict[str, str] = {}
        self.seen: set[str] = set()
        nothing: Any = None
        self._router = Router(
            Side(
                name="financials",
                prefix="/financials",
                ops=OPS,
                authenticate=nothing,
                failure=nothing,
                expire=nothing,
            )
        )

    @property
    def company(self) -> LedgerCompany:
        """The company's state, to look behind the curtain."""
        return control.own(self.world, self.sample)

    async def token(self, **changes: str) -> httpx.Response:
        """Ask for a token; `changes` replace members of the form."""
        login = self.sample.financials
        form = {
            "grant_type": "client_credentials",
            "client_id": login.client_id,
            "client_secret": login.client_secret,
            "scope": " ".join(SCOPES),
            "tenant_id": login.tenant_id,
            **changes,
        }
        return await self.client.post(f"{ROOT}/connect/token", data=form)

    async def sign_in(self, **changes: str) -> None:
        """Use a new token from now on."""
        answer = await self.token(**changes)
        assert answer.status_code == 200, answer.text
        self.headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    async def raw(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Call an operation and check the answer against the document."""
        headers = {**self.headers, **more.pop("headers", {})}
        answer = await self.client.request(method, f"{BASE}{path}", headers=headers, **more)
        self._judge(method, path.split("?")[0], answer)
        return answer

    async def get(self, path: str, status: int = 200, **params: Any) -> Any:
        """Read."""
        answer = await self.raw("GET", path, params=params)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:400])
        return body_of(answer)

    async def post(self, path: str, body: Any = None, status: int = 201, **headers: str) -> Any:
        """Create: 201 and the last segment of Location."""
        answer = await self.raw("POST", path, json=body, headers=headers)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:400])
        if status == 201 and "location" in answer.headers:
            assert answer.content == b""
            return answer.headers["location"].rsplit("/", 1)[1]
        return body_of(answer)

    async def put(self, path: str, body: Any, status: int = 204, **headers: str) -> Any:
        """Change."""
        answer = await self.raw("PUT", path, json=body, headers=headers)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:400])
        return answer.headers.get("etag") if status == 204 else body_of(answer)

    async def delete(self, path: str, status: int = 204) -> Any:
        """Delete."""
        answer = await self.raw("DELETE", path)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:400])
        return body_of(answer)

    async def upload(self, path: str, name: str, content: bytes, status: int = 201) -> str:
        """Attach a file and return its id."""
        answer = await self.raw("POST", path, files={"file": (name, content, "application/pdf")})
        assert answer.status_code == status, answer.text
        return str(answer.headers["location"].rsplit("/", 1)[1])

    async def settle(self) -> None:
        """Wait until everything in the background has happened."""
        await asyncio.sleep(0.005)
        await self.world.settle()

    def _judge(self, method: str, path: str, answer: httpx.Response) -> None:
        op, _, _ = self._router.find(method=method, path=path)
        if op is None:
            return
        self.seen.add(op.name)
        assert answer.headers["ipp-request-id"]
        known = document()
        if known is None or answer.status_code in (404, 401, 403, 405, 409, 412, 429, 500):
            return
        assert known.operation(op.name) is not None, f"{op.name} is not in the document"
        faults = list(
            known.answer_faults(op.name, answer.status_code, as_floats(body_of(answer)), rows=20)
        )
        assert not faults, (op.name, faults[:5])


@asynccontextmanager
async def keeping_books(**options: Any) -> AsyncIterator[Ledger]:
    """Open a sandbox without limits and a signed-in client of Financials."""
    world = make_world(**{"size": "small", "seed": 1, "time_scale": 0.001, **options})
    for side in ("severa", "financials"):
        world.limits.set(side=side, allowed=None)
    transport = httpx.ASGITransport(create_app(world))
    async with httpx.AsyncClient(transport=transport) as client:
        ledger = Ledger(world, client)
        await ledger.sign_in()
        yield ledger
    await world.close()
