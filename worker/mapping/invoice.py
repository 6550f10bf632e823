"""Invoices and credit notes, from Severa to Financials (R193 to R222); pure.

`HEADER` and `LINE` restate the mapping tables; `document` builds the body that is written. It
never holds a number, a payment reference (Q17) or a VAT code: Financials decides those (R6, R147).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from schema.words import InvoiceKind

TASK = "10"  # R221


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row as it will be written: the item, its unit, and the price in document currency."""

    item: str
    description: str
    quantity: Decimal
    unit_price: Decimal
    unit: str | None
    branch: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A header as it will be written; keys are those of Financials already."""

    kind: InvoiceKind
    mark: str
    customer_number: str
    document_date: date
    due_date: date | None
    terms_id: str | None
    currency: str
    exchange_rate: Decimal | None
    our_reference: str | None
    your_reference: str | None
    order_number: str | None
    billing_contact: str | None
    notes: str | None
    text_above: str | None
    text_below: str | None
    credits_number: str | None = None
    project: str | None = None
    with_task: bool = False
    branch: str | None = None
    location: str | None = None
    contact_id: int | None = None


# The rows of the mapping table that are copied as they are, in its order.
# fmt: off
HEADER = (
    ("customerNumber",    "customer_number"),  # R193
    ("locationId",        "location"),         # R195
    ("contact",           "contact_id"),       # R196
    ("externalReference", "your_reference"),   # R202
    ("customerRefNumber", "order_number"),     # R203
    ("currencyId",        "currency"),         # R208
    ("exchangeRate",      "exchange_rate"),    # R209
    ("branchNumber",      "branch"),           # R210
    ("project",           "project"),          # R211
)
LINE = (
    ("inventoryNumber",     "item"),         # R214
    ("description",         "description"),  # R215
    ("quantity",            "quantity"),     # R216
    ("unitPriceInCurrency", "unit_price"),   # R217, R218, Q38
    ("uom",                 "unit"),         # R219
    ("branchNumber",        "branch"),       # R220
)
# fmt: on
CONSTANTS: Mapping[str, Any] = {
    "sendToAutoInvoice": False,  # R212, Q22: never true
    "dontPrint": True,  # R9, R60, Q52: the customer gets it from Severa only
    "dontEmail": True,
    "hold": True,
}


# The longest texts that are sent; nothing public says what Financials takes (assumed).
LIMITS: Mapping[str, int] = {
    "externalReference": 100,
    "customerRefNumber": 100,
    "invoiceText": 10_000,
    "description": 1_000,
}
CUT = " […]"


def mark_of(severa_id: str) -> str:
    """Return the line in the document's note by which we find it again (Q44)."""
    return f"Severa {severa_id}"


def carries(note: str | None, mark: str) -> bool:
    """Tell whether a document's note holds our mark as a line of its own."""
    return mark in [line.strip() for line in (note or "").splitlines()]


def invoice_text(header: Header) -> str | None:
    """Compose the invoice text from its parts in fixed order; empty parts are left out (Q9)."""
    parts = (
        ("Our reference: ", header.our_reference),
        ("Billing contact: ", header.billing_contact),
        ("Notes: ", header.notes),
        ("", header.text_above),
        ("", header.text_below),
        ("Credits invoice ", header.credits_number),
    )
    lines = [f"{label}{value.strip()}" for label, value in parts if value and value.strip()]
    return "\n".join(lines) or None


def cut(text: str, limit: int) -> str:
    """Cut a text that is too long, visibly."""
    return text if len(text) <= limit else text[: max(limit - len(CUT), 0)].rstrip() + CUT


def too_long(
    header: Header, lines: Sequence[Line], *, limits: Mapping[str, Any] | None = None
) -> list[str]:
    """Name the texts that will be cut (Q9)."""
    allowed = _limits(limits)
    texts = {
        "your reference": (header.your_reference, "externalReference"),
        "order number": (header.order_number, "customerRefNumber"),
        "invoice text": (invoice_text(header), "invoiceText"),
    }
    for position, line in enumerate(lines, start=1):
        texts[f"description of line {position}"] = (line.description, "description")
    return [
        f"{what} ({len(text)} characters, {allowed[name]} allowed)"
        for what, (text, name) in texts.items()
        if text is not None and len(text) > allowed[name]
    ]


def _limits(chosen: Mapping[str, Any] | None) -> dict[str, int]:
    return {**LIMITS, **{name: int(value) for name, value in (chosen or {}).items()}}


def document(
    header: Header, lines: Sequence[Line], *, limits: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Build the body of a draft; its shape depends on the kind of document."""
    allowed = _limits(limits)
    body: dict[str, Any] = {
        name: value for name, source in HEADER if (value := getattr(header, source)) is not None
    }
    body["documentDate"] = _day(header.document_date)
    body["note"] = header.mark
    text = invoice_text(header)
    if text is not None:
        body["invoiceText"] = text
    if header.kind is InvoiceKind.INVOICE:
        if header.due_date is not None:
            body["documentDueDate"] = _day(header.due_date)
        if header.terms_id is not None:
            body["creditTermsId"] = header.terms_id
    for name in body.keys() & allowed.keys():
        body[name] = cut(str(body[name]), allowed[name])
    rows = "invoiceLines" if header.kind is InvoiceKind.INVOICE else "lines"
    longest = allowed["description"]
    body[rows] = [_line(line, with_task=header.with_task, longest=longest) for line in lines]
    return body | dict(CONSTANTS)


def _line(line: Line, *, with_task: bool, longest: int) -> dict[str, Any]:
    body = {name: value for name, source in LINE if (value := getattr(line, source)) is not None}
    body["description"] = cut(line.description, longest)
    body |= {"operation": "Insert", "manualDiscount": True}
    if with_task:
        body["taskId"] = TASK
    return body


def _day(day: date) -> str:
    return f"{day.isoformat()}T00:00:00"


def turned(quantity: Decimal, unit_price: Decimal) -> tuple[Decimal, Decimal]:
    """Turn the sign of a credit note's row: the quantity is positive, the price carries it (Q40)."""
    if quantity == 0:
        return quantity, unit_price
    price = unit_price if quantity < 0 else -unit_price
    return abs(quantity), price


def rate_to_send(
    *, rate: Decimal, total: Decimal, base_total: Decimal | None, tolerance: Decimal
) -> Decimal | None:
    """Return the home currency per one unit of the invoice's currency, from rate and totals (Q38).

    None means that neither direction, or both, fit: the rate cannot be read.
    """
    if base_total is None or rate <= 0 or total == 0:
        return None
    fits = [
        candidate
        for candidate in (rate, 1 / rate)
        if abs(abs(total) * candidate - abs(base_total)) <= tolerance
    ]
    if len(fits) != 1:
        return None
    return round(fits[0], 8)
