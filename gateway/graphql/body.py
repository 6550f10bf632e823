"""Reads an operation out of a request: whatever comes in, the outcome is an operation or a refusal
with a status and a code (H5, H6).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.requests import Request as HTTPRequest

from gateway.graphql.accept import is_json
from gateway.graphql.operation import Request, clean
from schema.money import loads

BODY = 100 * 1024
URL = 16 * 1024


class BadRequest(Exception):
    """A request that holds no operation."""

    def __init__(
        self, status: int, code: str, message: str, *, headers: Mapping[str, str] | None = None
    ) -> None:
        self.status, self.code, self.message = status, code, message
        self.headers = dict(headers or {})
        super().__init__(message)


async def raw(request: HTTPRequest) -> bytes | None:
    """Read the body of a POST request; None for a GET request, whose operation is in the address.

    Raises BadRequest with the status that fits.
    """
    if request.method == "GET":
        return None
    if request.method != "POST":
        raise BadRequest(
            405, "METHOD_NOT_ALLOWED", "Use GET or POST.", headers={"allow": "GET, POST"}
        )
    if not is_json(request.headers.get("content-type")):
        raise BadRequest(415, "UNSUPPORTED_MEDIA_TYPE", "Send application/json in UTF-8.")
    return await _body(request)


def operation(request: HTTPRequest, body: bytes | None) -> Request:
    """Read the operation out of a body or an address.

    Raises BadRequest with the status that fits.
    """
    return _operation(_from_url(request) if body is None else _parsed(body))


async def _body(request: HTTPRequest) -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and len(declared) < 20 and int(declared) > BODY:
        raise _too_large()
    read = bytearray()
    try:
        async for chunk in request.stream():
            read += chunk
            if len(read) > BODY:
                raise _too_large()
    except ClientDisconnect as error:
        raise BadRequest(400, "BAD_REQUEST", "The body ended early.") from error
    return bytes(read)


def _too_large() -> BadRequest:
    return BadRequest(413, "CONTENT_TOO_LARGE", f"A request has at most {BODY} bytes.")


def _parsed(body: bytes | str) -> Any:
    try:
        text = body.decode() if isinstance(body, bytes) else body
        return loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRequest(400, "BAD_REQUEST", "The request is not JSON in UTF-8.") from error


def _from_url(request: HTTPRequest) -> dict[str, Any]:
    if len(request.scope.get("query_string", b"")) > URL:
        raise BadRequest(414, "URI_TOO_LONG", f"A query in the address has at most {URL} bytes.")
    found: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if found.get(name):
            found[name] = _parsed(found[name])
        else:
            found.pop(name, None)
    return found


def _operation(found: Any) -> Request:
    if isinstance(found, list):
        raise BadRequest(400, "BATCHING_DISABLED", "Send one operation per request.")
    if not isinstance(found, dict):
        raise BadRequest(400, "BAD_REQUEST", "The request must be a JSON object.")
    problem = problem_with(found)
    if problem is not None:
        raise BadRequest(400, "BAD_REQUEST", problem)
    return Request(
        query=found["query"],
        variables=found.get("variables"),
        operation_name=found.get("operationName"),
    )


def problem_with(found: Mapping[str, Any]) -> str | None:
    """Say what is wrong with the parameters of an operation; None if nothing is."""
    query = found.get("query")
    if not isinstance(query, str) or not query.strip():
        return "`query` must be a text that holds an operation."
    if not isinstance(found.get("operationName"), str | None):
        return "`operationName` must be a text."
    for name in ("variables", "extensions"):
        if not isinstance(found.get(name), dict | None):
            return f"`{name}` must be an object."
    if not clean(found.get("operationName")):
        return "`operationName` holds a character that is not allowed."
    return None


def decode_message(text: str | bytes) -> Any:
    """Parse a message of a socket.

    Raises json.JSONDecodeError for everything that is not JSON.
    """
    try:
        return loads(text)
    except json.JSONDecodeError:
        raise
    except (ValueError, RecursionError) as error:
        raise json.JSONDecodeError(str(error), "", 0) from error
