"""The command `retry`: sends refused invoices again (Q56)."""

import sys
from argparse import Namespace
from dataclasses import dataclass
from uuid import UUID

from tortoise.expressions import Q

from gateway.cli.as_admin import as_admin
from gateway.cli.table import show_json
from gateway.graphql.context import Context
from gateway.operations.invoice import STATES, retry_invoice
from schema.models import Invoice
from schema.types.ids import write_id
from schema.types.inputs import RetryInvoiceInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of one wish: the invoice as it was named, and why it was refused, if it was."""

    invoice: str
    code: str | None = None
    text: str = "is tried again."


def run(arguments: Namespace) -> int:
    """Queue each named invoice, or all refused ones; 1 when one of them was not accepted."""

    async def work(context: Context) -> list[Answer]:
        named = arguments.invoices or None
        answers = [await _retry(context, one) for one in await _invoices(named)]
        return answers + (await _unknown(named) if named else [])

    answers = as_admin(work)
    if arguments.json:
        show_json(
            [{"invoice": one.invoice, "refused": one.code, "text": one.text} for one in answers]
        )
    else:
        for one in answers:
            stream = sys.stdout if one.code is None else sys.stderr
            stream.write(f"{one.invoice}: {one.text}\n")
    return 1 if any(one.code for one in answers) else 0


async def _invoices(named: list[str] | None) -> list[Invoice]:
    if named is None:
        return await Invoice.filter(state__in=list(STATES)).order_by("id")
    return await Invoice.filter(_named(named)).order_by("id")


def _named(texts: list[str]) -> Q:
    """Find by our id, the number, or Severa's guid."""
    keys = [key for key in map(_key, texts) if key is not None]
    return Q(id__in=keys) | Q(number__in=texts) | Q(severa_id__in=texts)


async def _unknown(named: list[str]) -> list[Answer]:
    return [
        Answer(invoice=text, code="NOT_FOUND", text="there is no such invoice.")
        for text in named
        if not await Invoice.filter(_named([text])).exists()
    ]


async def _retry(context: Context, invoice: Invoice) -> Answer:
    given = RetryInvoiceInput(invoice_id=write_id("Invoice", invoice.id))
    outcome = await retry_invoice(context, given)
    name = invoice.number or invoice.severa_id
    for refusal in outcome.refusals:
        text = f"{refusal.message} {refusal.next_step}"
        return Answer(invoice=name, code=refusal.code, text=text)
    return Answer(invoice=name)


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
