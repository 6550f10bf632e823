"""Lets a browser's session in at the GraphQL address, and no page of another origin (S8, L7)."""

from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.dashboard.session import Sessions, cookie_name
from gateway.services import Services

_PATH = "/graphql"


class SessionDoor:
    """Turns the session cookie into the Authorization header that everything behind it reads.

    A cookie travels by itself, so it counts only where the page that asks is known to be ours: in
    a POST of JSON and in a WebSocket handshake, both with our own Origin.
    """

    def __init__(
        self, app: ASGIApp, *, sessions: Sessions, services: Callable[[], Services]
    ) -> None:
        self._app, self._sessions, self._services = app, sessions, services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] in ("http", "websocket") and scope["path"] == _PATH:
            scope = await self._signed(scope)
        await self._app(scope, receive, send)

    async def _signed(self, scope: Scope) -> Scope:
        headers = Headers(scope=scope)
        if "authorization" in headers or "cookie" not in headers:
            return scope
        public_url = self._services().settings.public_url
        text = cookie_parser(headers["cookie"]).get(cookie_name(public_url))
        if not text or not _counts(scope, headers, public_url=public_url):
            return scope
        session = await self._sessions.open(text)
        if session is None:
            return scope
        signed = (b"authorization", session.authorization.encode())
        return {**scope, "headers": [*scope["headers"], signed]}


def _counts(scope: Scope, headers: Headers, *, public_url: str) -> bool:
    if not same_origin(headers, public_url=public_url):
        return False
    return bool(scope["type"] == "websocket" or scope["method"] == "POST")


def same_origin(headers: Headers, *, public_url: str) -> bool:
    """Tell whether a page of our own sent a request; without an Origin nobody knows."""
    origin = headers.get("origin", "").rstrip("/").lower()
    if not origin or headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    public, given = urlsplit(public_url), urlsplit(origin)
    if origin == f"{public.scheme}://{public.netloc}".lower():
        return True
    same_host = given.netloc == headers.get("host", "").lower()
    return bool(same_host and given.scheme == public.scheme)
