"""Errors as clients see them: ours with their code, all others masked with an error id (S5)."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from graphql import GraphQLError, GraphQLSyntaxError

from gateway.outage import is_outage
from gateway.quota import Later
from schema.errors import GatewayError, Refused

log = logging.getLogger(__name__)

SHOWN = 10
PARSE = "GRAPHQL_PARSE_FAILED"
VALIDATION = "GRAPHQL_VALIDATION_FAILED"
INPUT = "BAD_USER_INPUT"
INTERNAL = "INTERNAL_ERROR"
LIMIT = "LIMIT_EXCEEDED"
AWAY = "The database does not answer; try again soon."


class TooSlow(Refused):
    """An operation ran longer than it may."""

    code = "DEADLINE_EXCEEDED"


def plain(message: str, code: str, **details: Any) -> dict[str, Any]:
    """Return an error that has no place in a document."""
    return {"message": message, "extensions": {"code": code, **details}}


def wait_for(error: Later) -> dict[str, Any]:
    """Return a refusal that says when to come back."""
    return plain(str(error), error.code, retryAfter=error.retry_after)


def request_errors(errors: Iterable[GraphQLError], code: str) -> list[dict[str, Any]]:
    """Format errors that were found before execution; at most ten are shown (S2)."""
    shown = [_request_error(error, code) for error in list(errors)[:SHOWN]]
    # One line per refused request, never a traceback (S6).
    log.info("graphql.refused code=%s errors=%d", shown[0]["extensions"]["code"], len(shown))
    return shown


def _request_error(error: GraphQLError, code: str) -> dict[str, Any]:
    if isinstance(error, GraphQLSyntaxError):
        over = error.message.partition("more than ")[2].partition(" ")[0]
        if "Parsing aborted" in error.message and over.isdigit():
            return plain(error.message, LIMIT, limit="tokens", maximum=int(over))
        code = PARSE
    formatted: dict[str, Any] = dict(error.formatted)
    formatted["extensions"] = {"code": code, **(error.extensions or {})}
    return formatted


def execution_errors(errors: Iterable[GraphQLError]) -> list[dict[str, Any]]:
    """Format errors that were raised during execution; surprises are masked and logged."""
    return [_execution_error(error) for error in list(errors)[:SHOWN]]


def _execution_error(error: GraphQLError) -> dict[str, Any]:
    formatted: dict[str, Any] = dict(error.formatted)
    cause = cause_of(error)
    if isinstance(cause, GatewayError):
        formatted["message"] = str(cause)
        formatted["extensions"] = {"code": cause.code.upper()}
        log.info("graphql.error code=%s", cause.code)
    elif cause is None:
        formatted["extensions"] = {"code": INPUT, **(error.extensions or {})}
    elif is_outage(cause):
        formatted |= plain(AWAY, "UNAVAILABLE")
        log.warning("graphql.outage error=%r", cause)
    else:
        formatted |= masked(cause)
    return formatted


def cause_of(error: GraphQLError) -> BaseException | None:
    """Return the exception that a resolver raised, without the wrapping."""
    cause: BaseException | None = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def masked(cause: BaseException) -> dict[str, Any]:
    """Log a surprise and return what may be told of it."""
    error_id = uuid4().hex
    log.error("graphql.surprise error_id=%s", error_id, exc_info=cause)
    return {
        "message": "Internal error.",
        "extensions": {"code": INTERNAL, "errorId": error_id},
    }
