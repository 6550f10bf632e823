"""Retrying one invoice at a person's wish, and looking again at one that is due."""

from uuid import UUID

from schema.models import Invoice
from schema.words import InvoiceState, Role
from worker.context import Context
from worker.sync.rules.invoice import books, intake
from worker.sync.rules.invoice.facts import note_now
from worker.sync.rules.invoice.transfer import carry_one
from worker.vendors.errors import RecordMissing

_RETRYABLE = (
    InvoiceState.FAILED,
    InvoiceState.ORPHANED,
    InvoiceState.UNCERTAIN,
    InvoiceState.WAITING,
)


async def retry(ctx: Context, *, invoice_id: UUID) -> None:
    """Read an invoice again from Severa and carry it on at once (Q56)."""
    invoice = await Invoice.get_or_none(id=invoice_id, integration_id=ctx.integration.id)
    if invoice is None:
        return
    ctx.actor = "retry"
    await intake.absorb(ctx, await intake.read_header(ctx, invoice.severa_id))
    await invoice.refresh_from_db()
    allowed = invoice.severa_role in (Role.FAILED, Role.TRANSFER)
    if invoice.state not in _RETRYABLE or not allowed:
        return
    if invoice.waiting_reason is not None and invoice.number is not None:
        await _forget_lost_draft(ctx, invoice)
    await carry_one(ctx, invoice.id, wait=True, asked=True)


async def _forget_lost_draft(ctx: Context, invoice: Invoice) -> None:
    """Let a draft that a bookkeeper deleted be created again; only a person may ask (Q57)."""
    if invoice.released_at is not None:
        return
    try:
        await books.read(ctx, invoice)
    except RecordMissing:
        await note_now(
            ctx,
            invoice,
            "draft_forgotten",
            f"Draft {invoice.number} is gone from Financials; a person asked for a new one.",
            number=None,
            drafted_at=None,
            compared_at=None,
            release_asked_at=None,
            waiting_reason=None,
        )


async def look_up(ctx: Context, *, invoice_id: UUID) -> None:
    """Carry on one invoice whose wait is over."""
    invoice = await Invoice.get_or_none(id=invoice_id, integration_id=ctx.integration.id)
    if invoice is None or invoice.numbered_at is not None:
        return
    asked = invoice.severa_role is Role.FAILED and invoice.uncertain_since is not None
    await carry_one(ctx, invoice.id, wait=True, asked=asked)
