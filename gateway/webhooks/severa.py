"""Severa's doorbell: a Standard Webhook with any body, rung by the customer's own automation."""

from collections.abc import Mapping

from gateway.webhooks.arrival import Arrival, endpoint_of, keys_of, verified
from gateway.webhooks.directory import Directory, Endpoint
from gateway.webhooks.event import UNKNOWN, Event, clean, digest_of, first_text, kept, parsed
from gateway.webhooks.refusal import BadSignature
from gateway.webhooks.standard import open_envelope, verify
from schema.ids import new_id
from schema.words import Side


async def read(arrival: Arrival, *, directory: Directory) -> Event:
    """Verify a delivery and make an event of it.

    Raises Malformed or BadSignature.
    """
    envelope = open_envelope(arrival.headers)

    def attempt(endpoints: Mapping[str, Endpoint]) -> tuple[Endpoint, str]:
        endpoint = endpoint_of(arrival, endpoints)
        keys = keys_of(endpoint, side=Side.SEVERA)
        key = verify(envelope, body=arrival.body, keys=keys, now=arrival.at)
        if endpoint is None:
            raise BadSignature("endpoint")
        return endpoint, key

    endpoint, key = await verified(directory, attempt)
    return Event(
        id=new_id(),
        side=Side.SEVERA,
        source=str(endpoint.integration_id),
        event_id=envelope.id,
        type=clean(first_text(parsed(arrival.body), "type") or "", limit=120) or UNKNOWN,
        body=arrival.body,
        digest=digest_of(arrival.body),
        headers=kept(arrival.headers),
        key_used=key,
        received_at=arrival.at,
        integration_id=endpoint.integration_id,
        wakes=() if endpoint.held else (endpoint.integration_id,),
        trace=arrival.trace,
    )
