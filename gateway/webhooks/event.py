"""A webhook on its way from the socket to the inbox."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from schema.words import Side

UNKNOWN = "unknown"
ID_LENGTH = 180
_KEPT_HEADERS = ("content-type", "user-agent", "webhook-id", "webhook-timestamp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A verified webhook and whom it wakes."""

    id: UUID
    side: Side
    source: str
    event_id: str
    type: str
    body: bytes
    digest: str
    headers: Mapping[str, str]
    key_used: str
    received_at: datetime
    integration_id: UUID | None
    wakes: tuple[UUID, ...]
    reason: str | None = None
    trace: str | None = None


def digest_of(body: bytes) -> str:
    """Name a body by its content."""
    return hashlib.sha256(body).hexdigest()


def parsed(body: bytes) -> Mapping[str, Any]:
    """Read a body as a JSON object; any other body is an empty one."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def text_at(body: Mapping[str, Any], path: str) -> str | None:
    """Find a text or a whole number at a dotted path."""
    value: Any = body
    for step in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value) or None


def first_text(body: Mapping[str, Any], *names: str) -> str | None:
    """Find the first of several members that holds a text."""
    return next((found for name in names if (found := text_at(body, name))), None)


def clean(text: str, *, limit: int) -> str:
    """Cut a text and drop what no column can hold."""
    if text.isprintable():
        return text[:limit]
    return "".join(letter for letter in text if letter.isprintable())[:limit]


def kept(headers: Mapping[str, str]) -> dict[str, str]:
    """Choose the headers that are stored with an event; signatures are not (W11, S14)."""
    return {name: clean(headers[name], limit=200) for name in _KEPT_HEADERS if name in headers}
