"""Severa's error model and the refusals of this side."""

from __future__ import annotations

from typing import Any

from sandbox.http import Refused, Reply

TYPES = {
    400: "InvalidRequest",
    401: "AuthenticationRequired",
    403: "PermissionDenied",
    500: "InternalSystemError",
    503: "InternalSystemError",
}
QUOTA = b"API calls quota exceeded! maximum admitted 10 per 1s."


def failure(status: int, text: str) -> Reply:
    """Render an error of the door: 429 is plain text, 404 is empty, the rest is the model."""
    if status == 429:
        return Reply(status=429, body=QUOTA, media_type="text/plain; charset=utf-8")
    if status == 404:
        return Reply(status=404)
    return problem(status, TYPES.get(status, "InvalidRequest"), text)


def problem(
    status: int, kind: str, text: str, *, place: str = "RequestBody", name: str | None = None
) -> Reply:
    """Render the error model."""
    location: dict[str, Any] | None = None
    if name is not None:
        location = {"type": place, "name": name, "identifier": None}
    detail = {"message": text, "url": None, "location": location}
    error = {"httpStatusCode": status, "type": kind, "stack": None, "details": [detail]}
    return Reply(status=status, body={"error": error})


def invalid(text: str, *, name: str | None = None) -> Refused:
    """Refuse a value of the body."""
    return Refused(problem(400, "InvalidParameter", text, name=name))


def not_allowed(text: str) -> Refused:
    """Refuse an operation that the state of the record forbids."""
    return Refused(problem(400, "InvalidOperation", text))


def missing() -> Refused:
    """Say that there is no such record: 404 without a body."""
    return Refused(Reply(status=404))


def no_addon(text: str) -> Refused:
    """Say that an add-on is not switched on."""
    return Refused(problem(403, "AddonMissing", text))
