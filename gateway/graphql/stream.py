"""Server-sent events in the distinct-connections mode of graphql-sse (L13)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.types import Receive, Scope, Send

from gateway.graphql.errors import plain
from gateway.graphql.operation import Answer

PING_SECONDS = 12.0
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
]
_REVOKED = Answer(errors=[plain("This key is not valid any more.", "UNAUTHENTICATED")])


class EventStream:
    """An answer that goes on until the operation ends, the client leaves or the key is revoked."""

    def __init__(self, answers: AsyncGenerator[Answer, None], revoked: asyncio.Event) -> None:
        self._answers = answers
        self._revoked = revoked
        self._sending = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream."""
        self._send = send
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        tasks = [
            asyncio.create_task(work)
            for work in (self._pump(), self._gone(receive), self._revocation(), self._ping())
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _pump(self) -> None:
        async with aclosing(self._answers):
            async for answer in self._answers:
                await self._event("next", answer.text)
        await self._event("complete", "")
        await self._write(b"", more=False)

    async def _gone(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    async def _revocation(self) -> None:
        await self._revoked.wait()
        await self._event("next", _REVOKED.text)
        await self._event("complete", "")
        await self._write(b"", more=False)

    async def _ping(self) -> None:
        while True:
            await self._write(b":\n\n")
            await asyncio.sleep(PING_SECONDS)

    async def _event(self, name: str, data: str) -> None:
        await self._write(f"event: {name}\ndata: {data}\n\n".encode())

    async def _write(self, body: bytes, *, more: bool = True) -> None:
        async with self._sending:
            await self._send({"type": "http.response.body", "body": body, "more_body": more})
