"""Storing facts of an invoice, its issues, and the ledger of numbers."""

from typing import Any

from schema.models import Invoice, Issue, NumberEntry
from schema.words import Entity, InvoiceKind, NumberOutcome
from worker.context import Context
from worker.sync import report, store
from worker.sync.rules.invoice.errors import InvoiceRefused, InvoiceWaits


async def note(ctx: Context, invoice: Invoice, kind: str, reason: str = "", **values: Any) -> None:
    """Store facts inside the running transaction; the journal says why."""
    await store.save(ctx, invoice, values, why=store.Why(kind=f"invoice.{kind}", reason=reason))


async def note_now(
    ctx: Context, invoice: Invoice, kind: str, reason: str = "", **values: Any
) -> None:
    """Store facts in a transaction of their own."""
    async with ctx.transaction():
        await note(ctx, invoice, kind, reason, **values)


def sign_of(invoice: Invoice) -> int:
    """Return -1 for a document whose figures Severa shows negative and Financials positive (Q40).

    Credit notes are usually negative in Severa; one that is positive there is left as it is.
    """
    credit = invoice.kind is InvoiceKind.CREDIT_NOTE
    return -1 if credit and invoice.total_including_vat <= 0 else 1


def subject_of(invoice: Invoice) -> str:
    """Return the subject under which issues of an invoice are counted."""
    return report.subject_of(Entity.INVOICE, invoice.id)


async def raise_issue(
    ctx: Context,
    invoice: Invoice,
    error: InvoiceRefused | InvoiceWaits,
    *,
    alone: bool = True,
) -> None:
    """Open the issue of a refusal inside the transaction; others of the invoice are closed."""
    if alone:
        await report.resolve(ctx, subject=subject_of(invoice), keep=(error.issue,))
    problem = report.Problem(
        code=error.issue,
        cause=error.cause,
        subject=subject_of(invoice),
        next_step=error.next_step,
        records=((Entity.INVOICE, invoice.id),),
    )
    await report.report(ctx, problem)


async def close_issues(ctx: Context, invoice: Invoice, *, keep: tuple[str, ...] = ()) -> None:
    """Close the issues of an invoice inside the transaction."""
    await report.resolve(ctx, subject=subject_of(invoice), keep=keep)


async def close_issue(ctx: Context, invoice: Invoice, code: str) -> None:
    """Close one kind of issue of an invoice inside the transaction."""
    await Issue.filter(
        integration_id=ctx.integration.id,
        subject=subject_of(invoice),
        code=code,
        resolved_at=None,
    ).update(resolved_at=ctx.clock())


async def number_seen(
    ctx: Context, invoice: Invoice, number: str, outcome: NumberOutcome, explanation: str
) -> None:
    """Write into the ledger what became of a number, inside the transaction."""
    await NumberEntry.update_or_create(
        integration_id=ctx.integration.id,
        kind=invoice.kind,
        number=number,
        defaults={
            "outcome": outcome,
            "explanation": explanation,
            "invoice_id": invoice.id,
        },
    )
