"""Options and small helpers of the demo."""

import asyncio
import socket
from pathlib import Path

import pytest

from gateway.demo.options import PortTaken, check_port
from gateway.demo.patience import Patience, Stuck
from gateway.demo.screen import Screen
from gateway.demo.stores import RedisUnreachable, Stores
from gateway.demo.together import together
from gateway.embedded.port import free_port
from schema.errors import ConfigError


class TestCheckPort:
    def test_accepts_a_free_one(self) -> None:
        port = free_port()

        assert check_port(port) == port

    def test_finds_one_for_zero(self) -> None:
        assert check_port(0) > 0

    def test_refuses_a_taken_one(self) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]

            with pytest.raises(PortTaken, match=f"Port {port} of 127.0.0.1 is in use"):
                check_port(port)


class TestTogether:
    async def test_raises_the_failure_as_it_was(self) -> None:
        async def fail() -> None:
            raise ConfigError("no")

        with pytest.raises(ConfigError, match="no"):
            await together(asyncio.sleep(60), fail())


class TestPatience:
    def test_names_step_and_reason(self) -> None:
        with pytest.raises(Stuck, match=r"gave up after -1 s at waiting: it rains\."):
            Patience("waiting", limit=-1).check("it rains")


class TestStores:
    async def test_refuse_a_redis_that_is_away(self, database: str, tmp_path: Path) -> None:
        stores = Stores(
            data_dir=tmp_path,
            database_url=database,
            redis_url="redis://127.0.0.1:9/0",
        )

        with pytest.raises(RedisUnreachable, match="REDIS_URL does not answer"):
            await stores.start()

    async def test_use_the_given_ones(self, database: str, redis_url: str, tmp_path: Path) -> None:
        stores = Stores(
            data_dir=tmp_path,
            database_url=database,
            redis_url=redis_url,
        )
        await stores.start()

        assert (stores.database_url, stores.redis_url) == (database, redis_url)


class TestScreen:
    def test_says_a_line_when_something_changes(self, capsys: pytest.CaptureFixture[str]) -> None:
        with Screen().bar("sync") as bar:
            for done in (0, 0, 1, 2, 4):
                bar.show(done=done, total=4, text="products")

        lines = capsys.readouterr().out.splitlines()
        assert lines[0] == "  sync: 0 of 4 products"
        assert len(lines) == 4
