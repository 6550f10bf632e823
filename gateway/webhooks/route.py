"""The endpoints of webhooks: read the raw body, have it taken in, answer (W1, W14)."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping

import orjson
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from gateway.answers import MEDIA_TYPE, failure, unavailable
from gateway.logs import request_id
from gateway.metrics import Metrics
from gateway.outage import is_outage
from gateway.services import Services
from gateway.webhooks import financials, severa
from gateway.webhooks.arrival import Arrival
from gateway.webhooks.event import Event
from gateway.webhooks.inbox import Inbox
from gateway.webhooks.intake import Intake, Reader
from gateway.webhooks.refusal import BadSignature, Crowded, Malformed
from gateway.webhooks.store import Outcome
from schema.words import Side

log = logging.getLogger(__name__)

PREFIX = "/webhooks/"
BODY_SECONDS = 15.0
_TYPES = frozenset({"", "application/json", "text/json", "text/plain", "application/octet-stream"})
_STATUS = {Outcome.ACCEPTED: 202, Outcome.CONFLICT: 202, Outcome.DUPLICATE: 200}
_BODIES = {outcome: orjson.dumps({"status": outcome.value}) for outcome in Outcome}


class SenderGone(Exception):
    """The sender hung up before its body was whole."""


class Door:
    """One endpoint, as plain ASGI: the raw body is never decoded before it is verified (W2)."""

    def __init__(self, intake: Intake, *, side: Side, reader: Reader) -> None:
        self._intake, self._source, self._reader = intake, side.lower(), reader
        self._received = intake.metrics.webhooks_received.labels(self._source)
        self._ack_seconds = intake.metrics.webhook_ack_seconds.labels(self._source)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one delivery."""
        self._received.inc()
        started = time.perf_counter()
        try:
            response = await self._answer(scope, receive)
        except SenderGone:
            self._reject("sender_gone")
            return
        if response.status_code < 300:
            self._ack_seconds.observe(time.perf_counter() - started)
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        headers = _headers(scope)
        if not _readable(headers):
            self._reject("media_type")
            return failure(415, message="Send JSON without a content encoding.")
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _body(receive)
        except TimeoutError:
            self._reject("slow_body")
            return failure(408, message="The body did not arrive in time.")
        return await self._take(_arrival(scope, headers, body, self._intake))

    async def _take(self, arrival: Arrival) -> Response:
        try:
            outcome = await self._intake.take(arrival, reader=self._reader)
        except (Malformed, BadSignature, Crowded) as error:
            self._reject(error.reason)
            return _refused(error)
        except Exception as error:
            if not is_outage(error):
                raise
            self._reject("database")
            log.warning("webhook.database_lost error=%s", type(error).__name__)
            return unavailable()
        return Response(_BODIES[outcome], _STATUS[outcome], media_type=MEDIA_TYPE)

    def _reject(self, reason: str) -> None:
        self._intake.metrics.webhooks_rejected.labels(self._source, reason).inc()


def routes(services: Callable[[], Services], *, inbox: Inbox, metrics: Metrics) -> list[BaseRoute]:
    """Return the endpoints of both sides."""
    intake = Intake(services, inbox=inbox, metrics=metrics)
    doors: tuple[tuple[str, Side, Reader], ...] = (
        ("severa/{integration}", Side.SEVERA, _read_severa),
        ("financials/{integration}", Side.FINANCIALS, _read_financials),
        ("financials", Side.FINANCIALS, _read_financials),
    )
    return [
        Route(PREFIX + path, Door(intake, side=side, reader=reader), methods=["POST"])
        for path, side, reader in doors
    ]


async def _read_severa(arrival: Arrival, intake: Intake) -> Event:
    return await severa.read(arrival, directory=intake.directory)


async def _read_financials(arrival: Arrival, intake: Intake) -> Event:
    return await financials.read(
        arrival, directory=intake.directory, settings=intake.services.settings
    )


def _headers(scope: Scope) -> dict[str, str]:
    """Read the headers; of one that came twice the first counts."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.decode("latin-1"), value.decode("latin-1"))
    return found


def _arrival(scope: Scope, headers: Mapping[str, str], body: bytes, intake: Intake) -> Arrival:
    return Arrival(
        integration=scope["path_params"].get("integration"),
        headers=headers,
        body=body,
        at=intake.services.clock(),
        trace=request_id.get(),
    )


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise SenderGone
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _readable(headers: Mapping[str, str]) -> bool:
    essence = headers.get("content-type", "").partition(";")[0].strip().lower()
    plain = headers.get("content-encoding", "identity").strip().lower() == "identity"
    return plain and (essence in _TYPES or essence.endswith("+json"))


def _refused(error: Malformed | BadSignature | Crowded) -> Response:
    if isinstance(error, Malformed):
        return failure(400, code=error.code, message=str(error))
    if isinstance(error, BadSignature):
        return failure(401, code=error.code, message=str(error))
    return failure(429, code=error.code, message=str(error), headers={"retry-after": "1"})
