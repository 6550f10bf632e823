"""GraphQL over HTTP: statuses, media types and JSON bodies for every outcome (H1 to H8)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Literal

import orjson
from graphql import OperationType
from starlette.requests import Request as HTTPRequest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.auth import Principal, Unauthenticated, authenticate
from gateway.graphql.accept import GRAPHQL, JSON, Accepted, accepted
from gateway.graphql.body import BadRequest, read
from gateway.graphql.context import Context
from gateway.graphql.engine import Answer, Engine, Prepared, Request
from gateway.graphql.errors import masked, plain
from gateway.graphql.stream import EventStream
from gateway.graphql.watch import Watch
from gateway.outage import is_outage
from gateway.services import Services

log = logging.getLogger(__name__)

_AWAY = "The database does not answer; try again soon."

Statuses = Literal["audit", "draft"]


class HTTPHandler:
    """Answers HTTP requests of one process."""

    def __init__(
        self, *, engine: Engine, services: Services, watch: Watch, statuses: Statuses = "audit"
    ) -> None:
        self._engine = engine
        self._services = services
        self._watch = watch
        self._statuses = statuses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; no exception leaves this function."""
        request = HTTPRequest(scope, receive)
        taken = accepted(request.headers.get("accept"))
        media_type = taken.json or JSON
        try:
            await self._answer(request, taken, scope, receive, send)
            return
        except BadRequest as error:
            log.info("graphql.bad_request code=%s", error.code)
            body = {"errors": [plain(error.message, error.code)]}
            made = respond(body, error.status, media_type, error.headers)
        except Unauthenticated as error:
            body = {"errors": [plain(str(error), error.code)]}
            made = respond(body, 401, media_type, {"www-authenticate": "Bearer"})
        except asyncio.CancelledError:
            raise
        except Exception as error:
            away = is_outage(error)
            body = {"errors": [plain(_AWAY, "UNAVAILABLE") if away else masked(error)]}
            headers = {"retry-after": "5"} if away else {}
            made = respond(body, 503 if away else 500, media_type, headers)
        await made(scope, receive, send)

    async def _answer(
        self, request: HTTPRequest, taken: Accepted, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if taken.json is None and not taken.stream:
            raise BadRequest(406, "NOT_ACCEPTABLE", f"This address answers {GRAPHQL} or {JSON}.")
        authorization = request.headers.get("authorization")
        principal = await authenticate(authorization)
        asked = await read(request)
        prepared = self._engine.prepare(asked)
        self._check_kind(request, prepared, taken)
        context = Context(principal=principal, services=self._services)
        if taken.stream and (taken.json is None or prepared.kind is OperationType.SUBSCRIPTION):
            answers = self._engine.stream(prepared, asked, context)
            await self._stream(answers, principal, authorization or "", scope, receive, send)
            return
        answer = await self._engine.run(prepared, asked, context)
        made = self._response(answer, taken.json or JSON)
        await made(scope, receive, send)

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

    def _response(self, answer: Answer, media_type: str) -> Response:
        return respond(answer.body, self._status(answer, media_type), media_type)

    def _status(self, answer: Answer, media_type: str) -> int:
        if answer.executed:
            partial = self._statuses == "draft" and answer.errors and answer.data is not None
            return 294 if partial else 200
        if self._statuses == "audit":
            return 400 if media_type == GRAPHQL else 200
        code = (answer.errors or [{}])[0].get("extensions", {}).get("code")
        return 400 if code == "GRAPHQL_PARSE_FAILED" else 422


def respond(
    body: Mapping[str, Any],
    status: int,
    media_type: str,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Encode an answer; every answer of this address is JSON."""
    return Response(
        orjson.dumps(body),
        status_code=status,
        headers={"content-type": f"{media_type}; charset=utf-8", **(headers or {})},
    )


__all__ = ["HTTPHandler", "Request", "respond"]
