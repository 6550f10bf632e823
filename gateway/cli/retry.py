"""The command `retry`: sends refused invoices again (Q56)."""

import sys
from argparse import Namespace
from uuid import UUID

from tortoise.expressions import Q

from gateway.cli.as_admin import as_admin
from gateway.graphql.context import Context
from gateway.operations.invoice import STATES, retry_invoice
from schema.models import Invoice
from schema.types.ids import write_id
from schema.types.inputs import RetryInvoiceInput


def run(arguments: Namespace) -> int:
    """Queue each named invoice, or all refused ones; 1 when one of them was not accepted."""

    async def work(context: Context) -> int:
        named = arguments.invoices or None
        refused = 0
        for invoice in await _invoices(named):
            refused += await _retry(context, invoice)
        if named:
            refused += await _say_unknown(named)
        return refused

    return 1 if as_admin(work) else 0


async def _invoices(named: list[str] | None) -> list[Invoice]:
    if named is None:
        return await Invoice.filter(state__in=list(STATES)).order_by("id")
    return await Invoice.filter(_named(named)).order_by("id")


def _named(texts: list[str]) -> Q:
    """Find by our id, the number, or Severa's guid."""
    keys = [key for key in map(_key, texts) if key is not None]
    return Q(id__in=keys) | Q(number__in=texts) | Q(severa_id__in=texts)


async def _say_unknown(named: list[str]) -> int:
    unknown = [text for text in named if not await Invoice.filter(_named([text])).exists()]
    for text in unknown:
        sys.stderr.write(f"{text}: there is no such invoice.\n")
    return len(unknown)


async def _retry(context: Context, invoice: Invoice) -> int:
    given = RetryInvoiceInput(invoice_id=write_id("Invoice", invoice.id))
    outcome = await retry_invoice(context, given)
    name = invoice.number or invoice.severa_id
    for refusal in outcome.refusals:
        sys.stderr.write(f"{name}: {refusal.message} {refusal.next_step}\n")
    if not outcome.refusals:
        sys.stdout.write(f"{name}: is tried again.\n")
    return len(outcome.refusals)


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
