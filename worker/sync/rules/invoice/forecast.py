"""The VAT forecast of an invoice, and the words of a refusal by totals (R73, Q2, Q32)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from schema.models import Customer, Invoice, InvoiceRow, Product
from worker.checks import vat
from worker.checks.totals import Total
from worker.context import Context
from worker.sync.rules.invoice.errors import InvoiceRefused
from worker.sync.rules.invoice.naming import name_of, plain

Found = tuple[InvoiceRow, Product]


async def forecast_vat(
    ctx: Context, invoice: Invoice, customer: Customer, rows: Sequence[Found], *, day: date
) -> None:
    """Refuse a VAT mismatch before anything is written; keep the expected VAT per row."""
    lines = [
        vat.Line(
            position=index,
            net=row.quantity * row.unit_price,
            percent=row.vat_percent,
            category=product.vat_category,
        )
        for index, (row, product) in enumerate(rows)
    ]
    found = vat.forecast(lines, rules=ctx.references.vat_rules, zone=customer.vat_zone, day=day)
    async with ctx.transaction():
        for (row, _), line in zip(rows, found.lines, strict=True):
            row.expected_vat_percent = line.expected_percent
            row.expected_vat = line.expected_vat
            await row.save(update_fields=["expected_vat_percent", "expected_vat"])
    total = severa_total(ctx, invoice)
    if not found.agrees_with(
        total.shown, exact=total.exact, rounds=ctx.references.severa_rounds or total.moved
    ):
        raise _mismatch(invoice, found, rows)


def severa_total(ctx: Context, invoice: Invoice) -> Total:
    """Read the total of an invoice as it stands in Severa, before and after rounding (Q2)."""
    return Total.of_severa(
        shown=invoice.total_including_vat,
        parts=invoice.total_excluding_vat + invoice.total_vat,
        rounds=ctx.references.severa_rounds,
    )


def _mismatch(invoice: Invoice, found: vat.Forecast, rows: Sequence[Found]) -> InvoiceRefused:
    total, expected = invoice.total_including_vat, found.closest_to(invoice.total_including_vat)
    totals = (
        f"{name_of(invoice)} has {plain(total)} with VAT in Severa; "
        f"Financials would make it {plain(expected)}."
    )
    return refusal(totals, [rows[line.position][0] for line in found.differing])


def refusal(totals: str, rows: Sequence[InvoiceRow]) -> InvoiceRefused:
    """Refuse by totals; names every row whose VAT differs, and what it should be (Q32)."""
    if not rows:
        return InvoiceRefused("totals_differ", totals)
    parts = [
        f"row {row.position + 1} ({row.description or row.code}) has "
        f"{percent(row.vat_percent)} %, Financials would use {percent(row.expected_vat_percent)} %"
        for row in rows
    ]
    wanted = ", ".join(
        f"row {row.position + 1} to {percent(row.expected_vat_percent)} %" for row in rows
    )
    return InvoiceRefused(
        "vat_mismatch",
        f"{totals} In detail: {'; '.join(parts)}.",
        next_step=(
            f"Correct the VAT of {wanted} in Severa, then set the transfer status again "
            "or retry here."
        ),
    )


def percent(value: Decimal | None) -> str:
    """Write a percentage without idle zeros."""
    return "no" if value is None else format(value.normalize(), "f")
