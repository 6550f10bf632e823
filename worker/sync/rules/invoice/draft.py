"""The draft: created unreleased, found again after doubt, compared, and deleted on mismatch."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from schema.models import Attempt, Invoice, InvoiceRow
from schema.money import CENT
from schema.words import AttemptState, NumberOutcome, Side
from worker.checks.totals import Total, TotalsDiffer, check_totals
from worker.context import Context
from worker.mapping.invoice import document
from worker.sync import push, report, store
from worker.sync.rules.invoice import books, facts
from worker.sync.rules.invoice.check import Ready
from worker.sync.rules.invoice.errors import InvoiceRefused, InvoiceWaits
from worker.sync.rules.invoice.facts import sign_of
from worker.sync.rules.invoice.forecast import percent, refusal, severa_total
from worker.sync.rules.invoice.naming import name_of
from worker.vendors.errors import RecordMissing
from worker.vendors.financials import wrap
from worker.vendors.records import Answer


async def create(ctx: Context, invoice: Invoice, ready: Ready) -> None:
    """Create the draft; the mark is in it from the first call on.

    Raises VendorError, OutcomeUnknown when it may have landed.
    """
    calls = books.CALLS[invoice.kind]
    body = document(ready.header, ready.lines, limits=ctx.references.options.get("text_limits"))

    async def drafted(answer: Answer, attempt: Attempt) -> None:
        await _linked(ctx, invoice, str(answer.location_key), "Drafted in Financials.")

    write = books.write(
        invoice,
        "create",
        calls.create,
        f'create {name_of(invoice)} in Financials with the mark "{invoice.mark}"',
        body=wrap(body, calls.shape),
        context={
            "customer": ready.header.customer_number,
            "date": ready.header.document_date.isoformat(),
        },
    )

    async def landed() -> bool:
        found = await books.search(ctx, invoice, sent=[write.context])
        if len(found) > 1:
            found = await _keep_one(ctx, invoice, found)
        if found:
            async with ctx.transaction():
                await _linked(ctx, invoice, found[0].number, "Found by its mark and adopted.")
        return bool(found)

    await books.push_twice(ctx, write, landed=landed, after=drafted)


async def _linked(ctx: Context, invoice: Invoice, number: str, reason: str) -> None:
    """Remember the number of the draft, inside the running transaction."""
    await facts.number_seen(
        ctx, invoice, number, NumberOutcome.USED, f"Draft of {name_of(invoice)}."
    )
    await store.tie(
        ctx,
        [
            store.Tie(
                entity="INVOICE",
                record_id=invoice.id,
                side=Side.FINANCIALS,
                external_id=number,
                external_number=number,
                internal_id=f"{invoice.kind}/{number}",
            )
        ],
    )
    await facts.note(
        ctx,
        invoice,
        "drafted",
        reason,
        number=number,
        drafted_at=ctx.clock(),
        sent_digest=invoice.content_digest,
        uncertain_since=None,
        waiting_reason=None,
    )


async def look_up(ctx: Context, invoice: Invoice, attempts: list[Attempt]) -> None:
    """Find out what uncertain writes have become; only after the vendor's execution time.

    Raises StillUncertain before that, InvoiceWaits when two documents carry the mark.
    """
    push.require_due(ctx, attempts)
    creates = [item for item in attempts if item.purpose == "invoice.create"]
    found: list[books.Found] = []
    if creates and invoice.number is None:
        found = await books.search(ctx, invoice, sent=[item.context for item in creates])
    when = f"{ctx.clock():%H:%M:%S}"
    if len(found) > 1:
        found = await _keep_one(ctx, invoice, found)
    for attempt in attempts:
        await _account_for(ctx, invoice, attempt)
    async with ctx.transaction():
        for attempt in attempts:
            adopted = attempt.purpose == "invoice.create" and bool(found)
            words = f'Looked in Financials at {when} by "{invoice.mark}", '
            if attempt.purpose != "invoice.create":
                words = f"Looked again at {when}; going on from what stands there."
            elif adopted:
                words += f"found {found[0].number} and adopted it."
            else:
                words += "found nothing."
            await push.settle(
                ctx,
                attempt,
                state=AttemptState.SUCCEEDED if adopted else AttemptState.NOT_DONE,
                evidence=words,
                key=found[0].number if adopted else None,
            )
        if found:
            await _linked(ctx, invoice, found[0].number, "Found by its mark and adopted.")
        else:
            await facts.note(ctx, invoice, "looked_up", uncertain_since=None)


async def _account_for(ctx: Context, invoice: Invoice, attempt: Attempt) -> None:
    """Note in the number ledger what an uncertain deletion has left, so that no number is lost."""
    number = attempt.context.get("deleting")
    if number is None or await _exists(ctx, invoice, str(number)):
        return
    why = str(attempt.context.get("why") or "Deleted.")
    async with ctx.transaction():
        await facts.number_seen(ctx, invoice, str(number), NumberOutcome.DELETED, why)


async def _keep_one(ctx: Context, invoice: Invoice, found: list[books.Found]) -> list[books.Found]:
    """Keep one of several documents with our mark; other drafts are deleted, never adopted."""
    open_drafts = [item for item in found if item.body.get("status") in ("Hold", "Balanced")]
    booked = [item for item in found if item not in open_drafts]
    if len(booked) > 1:
        numbers = ", ".join(item.number for item in booked)
        raise InvoiceWaits(
            "duplicate_mark", f'Documents {numbers} of Financials all carry "{invoice.mark}".'
        )
    mine = [item for item in found if item.number == invoice.number]
    kept = (booked or mine or open_drafts)[0]
    for item in open_drafts:
        if item is not kept:
            await delete(
                ctx, invoice, number=item.number, why=f"A second draft beside {kept.number}."
            )
    return [kept]


async def delete(ctx: Context, invoice: Invoice, *, number: str, why: str) -> None:
    """Delete a draft and make sure that it is gone; the number ledger keeps why.

    Raises VendorError when the draft is still there or may be.
    """
    calls = books.CALLS[invoice.kind]

    async def gone(answer: Answer, attempt: Attempt) -> None:
        await facts.number_seen(ctx, invoice, number, NumberOutcome.DELETED, why)

    async def landed() -> bool:
        return not await _exists(ctx, invoice, number)

    write = books.write(
        invoice,
        "delete",
        calls.delete,
        f"delete draft {number} in Financials: {why}",
        path={calls.place: number},
        context={"deleting": number, "why": why},
    )
    try:
        await books.push_twice(ctx, write, landed=landed, after=gone)
    except RecordMissing:
        pass
    if await _exists(ctx, invoice, number):
        raise InvoiceWaits(
            "draft_not_deleted", f"Draft {number} of {name_of(invoice)} is still in Financials."
        )
    async with ctx.transaction():
        await facts.number_seen(ctx, invoice, number, NumberOutcome.DELETED, why)


async def _exists(ctx: Context, invoice: Invoice, number: str) -> bool:
    try:
        await books.read(ctx, invoice, number)
    except RecordMissing:
        return False
    return True


async def compare(ctx: Context, invoice: Invoice) -> None:
    """Compare the draft's total with Severa's (R73); the difference that passes is kept.

    Raises InvoiceRefused naming rows and percentages for more than 0.05.
    """
    body = (await books.read(ctx, invoice)).body
    severa = severa_total(ctx, invoice)
    theirs = Total(shown=books.rounded_total_of(body), exact=books.total_of(body))
    rounds, alert = ctx.references.severa_rounds, None
    try:
        accepted = check_totals(severa=severa, financials=theirs, rounds=rounds)
    except TotalsDiffer as error:
        refused = await _refusal(invoice, body, error)
        if body.get("status") in ("Hold", "Balanced"):
            raise refused from error
        # Somebody released it before the comparison: an alert, never a delete (Q57).
        accepted = abs(severa.shown) - theirs.shown
        alert = InvoiceWaits("total_changed_after_release", refused.cause)
    sign, total = sign_of(invoice), theirs.shown
    async with ctx.transaction():
        await facts.note(
            ctx,
            invoice,
            "compared",
            f"{_two(severa.shown)} in Severa, {_two(sign * total)} in Financials.",
            compared_at=ctx.clock(),
            financials_total=sign * total,
            accepted_difference=accepted,
            accepted_difference_in_base=_in_base(ctx, invoice, body),
            draft_digest=books.fingerprint(body),
            financials_status=body.get("status"),
        )
        if theirs.moved != severa.moved and theirs.moved != rounds:
            await _rounding_differs(ctx, by="Financials" if theirs.moved else "Severa")
        if alert is not None:
            await facts.raise_issue(ctx, invoice, alert, alone=False)


def _in_base(ctx: Context, invoice: Invoice, body: Mapping[str, Any]) -> Decimal | None:
    """Return the difference in the home currency, which is stored and decides nothing (Q2)."""
    if invoice.currency == ctx.references.base_currency:
        return None
    if invoice.total_in_base_currency is None:
        return None
    mine: Decimal = invoice.total_in_base_currency
    return mine - sign_of(invoice) * books.base_total_of(body)


async def _rounding_differs(ctx: Context, *, by: str) -> None:
    problem = report.Problem(
        code="rounding_differs",
        cause=f"Only {by} rounds whole documents: a payment of the rounded sum leaves a residue.",
        subject=f"integration:{ctx.integration.id}:rounding",
    )
    await report.report(ctx, problem)


def _two(amount: Decimal) -> str:
    return format(amount.quantize(CENT), "f")


async def _refusal(
    invoice: Invoice, body: Mapping[str, Any], error: TotalsDiffer
) -> InvoiceRefused:
    rates = sorted(
        {
            f"{percent(Decimal(str(row.get('vatRate') or 0)))} % on {row.get('taxableAmount')}"
            for row in body.get("taxDetails") or ()
        }
    )
    used = f" Financials used {', '.join(rates)}." if rates else ""
    rows = await InvoiceRow.filter(invoice_id=invoice.id).order_by("position", "severa_id")
    return refusal(
        f"{name_of(invoice)} has {_two(error.severa)} with VAT in Severa and "
        f"{_two(error.financials)} in Financials.{used}",
        [row for row in rows if (row.vat_percent or 0) != (row.expected_vat_percent or 0)],
    )
