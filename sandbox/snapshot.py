"""What a sandbox remembers over a restart: its whole state in one file, written while it changes.

The file is read back with pickle, so only a file of this user's own may be named.
"""

from __future__ import annotations

import asyncio
import io
import os
import pickle
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from sandbox.world import World

PARTS = (
    *("seed", "clock", "assume", "companies", "order_numbers"),
    *("severa", "financials"),
)
PAUSE = 0.5
SHARE = 20
READING = frozenset(("GET", "HEAD", "OPTIONS"))


class Changes:
    """Counts the requests that may have changed something; wraps the application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.count = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and count it when it is not a reading one."""
        try:
            await self._app(scope, receive, send)
        finally:
            if scope["type"] == "http" and scope["method"] not in READING:
                self.count += 1


class StateUnreadable(Exception):
    """The file is damaged, or was written by another version."""


def restore(world: World, path: Path) -> bool:
    """Bring back what was written; False when nothing was.

    Webhooks get ids that no earlier run has used. Raises StateUnreadable.
    """
    world.nonce = os.urandom(4).hex()
    if not path.exists():
        return False
    try:
        parts = _Reader(io.BytesIO(path.read_bytes()), world).load()
    except Exception as error:
        # A damaged pickle may raise nearly anything.
        raise StateUnreadable(f"The state in {path} cannot be read: {error}") from error
    for name in PARTS:
        setattr(world, name, parts[name])
    return True


def save(world: World, path: Path) -> None:
    """Replace the file by the present state, in one step."""
    buffer = io.BytesIO()
    _Writer(buffer, world).dump({name: getattr(world, name) for name in PARTS})
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(buffer.getbuffer())
    draft.replace(path)


@asynccontextmanager
async def keeping(world: World, path: Path, *, changes: Changes) -> AsyncIterator[None]:
    """Write the state while it changes, and once more at the end."""
    save(world, path)
    saver = asyncio.create_task(_save_again(world, path, changes=changes, saved=changes.count))
    try:
        yield
    finally:
        saver.cancel()
        await asyncio.wait([saver])
        save(world, path)


async def _save_again(world: World, path: Path, *, changes: Changes, saved: int) -> None:
    """Save after changes; a large state is saved more seldom, so that it costs a small share."""
    took = 0.0
    while True:
        await asyncio.sleep(max(PAUSE, took * SHARE))
        if changes.count == saved:
            continue
        seen, started = changes.count, time.monotonic()
        save(world, path)
        took = time.monotonic() - started
        # What was put off changes the state without a request, so a busy moment is saved twice.
        saved = seen if not world.busy else seen - 1


class _Writer(pickle.Pickler):
    """Writes everything but the world itself, which the parts refer to."""

    def __init__(self, file: io.BytesIO, world: World) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self._world = world

    def persistent_id(self, obj: Any) -> str | None:
        """Name the world instead of writing it."""
        return "world" if obj is self._world else None


class _Reader(pickle.Unpickler):
    """Reads the parts and hands them the new world."""

    def __init__(self, file: io.BytesIO, world: World) -> None:
        super().__init__(file)
        self._world = world

    def persistent_load(self, name: str) -> Any:
        """Give the world for its name."""
        return self._world
