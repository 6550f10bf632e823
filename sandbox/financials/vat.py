"""VAT: a line's rate is the VAT id that its category and the customer's zone share that day."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from .errors import Refused
from .state import LedgerCompany
from .table import JSON

CENT = Decimal("0.01")
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A VAT id with its rate in percent."""

    vat_id: str
    description: str
    percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """One tax row of a document, in the document's currency."""

    rate: Rate
    taxable: Decimal
    amount: Decimal


def cents(value: Decimal) -> Decimal:
    """Round half up to cents."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def rate_for(company: LedgerCompany, *, category: str | None, zone: str, on: str) -> Rate | None:
    """Find the VAT of a line, None when category and zone share no valid VAT id."""
    if category is None:
        return None
    lines = company.vat_categories[category]["vatCategoryLines"]
    for vat_id in (line["vatId"] for line in lines):
        if vat_id in company.zone_vats.get(zone, frozenset()):
            percent = _percent(company.vats[vat_id], on)
            if percent is not None:
                text = str(company.vats[vat_id].get("description", vat_id))
                return Rate(vat_id=vat_id, description=text, percent=percent)
    if company.assume.line_without_vat_id == "error":
        raise Refused(f"No tax is defined for tax category '{category}' and tax zone '{zone}'.")
    return None


def _percent(vat: JSON, on: str) -> Decimal | None:
    if "notValidAfter" in vat and vat["notValidAfter"][:10] < on[:10]:
        return None
    valid = [row for row in vat["schedules"] if row["startDate"][:10] <= on[:10]]
    if valid and (vat.get("reverseVat") or vat.get("type") == "ReverseVat"):
        return Decimal(0)  # The customer owes it; nothing of it is on the document.
    return Decimal(valid[-1]["vatRate"]) if valid else None


def taxes(company: LedgerCompany, amounts: list[tuple[Rate | None, Decimal]]) -> list[Tax]:
    """Compute the tax rows of a document from the lines' rates and amounts."""
    rates = {rate.vat_id: rate for rate, _ in amounts if rate is not None}
    found = []
    for vat_id, rate in rates.items():
        parts = [amount for other, amount in amounts if other and other.vat_id == vat_id]
        if company.assume.vat_rounding == "line":
            amount = sum((cents(part * rate.percent / HUNDRED) for part in parts), Decimal(0))
        else:
            amount = sum(parts, Decimal(0)) * rate.percent / HUNDRED
            if company.assume.vat_rounding == "vat_id":
                amount = cents(amount)
        found.append(Tax(rate=rate, taxable=sum(parts, Decimal(0)), amount=amount))
    if company.assume.vat_rounding == "document" and found:
        return _rounded_together(found)
    return found


def _rounded_together(found: list[Tax]) -> list[Tax]:
    total = cents(sum((tax.amount for tax in found), Decimal(0)))
    rounded = [Tax(rate=tax.rate, taxable=tax.taxable, amount=cents(tax.amount)) for tax in found]
    rest = total - sum((tax.amount for tax in rounded), Decimal(0))
    last = rounded[-1]
    rounded[-1] = Tax(rate=last.rate, taxable=last.taxable, amount=last.amount + rest)
    return rounded
