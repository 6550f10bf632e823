"""GraphQL over WebSocket: Strawberry's protocol machine with its known gaps closed (L1 to L9)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import ExitStack, aclosing, suppress
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)

from gateway.admit import admit
from gateway.auth import Principal, Unauthenticated
from gateway.graphql.body import problem_with
from gateway.graphql.charge import Charge, TooFast
from gateway.graphql.context import Context
from gateway.graphql.engine import Engine
from gateway.graphql.errors import masked, plain, wait_for
from gateway.graphql.operation import Request
from gateway.graphql.watch import Watch
from gateway.quota import TooBusy, TooManyAttempts
from gateway.services import Services

log = logging.getLogger(__name__)

TOO_MANY = 4429


class TooMany(Exception):
    """A caller has too many of something to open a socket; the text is the reason to close it."""


@dataclass(slots=True, kw_only=True)
class Session:
    """What one socket is about; every operation on it gets a context of its own (L9)."""

    services: Services
    engine: Engine
    watch: Watch
    header: str | None
    address: str = ""
    connection_params: dict[str, Any] = field(default_factory=dict)
    principal: Principal | None = None
    authorization: str = ""

    async def open(self) -> None:
        """Find the caller in the `connection_init` message or the handshake.

        Raises ConnectionRejectionError without a valid key, TooMany beyond a limit.
        """
        given = self.connection_params.get("authorization")
        if given is None:
            given = self.connection_params.get("Authorization", self.header)
        text = given if isinstance(given, str) else None
        try:
            principal = await admit(self.services.attempts, self.address, text)
        except TooManyAttempts as error:
            raise TooMany("Too many invalid keys") from error
        except Unauthenticated as error:
            raise ConnectionRejectionError from error
        if self.watch.full(principal):
            raise TooMany("Too many connections")
        self.principal, self.authorization = principal, str(given)


class SocketAdapter(ASGIWebSocketAdapter):
    """Sends text frames only (L5), and nothing after the close."""

    ws: WebSocket

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send a message."""
        await self.send_text(orjson.dumps(message).decode())

    async def send_text(self, text: str) -> None:
        """Send a message that is JSON text already."""
        if self.ws.application_state is not WebSocketState.CONNECTED:
            raise WebSocketDisconnected
        try:
            await self.ws.send_text(text)
        except (WebSocketDisconnect, RuntimeError) as error:
            raise WebSocketDisconnected from error

    async def close(self, code: int, reason: str) -> None:
        """Close the socket once; a reason has at most 123 bytes."""
        if self.ws.application_state is WebSocketState.DISCONNECTED:
            return
        with suppress(WebSocketDisconnect, RuntimeError):
            await self.ws.close(code=code, reason=reason.encode()[:120].decode(errors="ignore"))


class SocketHandler(BaseGraphQLTransportWSHandler[Session, None]):
    """Runs the operations of one socket through the same engine as HTTP."""

    context: Session
    websocket: SocketAdapter

    async def handle(self) -> None:
        """Serve the socket until it ends."""
        self._stack = ExitStack()
        self._revocation: asyncio.Task[None] | None = None
        try:
            await super().handle()
        except RuntimeError as error:
            # Starlette reports a socket that was closed under a waiting receive like this.
            log.info("socket.ended reason=%s", error)
        finally:
            if self._revocation is not None:
                self._revocation.cancel()
            self._stack.close()

    async def handle_message(self, message: Any) -> None:
        """Look at the shape of a message before anything uses it (L4)."""
        problem = _problem(message)
        if problem is not None:
            await self.handle_invalid_message(problem)
            return
        await super().handle_message(message)

    async def handle_connection_init(self, message: Any) -> None:
        """Let the caller in, and throw it out again when its key ends (L6)."""
        if message.get("payload") is None:
            message = {"type": "connection_init"}
        try:
            await super().handle_connection_init(message)
        except TooMany as error:
            await self.websocket.close(code=TOO_MANY, reason=str(error))
            return
        session = self.context
        if self.connection_acknowledged and session.principal and self._revocation is None:
            ended = self._stack.enter_context(
                session.watch.over(session.principal, session.authorization)
            )
            self._revocation = asyncio.create_task(self._throw_out(ended))

    async def _throw_out(self, ended: asyncio.Event) -> None:
        await ended.wait()
        await self.websocket.close(code=4403, reason="Forbidden")

    async def handle_subscribe(self, message: Any) -> None:
        """Run an operation, or say that its parameters are wrong, on this operation alone."""
        problem = problem_with(message["payload"])
        if problem is not None and self.connection_acknowledged:
            errors = [plain(problem, "BAD_REQUEST")]
            await self.websocket.send_json(
                {"id": message["id"], "type": "error", "payload": errors}
            )
            return
        most = self.max_subscriptions_per_connection or 0
        fresh = message["id"] not in self.operations
        if self.connection_acknowledged and fresh and len(self.operations) >= most:
            busy = TooBusy(f"This connection has {most} operations under way already.")
            await self.websocket.send_json(
                {"id": message["id"], "type": "error", "payload": [wait_for(busy)]}
            )
            return
        await super().handle_subscribe(message)

    async def run_operation(self, operation: Operation[Session, None]) -> None:
        """Answer an operation; whatever happens in it stays in it (L3)."""
        try:
            await self._run(operation)
        except WebSocketDisconnected:
            return
        except TooFast as error:
            with suppress(WebSocketDisconnected):
                await self._fail(operation, [wait_for(error)])
        except Exception as error:
            with suppress(WebSocketDisconnected):
                await self._fail(operation, [masked(error)])

    async def _run(self, operation: Operation[Session, None]) -> None:
        session = self.context
        assert session.principal is not None
        charge = Charge(session.services.rates)
        await charge.door(session.principal)
        context = Context(principal=session.principal, services=session.services)
        request = Request(
            query=operation.query,
            variables=operation.variables,
            operation_name=operation.operation_name,
        )
        prepared = session.engine.prepare(request)
        await charge.operation(session.principal, session.engine, prepared, request)
        name = orjson.dumps(operation.id).decode()
        async with aclosing(session.engine.stream(prepared, request, context)) as answers:
            async for answer in answers:
                if not answer.executed:
                    await self._fail(operation, answer.errors or [])
                    return
                await self.websocket.send_text(
                    f'{{"id":{name},"type":"next","payload":{answer.text}}}'
                )
        await operation.send_operation_message({"id": operation.id, "type": "complete"})

    async def _fail(
        self, operation: Operation[Session, None], errors: list[dict[str, Any]]
    ) -> None:
        message: Any = {"id": operation.id, "type": "error", "payload": errors}
        await operation.send_operation_message(message)


def _problem(message: Any) -> str | None:
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return "A message is an object with a type"
    if message["type"] in ("subscribe", "complete"):
        name = message.get("id")
        if not isinstance(name, str) or not 1 <= len(name) <= 255:
            return "An operation needs an id"
    payload = message.get("payload")
    if message["type"] == "subscribe" and not isinstance(payload, dict):
        return "A subscribe message needs a payload"
    if message["type"] in ("ping", "pong") and not isinstance(payload, dict | None):
        return "A payload is an object"
    return None
