"""Lets callers in: the key is checked unless its address tried too many wrong ones."""

from __future__ import annotations

from starlette.types import Scope

from gateway.auth import Principal, Unauthenticated, authenticate
from gateway.quota import Attempts


def address_of(scope: Scope) -> str:
    """Return who called; behind a trusted proxy the server has put its client here (K7)."""
    client = scope.get("client")
    return str(client[0]) if client else ""


async def admit(attempts: Attempts, address: str, authorization: str | None) -> Principal:
    """Find the caller behind an Authorization text, and count it if there is none.

    Raises Unauthenticated and TooManyAttempts. No key at all is not a try.
    """
    attempts.check(address, authorization)
    try:
        principal = await authenticate(authorization)
    except Unauthenticated:
        if authorization:
            attempts.failed(address, authorization)
        raise
    attempts.accepted(authorization)
    return principal
