"""Failures as JSON with a code, on every route in the shape that GraphQL clients know (H5)."""

from collections.abc import Mapping

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gateway.logs import request_id

CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHENTICATED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    406: "NOT_ACCEPTABLE",
    408: "REQUEST_TIMEOUT",
    413: "PAYLOAD_TOO_LARGE",
    414: "URI_TOO_LONG",
    415: "UNSUPPORTED_MEDIA_TYPE",
    429: "TOO_MANY_REQUESTS",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
MEDIA_TYPE = "application/json; charset=utf-8"


def failure(
    status: int,
    *,
    message: str,
    code: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the JSON answer for a request that failed before or outside of GraphQL."""
    extensions = {"code": code or CODES.get(status, "ERROR"), "requestId": request_id.get()}
    body = orjson.dumps({"errors": [{"message": message, "extensions": extensions}]})
    return Response(body, status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def answer(value: object, *, status: int = 200) -> Response:
    """Return a JSON answer."""
    return Response(orjson.dumps(value), status, media_type=MEDIA_TYPE)


def unavailable() -> Response:
    """Return the answer while PostgreSQL is away, so that a sender tries again (W14)."""
    return failure(
        503, message="The database does not answer; try again soon.", headers={"retry-after": "5"}
    )


async def http_failure(request: Request, error: Exception) -> Response:
    """Turn a routing error of Starlette (404, 405, 413) into JSON."""
    if not isinstance(error, HTTPException):
        raise error
    return failure(error.status_code, message=f"{error.detail}.", headers=error.headers)
