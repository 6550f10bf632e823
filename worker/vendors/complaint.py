"""Reading an error answer that is not in a vendor's own form: plain text, HTML, or nothing."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from schema import money
from worker.vendors.dialect import Complaint

LONGEST = 500


def parsed(body: bytes) -> Any:
    """Return the JSON of an error body, or None when it is something else."""
    try:
        return money.loads(body)
    except ValueError:
        return None


def plain(status: int, headers: Mapping[str, str], body: bytes) -> Complaint:
    """Say what an answer without a vendor's own error form means."""
    text = body.decode("utf-8", "replace").strip()
    kind = headers.get("content-type", "")
    if not text or text.startswith(("<", "{", "[")) or "html" in kind:
        return Complaint(message=_phrase(status))
    return Complaint(message=" ".join(text.split())[:LONGEST])


def _phrase(status: int) -> str:
    try:
        return f"HTTP {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP {status}"
