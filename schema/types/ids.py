"""Global ids: opaque to clients, a type name and a row id to us (H12)."""

import base64
import binascii
from uuid import UUID

import strawberry


def write_id(kind: str, key: UUID | str) -> strawberry.ID:
    """Turn a type name and a row id into a global id."""
    return strawberry.ID(base64.b64encode(f"{kind}:{key}".encode()).decode().rstrip("="))


def read_id(text: str) -> tuple[str, UUID] | None:
    """Turn a global id into a type name and a row id; None for anything that is none."""
    if len(text) > 120:
        return None
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode("ascii")
        kind, _, key = plain.partition(":")
        return kind, UUID(key)
    except (ValueError, binascii.Error, UnicodeError):
        return None


def key_of(text: str | None, kind: str) -> UUID | None:
    """Return the row id in a global id of one type; None for any other text."""
    found = read_id(text) if text else None
    return found[1] if found and found[0] == kind else None
