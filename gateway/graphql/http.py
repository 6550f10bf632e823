"""GraphQL over HTTP: statuses, media types and JSON bodies for every outcome (H1 to H8)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import orjson
from graphql import OperationType
from starlette.requests import Request as HTTPRequest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.admit import address_of, admit
from gateway.auth import Principal, Unauthenticated
from gateway.graphql.accept import GRAPHQL, JSON, Accepted, accepted
from gateway.graphql.answers import Answers, Held, Snapshots
from gateway.graphql.body import BadRequest, operation, raw
from gateway.graphql.charge import Charge
from gateway.graphql.context import Context
from gateway.graphql.engine import Engine
from gateway.graphql.errors import AWAY, masked, plain, wait_for
from gateway.graphql.operation import Answer, Prepared
from gateway.graphql.stream import EventStream
from gateway.graphql.watch import Watch
from gateway.outage import is_outage
from gateway.quota import Later, TooBusy
from gateway.services import Services
from schema.settings import Statuses

log = logging.getLogger(__name__)


class HTTPHandler:
    """Answers HTTP requests of one process."""

    def __init__(
        self, *, engine: Engine, services: Services, watch: Watch, statuses: Statuses = "audit"
    ) -> None:
        self._engine = engine
        self._services = services
        self._watch = watch
        self._statuses = statuses
        self._answers = Answers()
        self._snapshots = Snapshots()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; no exception leaves this function."""
        request = HTTPRequest(scope, receive)
        taken = accepted(request.headers.get("accept"))
        media_type = taken.json or JSON
        charge = Charge(self._services.rates)
        send = charge.dress(send)
        try:
            await self._answer(request, taken, charge, scope, receive, send)
            return
        except BadRequest as error:
            log.info("graphql.bad_request code=%s", error.code)
            body = {"errors": [plain(error.message, error.code)]}
            made = respond(body, error.status, media_type, error.headers)
        except Unauthenticated as error:
            body = {"errors": [plain(str(error), error.code)]}
            made = respond(body, 401, media_type, {"www-authenticate": "Bearer"})
        except Later as error:
            made = _later(error, media_type)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            away = is_outage(error)
            body = {"errors": [plain(AWAY, "UNAVAILABLE") if away else masked(error)]}
            headers = {"retry-after": "5"} if away else {}
            made = respond(body, 503 if away else 500, media_type, headers)
        await made(scope, receive, send)

    async def _answer(
        self,
        request: HTTPRequest,
        taken: Accepted,
        charge: Charge,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        if taken.json is None and not taken.stream:
            raise BadRequest(406, "NOT_ACCEPTABLE", f"This address answers {GRAPHQL} or {JSON}.")
        authorization = request.headers.get("authorization")
        attempts = self._services.attempts
        principal = await admit(attempts, address_of(scope), authorization)
        await charge.door(principal)
        body = await raw(request)
        media_type = taken.json or JSON
        key = (body, principal, media_type, self._services.clock().date())
        if body is not None and not taken.stream:
            held = self._answers.get(key)
            if held is not None and held.snapshot == await self._snapshots.now():
                self._engine.note_kept()
                await encoded(held.body, 200, media_type)(scope, receive, send)
                return
        asked = operation(request, body)
        prepared = self._engine.prepare(asked)
        self._check_kind(request, prepared, taken)
        await charge.operation(principal, self._engine, prepared, asked)
        context = Context(principal=principal, services=self._services)
        if taken.stream and (taken.json is None or prepared.kind is OperationType.SUBSCRIPTION):
            if self._watch.full(principal):
                raise TooBusy("This caller has too many connections open.")
            answers = self._engine.stream(prepared, asked, context)
            await self._stream(answers, principal, authorization or "", scope, receive, send)
            return
        # The snapshot is taken before the query runs: what is kept can only be newer than it.
        keep = body is not None and prepared.keepable and self._answers.again(key)
        snapshot = await self._snapshots.now() if keep else ""
        answer = await self._engine.run(prepared, asked, context)
        made = orjson.dumps(answer.body)
        if keep and answer.executed and not answer.errors:
            self._answers.put(key, Held(snapshot, made))
        status = self._status(answer, media_type)
        later = {"retry-after": str(TooBusy.retry_after)} if status == 429 else None
        await encoded(made, status, media_type, later)(scope, receive, send)

    async def _stream(
        self,
        answers: Any,
        principal: Principal,
        authorization: str,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        with self._watch.over(principal, authorization) as revoked:
            await EventStream(answers, revoked)(scope, receive, send)

    def _check_kind(self, request: HTTPRequest, prepared: Prepared, taken: Accepted) -> None:
        if prepared.kind is OperationType.MUTATION and request.method == "GET":
            raise BadRequest(
                405,
                "METHOD_NOT_ALLOWED",
                "A mutation needs a POST request.",
                headers={"allow": "POST"},
            )
        if prepared.kind is OperationType.SUBSCRIPTION and not taken.stream:
            raise BadRequest(
                406,
                "NOT_ACCEPTABLE",
                "A subscription needs a WebSocket, or a client that accepts text/event-stream.",
            )

    def _status(self, answer: Answer, media_type: str) -> int:
        if answer.executed:
            partial = self._statuses == "draft" and answer.errors and answer.data is not None
            return 294 if partial else 200
        code = (answer.errors or [{}])[0].get("extensions", {}).get("code")
        if code == TooBusy.code:
            return 429
        if self._statuses == "audit":
            return 400 if media_type == GRAPHQL else 200
        return 400 if code == "GRAPHQL_PARSE_FAILED" else 422


def _later(error: Later, media_type: str) -> Response:
    wait = {"retry-after": str(error.retry_after)}
    return respond({"errors": [wait_for(error)]}, 429, media_type, wait)


def respond(
    body: Mapping[str, Any],
    status: int,
    media_type: str,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Encode an answer; every answer of this address is JSON."""
    return encoded(orjson.dumps(body), status, media_type, headers)


def encoded(
    body: bytes, status: int, media_type: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Return an answer that is JSON already."""
    return Response(
        body,
        status_code=status,
        headers={"content-type": f"{media_type}; charset=utf-8", **(headers or {})},
    )
