"""How an invoice, its rows and its figures are named for people."""

from decimal import Decimal

from schema.models import Invoice, InvoiceRow
from schema.money import CENT
from schema.words import InvoiceKind


def name_of(invoice: Invoice) -> str:
    """Name an invoice for people."""
    word = "Credit note" if invoice.kind is InvoiceKind.CREDIT_NOTE else "Invoice"
    order = f" (order {invoice.order_number})" if invoice.order_number else ""
    return f"{word} of {invoice.date} over {plain(invoice.total_including_vat)} " + (
        f"{invoice.currency}{order}"
    )


def plain(amount: Decimal) -> str:
    """Write an amount in cents."""
    return format(amount.quantize(CENT), "f")


def place_of(invoice: Invoice, row: InvoiceRow) -> str:
    """Name a row for people."""
    return f"Row {row.position + 1} of {name_of(invoice)}"
