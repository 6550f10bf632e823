"""What a broken network does to reads and writes, over real sockets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from worker.vendors import financials
from worker.vendors.client import Client
from worker.vendors.errors import OutcomeUnknown, VendorDown
from worker.vendors.financials import operations as fin
from worker.vendors.wire import Timeouts

Peer = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]
TOKEN = b'{"access_token": "t", "expires_in": 3600}'
NUMBER = {"invoiceNumber": "1"}


def http(body: bytes, *, status: str = "200 OK") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return head + await reader.readexactly(int(line.split(b":")[1]))
    return head


@asynccontextmanager
async def company(peer: Peer, timeouts: Timeouts) -> AsyncIterator[tuple[Client, list[bytes]]]:
    """Run a peer that hands out tokens properly and mistreats everything else."""
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                request = await _request(reader)
                if b"/connect/token" in request:
                    writer.write(http(TOKEN))
                    continue
                seen.append(request)
                await peer(request, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    client = financials.client(
        base_url=base,
        token_url=f"{base}/connect/token",
        client_id="isv_1",
        client_secret="secret",
        tenant_id="t",
        time_scale=0.001,
        timeouts=timeouts,
    )
    async with client:
        yield client, seen
    server.close()
    await server.wait_closed()


async def hang_up(request: bytes, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def say_nothing(request: bytes, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(1)


async def break_off(request: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    await writer.drain()
    writer.close()


async def babble(request: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH\r\n\r\n")
    await writer.drain()
    writer.close()


async def drip(request: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(100):
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


FAULTS = [hang_up, say_nothing, break_off, babble, drip]


class TestLostAnswer:
    @pytest.mark.parametrize("fault", FAULTS)
    async def test_of_a_write_is_unknown_and_not_repeated(
        self, fault: Peer, quick: Timeouts
    ) -> None:
        before = datetime.now(UTC)
        async with company(fault, quick) as (client, seen):
            with pytest.raises(OutcomeUnknown) as caught:
                await client.write(fin.INVOICE_CREATE, body={"hold": {"value": True}})

        assert len(seen) == 1
        assert before <= caught.value.last_byte_at <= datetime.now(UTC)

    @pytest.mark.parametrize("fault", [hang_up, break_off, babble])
    async def test_of_a_read_is_asked_for_again(self, fault: Peer, quick: Timeouts) -> None:
        asked = 0

        async def recover(request: bytes, writer: asyncio.StreamWriter) -> None:
            nonlocal asked
            asked += 1
            if asked == 1:
                await fault(request, writer)
            else:
                writer.write(http(b'{"referenceNumber": "1"}'))

        async with company(recover, quick) as (client, _):
            got = await client.read(fin.INVOICE_READ, path=NUMBER)

        assert got.body == {"referenceNumber": "1"}

    async def test_tells_when_the_last_byte_left(self) -> None:
        slow = Timeouts(write=0.3)
        async with company(say_nothing, slow) as (client, _):
            with pytest.raises(OutcomeUnknown) as caught:
                await client.write(fin.INVOICE_CREATE, body={})

        waited = datetime.now(UTC) - caught.value.last_byte_at
        assert waited.total_seconds() >= 0.25


class TestNobodyThere:
    async def test_leaves_a_write_undone(self, quick: Timeouts, unused_tcp_port: int) -> None:
        base = f"http://127.0.0.1:{unused_tcp_port}"
        settings: dict[str, Any] = {"client_id": "i", "client_secret": "s", "tenant_id": "t"}
        client = financials.client(
            base_url=base, token_url=f"{base}/connect/token", time_scale=0.001, **settings
        )
        async with client:
            with pytest.raises(VendorDown):
                await client.write(fin.INVOICE_CREATE, body={}, deadline=5)
