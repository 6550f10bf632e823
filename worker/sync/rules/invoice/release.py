"""Releasing: the commit point, with a last search by our mark right before it."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from schema.models import Invoice
from schema.words import InvoiceKind, ReleaseMode, Role
from worker.context import Context
from worker.sync import push
from worker.sync.rules.invoice import books, draft, facts, intake
from worker.sync.rules.invoice.check import name_of
from worker.sync.rules.invoice.errors import InvoiceWaits
from worker.vendors.errors import RecordMissing, VendorRefused, VersionMoved
from worker.vendors.financials import wrap
from worker.vendors.records import Answer
from worker.vendors.severa import SEVERA

BOOKED = ("Open", "Closed")
PATIENCE = timedelta(minutes=15)


async def release(ctx: Context, invoice: Invoice) -> None:
    """Release the compared draft, once nothing speaks against it.

    Raises InvoiceWaits when a person is needed, VendorError.
    """
    if ctx.references.options.get("release") == ReleaseMode.BY_HAND.value:
        await _by_hand(ctx, invoice)
        return
    await _severa_unchanged(ctx, invoice)
    await _alone(ctx, invoice)
    calls = books.CALLS[invoice.kind]
    number = str(invoice.number)
    body, etag = await _present(ctx, invoice)
    if body.get("status") in BOOKED:
        await booked(ctx, invoice, body)
        return
    if body.get("status") == "Hold":
        etag = await _take_off_hold(ctx, invoice, etag)
    elif body.get("status") != "Balanced":
        raise _held_up(invoice, body)
    await push.push(
        ctx,
        books.write(
            invoice,
            "release",
            calls.release,
            f"release {number} in Financials",
            path={calls.place: number},
            if_match=etag,
        ),
    )
    await facts.note_now(ctx, invoice, "release_asked", release_asked_at=ctx.clock())


async def _present(ctx: Context, invoice: Invoice) -> tuple[dict[str, Any], str | None]:
    try:
        answer = await books.read(ctx, invoice)
    except RecordMissing as error:
        raise InvoiceWaits(
            "draft_changed", f"Draft {invoice.number} was deleted in Financials by a person."
        ) from error
    return answer.body, answer.etag


async def _take_off_hold(ctx: Context, invoice: Invoice, etag: str | None) -> str | None:
    calls = books.CALLS[invoice.kind]
    number = str(invoice.number)
    credit = await credit_lines(ctx, invoice)

    async def off(body: dict[str, Any], label: str) -> Answer:
        write = books.write(
            invoice,
            "unhold",
            calls.update,
            label,
            path={calls.place: number},
            body=wrap(body, calls.shape),
            if_match=etag,
        )
        return await push.push(ctx, write)

    label = f"take {number} off hold in Financials"
    try:
        if not credit:
            return (await off({"hold": False}, label)).etag
        try:
            applied = f"{label}, applied to {credit[0]['refNbr']}"
            answer = await off({"hold": False, "applicationLines": credit}, applied)
        except VendorRefused as error:
            await not_applied(ctx, invoice, error.message)
            answer = await off({"hold": False}, label)
    except VersionMoved as error:
        raise InvoiceWaits(
            "draft_changed", f"Draft {number} was changed in Financials by a person."
        ) from error
    return answer.etag


async def credit_lines(ctx: Context, invoice: Invoice) -> list[dict[str, Any]]:
    """Return how a credit note is applied to the open invoice that it credits (Q40)."""
    if invoice.kind is not InvoiceKind.CREDIT_NOTE:
        return []
    original = None
    if invoice.credited_invoice_id is not None:
        original = await Invoice.get_or_none(id=invoice.credited_invoice_id)
    if ctx.references.options.get("apply_credit_notes") is False:
        await not_applied(ctx, invoice, "applying credit notes is switched off")
    elif original is None or original.released_at is None:
        await not_applied(ctx, invoice, "the invoice that it credits is not known as booked")
    elif original.currency != invoice.currency:
        await not_applied(ctx, invoice, f"invoice {original.number} is in {original.currency}")
    elif not original.balance:
        await not_applied(ctx, invoice, f"nothing is open on invoice {original.number}")
    else:
        amount = min(abs(invoice.financials_total or Decimal(0)), abs(original.balance))
        return [
            {
                "operation": "Insert",
                "documentType": "Invoice",
                "refNbr": original.number,
                "amountPaid": amount,
            }
        ]
    return []


async def not_applied(ctx: Context, invoice: Invoice, why: str) -> None:
    """Say that a credit note stays open: Financials would go on reminding (R10, Q40)."""
    problem = InvoiceWaits("credit_not_applied", f"{name_of(invoice)} is not applied: {why}.")
    async with ctx.transaction():
        await facts.raise_issue(ctx, invoice, problem, alone=False)


async def _by_hand(ctx: Context, invoice: Invoice) -> None:
    body, etag = await _present(ctx, invoice)
    if body.get("status") in BOOKED:
        await booked(ctx, invoice, body)
        return
    if body.get("status") == "Hold":
        await _take_off_hold(ctx, invoice, etag)
    raise InvoiceWaits(
        "waiting_in_financials", f"{invoice.number} waits to be released in Financials."
    )


async def _severa_unchanged(ctx: Context, invoice: Invoice) -> None:
    """Read the invoice in Severa again: content and status must be what was drafted (Q57)."""
    body = await intake.read_header(ctx, invoice.severa_id)
    rows = [
        row
        async for page in ctx.severa.pages(
            SEVERA["invoice_rows"], path={"invoiceGuid": invoice.severa_id}
        )
        for row in page.rows
    ]
    role = ctx.references.status_roles.get(str((body.get("status") or {}).get("guid")))
    changed = intake.content_digest(body, rows) != invoice.sent_digest
    if changed or role not in (Role.TRANSFER, Role.FAILED):
        await draft.delete(
            ctx,
            invoice,
            number=str(invoice.number),
            why=f"{name_of(invoice)} changed in Severa before it was released.",
        )
        await facts.note_now(
            ctx,
            invoice,
            "withdrawn",
            "It changed in Severa before the release.",
            number=None,
            drafted_at=None,
            compared_at=None,
            checked_at=None,
            severa_role=role,
        )
        raise InvoiceWaits(
            "invoice_changed_meanwhile",
            f"{name_of(invoice)} changed in Severa before it was released; its draft was deleted.",
        )
    if body.get("number") is not None:
        raise InvoiceWaits(
            "numbered_outside",
            f"{name_of(invoice)} carries number {body['number']} in Severa "
            "that Financials did not give.",
        )


async def _alone(ctx: Context, invoice: Invoice) -> None:
    """Search by the mark once more: other drafts go, a booked twin stops everything."""
    found = await books.search(ctx, invoice)
    others = [item for item in found if item.number != invoice.number]
    for item in others:
        if item.body.get("status") not in ("Hold", "Balanced"):
            raise InvoiceWaits(
                "duplicate_mark",
                f'Document {item.number} of Financials carries "{invoice.mark}" '
                f"beside {invoice.number}.",
            )
    for item in others:
        await draft.delete(
            ctx, invoice, number=item.number, why=f"A second draft beside {invoice.number}."
        )


async def confirm(ctx: Context, invoice: Invoice) -> bool:
    """Look whether the release has taken effect; tells whether the document is booked.

    Raises InvoiceWaits when a person is needed or nothing happened for 15 minutes.
    """
    body, _ = await _present(ctx, invoice)
    if body.get("status") in BOOKED:
        await booked(ctx, invoice, body)
        return True
    if body.get("status") not in ("Balanced", "Hold"):
        raise _held_up(invoice, body)
    asked = invoice.release_asked_at
    if asked is not None and ctx.clock() - asked > PATIENCE:
        raise InvoiceWaits(
            "release_without_effect",
            f"{invoice.number} was asked to be released at {asked:%H:%M} and still is "
            f"{body.get('status')}.",
        )
    return False


def _held_up(invoice: Invoice, body: Mapping[str, Any]) -> InvoiceWaits:
    return InvoiceWaits(
        "waiting_in_financials",
        f"{invoice.number} stands at {body.get('status')} in Financials.",
    )


async def booked(ctx: Context, invoice: Invoice, body: Mapping[str, Any]) -> None:
    """Store that the document is released, with what it says of amounts."""
    sign = -1 if invoice.kind is InvoiceKind.CREDIT_NOTE else 1
    total = Decimal(str(body.get("amountInCurrency") or 0))
    before = invoice.financials_total
    async with ctx.transaction():
        await facts.note(
            ctx,
            invoice,
            "released",
            f"{invoice.number} is {body.get('status')} in Financials.",
            released_at=invoice.released_at or ctx.clock(),
            financials_status=body.get("status"),
            reference_number=body.get("paymentReference") or invoice.reference_number,
            waiting_reason=None,
            uncertain_since=None,
            **amounts(invoice, body),
        )
        if before is not None and abs(before) != abs(total):
            await facts.raise_issue(
                ctx,
                invoice,
                InvoiceWaits(
                    "total_changed_after_release",
                    f"{invoice.number} had {abs(before):f} when it was compared and has "
                    f"{sign * total:f} after its release.",
                ),
            )


def amounts(invoice: Invoice, body: Mapping[str, Any]) -> dict[str, Any]:
    """Read total, balance and what was paid, credited and written off (Q30).

    Amounts are in the document's currency; those of a credit note are negative, like its total.
    """
    sign = -1 if invoice.kind is InvoiceKind.CREDIT_NOTE else 1
    total = Decimal(str(body.get("amountInCurrency") or 0))
    balance = Decimal(str(body.get("balanceInCurrency") or 0))
    live = [row for row in body.get("applications") or () if not row.get("voided")]
    notes = sum((_paid(row) for row in live if row.get("docType") in _NOTES), Decimal(0))
    small = sum((_paid(row) for row in live if row.get("docType") in _WRITE_OFFS), Decimal(0))
    small += sum((Decimal(str(row.get("cashDiscountTaken") or 0)) for row in live), Decimal(0))
    settled = total - balance
    credited = min(abs(notes), settled)
    written = min(abs(small), settled - credited)
    return {
        "financials_total": sign * total,
        "balance": sign * balance,
        "credited_amount": sign * credited,
        "written_off_amount": sign * written,
        "paid_amount": sign * (settled - credited - written),
    }


_NOTES = ("CreditNote", "Invoice", "CRM", "INV")
_WRITE_OFFS = ("SmallBalanceWo", "SmallCreditWo", "SMB", "SMC")


def _paid(row: Mapping[str, Any]) -> Decimal:
    return Decimal(str(row.get("amountPaid") or 0))
