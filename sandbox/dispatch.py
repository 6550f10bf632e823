"""The one way into both vendors: find, record, break if asked, limit, check, call, answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sandbox.codec import parse
from sandbox.faults import Fault
from sandbox.http import Call, Query, Refused, Reply, Router, Side
from sandbox.limits import Window
from sandbox.log import Exchange

if TYPE_CHECKING:
    from sandbox.world import World

SLOW = 1.0
LATE = 1.0
STALE = '"AAAAAAAAAAA="'
UNPARSED = 20_000
# Planned for any operation, these wait for a write, or for a call that carries a token.
OF_WRITES = frozenset({"timeout_before_write", "timeout_after_write", "late_write"})
OF_TOKENS = frozenset({"token_expired"})

logger = logging.getLogger("sandbox")


class NoAnswer(Exception):
    """The connection ends without an answer, after `held` seconds."""

    def __init__(self, held: float) -> None:
        self.held = held
        super().__init__(f"no answer after {held:g} s")


class Dispatcher:
    """ASGI application of one vendor."""

    def __init__(self, world: World, side: Side) -> None:
        self._world = world
        self._side = side
        self._router = Router(side)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or let it hang."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        body = await request.body()
        try:
            reply = await self._answer(request, body)
        except NoAnswer as silence:
            await _hang_up(scope, receive, held=silence.held)
            return
        response = Response(
            content=b"" if request.method == "HEAD" else reply.raw(),
            status_code=reply.status,
            headers=reply.headers,
            media_type=reply.media_type if reply.body is not None else None,
        )
        await response(scope, receive, send)

    async def _answer(self, request: Request, body: bytes) -> Reply:
        path = self._path(request.scope)
        op, params, known = self._router.find(method=request.method, path=path)
        name = op.name if op else f"{request.method} {path}"
        exchange = self._note(request, body, path=path, operation=name)
        if op is None:
            reply = self._side.finish(Reply(status=405 if known else 404), None)
        else:
            call = Call(
                world=self._world,
                op=op,
                params=params,
                query=Query(request.url.query),
                headers={name.lower(): value for name, value in request.headers.items()},
                body=body,
                base=f"{request.url.scheme}://{request.url.netloc}{self._side.prefix}",
            )
            reply = await _Passage(self._world, self._side, call).run()
        exchange.status = reply.status
        return reply

    def _path(self, scope: Scope) -> str:
        raw: bytes = scope.get("raw_path") or scope["path"].encode()
        path = raw.decode("latin-1").split("?")[0].removeprefix(self._side.prefix)
        for alias, real in self._side.aliases:
            if path.lower().startswith(alias):
                return real + path[len(alias) :]
        return path

    def _note(self, request: Request, body: bytes, *, path: str, operation: str) -> Exchange:
        query = request.url.query
        exchange = Exchange(
            side=self._side.name,
            at=self._world.clock.now(),
            operation=operation,
            path=f"{path}?{query}" if query else path,
            body=_on_the_wire(body),
        )
        self._world.log.note(exchange)
        return exchange


class _Passage:
    """One call's way through faults, limits and checks to its handler."""

    def __init__(self, world: World, side: Side, call: Call) -> None:
        self._world = world
        self._side = side
        self._call = call
        self._window: Window | None = None

    async def run(self) -> Reply:
        try:
            reply = await self._pass()
        except Refused as refusal:
            reply = refusal.reply
        return self._side.finish(reply, self._window)

    def _take(self, kind: str) -> Fault | None:
        op = self._call.op
        spared = (kind in OF_WRITES and not op.writes) or (kind in OF_TOKENS and op.open)
        return self._world.faults.take(self._side.name, op.name, kind, only_named=spared)

    async def _pass(self) -> Reply:
        await self._break_before()
        self._enter()
        if self._call.caller is None:
            return await self._break_around(self._handle)
        company = self._call.caller.company_id
        try:
            in_flight = self._world.limits.enter(side=self._side.name, company=company)
            await self._take_turn(in_flight)
            return await self._break_around(self._handle)
        finally:
            self._world.limits.leave(side=self._side.name, company=company)

    async def _break_before(self) -> None:
        if slow := self._take("slow"):
            await asyncio.sleep(SLOW if slow.delay is None else slow.delay)
        if self._take("token_expired"):
            self._side.expire(self._world, self._call.headers)
        for status in (400, 500, 503):
            if self._take(f"error_{status}"):
                raise Refused(self._side.failure(status, "The sandbox was asked to fail here."))
        if self._take("html_502"):
            raise Refused(_bad_gateway())
        for kind in ("rate_limited", "concurrency_refused"):
            if fault := self._take(kind):
                raise Refused(self._too_many(ceiling=fault.delay))
        if silence := self._take("timeout_before_write"):
            raise NoAnswer(silence.delay or 0.0)

    def _enter(self) -> None:
        """Check the token and spend the caller's budget."""
        if self._call.op.open:
            return
        caller = self._side.authenticate(self._world, self._call.headers, self._call.op)
        self._call.caller = caller
        self._window = self._world.limits.spend(
            side=self._side.name,
            company=caller.company_id,
            client=caller.client_id,
            now=self._world.clock.now(),
        )
        if self._window.refused:
            raise Refused(self._too_many(ceiling=self._window.reset))
        if "if-match" in self._call.headers and self._take("stale_etag"):
            self._call.headers["if-match"] = STALE

    async def _take_turn(self, in_flight: int) -> None:
        if self._side.name != "financials":
            return
        if in_flight > 1 and self._world.assume.strict_concurrency:
            raise Refused(self._too_many(ceiling=1))
        await asyncio.sleep(self._world.assume.latency)

    async def _break_around(self, handle: Callable[[], Awaitable[Reply]]) -> Reply:
        if late := self._take("late_write"):
            self._world.later(_after(self._late(late), handle))
            raise NoAnswer(0.0)
        reply = await handle()
        if silence := self._take("timeout_after_write"):
            raise NoAnswer(silence.delay or 0.0)
        if self._take("bad_json"):
            cut = reply.raw()
            return replace(reply, body=cut[: max(len(cut) // 2, 1)] or b'{"broken', status=200)
        return self._shorten(reply)

    def _late(self, fault: Fault) -> float:
        return min(LATE, self._world.assume.execution_limit / 2) if not fault.delay else fault.delay

    def _shorten(self, reply: Reply) -> Reply:
        rows = reply.body.get("records") if isinstance(reply.body, dict) else reply.body
        if self._call.op.method != "GET" or not isinstance(rows, list) or reply.status != 200:
            return reply
        if self._take("empty_list"):
            kept: list[Any] = []
        elif self._take("short_list"):
            kept = rows[: len(rows) // 2]
        else:
            return reply
        headers = {k: v for k, v in reply.headers.items() if k.lower() != "nextpagetoken"}
        body = {**reply.body, "records": kept} if isinstance(reply.body, dict) else kept
        return replace(reply, body=body, headers=headers)

    async def _handle(self) -> Reply:
        handler = self._call.op.handler
        try:
            if self._side.around is not None:
                return await self._side.around(self._call, handler)
            return await handler(self._call)
        except Refused as refusal:
            return refusal.reply
        except Exception:
            logger.exception("handler of %s failed", self._call.op.name)
            return self._side.failure(500, "The sandbox itself failed; see its log.")

    def _too_many(self, *, ceiling: float | None) -> Reply:
        reply = self._side.failure(429, "Too many requests.")
        if self._side.name == "financials":
            reply.headers["Retry-After"] = str(max(1, round(ceiling or 1)))
        return reply


async def _after(delay: float, handle: Callable[[], Awaitable[Reply]]) -> None:
    await asyncio.sleep(delay)
    await handle()


async def _hang_up(scope: Scope, receive: Receive, *, held: float) -> None:
    """Hold the connection, then drop it; an in-process client sees its own time-out."""
    try:
        async with asyncio.timeout(held):
            while (await receive())["type"] != "http.disconnect":
                continue
    except TimeoutError:
        pass
    # Uvicorn hands out bound methods of its request cycle; httpx's in-process transport does not.
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is None:
        raise httpx.ReadTimeout(f"no answer to {scope['method']} {scope['path']}")
    transport.abort()
    await asyncio.sleep(0.01)


def _bad_gateway() -> Reply:
    page = b"<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"
    return Reply(status=502, body=page, media_type="text/html")


def _on_the_wire(body: bytes) -> Any:
    if not body:
        return None
    try:
        return parse(body)
    except ValueError:
        return body[:UNPARSED].decode("utf-8", errors="replace")
