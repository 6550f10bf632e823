"""The document in Financials: its calls by kind, its reading, and finding it by our mark (Q44)."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from schema.models import Attempt, Invoice
from schema.words import InvoiceKind, Side
from worker.context import Context
from worker.mapping.field import pick
from worker.mapping.invoice import carries
from worker.sync import push, sightings
from worker.sync.rules.invoice.intake import financials_number
from worker.vendors.endpoints import Endpoint, Operation
from worker.vendors.errors import VendorRefused
from worker.vendors.financials import FINANCIALS, Shape, operations, shapes
from worker.vendors.records import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """The operations on one kind of document; both kinds work alike."""

    place: str
    create: Operation
    read: Operation
    update: Operation
    delete: Operation
    release: Operation
    attach: Operation
    shape: Shape
    listed: Endpoint


CALLS = {
    InvoiceKind.INVOICE: Calls(
        place="invoiceNumber",
        create=operations.INVOICE_CREATE,
        read=operations.INVOICE_READ,
        update=operations.INVOICE_UPDATE,
        delete=operations.INVOICE_DELETE,
        release=operations.INVOICE_RELEASE,
        attach=operations.INVOICE_ATTACH,
        shape=shapes.INVOICE,
        listed=FINANCIALS["customerinvoice"],
    ),
    InvoiceKind.CREDIT_NOTE: Calls(
        place="creditNoteNumber",
        create=operations.CREDIT_NOTE_CREATE,
        read=operations.CREDIT_NOTE_READ,
        update=operations.CREDIT_NOTE_UPDATE,
        delete=operations.CREDIT_NOTE_DELETE,
        release=operations.CREDIT_NOTE_RELEASE,
        attach=operations.CREDIT_NOTE_ATTACH,
        shape=shapes.CREDIT_NOTE,
        listed=FINANCIALS["customerCreditNote"],
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A document that carries our mark."""

    kind: InvoiceKind
    number: str
    body: dict[str, Any]


async def read(ctx: Context, invoice: Invoice, number: str | None = None) -> Answer:
    """Read the document of an invoice.

    Raises RecordMissing when it is gone.
    """
    calls = CALLS[invoice.kind]
    return await ctx.financials.read(calls.read, path={calls.place: str(number or invoice.number)})


def write(
    invoice: Invoice, word: str, operation: Operation, label: str, **options: Any
) -> push.Write:
    """Describe one write to the document of an invoice."""
    return push.Write(
        entity="INVOICE",
        record_id=invoice.id,
        side=Side.FINANCIALS,
        purpose=f"invoice.{word}",
        operation=operation,
        mark=invoice.mark,
        label=label,
        **options,
    )


async def search(
    ctx: Context, invoice: Invoice, *, sent: Iterable[Mapping[str, Any]] = ()
) -> list[Found]:
    """List the documents that carry our mark, invoices and credit notes alike.

    The list is asked for by customer and by the document date that we sent (`sent` holds what
    earlier attempts sent); every page is read.
    """
    asked = {(str(item["customer"]), str(item["date"])) for item in sent if item.get("customer")}
    number = await financials_number(invoice.customer_id)
    if number is not None and invoice.date is not None:
        asked.add((number, invoice.date.isoformat()))
    found: dict[tuple[InvoiceKind, str], Found] = {}
    for customer, day in sorted(asked):
        for item in await _marked(ctx, str(invoice.mark), customer, day):
            found[item.kind, item.number] = item
    return list(found.values())


async def _marked(ctx: Context, mark: str, customer: str, day: str) -> list[Found]:
    params = {
        "customer": customer,
        "documentDate": f"{day}T00:00:00",
        "documentDateCondition": ">=",
    }
    return [
        Found(kind=kind, number=str(row["referenceNumber"]).strip(), body=row)
        for kind, calls in CALLS.items()
        async for page in ctx.financials.pages(calls.listed, params=params)
        for row in page.rows
        if carries(row.get("note"), mark) and row.get("status") != "Voided"
    ]


async def push_twice(
    ctx: Context,
    write: push.Write,
    *,
    landed: Callable[[], Awaitable[bool]],
    after: Callable[[Answer, Attempt], Awaitable[None]] | None = None,
) -> Answer | None:
    """Push a write; a 500 with a message of the ERP is looked up once and tried once more.

    None means that the first try had landed all the same. Raises VendorError (contract 9).
    """
    try:
        return await push.push(ctx, write, after=after)
    except VendorRefused as error:
        if (error.status or 0) < 500:
            raise
    if await landed():
        return None
    return await push.push(ctx, write, after=after)


_PRINTED = (
    *("customer.number", "documentDate", "documentDueDate", "currencyId", "exchangeRate"),
    *("branchNumber.number", "project.id", "creditTerms.id", "location.id", "note", "invoiceText"),
    *("externalReference", "customerRefNumber", "detailTotalInCurrency", "vatTotalInCurrency"),
)
_PRINTED_LINE = (
    *("inventoryNumber", "description", "quantity", "unitPriceInCurrency", "amountInCurrency"),
    *("uom", "vatCode.id", "account.number", "projectTask.id", "branchNumber.number"),
)


def fingerprint(body: Mapping[str, Any]) -> str:
    """Return what tells whether a person changed a draft since it was compared (Q57)."""
    lines = body.get("invoiceLines") or body.get("lines") or ()
    return sightings.digest_of(
        {
            "header": {name: str(pick(body, name)) for name in _PRINTED},
            "lines": [{name: str(pick(row, name)) for name in _PRINTED_LINE} for row in lines],
        }
    )


def base_total_of(body: Mapping[str, Any]) -> Decimal:
    """Return the total with VAT in the home currency, before any rounding of the document."""
    return _amount(body, "detailTotal") - _amount(body, "discountTotal") + _amount(body, "vatTotal")


def total_of(body: Mapping[str, Any]) -> Decimal:
    """Return the total with VAT before any rounding of the document (contract 14.3)."""
    return (
        _amount(body, "detailTotalInCurrency")
        - _amount(body, "discountTotalInCurrency")
        + _amount(body, "vatTotalInCurrency")
    )


def rounded_total_of(body: Mapping[str, Any]) -> Decimal:
    """Return the total with VAT after rounding of the document."""
    return total_of(body) + _amount(body, "roundingDiff")


def _amount(body: Mapping[str, Any], name: str) -> Decimal:
    return Decimal(str(body.get(name) or 0))
