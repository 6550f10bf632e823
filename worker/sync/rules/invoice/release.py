"""Releasing: the commit point, with a last search by our mark right before it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from schema.models import Attempt, Invoice
from schema.words import AttemptState, InvoiceKind, ReleaseMode, Role
from worker.context import Context
from worker.sync.rules.invoice import amounts, books, draft, facts, intake
from worker.sync.rules.invoice.errors import InvoiceWaits
from worker.sync.rules.invoice.facts import sign_of
from worker.sync.rules.invoice.naming import name_of
from worker.sync.rules.invoice.rows import content_digest, raw_rows
from worker.vendors.errors import RecordMissing, VendorRefused, VersionMoved
from worker.vendors.financials import wrap

BOOKED = ("Open", "Closed")
# So often a release that shows no effect is asked for, each time after the execution limit.
TIMES = 3


async def release(ctx: Context, invoice: Invoice) -> None:
    """Release the compared draft, once nothing speaks against it.

    Raises InvoiceWaits when a person is needed, VendorError.
    """
    by_hand = ctx.references.options.get("release") == ReleaseMode.BY_HAND.value
    body, etag = await _present(ctx, invoice)
    status = body.get("status")
    if status in BOOKED:
        await booked(ctx, invoice, body)
        return
    if status == "Voided":
        await cancel(ctx, invoice, "Voided")
        return
    if status not in ("Hold", "Balanced"):
        raise _held_up(invoice, body)
    await _severa_unchanged(ctx, invoice)
    if status == "Hold" or not by_hand:
        await _alone(ctx, invoice)
    if invoice.draft_digest not in (None, books.fingerprint(body)):
        raise InvoiceWaits(
            "draft_changed", f"Draft {invoice.number} was changed in Financials by a person."
        )
    if status == "Hold":
        etag = await _take_off_hold(ctx, invoice, etag)
    if by_hand:
        raise InvoiceWaits(
            "waiting_in_financials", f"{invoice.number} waits to be released in Financials."
        )
    await _ask(ctx, invoice, etag)


async def _ask(ctx: Context, invoice: Invoice, etag: str | None) -> None:
    calls = books.CALLS[invoice.kind]
    number = str(invoice.number)
    write = books.write(
        invoice,
        "release",
        calls.release,
        f"release {number} in Financials",
        path={calls.place: number},
        if_match=etag,
    )

    async def landed() -> bool:
        return (await _present(ctx, invoice))[0].get("status") in BOOKED

    try:
        await books.push_twice(ctx, write, landed=landed)
    except VersionMoved as error:
        raise InvoiceWaits(
            "draft_changed", f"Draft {number} was changed in Financials by a person."
        ) from error
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

    async def off(body: dict[str, Any], label: str) -> str | None:
        write = books.write(
            invoice,
            "unhold",
            calls.update,
            label,
            path={calls.place: number},
            body=wrap(body, calls.shape),
            if_match=etag,
        )

        async def landed() -> bool:
            return (await _present(ctx, invoice))[0].get("hold") is False

        answer = await books.push_twice(ctx, write, landed=landed)
        return (await _present(ctx, invoice))[1] if answer is None else answer.etag

    label = f"take {number} off hold in Financials"
    try:
        if not credit:
            return await off({"hold": False}, label)
        try:
            applied = f"{label}, applied to {credit[0]['refNbr']}"
            return await off({"hold": False, "applicationLines": credit}, applied)
        except VendorRefused as error:
            await not_applied(ctx, invoice, error.message)
            return await off({"hold": False}, label)
    except VersionMoved as error:
        raise InvoiceWaits(
            "draft_changed", f"Draft {number} was changed in Financials by a person."
        ) from error


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


async def _severa_unchanged(ctx: Context, invoice: Invoice) -> None:
    """Read the invoice in Severa again: content and status must be what was drafted (Q57)."""
    body = await intake.read_header(ctx, invoice.severa_id)
    rows = await raw_rows(ctx, invoice)
    role = ctx.references.status_roles.get(str((body.get("status") or {}).get("guid")))
    changed = content_digest(body, rows) != invoice.sent_digest
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
            draft_digest=None,
        )
        await intake.absorb(ctx, body)
        await invoice.refresh_from_db()
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

    A release that stays without effect is asked for again once no call of ours can land any more:
    it concerns one document, so it is safe to repeat. Raises InvoiceWaits when a person is needed.
    """
    body, _ = await _present(ctx, invoice)
    if body.get("status") in BOOKED:
        await booked(ctx, invoice, body)
        return True
    if body.get("status") == "Voided":
        await cancel(ctx, invoice, "Voided")
        return True
    if body.get("status") not in ("Balanced", "Hold"):
        raise _held_up(invoice, body)
    asked = invoice.release_asked_at
    if asked is None or ctx.clock() - asked <= ctx.settings.execution_limit:
        return False
    times = await Attempt.filter(
        record_id=invoice.id, purpose="invoice.release", state=AttemptState.SUCCEEDED
    ).count()
    if times >= TIMES:
        raise InvoiceWaits(
            "release_without_effect",
            f"{invoice.number} was asked {times} times to be released, the last time at "
            f"{asked:%H:%M}, and still is {body.get('status')}.",
        )
    await facts.note_now(
        ctx,
        invoice,
        "release_repeated",
        f"{invoice.number} still is {body.get('status')}; its release is asked for again.",
        release_asked_at=None,
    )
    return False


async def cancel(ctx: Context, invoice: Invoice, status: str) -> None:
    """Store that a document is no more: voided, or deleted after its release (Q57)."""
    async with ctx.transaction():
        await facts.close_issues(ctx, invoice)
        await facts.note(
            ctx,
            invoice,
            "cancelled",
            f"{invoice.number} is {status.lower()} in Financials.",
            cancelled_at=ctx.clock(),
            financials_status=status,
            waiting_reason=None,
        )


def _held_up(invoice: Invoice, body: Mapping[str, Any]) -> InvoiceWaits:
    return InvoiceWaits(
        "waiting_in_financials",
        f"{invoice.number} stands at {body.get('status')} in Financials.",
    )


async def booked(ctx: Context, invoice: Invoice, body: Mapping[str, Any]) -> None:
    """Store that the document is released, with what it says of amounts."""
    sign = sign_of(invoice)
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
            **amounts.amounts_of(invoice, body),
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
