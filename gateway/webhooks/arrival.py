"""A request to an endpoint of webhooks, read but not yet trusted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from gateway.webhooks.directory import Directory, Endpoint
from gateway.webhooks.refusal import BadSignature
from gateway.webhooks.secret import Key
from schema.words import Side

Result = TypeVar("Result")
# An unknown endpoint is checked against a key that nobody has, so that it takes as long (W14).
_NOBODY = (Key(fingerprint="nobody", secret=b"\0" * 32),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What came in; `integration` is the text of the path, None for the shared address."""

    integration: str | None
    headers: Mapping[str, str]
    body: bytes
    at: datetime
    trace: str | None


def endpoint_of(arrival: Arrival, endpoints: Mapping[str, Endpoint]) -> Endpoint | None:
    """Find the endpoint that a path names by the small letters of its id."""
    return endpoints.get(arrival.integration or "")


def keys_of(endpoint: Endpoint | None, *, side: Side) -> tuple[Key, ...]:
    """Return the keys to verify with; for an unknown endpoint a key that nobody has."""
    return (endpoint.keys.get(side) if endpoint else None) or _NOBODY


async def verified(
    directory: Directory, attempt: Callable[[Mapping[str, Endpoint]], Result]
) -> Result:
    """Verify with the endpoints at hand, and once more with fresh ones: a secret may be new.

    Raises BadSignature.
    """
    try:
        return attempt(await directory.endpoints())
    except BadSignature:
        return attempt(await directory.fresh())
