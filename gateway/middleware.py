"""What happens around every request, as pure ASGI: its id, host and size, security headers, the log
line, and JSON for whatever escaped.
"""

import logging
import os
import re
import time
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.answers import failure, unavailable
from gateway.logs import request_id
from gateway.metrics import Metrics
from gateway.outage import is_outage

log = logging.getLogger(__name__)

KIB = 1024
_REQUEST_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{7,63}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_QUIET = frozenset({"/livez", "/readyz", "/metrics"})
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)


class Front:
    """Gives each request an id, headers and a log line; nothing leaves it as a traceback."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, secure: bool) -> None:
        self._app, self._metrics = app, metrics
        self._headers = list(_HEADERS)
        if secure:
            self._headers.append((b"strict-transport-security", b"max-age=31536000"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        token = request_id.set(_request_id(scope))
        try:
            if scope["type"] == "http":
                await self._serve(scope, receive, send)
            else:
                await self._app(scope, receive, send)
        finally:
            request_id.reset(token)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        started, status = time.perf_counter(), 0

        async def dressed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._dress(message)
            await send(message)

        self._metrics.requests_open.inc()
        try:
            await self._app(scope, receive, dressed)
        except Exception as error:
            if status:
                log.exception("request.broken_off")
                raise
            await _masked(error)(scope, receive, dressed)
        finally:
            self._metrics.requests_open.dec()
            self._note(scope, status=status, seconds=time.perf_counter() - started)

    def _dress(self, message: Message) -> None:
        headers = list(message.get("headers", ()))
        present = {name.lower() for name, _ in headers}
        headers += [pair for pair in self._headers if pair[0] not in present]
        headers.append((b"x-request-id", (request_id.get() or "").encode()))
        message["headers"] = headers

    def _note(self, scope: Scope, *, status: int, seconds: float) -> None:
        route = _route(scope)
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        self._metrics.requests.labels(route, method, str(status)).inc()
        self._metrics.request_seconds.labels(route).observe(seconds)
        usual = status < 400 and (route in _QUIET or route.startswith("/webhooks/"))
        level = logging.DEBUG if usual else logging.INFO
        if log.isEnabledFor(level):
            log.log(
                level,
                "request.answered",
                extra={
                    "method": method,
                    "route": route,
                    "status": status,
                    "milliseconds": round(seconds * 1000, 1),
                },
            )


class Hosts:
    """Lets in requests for the names of this gateway only, so that no page can rebind one (S9)."""

    def __init__(self, app: ASGIApp, *, allowed: Iterable[str]) -> None:
        self._app, self._allowed = app, frozenset(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, or refuse its host; probes ask by address."""
        if scope["type"] == "lifespan" or scope["path"] in _QUIET or self._knows(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4403, "reason": "Unknown host"})
        else:
            answer = failure(400, code="UNKNOWN_HOST", message="This host name is not served here.")
            await answer(scope, receive, send)

    def _knows(self, scope: Scope) -> bool:
        return "*" in self._allowed or host_name(_header(scope, b"host")) in self._allowed


class BodyLimit:
    """Refuses a body above the limit of its path, told by its length or counted (W1, S2)."""

    def __init__(self, app: ASGIApp, *, limit: int, larger: dict[str, int]) -> None:
        self._app, self._limit, self._larger = app, limit, larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request within its limit."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit_of(scope["path"])
        length = _header(scope, b"content-length") or "0"
        if not length.isascii() or not length.isdigit():
            await failure(400, message="Content-Length is no number.")(scope, receive, send)
            return
        if len(length) > 18 or int(length) > limit:
            await _too_large()(scope, receive, send)
            return
        await self._counted(scope, receive, send, limit=limit)

    def _limit_of(self, path: str) -> int:
        for prefix, limit in self._larger.items():
            if path.startswith(prefix):
                return limit
        return self._limit

    async def _counted(self, scope: Scope, receive: Receive, send: Send, *, limit: int) -> None:
        total, started = 0, False

        async def counted() -> Message:
            nonlocal total
            message = await receive()
            if message["type"] == "http.request":
                total += len(message.get("body", b""))
                if total > limit:
                    raise HTTPException(413, "The body is too large")
            return message

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, counted, watched)
        except HTTPException as error:
            if error.status_code != 413 or started:
                raise
            await _too_large()(scope, receive, send)


def allowed_hosts(*, public_url: str, more: str = "") -> frozenset[str]:
    """List the host names to answer to: the public one, this machine, and those of a setting."""
    named = {text.strip().lower() for text in more.split(",") if text.strip()}
    public = urlsplit(public_url).hostname
    return frozenset({"127.0.0.1", "localhost", "::1", *named} | ({public} if public else set()))


@lru_cache(maxsize=256)
def host_name(text: str | None) -> str:
    """Read the name out of a Host header, without its port, in small letters."""
    try:
        return urlsplit(f"//{text or ''}").hostname or ""
    except ValueError:
        return ""


def _too_large() -> ASGIApp:
    return failure(413, message="The body is too large.", headers={"connection": "close"})


def _masked(error: Exception) -> ASGIApp:
    """Answer for an error that nobody caught: log it whole, say nothing of it (S5)."""
    if is_outage(error):
        log.warning("request.database_lost error=%s", type(error).__name__)
        return unavailable()
    log.error("request.failed", exc_info=error)
    return failure(500, message="Internal error.")


def _request_id(scope: Scope) -> str:
    """Take the caller's request id if it is well formed, else make one (O4)."""
    text = _header(scope, b"x-request-id") or ""
    return text if _REQUEST_ID.fullmatch(text) else os.urandom(16).hex()


def _header(scope: Scope, name: bytes) -> str | None:
    for known, value in scope["headers"]:
        if known == name:
            return str(value.decode("latin-1"))
    return None


def _route(scope: Scope) -> str:
    """Name the route by its template, so that no id becomes a label (O2)."""
    route = scope.get("route")
    return str(getattr(route, "path", None) or "unmatched")
