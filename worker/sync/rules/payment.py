"""Payments back: balances of our documents, and the payments behind them (R63, R71, Q30)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from schema.models import Invoice, Payment, PaymentApplication, Sighting
from schema.words import InvoiceKind, Side
from worker.context import Context
from worker.sync import sightings, store
from worker.sync.pull import Source
from worker.sync.rules.invoice import books, facts, home, release
from worker.sync.settle import Tally
from worker.vendors.errors import OutcomeUnknown, RecordMissing
from worker.vendors.financials import FINANCIALS

DOCUMENTS = Source(side=Side.FINANCIALS, endpoint=FINANCIALS["customerdocument"])
PAYMENTS = Source(side=Side.FINANCIALS, endpoint=FINANCIALS["customerPayment"])
_KINDS = {"Invoice": InvoiceKind.INVOICE, "CreditNote": InvoiceKind.CREDIT_NOTE}


async def settle_documents(ctx: Context, *, tally: Tally) -> None:
    """Take in every due document of ours and tell Severa what was paid."""
    async for row in _due(ctx, DOCUMENTS.resource):
        kind = _KINDS.get(str(row.body.get("documentType")))
        number = str(row.body.get("referenceNumber")).strip()
        invoice = None
        if kind is not None:
            invoice = await Invoice.get_or_none(
                integration_id=ctx.integration.id, kind=kind, number=number
            )
        if invoice is None or invoice.numbered_at is None:
            # A document that is not ours, or that its own way will look at again.
            word = "unchanged"
        else:
            word = await settle_invoice(ctx, invoice)
        if word != "waiting":
            await _done(ctx, DOCUMENTS.resource, row)
        await tally(word)


async def settle_invoice(ctx: Context, invoice: Invoice) -> str:
    """Read one booked document again and bring its payment status to Severa.

    Raises VendorError other than a missing document.
    """
    try:
        body = (await books.read(ctx, invoice)).body
    except RecordMissing:
        await facts.note_now(
            ctx,
            invoice,
            "cancelled",
            f"{invoice.number} is gone from Financials.",
            cancelled_at=ctx.clock(),
        )
        return "updated"
    if body.get("status") == "Voided":
        await facts.note_now(
            ctx,
            invoice,
            "cancelled",
            f"{invoice.number} was voided in Financials.",
            cancelled_at=ctx.clock(),
            financials_status="Voided",
        )
        return "updated"
    before = (invoice.balance, invoice.financials_status)
    await facts.note_now(
        ctx,
        invoice,
        "balance_changed",
        f"{body.get('status')} in Financials.",
        financials_status=body.get("status"),
        **release.amounts(invoice, body),
    )
    try:
        told = await home.tell_payment(ctx, invoice, paid_on=release.last_application(body))
    except OutcomeUnknown:
        return "waiting"
    if told or before != (invoice.balance, invoice.financials_status):
        return "updated"
    return "unchanged"


async def settle_payments(ctx: Context, *, tally: Tally) -> None:
    """Store every due payment with the parts that settle our invoices."""
    async for row in _due(ctx, PAYMENTS.resource):
        word = await _payment(ctx, row.body)
        await _done(ctx, PAYMENTS.resource, row)
        await tally(word)


async def _payment(ctx: Context, body: Mapping[str, Any]) -> str:
    kind, number = str(body.get("type")), str(body.get("refNbr")).strip()
    voids = kind == "VoidPayment"
    parts = await _parts(ctx, body)
    record = await Payment.get_or_none(
        integration_id=ctx.integration.id, kind="Payment" if voids else kind, number=number
    )
    if record is None and not parts:
        return "unchanged"  # A payment of documents that are not ours.
    new = record is None
    record = record or Payment(
        integration_id=ctx.integration.id, kind="Payment" if voids else kind, number=number
    )
    values: dict[str, Any] = {"voided": record.voided or voids or body.get("status") == "Voided"}
    if not voids:
        values |= {
            "date": date.fromisoformat(str(body["applicationDate"])[:10]),
            "amount": Decimal(
                str(body.get("paymentAmountInCurrency", body.get("paymentAmount")) or 0)
            ),
            "currency": body.get("currency"),
            "customer_number": str((body.get("customer") or {}).get("number") or "").strip()
            or None,
        }
    async with ctx.transaction():
        why = store.Why(kind="payment.created" if new else "payment.changed")
        changed = await store.save(ctx, record, values, why=why)
        for invoice_id, amount in parts.items():
            await PaymentApplication.update_or_create(
                payment_id=record.id, invoice_id=invoice_id, defaults={"amount": amount}
            )
        tie = store.Tie(
            entity="PAYMENT",
            record_id=record.id,
            side=Side.FINANCIALS,
            external_id=number if kind == "Payment" else f"{kind}/{number}",
            external_number=number,
            internal_id=f"{kind}/{number}",
        )
        if not voids:
            await store.tie(ctx, [tie])
    if new:
        return "created"
    return "updated" if changed else "unchanged"


async def _parts(ctx: Context, body: Mapping[str, Any]) -> dict[Any, Decimal]:
    parts: dict[Any, Decimal] = {}
    for line in body.get("paymentLines") or ():
        kind = _KINDS.get(str(line.get("documentType")))
        number = str(line.get("refNbr")).strip()
        if kind is None:
            continue
        invoice = await Invoice.get_or_none(
            integration_id=ctx.integration.id, kind=kind, number=number
        )
        if invoice is not None:
            amount = Decimal(str(line.get("amountPaid") or 0))
            parts[invoice.id] = parts.get(invoice.id, Decimal(0)) + amount
    return parts


async def _due(ctx: Context, resource: str) -> Any:
    after = None
    while True:
        query = Sighting.filter(
            integration_id=ctx.integration.id,
            side=Side.FINANCIALS.value,
            resource=resource,
            dirty=True,
        )
        if after is not None:
            query = query.filter(id__gt=after)
        rows = await query.order_by("id").limit(200)
        if not rows:
            return
        for row in rows:
            if await ctx.breathe():
                await row.refresh_from_db()
            if row.dirty:
                yield row
        after = rows[-1].id


async def _done(ctx: Context, resource: str, row: Sighting) -> None:
    async with ctx.transaction():
        await sightings.mark(
            ctx,
            side=Side.FINANCIALS,
            resource=resource,
            keys=[row.external_id],
            dirty=False,
        )
