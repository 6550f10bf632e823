"""Invoices that the gateway did not transfer: adopted, watched, or said to be odd.

At take-over an invoice at or past the success status is adopted by number, customer and total, so
that nothing is created twice (Q45); one that cannot be is "numbered outside" (Q51). A status at or
past "sent" without a number is an alert (R140, Q35).
"""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from schema.models import Invoice, Link
from schema.money import within_tolerance
from schema.words import NumberOutcome, Role, Side
from worker.context import Context
from worker.sync import store
from worker.sync.rules.invoice import amounts, books, facts, home, release
from worker.sync.rules.invoice.errors import InvoiceWaits
from worker.sync.rules.invoice.intake import financials_number
from worker.sync.rules.invoice.naming import name_of
from worker.vendors.errors import RecordMissing

PAST = (Role.SUCCESS, Role.SENT, Role.PARTIALLY_PAID, Role.PAID)
_SENT = (Role.SENT, Role.PARTIALLY_PAID, Role.PAID)
# How often an invoice that could not be adopted is looked at again.
AGAIN = timedelta(hours=1)


async def stand_by(ctx: Context, invoice: Invoice, *, asked: bool = False) -> None:
    """Look at an invoice that is not to be transferred now.

    Raises InvoiceWaits for one past the transfer that is not in our ledger.
    """
    if invoice.severa_role not in PAST:
        if invoice.waiting_reason is not None:
            await _let_go(ctx, invoice)
        return
    due = invoice.next_step_at
    if due is not None and due > ctx.clock() and not asked and invoice.waiting_reason is not None:
        return
    await facts.note_now(ctx, invoice, "looked_for", next_step_at=ctx.clock() + AGAIN)
    if invoice.severa_number is None:
        raise _numberless(invoice)
    body = await _document(ctx, invoice)
    if body is None:
        raise InvoiceWaits(
            "numbered_outside",
            f"{name_of(invoice)} carries number {invoice.severa_number} in Severa, and Financials "
            "has no booked document with that number, customer and total.",
        )
    await _adopt(ctx, invoice, body)


async def _let_go(ctx: Context, invoice: Invoice) -> None:
    """A person took the invoice back: it waits for nothing any more."""
    async with ctx.transaction():
        await facts.close_issues(ctx, invoice)
        await facts.note(ctx, invoice, "taken_back", waiting_reason=None, checked_at=None)


def _numberless(invoice: Invoice) -> InvoiceWaits:
    status = invoice.severa_status_name
    if invoice.severa_role in _SENT:
        return InvoiceWaits(
            "sent_without_number", f"{name_of(invoice)} stands at {status} without a number."
        )
    return InvoiceWaits(
        "numbered_outside",
        f"{name_of(invoice)} stands at {status}, past the transfer, and was never transferred.",
        next_step="Set the transfer status in Severa.",
    )


async def _document(ctx: Context, invoice: Invoice) -> dict[str, Any] | None:
    """Return the booked document with the number, customer and total of an invoice."""
    number = str(invoice.severa_number)
    taken = await Link.get_or_none(
        integration_id=ctx.integration.id,
        entity="INVOICE",
        side=Side.FINANCIALS.value,
        internal_id=f"{invoice.kind}/{number}",
    )
    if taken is not None and taken.record_id != invoice.id:
        return None
    try:
        body: dict[str, Any] = (await books.read(ctx, invoice, number)).body
    except RecordMissing:
        return None
    customer = await financials_number(invoice.customer_id)
    same = (
        body.get("status") in release.BOOKED
        and str((body.get("customer") or {}).get("number") or "").strip() == customer
        and body.get("currencyId") == invoice.currency
        and within_tolerance(invoice.total_including_vat, _total(body))
    )
    return body if same else None


def _total(body: Mapping[str, Any]) -> Decimal:
    return Decimal(str(body.get("amountInCurrency") or 0))


async def _adopt(ctx: Context, invoice: Invoice, body: Mapping[str, Any]) -> None:
    number, now = str(invoice.severa_number), ctx.clock()
    paid = invoice.severa_role in (Role.PARTIALLY_PAID, Role.PAID)
    values = amounts.amounts_of(invoice, body)
    async with ctx.transaction():
        await facts.number_seen(
            ctx, invoice, number, NumberOutcome.USED, f"Found with {name_of(invoice)}."
        )
        tie = store.Tie(
            entity="INVOICE",
            record_id=invoice.id,
            side=Side.FINANCIALS,
            external_id=number,
            external_number=number,
            internal_id=f"{invoice.kind}/{number}",
        )
        await store.tie(ctx, [tie])
        await facts.close_issues(ctx, invoice)
        await facts.note(
            ctx,
            invoice,
            "adopted",
            f"Document {number} of Financials has its number, customer and total.",
            number=number,
            released_at=now,
            numbered_at=now,
            reference_number=body.get("paymentReference"),
            financials_status=body.get("status"),
            waiting_reason=None,
            last_synced_at=now,
            payment_role=invoice.severa_role if paid else None,
            role_before_payment=Role.SENT if paid else None,
            **values,
        )
    await home.tell_payment(ctx, invoice, paid_on=amounts.last_application(body))
