"""Connections lead to the open internet, and to the address that was looked at (W16)."""

import asyncio
import ssl
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx
import pytest

from schema.addresses import BadAddress
from worker.deliveries import guard
from worker.deliveries.guard import GuardedBackend, GuardedTransport
from worker.deliveries.send import BODY_LIMIT, make_client, send


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Answer look-ups of names, one after the other; returns the names that were asked for."""
    asked: list[str] = []
    left = iter(answers)

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(left)

    monkeypatch.setattr(guard, "resolve", resolve)
    return asked


class Listening(httpcore.AsyncNetworkBackend):
    """Keeps the addresses that are connected to."""

    def __init__(self) -> None:
        self.reached: list[str] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.reached.append(host)
        raise httpcore.ConnectError("nobody there")


class TestGuardedBackend:
    @pytest.mark.parametrize(
        "addresses",
        [["127.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["::ffff:169.254.169.254"], ["fd00::1"]],
    )
    async def test_refuses_a_name_that_leads_inside(
        self, monkeypatch: pytest.MonkeyPatch, addresses: list[str]
    ) -> None:
        resolving(monkeypatch, addresses)

        with pytest.raises(BadAddress, match="inside"):
            await GuardedBackend(local=False).connect_tcp("hooks.example.com", 443, 1)

    async def test_connects_to_the_address_that_it_looked_at(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = resolving(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
        backend, inner = GuardedBackend(local=False), Listening()
        backend._inner = inner  # type: ignore[assignment]  # nothing of the internet is reached

        with pytest.raises(httpcore.ConnectError):
            await backend.connect_tcp("rebinding.example", 443, 1)

        assert (asked, inner.reached) == (["rebinding.example"], ["93.184.216.34"])

    @pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "localhost"])
    async def test_sees_through_odd_spellings(self, host: str) -> None:
        with pytest.raises(BadAddress):
            await GuardedBackend(local=False).connect_tcp(host, 443, 1)

    async def test_guards_every_request_of_the_client(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        resolving(monkeypatch, ["127.0.0.1"])
        transport = GuardedTransport(local=False, context=ssl.create_default_context())

        async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
            with pytest.raises(BadAddress):
                await client.post("https://hooks.example.com/")


class TestAnAnswer:
    async def test_without_an_end_is_cut_off(self) -> None:
        sent = 0

        async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal sent
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 999999999\r\n\r\n")
            try:
                while sent < 50_000_000:
                    writer.write(b"x" * 65_536)
                    sent += 65_536
                    await writer.drain()
            except OSError:
                pass
            writer.close()

        server = await asyncio.start_server(endless, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, make_client(local=True) as client:
            answer = await _post(client, f"http://127.0.0.1:{port}/")

        assert answer.arrived
        assert BODY_LIMIT < sent < 50_000_000

    async def test_that_does_not_come_is_a_failure(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("worker.deliveries.send.CALL_LIMIT", 0.2)
        done = asyncio.Event()

        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await done.wait()
            writer.close()

        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, make_client(local=True) as client:
            answer = await _post(client, f"http://127.0.0.1:{port}/")
            done.set()

        assert answer.error == "No answer within 0.2 seconds."


async def _post(client: httpx.AsyncClient, url: str) -> Any:
    from datetime import UTC, datetime

    return await send(
        client,
        url=url,
        secrets=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        message_id="msg_1",
        content=b"{}",
        at=datetime.now(UTC),
        local=True,
    )
