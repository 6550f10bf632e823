"""Webhooks of Visma.net Financials: one application's subscriptions, for one company or for all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.webhooks.arrival import Arrival, endpoint_of, keys_of, verified
from gateway.webhooks.directory import Directory, Endpoint
from gateway.webhooks.event import (
    ID_LENGTH,
    UNKNOWN,
    Event,
    clean,
    digest_of,
    first_text,
    kept,
    parsed,
    text_at,
)
from gateway.webhooks.plain import read_signature, signers
from gateway.webhooks.refusal import BadSignature
from gateway.webhooks.secret import Key, read_keys
from schema.ids import new_id
from schema.settings import Settings
from schema.words import Side

SHARED = "application"
# Two equal bodies without an id are one event only within this many seconds (W8).
WINDOW_SECONDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class _Caller:
    key: str
    candidates: tuple[Endpoint, ...]


async def read(arrival: Arrival, *, directory: Directory, settings: Settings) -> Event:
    """Verify a delivery and make an event of it.

    Raises Malformed or BadSignature.
    """
    signature = read_signature(arrival.headers, header=settings.financials_signature_header)
    application = read_keys(settings.financials_webhook_secret)

    def attempt(endpoints: Mapping[str, Endpoint]) -> _Caller:
        if arrival.integration is None:
            return _shared(arrival, signature, endpoints=endpoints, application=application)
        return _own(arrival, signature, endpoints=endpoints, application=application)

    caller = await verified(directory, attempt)
    return _event(arrival, caller=caller, settings=settings)


def _own(
    arrival: Arrival,
    signature: bytes,
    *,
    endpoints: Mapping[str, Endpoint],
    application: Sequence[Key],
) -> _Caller:
    """Verify at the address of one integration: with its secrets or the application's."""
    endpoint = endpoint_of(arrival, endpoints)
    keys = (*keys_of(endpoint, side=Side.FINANCIALS), *application)
    found = signers(signature, body=arrival.body, keys=keys, now=arrival.at)
    if endpoint is None or not found:
        raise BadSignature("endpoint" if endpoint is None else "signature")
    return _Caller(key=found[0], candidates=(endpoint,))


def _shared(
    arrival: Arrival,
    signature: bytes,
    *,
    endpoints: Mapping[str, Endpoint],
    application: Sequence[Key],
) -> _Caller:
    """Verify at the shared address; a secret of one integration speaks for that one only."""
    found = signers(signature, body=arrival.body, keys=application, now=arrival.at)
    if found:
        return _Caller(key=found[0], candidates=tuple(endpoints.values()))
    every = {
        key.fingerprint: key
        for endpoint in endpoints.values()
        for key in endpoint.keys.get(Side.FINANCIALS, ())
    }
    keys = tuple(every.values()) or keys_of(None, side=Side.FINANCIALS)
    found = signers(signature, body=arrival.body, keys=keys, now=arrival.at)
    if not found:
        raise BadSignature("signature")
    owners = (endpoint for endpoint in endpoints.values() if _holds(endpoint, found[0]))
    return _Caller(key=found[0], candidates=tuple(owners))


def _holds(endpoint: Endpoint, fingerprint: str) -> bool:
    return any(key.fingerprint == fingerprint for key in endpoint.keys.get(Side.FINANCIALS, ()))


def _event(arrival: Arrival, *, caller: _Caller, settings: Settings) -> Event:
    body = parsed(arrival.body)
    digest = digest_of(arrival.body)
    owner = _owner(arrival, body, caller=caller, path=settings.financials_tenant_path)
    awake = [one for one in caller.candidates if one.active] if owner is None else [owner]
    return Event(
        id=new_id(),
        side=Side.FINANCIALS,
        source=arrival.integration or SHARED,
        event_id=_event_id(body, digest=digest, at=arrival.at.timestamp()),
        type=clean(first_text(body, "eventName", "event", "type") or "", limit=120) or UNKNOWN,
        body=arrival.body,
        digest=digest,
        headers=kept(arrival.headers),
        key_used=caller.key,
        received_at=arrival.at,
        integration_id=owner.integration_id if owner else None,
        wakes=tuple(one.integration_id for one in awake if not one.held),
        reason=None if owner else "No integration is linked with the company of this message.",
        trace=arrival.trace,
    )


def _owner(
    arrival: Arrival, body: Mapping[str, object], *, caller: _Caller, path: str
) -> Endpoint | None:
    """Find the integration by the company that the message names in its body or a header."""
    if arrival.integration is not None:
        return caller.candidates[0]
    place, _, header = path.partition(":")
    company = arrival.headers.get(header.lower()) if place == "header" else text_at(body, path)
    if not company:
        return None
    return next((one for one in caller.candidates if one.company == company), None)


def _event_id(body: Mapping[str, object], *, digest: str, at: float) -> str:
    """Take the event's id from the body; without one it is the digest within a window (W8)."""
    named = first_text(body, "notificationId", "id")
    if named and len(named) <= ID_LENGTH and named.isprintable():
        return named
    return f"sha256:{digest}:{int(at) // WINDOW_SECONDS}"
