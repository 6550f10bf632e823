"""Back to Severa: number, reference and status in one PATCH, the failed status, and payments."""

from datetime import date, timedelta
from typing import Any

from schema import jobs, queue
from schema.models import Attempt, Invoice
from schema.words import InvoiceKind, InvoiceState, NumberOutcome, Role, Side
from worker.context import Context
from worker.mapping.convert import fits_severa
from worker.sync import push, sightings
from worker.sync.rules.invoice import books, facts, intake
from worker.sync.rules.invoice.errors import InvoiceWaits
from worker.sync.rules.invoice.naming import name_of
from worker.sync.rules.invoice.rows import content_digest
from worker.vendors.endpoints import Operation
from worker.vendors.records import Answer
from worker.vendors.severa import operations as severa
from worker.vendors.severa import replace

# The places in Severa's invoice; nothing public says what may be patched (contract 8.4).
NUMBER, REFERENCE, STATUS = "/number", "/referenceNumber", "/status/guid"
PAYMENT_DATE = "/paymentDate"
# So long the header that was read before the release counts as fresh.
FRESH = timedelta(seconds=20)
# The largest number of Severa's field (contract 8.4).
LARGEST = 2**31 - 1
# Issues that outlive the numbering, since only a person ends them.
_STAYING = (
    *("total_changed_after_release", "credit_not_applied", "address_differs", "text_cut"),
    "file_refused",
)
_PAYMENT_ROLES = (Role.PARTIALLY_PAID, Role.PAID)


async def number(ctx: Context, invoice: Invoice) -> None:
    """Write number, reference and the success status to Severa in one PATCH (R68, Q51).

    Raises InvoiceWaits for a number that Financials did not give, VendorError.
    """
    given = str(invoice.number)
    if not fits_severa(given) or int(given) > LARGEST:
        raise InvoiceWaits(
            "number_does_not_fit",
            f"Number {given} of Financials does not fit into Severa, which stores digits "
            f"up to {LARGEST}.",
            next_step="Give the number series of Financials digits only, below 2,147,483,648.",
        )
    if not await _has_reference(ctx, invoice):
        raise InvoiceWaits(
            "waiting_in_financials",
            f"{given} has no payment reference in Financials yet; its number follows with it.",
        )
    asked = invoice.release_asked_at
    if asked is None or ctx.clock() - asked > FRESH:
        body = await intake.read_header(ctx, invoice.severa_id)
        await intake.absorb(ctx, body)
        await invoice.refresh_from_db()
    if invoice.severa_number not in (None, int(given)):
        raise InvoiceWaits(
            "numbered_outside",
            f"{name_of(invoice)} carries number {invoice.severa_number} in Severa "
            f"and {given} in Financials.",
        )
    steps = [replace(NUMBER, int(given))]
    if invoice.reference_number:
        steps.append(replace(REFERENCE, invoice.reference_number))
    if invoice.severa_role in (Role.TRANSFER, Role.FAILED, Role.DRAFT, None):
        steps.append(replace(STATUS, ctx.references.status(Role.SUCCESS)))

    async def numbered(answer: Answer, attempt: Attempt) -> None:
        await _absorb(ctx, invoice, answer)
        await facts.number_seen(
            ctx, invoice, given, NumberOutcome.USED, f"Number of {name_of(invoice)}."
        )
        await facts.close_issues(ctx, invoice, keep=_STAYING)
        await facts.note(
            ctx,
            invoice,
            "numbered",
            f"Number {given} written to Severa.",
            numbered_at=ctx.clock(),
            severa_number=int(given),
            waiting_reason=None,
            uncertain_since=None,
            failed_at=None,
            refused_digest=None,
            last_synced_at=ctx.clock(),
            **_status(ctx, answer),
        )
        await _wake_credit_notes(ctx, invoice)

    await push.push(
        ctx, _patch(invoice, "number", steps, f"write number {given} to Severa"), after=numbered
    )


async def _has_reference(ctx: Context, invoice: Invoice) -> bool:
    """Tell whether the payment reference is there, or the company is known to give none (Q57)."""
    if invoice.kind is not InvoiceKind.INVOICE or invoice.reference_number:
        return True
    numbered = Invoice.filter(
        integration_id=invoice.integration_id,
        kind=InvoiceKind.INVOICE,
        numbered_at__isnull=False,
    )
    newest = await numbered.order_by("-numbered_at").first()
    if newest is None or not newest.reference_number:
        return True
    body = (await books.read(ctx, invoice)).body
    if not body.get("paymentReference"):
        return False
    await facts.note_now(ctx, invoice, "referenced", reference_number=str(body["paymentReference"]))
    return True


async def _wake_credit_notes(ctx: Context, invoice: Invoice) -> None:
    """Queue the credit notes that waited for this invoice, inside the transaction."""
    waiting = await Invoice.filter(
        credited_invoice_id=invoice.id, state=InvoiceState.WAITING
    ).values_list("id", flat=True)
    for credit_id in waiting:
        await queue.enqueue(
            jobs.INVOICE_LOOK_UP,
            integration_id=ctx.integration.id,
            arguments={"invoice_id": credit_id},
        )


async def tell_failed(ctx: Context, invoice: Invoice) -> None:
    """Give the invoice the failed status in Severa (R75, R145)."""
    if invoice.severa_role is not Role.TRANSFER:
        return
    steps = [replace(STATUS, ctx.references.status(Role.FAILED))]

    async def told(answer: Answer, attempt: Attempt) -> None:
        await _absorb(ctx, invoice, answer)
        await facts.note(ctx, invoice, "failed", "Severa was told.", **_status(ctx, answer))

    await push.push(
        ctx, _patch(invoice, "fail", steps, "set the failed status in Severa"), after=told
    )


async def tell_payment(ctx: Context, invoice: Invoice, *, paid_on: date | None) -> bool:
    """Bring the payment status to Severa, forwards and backwards (R71, Q30, Q31).

    Tells whether a status was written. Raises VendorError.
    """
    role = _payment_role(invoice)
    if role is None:
        return False
    day = paid_on if role is Role.PAID else None
    steps = []
    if role is not invoice.severa_role:
        steps.append(replace(STATUS, ctx.references.status(role)))
    if day != invoice.payment_date:
        steps.append(replace(PAYMENT_DATE, None if day is None else day.isoformat()))
    if not steps:
        return False
    before, told_role = invoice.role_before_payment, invoice.payment_role
    if told_role is None and invoice.severa_role not in _PAYMENT_ROLES:
        before = invoice.severa_role
    backwards = _rank(role) < _rank(told_role)

    async def told(answer: Answer, attempt: Attempt) -> None:
        await _absorb(ctx, invoice, answer)
        await facts.note(
            ctx,
            invoice,
            "paid" if role is Role.PAID else "payment_changed",
            f"Balance {invoice.balance:f} {invoice.currency} in Financials.",
            payment_date=day,
            payment_role=role if role in _PAYMENT_ROLES else None,
            role_before_payment=before,
            last_synced_at=ctx.clock(),
            **_status(ctx, answer),
        )
        await facts.close_issue(ctx, invoice, "vendor_refused")
        if backwards:
            await facts.raise_issue(
                ctx,
                invoice,
                InvoiceWaits(
                    "payment_backwards",
                    f"A payment of {invoice.number} was taken back; "
                    f"{invoice.balance:f} {invoice.currency} are open again.",
                ),
                alone=False,
            )

    await push.push(
        ctx, _patch(invoice, "pay", steps, f"set the status {role.value} in Severa"), after=told
    )
    return True


def _payment_role(invoice: Invoice) -> Role | None:
    """Return the role that the balance asks for; None leaves the status alone.

    From release on the payment decides (R142). A status that a person set is never moved
    backwards: only a payment that we told of and that was taken back does that (Q30, Q31).
    """
    total, balance, told = invoice.financials_total, invoice.balance, invoice.payment_role
    if invoice.numbered_at is None or total is None or balance is None:
        return None
    if balance == 0:
        role = Role.PAID
    elif abs(balance) < abs(total):
        role = Role.PARTIALLY_PAID
    elif told is not None:
        role = invoice.role_before_payment or Role.SENT
    else:
        return None
    taken_back = _rank(role) < _rank(told)
    by_hand = _rank(invoice.severa_role) > _rank(role) and not taken_back
    return None if by_hand else role


_ORDER = (
    Role.FAILED,
    Role.DRAFT,
    Role.TRANSFER,
    Role.SUCCESS,
    Role.SENT,
    Role.PARTIALLY_PAID,
    Role.PAID,
)


def _rank(role: Role | None) -> int:
    return -1 if role is None else _ORDER.index(role)


def _patch(invoice: Invoice, word: str, steps: list[dict[str, Any]], label: str) -> push.Write:
    operation: Operation = severa.INVOICE_PATCH
    return push.Write(
        entity="INVOICE",
        record_id=invoice.id,
        side=Side.SEVERA,
        purpose=f"invoice.{word}",
        operation=operation,
        path={"guid": invoice.severa_id},
        body=steps,
        mark=invoice.mark,
        label=label,
    )


async def _absorb(ctx: Context, invoice: Invoice, answer: Answer) -> None:
    """Keep the invoice as Severa shows it after our own write; only a person's change is news."""
    body = answer.body[0]
    known = await sightings.find(ctx, side=Side.SEVERA, resource="invoices", key=invoice.severa_id)
    news = known is not None and content_digest(known.body, ()) != content_digest(body, ())
    await sightings.keep(
        ctx,
        side=Side.SEVERA,
        resource="invoices",
        rows=[(invoice.severa_id, None, body)],
        dirty=news,
    )


def _status(ctx: Context, answer: Answer) -> dict[str, Any]:
    status = answer.body[0].get("status") or {}
    guid = str(status.get("guid"))
    return {
        "severa_status_id": guid,
        "severa_status_name": status.get("name"),
        "severa_role": ctx.references.status_roles.get(guid),
    }
