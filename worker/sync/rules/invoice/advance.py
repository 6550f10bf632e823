"""Advancing: take one invoice as far as it can go now; every step looks at stored facts first."""

import asyncio
import logging
from datetime import datetime, timedelta

from schema import jobs, queue
from schema.models import Invoice
from schema.words import Role
from worker.context import Context
from worker.lease import LeaseLost
from worker.sync import push
from worker.sync.rules.invoice import adopt, draft, facts, files, home, release, reopen, rows
from worker.sync.rules.invoice.check import check
from worker.sync.rules.invoice.errors import InvoiceRefused, InvoiceWaits
from worker.sync.rules.invoice.naming import name_of
from worker.vendors.errors import (
    OutcomeUnknown,
    RecordMissing,
    VendorDenied,
    VendorRefused,
)
from worker.vendors.severa import CurrencyMissing

log = logging.getLogger(__name__)

# How long one invoice waits for its own release, in seconds at the vendors' real speed.
PAUSES = (0.5, 1.0, 2.0)
LATER = 10.0


async def advance(ctx: Context, invoice: Invoice, *, asked: bool = False, wait: bool = True) -> str:
    """Take an invoice as far as it can go; returns what became of it in one word.

    `asked` is a person's retry. Raises VendorDenied, LeaseLost and other Retryable errors, which
    say nothing of the invoice itself.
    """
    before = invoice.state
    try:
        await _steps(ctx, invoice, asked=asked, wait=wait)
    except (VendorDenied, LeaseLost):
        raise
    except InvoiceRefused as error:
        await _refuse(ctx, invoice, error)
        return "failed"
    except InvoiceWaits as error:
        await _wait(ctx, invoice, error)
        return "waiting"
    except CurrencyMissing as error:
        await _wait(ctx, invoice, InvoiceWaits("exchange_rate", f"{name_of(invoice)}: {error}."))
        return "waiting"
    except (OutcomeUnknown, push.StillUncertain) as error:
        await _doubt(ctx, invoice, error)
        return "waiting"
    except RecordMissing as error:
        await _missing(ctx, invoice, error)
        return "failed"
    except VendorRefused as error:
        if invoice.released_at is not None:
            # What is in the books cannot fail any more; Severa's no waits for a person.
            await _wait(ctx, invoice, InvoiceWaits("vendor_refused", error.message))
            return "waiting"
        await _refuse(ctx, invoice, InvoiceRefused("vendor_refused", error.message))
        return "failed"
    return "unchanged" if invoice.state == before else "updated"


async def _steps(ctx: Context, invoice: Invoice, *, asked: bool, wait: bool) -> None:
    if invoice.out_of_scope or invoice.cancelled_at is not None:
        return
    attempts = await push.open_attempts(invoice.id)
    if attempts:
        await draft.look_up(ctx, invoice, attempts)
    stopped = invoice.failed_at is not None or invoice.orphaned_at is not None
    if stopped and not await _start_again(ctx, invoice, asked=asked):
        return
    if invoice.drafted_at is None:
        if invoice.numbered_at is not None:
            return
        if not _wanted(invoice, asked):
            await adopt.stand_by(ctx, invoice, asked=asked)
            return
        await _draft(ctx, invoice)
    elif asked and invoice.released_at is None:
        await _accept_as_it_stands(ctx, invoice)
    if invoice.compared_at is None:
        await _compare(ctx, invoice)
    if invoice.released_at is None and invoice.release_asked_at is None:
        await files.attach(ctx, invoice)
    if invoice.released_at is None:
        await _release(ctx, invoice, wait=wait)
    if invoice.released_at is not None and invoice.numbered_at is None:
        await home.number(ctx, invoice)
        await home.tell_payment(ctx, invoice, paid_on=invoice.date)
        await files.attach_pdf(ctx, invoice)


def _wanted(invoice: Invoice, asked: bool) -> bool:
    return invoice.severa_role is Role.TRANSFER or (asked and invoice.severa_role is Role.FAILED)


async def _accept_as_it_stands(ctx: Context, invoice: Invoice) -> None:
    """A person asks again: the draft is compared and released as it stands now (Q57)."""
    await facts.note_now(
        ctx,
        invoice,
        "retried",
        "Tried again with the draft as it stands.",
        compared_at=None,
        release_asked_at=None,
        waiting_reason=None,
    )


async def _start_again(ctx: Context, invoice: Invoice, *, asked: bool) -> bool:
    """Finish what an earlier refusal left undone; tells whether the invoice may try again."""
    if invoice.number is not None and invoice.released_at is None:
        await _remove_draft(ctx, invoice, "Refused earlier.")
    if not _wanted(invoice, asked):
        return False
    digest = await rows.read_rows(ctx, invoice)
    if digest == invoice.refused_digest:
        await home.tell_failed(ctx, invoice)
        return False
    await facts.note_now(ctx, invoice, "retried", "Tried again.", failed_at=None, orphaned_at=None)
    return True


async def _draft(ctx: Context, invoice: Invoice) -> None:
    await rows.read_rows(ctx, invoice)
    ready = await check(ctx, invoice)
    async with ctx.transaction():
        await facts.close_issues(ctx, invoice)
        for warning in ready.warnings:
            await facts.raise_issue(ctx, invoice, warning, alone=False)
        await facts.note(ctx, invoice, "checked", checked_at=ctx.clock(), waiting_reason=None)
    await reopen.reopen(ctx, invoice, ready.project_id)
    await draft.create(ctx, invoice, ready)


async def _compare(ctx: Context, invoice: Invoice) -> None:
    try:
        await draft.compare(ctx, invoice)
    except InvoiceRefused as error:
        await facts.note_now(
            ctx,
            invoice,
            "refused",
            error.cause,
            failed_at=ctx.clock(),
            refused_digest=invoice.sent_digest,
        )
        raise
    except RecordMissing as error:
        raise InvoiceWaits(
            "draft_changed", f"Draft {invoice.number} was deleted in Financials by a person."
        ) from error


async def _release(ctx: Context, invoice: Invoice, *, wait: bool) -> None:
    if invoice.release_asked_at is None:
        await release.release(ctx, invoice)
    scale = ctx.settings.vendor_time_scale
    for pause in PAUSES if wait else PAUSES[:1]:
        if invoice.released_at is not None or await release.confirm(ctx, invoice):
            return
        if not wait:
            break
        await asyncio.sleep(pause * max(scale, 0.05))
    when = ctx.clock() + timedelta(seconds=LATER * max(scale, 0.05))
    await _come_back(ctx, invoice, when)


async def _come_back(ctx: Context, invoice: Invoice, when: datetime) -> None:
    async with ctx.transaction():
        await queue.enqueue(
            jobs.INVOICE_LOOK_UP,
            integration_id=ctx.integration.id,
            arguments={"invoice_id": invoice.id},
            due_at=when,
        )


async def _refuse(ctx: Context, invoice: Invoice, error: InvoiceRefused) -> None:
    """Make an invoice FAILED: nothing stays in Financials, Severa is told, an issue says why."""
    async with ctx.transaction():
        await facts.raise_issue(ctx, invoice, error)
        await facts.note(
            ctx,
            invoice,
            "refused",
            error.cause,
            failed_at=invoice.failed_at or ctx.clock(),
            waiting_reason=None,
            checked_at=None,
        )
    try:
        if invoice.number is not None and invoice.released_at is None:
            await _remove_draft(ctx, invoice, error.cause)
        await home.tell_failed(ctx, invoice)
    except InvoiceWaits as stuck:
        await _orphan(ctx, invoice, stuck)
    except (OutcomeUnknown, push.StillUncertain) as doubt:
        await _doubt(ctx, invoice, doubt, state=False)


async def _remove_draft(ctx: Context, invoice: Invoice, why: str) -> None:
    """Delete the draft of a refused invoice; a failing delete is its own loud state (Q1)."""
    try:
        await draft.delete(ctx, invoice, number=str(invoice.number), why=why)
    except VendorRefused as error:
        raise InvoiceWaits(
            "draft_not_deleted",
            f"Draft {invoice.number} could not be deleted in Financials: {error.message}",
        ) from error
    async with ctx.transaction():
        if invoice.orphaned_at is not None:
            await facts.close_issue(ctx, invoice, "draft_not_deleted")
        await facts.note(
            ctx,
            invoice,
            "draft_deleted",
            why,
            number=None,
            drafted_at=None,
            compared_at=None,
            release_asked_at=None,
            orphaned_at=None,
            financials_status=None,
            draft_digest=None,
        )


async def _orphan(ctx: Context, invoice: Invoice, error: InvoiceWaits) -> None:
    async with ctx.transaction():
        await facts.raise_issue(ctx, invoice, error, alone=False)
        await facts.note(ctx, invoice, "orphaned", error.cause, orphaned_at=ctx.clock())
    await home.tell_failed(ctx, invoice)


async def _wait(ctx: Context, invoice: Invoice, error: InvoiceWaits) -> None:
    if invoice.failed_at is not None and error.issue == "draft_not_deleted":
        await _orphan(ctx, invoice, error)
        return
    async with ctx.transaction():
        await facts.raise_issue(ctx, invoice, error)
        await facts.note(ctx, invoice, "waits", error.cause, waiting_reason=error.cause)


async def _doubt(ctx: Context, invoice: Invoice, error: Exception, *, state: bool = True) -> None:
    """Leave an invoice whose last write may have landed; it is looked up when that is due."""
    attempts = await push.open_attempts(invoice.id)
    due = max((item.look_after for item in attempts if item.look_after), default=ctx.clock())
    if state:
        problem = InvoiceWaits("outcome_unknown", str(error))
        async with ctx.transaction():
            await facts.raise_issue(ctx, invoice, problem, alone=False)
            await facts.note(
                ctx,
                invoice,
                "uncertain",
                str(error),
                uncertain_since=invoice.uncertain_since or ctx.clock(),
            )
    await _come_back(ctx, invoice, due + timedelta(milliseconds=50))


async def _missing(ctx: Context, invoice: Invoice, error: RecordMissing) -> None:
    """Show an invoice that disappeared in Severa; nothing is deleted across (Q24)."""
    problem = InvoiceWaits("missing_record", f"{error.operation}: {error.message}")
    async with ctx.transaction():
        await facts.raise_issue(ctx, invoice, problem)
        await facts.note(
            ctx,
            invoice,
            "missing",
            problem.cause,
            severa_missing=True,
            waiting_reason=problem.cause,
        )
