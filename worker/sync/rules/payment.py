"""Payments back: balances of our documents, and the payments behind them (R11, R63, R71, Q30)."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from schema.models import Checkpoint, Invoice, Payment, PaymentApplication, Sighting
from schema.words import InvoiceKind, Side
from worker.context import Context
from worker.sync import push, sightings, store
from worker.sync.pull import Source
from worker.sync.rules.invoice import amounts, books, draft, facts, home, release, stray
from worker.sync.rules.invoice.errors import InvoiceWaits
from worker.sync.settle import Tally
from worker.vendors.errors import OutcomeUnknown, RecordMissing, VendorRefused
from worker.vendors.financials import FINANCIALS

DOCUMENTS = Source(side=Side.FINANCIALS, endpoint=FINANCIALS["customerdocument"])
PAYMENTS = Source(side=Side.FINANCIALS, endpoint=FINANCIALS["customerPayment"])
# How often all open documents are compared, whatever their times of change say.
DAILY = timedelta(days=1)
# What the list of payments holds beside payments of customers.
_NO_PAYMENTS = ("CreditNote", "SmallBalanceWo", "SmallCreditWo")
_VOIDS = {"VoidPayment": "Payment", "VoidRefund": "Refund"}
_KINDS = {"Invoice": InvoiceKind.INVOICE, "CreditNote": InvoiceKind.CREDIT_NOTE}
_NAMES = {kind: name for name, kind in _KINDS.items()}


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
        if kind is not None and invoice is None:
            await stray.look_at(ctx, kind, row.body)
        if invoice is None or invoice.numbered_at is None:
            # A document that is not ours, or that its own way will look at again.
            word = "unchanged"
        else:
            word = await _settled(ctx, invoice)
        if word not in ("waiting", "failed"):
            await _done(ctx, DOCUMENTS.resource, row)
        await tally(word)
    await reread_open(ctx, tally=tally)


async def _settled(ctx: Context, invoice: Invoice) -> str:
    """Settle one invoice; what Severa refuses is an issue of it and holds nothing else up."""
    try:
        attempts = await push.open_attempts(invoice.id)
        if attempts:
            await draft.look_up(ctx, invoice, attempts)
        return await settle_invoice(ctx, invoice)
    except push.StillUncertain:
        return "waiting"
    except VendorRefused as error:
        missing = isinstance(error, RecordMissing)
        problem = InvoiceWaits(
            "missing_record" if missing else "vendor_refused",
            f"The payment of {invoice.number} could not be told to Severa: {error.message}",
        )
        async with ctx.transaction():
            await facts.raise_issue(ctx, invoice, problem, alone=False)
        return "unchanged" if missing else "failed"


async def settle_invoice(ctx: Context, invoice: Invoice) -> str:
    """Read one booked document again and bring its payment status to Severa.

    Raises VendorError other than a missing document.
    """
    try:
        body = (await books.read(ctx, invoice)).body
    except RecordMissing:
        await release.cancel(ctx, invoice, "Deleted")
        return "updated"
    if body.get("status") == "Voided":
        await release.cancel(ctx, invoice, "Voided")
        return "updated"
    before = (invoice.balance, invoice.financials_status)
    await facts.note_now(
        ctx,
        invoice,
        "balance_changed",
        f"{body.get('status')} in Financials.",
        financials_status=body.get("status"),
        **amounts.amounts_of(invoice, body),
    )
    paid_on = amounts.last_application(body) or await _newest_payment(invoice) or invoice.date
    try:
        told = await home.tell_payment(ctx, invoice, paid_on=paid_on)
    except OutcomeUnknown:
        return "waiting"
    if told or before != (invoice.balance, invoice.financials_status):
        return "updated"
    return "unchanged"


async def _newest_payment(invoice: Invoice) -> date | None:
    """Return the day of the newest payment that we know of, where the document lists none."""
    ids = await PaymentApplication.filter(invoice_id=invoice.id).values_list(
        "payment_id", flat=True
    )
    found = await Payment.filter(id__in=list(ids), voided=False).order_by("-date").first()
    return None if found is None else found.date


async def reread_open(ctx: Context, *, tally: Tally) -> None:
    """Once a day, compare every open document: a payment may not touch its time of change (Q30).

    One list of what is open there answers for all of ours; those that differ are read again.
    """
    mark: Any
    mark, _ = await Checkpoint.get_or_create(
        integration_id=ctx.integration.id, side=Side.FINANCIALS.value, resource="open_documents"
    )
    if mark.completed_at is not None and ctx.clock() - mark.completed_at < DAILY:
        return
    open_there: dict[tuple[str, str], Decimal] = {}
    async for page in ctx.financials.pages(DOCUMENTS.endpoint, params={"status": "Open"}):
        for row in page.rows:
            key = (str(row.get("documentType")), str(row.get("referenceNumber")).strip())
            open_there[key] = Decimal(str(row.get("balanceInCurrency") or 0))
        await ctx.breathe()
    ours = Invoice.filter(
        integration_id=ctx.integration.id,
        numbered_at__isnull=False,
        cancelled_at=None,
        out_of_scope=False,
    )
    for invoice_id in await ours.order_by("id").values_list("id", flat=True):
        invoice = await Invoice.get(id=invoice_id)
        there = open_there.get((_NAMES[invoice.kind], str(invoice.number)), Decimal(0))
        if there != abs(invoice.balance or Decimal(0)):
            await ctx.breathe()
            await tally(await _settled(ctx, invoice))
    async with ctx.transaction():
        mark.completed_at = ctx.clock()
        await mark.save()


async def settle_payments(ctx: Context, *, tally: Tally) -> None:
    """Store every due payment with the parts that settle our invoices."""
    async for row in _due(ctx, PAYMENTS.resource):
        word = await _payment(ctx, row.body)
        await _done(ctx, PAYMENTS.resource, row)
        await tally(word)


async def _payment(ctx: Context, body: Mapping[str, Any]) -> str:
    kind, number = str(body.get("type")), str(body.get("refNbr")).strip()
    if kind in _NO_PAYMENTS or _too_old(ctx, body):
        return "unchanged"
    own = _VOIDS.get(kind, kind)
    voids = own != kind
    parts = await _parts(ctx, body)
    record = await Payment.get_or_none(integration_id=ctx.integration.id, kind=own, number=number)
    if record is None and not parts:
        return "unchanged"  # A payment of documents that are not ours.
    new = record is None
    record = record or Payment(integration_id=ctx.integration.id, kind=own, number=number)
    values: dict[str, Any] = {"voided": record.voided or voids or body.get("status") == "Voided"}
    if new or not voids:
        values |= _values(body)
    async with ctx.transaction():
        why = store.Why(kind="payment.created" if new else "payment.changed")
        changed = await store.save(ctx, record, values, why=why)
        if new or not voids:
            await _apply(record, parts)
        tie = store.Tie(
            entity="PAYMENT",
            record_id=record.id,
            side=Side.FINANCIALS,
            external_id=number if own == "Payment" else f"{own}/{number}",
            external_number=number,
            internal_id=f"{own}/{number}",
        )
        if not voids:
            await store.tie(ctx, [tie])
    if new:
        return "created"
    return "updated" if changed else "unchanged"


def _too_old(ctx: Context, body: Mapping[str, Any]) -> bool:
    """Leave out what was paid before the switch-on date (Q45)."""
    start = ctx.integration.start_from
    return start is not None and str(body.get("applicationDate"))[:10] < start.isoformat()


def _values(body: Mapping[str, Any]) -> dict[str, Any]:
    amount = Decimal(str(body.get("paymentAmountInCurrency", body.get("paymentAmount")) or 0))
    customer = str((body.get("customer") or {}).get("number") or "").strip()
    return {
        "date": date.fromisoformat(str(body["applicationDate"])[:10]),
        "amount": abs(amount),
        "currency": body.get("currency"),
        "customer_number": customer or None,
    }


async def _apply(record: Payment, parts: Mapping[Any, Decimal]) -> None:
    """Store the parts of a payment; one that was moved to another document leaves the first."""
    kept = [invoice_id for invoice_id, amount in parts.items() if amount]
    await PaymentApplication.filter(payment_id=record.id).exclude(invoice_id__in=kept).delete()
    for invoice_id in kept:
        await PaymentApplication.update_or_create(
            payment_id=record.id,
            invoice_id=invoice_id,
            defaults={"amount": abs(parts[invoice_id])},
        )


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
