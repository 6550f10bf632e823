"""A gateway whose dashboard has been built, with a caller of each kind."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from gateway.app import create_app
from gateway.auth import make_key
from gateway.dashboard import files
from gateway.services import Services, open_services
from schema.secrets import new_key
from schema.settings import Hidden, Settings
from schema.words import Scope

ORIGIN = "http://gateway.test:8000"
JSON = "application/json"


@pytest.fixture
def static(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small bundle in place of the real one, which takes Node to build."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>Dashboard</title>")
    (tmp_path / "icon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / "assets" / "index-abc.js").write_text("export const words = 'word ';\n" * 200)
    monkeypatch.setattr(files, "STATIC", tmp_path)
    return tmp_path


@pytest.fixture
async def services(database: str, redis_url: str) -> AsyncIterator[Services]:
    settings = Settings(
        database_url=Hidden(database),
        redis_url=Hidden(redis_url),
        secret_keys=Hidden(new_key()),
        public_url=ORIGIN,
        profile="demo",
        database_pool=2,
    )
    async with open_services(settings) as opened:
        yield opened


@pytest.fixture
async def app(services: Services, static: Path) -> Starlette:
    return create_app(services.settings, services=services)


@pytest.fixture
async def client(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """A browser on our own page."""
    transport = httpx.ASGITransport(app=app)
    headers = {"origin": ORIGIN, "sec-fetch-site": "same-origin"}
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers) as opened:
        yield opened


@pytest.fixture
async def key(services: Services) -> str:
    _, text = await make_key(name="Kari", scopes=[Scope.READ])
    return text


@pytest.fixture
def viewer() -> Any:
    """Ask who the caller is."""

    async def ask(client: httpx.AsyncClient, **headers: str) -> httpx.Response:
        return await client.post(
            "/graphql", json={"query": "{ viewer { name } }"}, headers=dict(headers)
        )

    return ask
