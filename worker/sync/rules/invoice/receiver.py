"""Who gets the document in Financials: customer, location and contact (R193 to R196, Q37)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schema.models import Customer, Invoice, Link
from schema.words import Side
from worker.context import Context
from worker.sync import sightings
from worker.sync.rules.invoice.errors import InvoiceWaits
from worker.vendors.errors import RecordMissing
from worker.vendors.financials import operations

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """The keys of the receiver in Financials, and what is odd about them."""

    number: str
    location: str | None = None
    contact_id: int | None = None
    warning: InvoiceWaits | None = None


async def receiver(ctx: Context, invoice: Invoice, customer: Customer, *, name: str) -> Receiver:
    """Find the customer, its location and the contact; `name` is the invoice's for people.

    Raises InvoiceWaits for a customer that is not there, or blocked.
    """
    link = await Link.get_or_none(record_id=customer.id, side=Side.FINANCIALS.value)
    if link is None:
        raise InvoiceWaits(
            "customer_waiting", f"Customer {customer.name} is not in Financials yet."
        )
    body = await _body(ctx, link)
    if body.get("status") == "Inactive":
        raise InvoiceWaits(
            "customer_blocked",
            f"Customer {link.external_id} {customer.name} is inactive in Financials.",
        )
    location, warning = await _location(ctx, invoice, link.external_id, body, name=name)
    return Receiver(
        number=link.external_id,
        location=location,
        contact_id=await _contact(ctx, invoice),
        warning=warning,
    )


async def _body(ctx: Context, link: Link) -> Fields:
    seen = await sightings.find(
        ctx, side=Side.FINANCIALS, resource="customer", key=str(link.internal_id)
    )
    return {} if seen is None else seen.body


async def _location(
    ctx: Context, invoice: Invoice, number: str, body: Fields, *, name: str
) -> tuple[str | None, InvoiceWaits | None]:
    """Choose the location whose address matches, else the main one with a warning."""
    main = str((body.get("location") or {}).get("id") or "").strip() or None
    wanted = _normal_severa(invoice.texts.get("receiverAddress") or {})
    near = (body.get("mainAddress"), body.get("invoiceAddress"))
    if not any(wanted) or any(_normal(item or {}) == wanted for item in near):
        return main, None
    for row in await _locations(ctx, number):
        if row.get("active") is not False and _normal(row.get("address") or {}) == wanted:
            return str(row["locationId"]).strip(), None
    shown = ", ".join(part for part in _spoken(invoice.texts.get("receiverAddress") or {}) if part)
    return main, InvoiceWaits(
        "address_differs",
        f"{name} goes to {shown}, which is no address of customer {number} in Financials; "
        f"it is booked on location {main or 'MAIN'}.",
    )


async def _locations(ctx: Context, number: str) -> list[dict[str, Any]]:
    try:
        answer = await ctx.financials.read(operations.LOCATIONS_OF, path={"bAccountId": number})
    except RecordMissing:
        return []
    found: list[dict[str, Any]] = answer.body
    return found


async def _contact(ctx: Context, invoice: Invoice) -> int | None:
    """Return the contact's id in Financials, once it is linked."""
    guid = invoice.texts.get("receiverContact")
    if not guid:
        return None
    here = await Link.get_or_none(
        integration_id=ctx.integration.id,
        entity="CONTACT",
        side=Side.SEVERA.value,
        external_id=str(guid),
    )
    if here is None:
        return None
    there = await Link.get_or_none(
        entity="CONTACT", record_id=here.record_id, side=Side.FINANCIALS.value
    )
    digits = "" if there is None else str(there.external_id)
    return int(digits) if digits.isdigit() else None


def _spoken(address: Fields) -> tuple[str, ...]:
    lines = " ".join(str(address.get("addressline") or "").split())
    return (lines, f"{address.get('postalCode') or ''} {address.get('city') or ''}".strip())


def _normal_severa(address: Fields) -> tuple[str, str, str]:
    return _parts(address.get("addressline"), address)


def _normal(address: Fields) -> tuple[str, str, str]:
    lines = [str(address.get(f"addressLine{n}") or "") for n in (1, 2, 3)]
    return _parts("\n".join(lines), address)


def _parts(lines: Any, address: Fields) -> tuple[str, str, str]:
    words = str(lines or "").replace(",", " ").split()
    code = "".join(str(address.get("postalCode") or "").split())
    city = " ".join(str(address.get("city") or "").split())
    return " ".join(words).casefold(), code.casefold(), city.casefold()
