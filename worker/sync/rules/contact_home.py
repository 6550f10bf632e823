"""What a contact does not say itself: its customer, and in Severa its phones and mail addresses."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from schema.models import Link, Sighting
from schema.words import Side
from worker.context import Context
from worker.mapping.contact import CHANNELS, SLOTS, names_of, slot
from worker.sync import sightings
from worker.sync.flow import Seen
from worker.sync.rules.contact_channel import allowed

_OWN = ("mainContact", "invoiceContact", "deliveryContact")


def _account(body: Mapping[str, Any]) -> str:
    return str(body.get("businessAccount") or "").strip()


def _customer(body: Mapping[str, Any]) -> str:
    return str((body.get("customer") or {}).get("guid"))


async def compose(ctx: Context, side: Side, seen: list[Seen]) -> list[Seen]:
    """Add the customer's record, its key on the other side, and what lives apart."""
    if side is Side.SEVERA:
        homes = await _homes(ctx, internal_id__in=[_customer(item.body) for item in seen])
        channels = await sightings.children(
            ctx, side=side, resource="contactcommunications", parents=[item.key for item in seen]
        )
        return [
            _extended(item, homes.get(_customer(item.body)), _channels(channels.get(item.key, [])))
            for item in seen
        ]
    homes = await _homes(ctx, external_number__in=[_account(item.body) for item in seen])
    own = await _own_contacts(ctx, homes.values())
    return [
        _extended(
            item,
            homes.get(_account(item.body)),
            _slots(ctx, item.body) | {"_own": item.key in own},
        )
        for item in seen
    ]


def _extended(seen: Seen, home: dict[Side, Link] | None, extra: dict[str, Any]) -> Seen:
    links = home or {}
    twin = links.get(seen.side.other)
    key = None
    if twin is not None:
        key = twin.internal_id if seen.side is Side.FINANCIALS else twin.external_number
    body = seen.body | extra | {"_twin": key}
    body["_customer"] = links[seen.side].record_id if seen.side in links else None
    return Seen(side=seen.side, resource=seen.resource, key=seen.key, body=body, etag=seen.etag)


async def _homes(ctx: Context, **where: Any) -> dict[str, dict[Side, Link]]:
    """Return the links of the customers by how this side names them."""
    by_guid = "internal_id__in" in where
    side = Side.SEVERA if by_guid else Side.FINANCIALS
    found = await Link.filter(
        integration_id=ctx.integration.id, side=side.value, entity="CUSTOMER", **where
    )
    others: dict[UUID, Link] = {}
    ids = [link.record_id for link in found]
    for link in await Link.filter(record_id__in=ids, side=side.other.value) if ids else ():
        others[link.record_id] = link
    homes: dict[str, dict[Side, Link]] = {}
    for link in found:
        pair = {side: link}
        if link.record_id in others:
            pair[side.other] = others[link.record_id]
        homes[str(link.internal_id if by_guid else link.external_number)] = pair
    return homes


async def _own_contacts(ctx: Context, homes: Collection[dict[Side, Link]]) -> set[str]:
    """Return the contacts that are a customer's own main, invoice or delivery contact (Q53)."""
    keys = [str(pair[Side.FINANCIALS].internal_id) for pair in homes]
    if not keys:
        return set()
    rows = await Sighting.filter(
        integration_id=ctx.integration.id,
        side=Side.FINANCIALS.value,
        resource="customer",
        external_id__in=keys,
    )
    return {str((row.body.get(name) or {}).get("contactId")) for row in rows for name in _OWN}


def _channels(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    extra: dict[str, Any] = {"_channels": list(rows)}
    for name, kind in CHANNELS.items():
        row = next(iter(allowed(rows, kind)), None)
        extra[f"_{name}"] = None if row is None else row.get("value")
    return extra


def _slots(ctx: Context, body: Mapping[str, Any]) -> dict[str, Any]:
    first, last = names_of(body)
    phones = {f"_{name}": body.get(slot(name, ctx.references.options)) for name in SLOTS}
    return phones | {"_first": first, "_last": last}
