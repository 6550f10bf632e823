"""Sends invoices again (Q56)."""

from __future__ import annotations

from uuid import UUID

from gateway.graphql.context import Context
from gateway.operations.base import Outcome, note, perform, refused, unknown
from schema import jobs, queue
from schema.models import Invoice
from schema.types.ids import key_of
from schema.types.inputs import RetryInvoiceInput
from schema.words import InvoiceState, Role

STATES = frozenset(
    {
        InvoiceState.FAILED,
        InvoiceState.ORPHANED,
        InvoiceState.UNCERTAIN,
        InvoiceState.WAITING,
    }
)
ROLES = frozenset({Role.FAILED, Role.TRANSFER})


async def retry_invoice(context: Context, given: RetryInvoiceInput) -> Outcome:
    """Queue an invoice to be sent again, ahead of everything that is not urgent."""
    key = key_of(given.invoice_id, "Invoice")
    if key is None:
        return unknown("invoice", "invoiceId")

    async def work() -> Outcome:
        return await _retry(context, key)

    return await perform(context, "retryInvoice", given, work)


async def _retry(context: Context, key: UUID) -> Outcome:
    invoice = await Invoice.get_or_none(id=key)
    if invoice is None or not context.principal.may_see(invoice.integration_id):
        return unknown("invoice", "invoiceId")
    if invoice.state not in STATES or invoice.severa_role not in ROLES:
        return _not_retryable(invoice)
    await queue.enqueue(
        jobs.INVOICE_RETRY,
        integration_id=invoice.integration_id,
        arguments={"invoice_id": invoice.id},
    )
    await note(
        context, "invoice.retry", integration_id=invoice.integration_id, subject=str(invoice.id)
    )
    return Outcome(subject=invoice.id, ring=invoice.integration_id)


def _not_retryable(invoice: Invoice) -> Outcome:
    if invoice.state not in STATES:
        message = f"The invoice is {invoice.state.value}; there is nothing to send again."
        step = "Retry only what is FAILED, ORPHANED, UNCERTAIN or WAITING."
    else:
        shown = invoice.severa_status_name or "another status"
        message = f"In Severa the invoice shows {shown!r}, neither the failed nor the transfer one."
        step = "Set the transfer status in Severa, then retry."
    return refused("NOT_RETRYABLE", message, step, path=("input", "invoiceId"))
