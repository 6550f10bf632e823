"""Amounts of invoices: conversion, rows without totals, totals with switchable rounding."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.severa.state import Organization
from sandbox.severa.table import Record

CENT = Decimal("0.01")
ZERO = Decimal(0)


def cents(amount: Decimal) -> Decimal:
    """Round to two decimals, half away from zero."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def convert(org: Organization, value: dict[str, Any], code: str) -> dict[str, Any]:
    """Express an amount in another currency, by the rates of the organization."""
    amount = value["amount"]
    if value["currencyCode"] == code or amount is None:
        return {"amount": amount, "currencyCode": code}
    home = amount * org.rate(value["currencyCode"])
    return {"amount": cents(home / org.rate(code)), "currencyCode": code}


def net_of(row: Record) -> Decimal:
    """Give the net amount of a row, unrounded."""
    price = row["unitPrice"]["amount"] if row.get("unitPrice") else None
    return Decimal(row["quantity"] or 0) * (price or ZERO)


def totals_of(org: Organization, rows: Iterable[Record]) -> dict[str, Decimal]:
    """Compute net, VAT and gross of an invoice, rounding per row or per VAT rate."""
    by_row = org.world.assume.row_rounding
    net = tax = ZERO
    bases: dict[Decimal, Decimal] = {}
    for row in rows:
        amount = cents(net_of(row))
        rate = Decimal(row["vatRate"] or 0)
        net += amount
        bases[rate] = bases.get(rate, ZERO) + amount
        tax += cents(amount * rate / 100)
    if not by_row:
        tax = sum((cents(base * rate / 100) for rate, base in bases.items()), ZERO)
    gross = net + tax
    if org.settings.rounding == "NearestInteger":
        gross = gross.quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return {"net": net, "tax": tax, "gross": gross}


def show_amount(org: Organization, amount: Decimal | None, code: str, rate: Decimal) -> Any:
    """Show an amount of an invoice: in its own currency, the base amount beside it (switchable)."""
    if amount is None:
        return None
    if code == org.home:
        return {"amount": amount, "currencyCode": code, "multiCurrencyInfo": []}
    own = {"amount": amount, "currencyCode": code}
    base = {"amount": cents(amount * rate), "currencyCode": org.home}
    first, second = (own, base) if org.world.assume.amounts_in_invoice_currency else (base, own)
    purpose = ["ProjectPrice"] if second is own else ["ProjectCost"]
    return {**first, "multiCurrencyInfo": [{**second, "purpose": purpose}]}


def shown_rate(org: Organization, rate: Decimal) -> Decimal:
    """Show a currency rate in the assumed direction."""
    if org.world.assume.rate_is_home_per_unit:
        return rate
    return (1 / rate).quantize(Decimal("0.000001"))
