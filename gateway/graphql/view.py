"""The endpoint: HTTP, server-sent events and WebSockets on one address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from gateway.admit import address_of
from gateway.graphql.body import decode_message
from gateway.graphql.engine import Engine
from gateway.graphql.http import HTTPHandler
from gateway.graphql.metered import MeteredEngine
from gateway.graphql.schema import schema
from gateway.graphql.socket import Session, SocketAdapter, SocketHandler
from gateway.graphql.watch import Watch
from gateway.services import Services

INIT_SECONDS = 10
PER_SOCKET = 20


class View(GraphQL[Session, None]):
    """Strawberry's ASGI view with our HTTP and our socket handler."""

    websocket_adapter_class = SocketAdapter
    graphql_transport_ws_handler_class = SocketHandler

    def __init__(self, services: Callable[[], Services]) -> None:
        super().__init__(
            schema=schema,
            graphql_ide=None,
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
            connection_init_wait_timeout=timedelta(seconds=INIT_SECONDS),
            max_subscriptions_per_connection=PER_SOCKET,
        )
        self._services = services
        self._watch = Watch()
        self._built: tuple[Services, Engine, HTTPHandler] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request or serve a socket."""
        _, _, http = self._parts()
        if scope["type"] == "http":
            await http(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def _parts(self) -> tuple[Services, Engine, HTTPHandler]:
        services = self._services()
        if self._built is None or self._built[0] is not services:
            demo = services.settings.profile == "demo"
            engine = MeteredEngine(schema, services.metrics, open_introspection=demo)
            statuses = services.settings.graphql_statuses
            http = HTTPHandler(
                engine=engine, services=services, watch=self._watch, statuses=statuses
            )
            self._built = (services, engine, http)
        return self._built

    async def get_context(self, request: Request | WebSocket, response: Any) -> Session:
        """Make what one socket is about."""
        services, engine, _ = self._parts()
        return Session(
            services=services,
            engine=engine,
            watch=self._watch,
            header=request.headers.get("authorization"),
            address=address_of(request.scope),
        )

    async def on_ws_connect(self, context: Session) -> dict[str, object] | None:
        """Check the caller's key before anything else."""
        await context.open()
        return {}

    def is_websocket_origin_allowed(self, request: WebSocket, origin: str) -> bool:
        """Let pages of our own public address in, beside those of the same host (L7)."""
        public = urlsplit(self._services().settings.public_url)
        return origin.rstrip("/").lower() == f"{public.scheme}://{public.netloc}".lower()

    def decode_json(self, data: str | bytes) -> object:
        """Parse a message of a socket."""
        found: object = decode_message(data)
        return found
