"""A sandbox that remembers everything over a restart."""

import asyncio
from pathlib import Path

import httpx
import pytest

from sandbox.app import create_app
from sandbox.snapshot import Changes, StateUnreadable, keeping, restore, save
from sandbox.world import World, make_world


async def bill(app: object) -> list[str]:
    """Create two invoices by the control route and return their guids."""
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
        answer = await client.post("/control/severa/invoices", json={"count": 2})
    made: list[str] = answer.json()["invoices"]
    return made


def invoices(world: World) -> set[str]:
    """List the guids of all invoices in Severa."""
    return {row["guid"] for row in world.severa.organizations[0].tables["invoices"]}


async def changed(path: Path, *, since: int) -> None:
    """Wait until a file is written again."""
    for _ in range(200):
        if (await asyncio.to_thread(path.stat)).st_mtime_ns != since:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the state was not written")


class TestSnapshot:
    def test_is_missing_at_first(self, tmp_path: Path) -> None:
        assert restore(make_world(), tmp_path / "state") is False

    async def test_brings_back_what_was_there(self, tmp_path: Path) -> None:
        world = make_world(seed=3)
        made = await bill(create_app(world))
        save(world, tmp_path / "state")
        again = make_world(seed=3)

        assert restore(again, tmp_path / "state") is True
        assert invoices(again) == invoices(world) >= set(made)

    async def test_belongs_to_the_new_world(self, tmp_path: Path) -> None:
        save(make_world(), tmp_path / "state")
        again = make_world()
        restore(again, tmp_path / "state")

        assert again.severa.organizations[0].world is again
        assert len(await bill(create_app(again))) == 2

    def test_gives_webhooks_fresh_ids(self, tmp_path: Path) -> None:
        first = make_world()
        save(first, tmp_path / "state")
        again = make_world()
        restore(again, tmp_path / "state")

        assert again.nonce != first.nonce

    @pytest.mark.parametrize("content", [b"", b"nonsense", b"\x80\x05."])
    def test_that_is_damaged_is_refused(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "state").write_bytes(content)

        with pytest.raises(StateUnreadable, match="cannot be read"):
            restore(make_world(), tmp_path / "state")


class TestKeeping:
    async def test_saves_after_a_change(self, tmp_path: Path) -> None:
        world, path = make_world(), tmp_path / "state"
        app = Changes(create_app(world))
        async with keeping(world, path, changes=app):
            made, before = await bill(app), path.stat().st_mtime_ns
            await changed(path, since=before)
            kept = make_world()
            restore(kept, path)

        assert invoices(kept) >= set(made)

    async def test_saves_at_the_end(self, tmp_path: Path) -> None:
        world, path = make_world(), tmp_path / "state"
        app = Changes(create_app(world))
        async with keeping(world, path, changes=app):
            made = await bill(app)
        kept = make_world()
        restore(kept, path)

        assert invoices(kept) >= set(made)
