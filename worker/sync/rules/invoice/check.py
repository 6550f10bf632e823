"""Checking: everything that can be known before anything is written to Financials.

The outcome is the header and lines of the draft, or a refusal that names the row and the fix.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from schema.models import Customer, Invoice, InvoiceRow, Link, Product
from schema.words import InvoiceKind, Side
from worker.context import Context
from worker.mapping.invoice import Header, Line, rate_to_send, too_long, turned
from worker.sync import sightings
from worker.sync.rules.invoice.assigned import branches, header_project
from worker.sync.rules.invoice.errors import InvoiceRefused, InvoiceWaits
from worker.sync.rules.invoice.facts import sign_of
from worker.sync.rules.invoice.forecast import forecast_vat
from worker.sync.rules.invoice.intake import absorb, read_header
from worker.sync.rules.invoice.naming import name_of, place_of
from worker.sync.rules.invoice.receiver import Receiver, receiver

NOT_SOLD = ("Inactive", "NoSales", "MarkedForDeletion")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A draft that may be written."""

    header: Header
    lines: tuple[Line, ...]
    project_id: UUID | None = None
    warnings: tuple[InvoiceWaits, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    row: InvoiceRow
    product: Product
    item: str


async def check(ctx: Context, invoice: Invoice, *, forecast: bool = True) -> Ready:
    """Check an invoice against everything we know of Financials.

    Raises InvoiceRefused or InvoiceWaits.
    """
    name = name_of(invoice)
    rows = await InvoiceRow.filter(invoice_id=invoice.id).order_by("position", "severa_id")
    if not rows:
        raise InvoiceRefused("no_rows", f"{name} has no rows.")
    _number_free(invoice)
    customer = await Customer.get(id=invoice.customer_id)
    found = [await _row(ctx, invoice, row) for row in rows]
    project, project_id = await header_project(ctx, invoice, rows, name=name)
    branch, of_rows = await branches(ctx, invoice, rows, name=name)
    terms, rate = _terms(ctx, invoice), _rate(ctx, invoice)
    to = await receiver(ctx, invoice, customer, name=name)
    header = Header(
        kind=invoice.kind,
        mark=str(invoice.mark),
        customer_number=to.number,
        document_date=_date(invoice),
        due_date=invoice.due_date,
        terms_id=terms,
        currency=_currency(ctx, invoice),
        exchange_rate=rate,
        our_reference=invoice.our_reference,
        your_reference=invoice.your_reference,
        order_number=invoice.order_number,
        billing_contact=invoice.texts.get("billingContact"),
        notes=invoice.texts.get("notes"),
        text_above=invoice.texts.get("above"),
        text_below=invoice.texts.get("below"),
        credits_number=await _credited_number(ctx, invoice),
        project=project,
        with_task=project_id is not None,
        branch=branch,
        location=to.location,
        contact_id=to.contact_id,
    )
    lines = tuple(_line(ctx, invoice, item, of_rows) for item in found)
    if forecast:
        pairs = [(item.row, item.product) for item in found]
        await forecast_vat(ctx, invoice, customer, pairs, day=header.document_date)
    return Ready(
        header=header,
        lines=lines,
        project_id=project_id,
        warnings=_warnings(ctx, name, to, header, lines),
    )


def _warnings(
    ctx: Context, name: str, to: Receiver, header: Header, lines: Sequence[Line]
) -> tuple[InvoiceWaits, ...]:
    cut = too_long(header, lines, limits=ctx.references.options.get("text_limits"))
    found = [to.warning] if to.warning is not None else []
    if cut:
        found.append(InvoiceWaits("text_cut", f"{name}: cut for Financials: {', '.join(cut)}."))
    return tuple(found)


def _number_free(invoice: Invoice) -> None:
    if invoice.severa_number is not None and invoice.number is None:
        raise InvoiceWaits(
            "numbered_outside",
            f"{name_of(invoice)} carries number {invoice.severa_number} in Severa "
            "that Financials did not give.",
        )


def _date(invoice: Invoice) -> date:
    if invoice.date is None:
        raise InvoiceRefused("no_rows", f"{name_of(invoice)} has no date.")
    return invoice.date


async def _row(ctx: Context, invoice: Invoice, row: InvoiceRow) -> _Row:
    """Find the item of a row: its own code, else the fallback for its type (R214, Q47)."""
    place = place_of(invoice, row)
    code = row.code
    if code is None and len(row.codes) > 1:
        raise InvoiceRefused(
            "several_item_codes",
            f"{place} bundles the codes {', '.join(row.codes)}, and its entries do not add up to "
            "it.",
        )
    if code is None:
        fallback = (ctx.references.options.get("fallback_items") or {}).get(str(row.row_type))
        if not fallback:
            raise InvoiceRefused("no_item_code", f"{place} ({row.description}) has no item code.")
        code = str(fallback)
    product = await Product.get_or_none(integration_id=ctx.integration.id, code=code)
    link = None
    if product is not None:
        link = await Link.get_or_none(record_id=product.id, side=Side.FINANCIALS.value)
    if product is None or link is None:
        raise InvoiceRefused("item_unknown", f"{place} uses item {code}, unknown in Financials.")
    seen = await sightings.find(
        ctx, side=Side.FINANCIALS, resource="inventory", key=str(link.internal_id)
    )
    status = None if seen is None else seen.body.get("status")
    if status in NOT_SOLD:
        raise InvoiceWaits(
            "item_blocked", f"{place} uses item {link.external_id}, which is {status}."
        )
    return _Row(row=row, product=product, item=link.external_id)


def _terms(ctx: Context, invoice: Invoice) -> str | None:
    days = invoice.texts.get("paymentTerm")
    if invoice.kind is InvoiceKind.CREDIT_NOTE or days is None:
        return None
    found = ctx.references.term_ids.get(int(days))
    if found is None:
        raise InvoiceRefused(
            "unknown_terms",
            f"{name_of(invoice)} has terms of {days} days; Financials has none of exactly that.",
        )
    return found


def _currency(ctx: Context, invoice: Invoice) -> str:
    if invoice.currency not in ctx.references.financials_currencies:
        raise InvoiceRefused(
            "unknown_currency", f"Financials does not know the currency {invoice.currency}."
        )
    return invoice.currency


def _rate(ctx: Context, invoice: Invoice) -> Decimal | None:
    """Read the exchange rate; rate 1 is not sent (R209, Q38)."""
    rate, base_total = invoice.exchange_rate, invoice.total_in_base_currency
    if invoice.currency == ctx.references.base_currency or rate == 1:
        return None
    if invoice.total_including_vat == 0 and rate:
        return None  # Nothing of a total of zero depends on the rate, and nothing shows it.
    sent = rate_to_send(
        rate=rate or Decimal(0),
        total=invoice.total_including_vat,
        base_total=base_total,
        tolerance=max(Decimal("0.05"), abs(base_total or Decimal(0)) / 1000),
    )
    if sent is None:
        raise InvoiceWaits(
            "exchange_rate",
            f"The exchange rate {rate} of {name_of(invoice)} does not fit its totals in "
            f"{ctx.references.base_currency}.",
        )
    return sent


async def _credited_number(ctx: Context, invoice: Invoice) -> str | None:
    """Return the number of the credited invoice; one that is on its way goes first (Q40, Q49)."""
    original = await _credited(ctx, invoice)
    if original is None or original.out_of_scope:
        return None if original is None else original.number
    if original.numbered_at is None and original.severa_number is None:
        raise InvoiceWaits(
            "credit_waits", f"{name_of(invoice)} waits for the invoice that it credits."
        )
    return original.number or str(original.severa_number)


async def _credited(ctx: Context, invoice: Invoice) -> Invoice | None:
    guid = invoice.texts.get("original")
    if guid is None:
        return None
    found = await Invoice.get_or_none(integration_id=ctx.integration.id, severa_id=guid)
    if found is None:
        found = await absorb(ctx, await read_header(ctx, guid))
    if found.id != invoice.credited_invoice_id:
        invoice.credited_invoice_id = found.id
        await invoice.save(update_fields=["credited_invoice_id"])
    return found


def _line(ctx: Context, invoice: Invoice, item: _Row, of_rows: Mapping[UUID, str]) -> Line:
    quantity, price = item.row.quantity, item.row.unit_price
    if sign_of(invoice) < 0:
        quantity, price = turned(quantity, price)
    return Line(
        item=item.item,
        description=item.row.description,
        quantity=quantity,
        unit_price=price,
        unit=_unit(ctx, invoice, item),
        branch=of_rows.get(item.row.project_id),
    )


def _unit(ctx: Context, invoice: Invoice, item: _Row) -> str | None:
    """Translate the measurement unit: chosen table, equal code, or the item's own (R219, Q39)."""
    unit = (item.row.unit or "").strip()
    if not unit:
        return item.product.unit
    chosen = (ctx.references.options.get("units") or {}).get(unit)
    if chosen is not None:
        return str(chosen)
    if unit.casefold() == (item.product.severa_unit or "").casefold() and item.product.unit:
        return item.product.unit
    found = ctx.references.units.get(unit.casefold())
    if found is None:
        raise InvoiceRefused(
            "unknown_unit",
            f"Row {item.row.position + 1} of {name_of(invoice)} uses the unit {unit!r}, "
            "which Financials does not know.",
        )
    return found
