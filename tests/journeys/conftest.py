"""Real processes for whole stories: sandbox, gateway and worker on the stores of the tests."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.demo.documents import Document, documents
from gateway.demo.house import House
from gateway.demo.options import Options, check_port
from gateway.demo.patience import Patience
from gateway.demo.scene import Scene, open_scene
from gateway.demo.screen import Screen
from gateway.demo.sync_run import follow, start_sync

LIMIT = 90.0
PROBLEMS = """
query Problems($in: ID!) {
  issues(integrationId: $in, first: 20) { nodes { code cause } }
}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """Two companies in step, linked by running processes, and the clients of ordinary people."""

    scene: Scene
    http: httpx.AsyncClient

    @property
    def control(self) -> Any:
        """The control routes of the sandbox."""
        return self.scene.story.control

    async def first_sync(self) -> None:
        """Ask for a run and wait for its end."""
        story = self.scene.story
        run = await start_sync(story.api, integration=story.integration)
        node = await follow(
            story.api, run=run, screen=story.screen, patience=Patience("sync", limit=LIMIT)
        )
        assert node["state"] == "SUCCEEDED", await self.problems()

    async def problems(self) -> Any:
        """Return what waits for a person."""
        story = self.scene.story
        data = await story.api.ask(PROBLEMS, **{"in": story.integration})
        return data["issues"]["nodes"]

    async def turn(self, path: str, body: Any = None, *, method: str = "POST") -> Any:
        """Use a control route that the demo does not need."""
        answer = await self.http.request(method, f"/control{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def watch(
        self, ids: list[str], good: Callable[[Document], bool], *, limit: float
    ) -> list[Document]:
        """Wait until all documents are as wanted; fails when they are late."""
        deadline = time.monotonic() + limit
        while True:
            found = await documents(
                self.scene.story.api,
                integration=self.scene.story.integration,
                severa_ids=ids,
            )
            if len(found) == len(ids) and all(map(good, found)):
                return found
            states = [(one.state.value, one.problem) for one in found]
            assert time.monotonic() < deadline, f"after {limit:g} s: {states}"
            await asyncio.sleep(0.1)


@asynccontextmanager
async def town(data_dir: Path, **environ: str) -> AsyncIterator[Town]:
    """Start everything, without the vendors' limits, and end all of it."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    options = Options(
        data_dir=data_dir,
        environ={**kept, "SEVERA_CALLS_PER_SECOND": "0", "LEASE_SECONDS": "4", **environ},
        limit=LIMIT,
    )
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(House(options=options, port=check_port(0)))
        scene = await open_scene(house, options=options, screen=Screen(), stack=stack)
        http = httpx.AsyncClient(base_url=house.sandbox_url, trust_env=False, timeout=30)
        await stack.enter_async_context(http)
        made = Town(scene=scene, http=http)
        await made.turn("/limits", {"severaPerSecond": None, "financialsPerHour": None})
        yield made


@pytest.fixture
async def by_webhook(tmp_path: Path, database: str, redis_url: str) -> AsyncIterator[Town]:
    """A town whose timer is switched off."""
    async with town(
        tmp_path, DATABASE_URL=database, REDIS_URL=redis_url, SYNC_INTERVAL_SECONDS="0"
    ) as made:
        await made.first_sync()
        yield made


@pytest.fixture
async def by_timer(tmp_path: Path, database: str, redis_url: str) -> AsyncIterator[Town]:
    """A town whose webhooks all get lost, with a tick every three seconds."""
    async with town(
        tmp_path, DATABASE_URL=database, REDIS_URL=redis_url, SYNC_INTERVAL_SECONDS="3"
    ) as made:
        for side in ("SEVERA", "FINANCIALS"):
            await made.turn(
                "/faults",
                {"side": side, "operation": "*", "fault": "webhook_dropped", "probability": 1},
            )
        await made.first_sync()
        yield made
