"""How Severa words its errors, moments and uploads."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any
from urllib.parse import quote

from schema.words import Side
from worker.vendors import complaint
from worker.vendors.dialect import Complaint, Dialect, Payload
from worker.vendors.records import Upload


def moment(value: datetime) -> str:
    """Write a moment as UTC with `Z`, so that no plus sign travels in a query."""
    aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return aware.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def complain(status: int, headers: Mapping[str, str], body: bytes) -> Complaint:
    """Read Severa's ExceptionModel; a 5xx of Severa is never a business rule."""
    value = complaint.parsed(body)
    error = value.get("error") if isinstance(value, dict) else None
    if not isinstance(error, dict):
        return complaint.plain(status, headers, body)
    kind = str(error.get("type") or "")
    reasons = tuple(_reasons(error.get("details")))
    message = "; ".join(reasons) or kind or complaint.plain(status, headers, b"").message
    return Complaint(message=message, reasons=reasons, vendor_ref=kind or None)


def _reasons(details: Any) -> list[str]:
    found = []
    for detail in details if isinstance(details, list) else ():
        message = detail.get("message") if isinstance(detail, dict) else None
        if not isinstance(message, str) or not message.strip():
            continue
        location = detail.get("location")
        name = location.get("name") if isinstance(location, dict) else None
        found.append(f"{message.strip()} ({name})" if name else message.strip())
    return found


def uploads(files: Sequence[Upload], body: Any) -> Payload:
    """Write `multipart/related`: per file a JSON part that describes it, then its bytes."""
    boundary = token_hex(16)
    parts: list[bytes] = []
    for file in files:
        about = json.dumps({"Name": file.name, "Description": file.description})
        parts += [_part(boundary, "application/json", about.encode())]
        parts += [_part(boundary, file.content_type, file.content)]
    parts.append(f"--{boundary}--\r\n".encode())
    return Payload(
        content=b"".join(parts), content_type=f'multipart/related; boundary="{boundary}"'
    )


def _part(boundary: str, kind: str, content: bytes) -> bytes:
    head = f"--{boundary}\r\nContent-Type: {kind}\r\n\r\n"
    return head.encode() + content + b"\r\n"


def _encode(value: str) -> str:
    return quote(value, safe="")


def _no_location(headers: Mapping[str, str]) -> str:
    raise ValueError("Severa names a new record in its body")


def _tidy(body: bytes, value: Any) -> Any:
    return value


DIALECT = Dialect(
    side=Side.SEVERA,
    encode_key=_encode,
    moment=moment,
    complaint=complain,
    uploads=uploads,
    location_key=_no_location,
    tidy=_tidy,
    request_id_header="X-Request-Id",
)
