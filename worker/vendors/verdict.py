"""What an answer means: its body when all is well, else the one VendorError that fits."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from schema import money
from worker.vendors.dialect import Complaint, Dialect
from worker.vendors.endpoints import Operation
from worker.vendors.errors import (
    Context,
    OutcomeUnknown,
    RecordMissing,
    VendorDenied,
    VendorDown,
    VendorError,
    VendorRefused,
    VersionMoved,
)

_NO_BODY = (202, 204)


def content(dialect: Dialect, operation: Operation, status: int, body: bytes) -> Any:
    """Return the body of a good answer in the shape that the operation declares.

    Raises ValueError when it cannot be read or has another shape.
    """
    if operation.answers == "bytes":
        return body
    if status == 202 and body:
        return money.loads(body)  # Queued: the id under which the vendor works on it.
    if operation.answers in ("none", "location") or status in _NO_BODY:
        return None
    if not body:
        raise ValueError("the body is empty")
    value = dialect.tidy(body, money.loads(body))
    wanted = list if operation.answers == "array" else dict
    if isinstance(value, wanted):
        return value
    if wanted is list and isinstance(value, dict) and operation.writes:
        return [value]
    # Severa answers some calls for one record with a list that holds it.
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        return value[0]
    raise ValueError(f"the body is not an {operation.answers}")


def created_key(
    dialect: Dialect, operation: Operation, status: int, headers: Mapping[str, str]
) -> str | None:
    """Return the key that a create was given.

    Raises ValueError when the answer of a create names none.
    """
    if operation.answers != "location" or status in _NO_BODY:
        return None
    return dialect.location_key(headers)


def failure(
    dialect: Dialect,
    operation: Operation,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    context: Context,
    last_byte_at: datetime,
) -> VendorError:
    """Return the error that an answer with status 300 or above stands for."""
    said = dialect.complaint(status, headers, body)
    if said.denied or status in (401, 403):
        return VendorDenied(said.message, context=context)
    if status in (404, 410):
        return RecordMissing(**_refusal(said, context))
    if status == 412:
        return VersionMoved(said.message, context=context)
    if status == 408 or (status >= 500 and not (status == 500 and said.rule)):
        if operation.writes:
            return OutcomeUnknown(said.message, context=context, last_byte_at=last_byte_at)
        return VendorDown(said.message, context=context)
    return VendorRefused(**_refusal(said, context))


def _refusal(said: Complaint, context: Context) -> dict[str, Any]:
    return {
        "message": said.message,
        "context": context,
        "reasons": said.reasons,
        "vendor_ref": said.vendor_ref,
    }


def readable(body: bytes) -> Any:
    """Return a body as JSON where it is some, None when empty, else as it came."""
    if not body:
        return None
    try:
        return money.loads(body)
    except ValueError:
        return body


def etag(headers: Mapping[str, str]) -> str | None:
    """Return the version of a record without its quotes."""
    text = headers.get("etag")
    return re.sub(r'^(W/)?"(.*)"$', r"\2", text) if text else None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return how many seconds a vendor asks us to wait."""
    text = (headers.get("retry-after") or "").strip()
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if 0 <= seconds < 10**6 else None


def whole(text: str | None) -> int | None:
    """Return a header as a whole number, None when it is not one."""
    return int(text) if text and text.strip().isdigit() else None
