"""Amounts of a customer document: lines, discounts, VAT, rounding, and both currencies."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from .rows import DocumentRow
from .state import LedgerCompany
from .table import JSON
from .vat import HUNDRED, Rate, Tax, cents, rate_for, taxes

ZERO = Decimal("0.00")
PRICE = Decimal("0.000001")
DAY = "documentDate"


def to_base(company: LedgerCompany, amount: Decimal, rate: Decimal) -> Decimal:
    """Bring an amount of a document to the company's currency."""
    return cents(amount * rate if company.assume.rate_is_home_per_unit else amount / rate)


def recompute(company: LedgerCompany, document: DocumentRow) -> None:
    """Work out every amount of the document again."""
    dto = document.dto
    zone = dto["customerVatZone"]["id"]
    amounts: list[tuple[Rate | None, Decimal]] = []
    for line in document.lines:
        _line(company, document, line)
        category = line.get("vatCode", {}).get("id")
        rate = rate_for(company, category=category, zone=zone, on=dto[DAY])
        amounts.append((rate, line["amountInCurrency"]))
    found = _shifted(taxes(company, amounts), document)
    detail = sum((amount for _, amount in amounts), ZERO)
    taxable = sum((amount for rate, amount in amounts if rate), ZERO)
    vat = sum((tax.amount for tax in found), ZERO)
    if document.tax_shift and not found:
        vat += document.tax_shift
    total = detail + vat
    rounded = total.quantize(Decimal(1), ROUND_HALF_UP) if _rounds(company) else total
    document.total = cents(rounded)
    _both(company, document, "detailTotal", detail)
    _both(company, document, "discountTotal", ZERO)
    _both(company, document, "vatTaxableTotal", taxable)
    _both(company, document, "vatExemptTotal", detail - taxable)
    _both(company, document, "vatTotal", vat)
    dto["roundingDiff"] = cents(rounded - total)
    dto["taxDetails"] = [_tax_dto(number, tax) for number, tax in enumerate(found, start=1)]
    if not document.released:
        shown = document.total if company.assume.totals_on_entry else ZERO
        show_amount(company, document, shown)
        show_balance(company, document, shown)


def _rounds(company: LedgerCompany) -> bool:
    return company.assume.document_rounding


def _line(company: LedgerCompany, document: DocumentRow, line: JSON) -> None:
    manual = document.manual_amounts.get(line["lineNumber"])
    price = Decimal(line["unitPriceInCurrency"])
    extended = cents(Decimal(line["quantity"]) * price) if manual is None else cents(manual)
    percent = Decimal(line["discountPercent"])
    if not line["manualDiscount"] and not percent:
        percent = _automatic(company, document)
    discount = cents(extended * percent / HUNDRED) if percent else _given_discount(line)
    line["discountPercent"] = percent
    line["unitPrice"] = _price(company, price, document.rate)
    line["manualAmountInCurrency"] = extended
    line["manualAmount"] = to_base(company, extended, document.rate)
    line["discountAmountInCurrency"] = discount
    line["discountAmount"] = to_base(company, discount, document.rate)
    line["amountInCurrency"] = extended - discount
    line["amount"] = to_base(company, extended - discount, document.rate)


def _given_discount(line: JSON) -> Decimal:
    return cents(Decimal(line["discountAmountInCurrency"])) if line["manualDiscount"] else ZERO


def _automatic(company: LedgerCompany, document: DocumentRow) -> Decimal:
    price_class = document.customer.dto.get("priceClass", {}).get("id")
    return company.discounts.get(price_class, Decimal(0)) if price_class else Decimal(0)


def _price(company: LedgerCompany, price: Decimal, rate: Decimal) -> Decimal:
    base = price * rate if company.assume.rate_is_home_per_unit else price / rate
    return price if rate == 1 else base.quantize(PRICE)


def _shifted(found: list[Tax], document: DocumentRow) -> list[Tax]:
    """Lay written tax amounts and a planned mismatch over the computed ones."""
    shift = document.tax_shift
    result = []
    for tax in found:
        amount = document.taxes_given.get(tax.rate.vat_id, tax.amount) + shift
        shift = Decimal(0)
        result.append(Tax(rate=tax.rate, taxable=tax.taxable, amount=amount))
    return result


def _tax_dto(number: int, tax: Tax) -> JSON:
    return {
        "taxId": tax.rate.vat_id,
        "recordId": number,
        "vatId": {"number": tax.rate.vat_id, "description": tax.rate.description},
        "vatRate": tax.rate.percent,
        "taxableAmount": tax.taxable,
        "vatAmount": tax.amount,
    }


def _both(company: LedgerCompany, document: DocumentRow, name: str, amount: Decimal) -> None:
    document.dto[f"{name}InCurrency"] = amount
    document.dto[name] = to_base(company, amount, document.rate)


def show_amount(company: LedgerCompany, document: DocumentRow, amount: Decimal) -> None:
    """Show the document's amount in both currencies."""
    _both(company, document, "amount", amount)


def show_balance(company: LedgerCompany, document: DocumentRow, amount: Decimal) -> None:
    """Show what is open in both currencies."""
    _both(company, document, "balance", amount)
