"""Codes, names and percentages of the registers, before anything is synced."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from worker.checks.verdict import Verdict, failed, listed, passed, warned

Row = Mapping[str, Any]
REGISTERS = ("products", "worktypes", "travelexpensetypes")
# Work types have neither price nor VAT in Severa's API.
WITH_VAT = ("products", "travelexpensetypes")
NAMES = {
    "products": "product",
    "worktypes": "work type",
    "travelexpensetypes": "travel expense",
}


def item_codes(*, registers: Mapping[str, Sequence[Row]]) -> list[Verdict]:
    """Name the active items without a code: the code links the registers (R41)."""
    code = "item_codes"
    found = [
        failed(code, f"The {NAMES[name]} '{row['name']}' has no code.", subject=_key(name, row))
        for name, row in _active(registers)
        if not str(row.get("code") or "").strip()
    ]
    return found or [passed(code)]


def item_code_twice(*, registers: Mapping[str, Sequence[Row]]) -> list[Verdict]:
    """Name the codes that occur more than once over the three registers (R42)."""
    code = "item_code_twice"
    groups: dict[str, list[str]] = {}
    for name, row in _active(registers):
        text = str(row.get("code") or "").strip()
        if text:
            groups.setdefault(text.casefold(), []).append(f"{NAMES[name]} '{row['name']}'")
    found = [
        failed(code, f"{', '.join(names)} have the code {text.upper()}.", subject=text.upper())
        for text, names in sorted(groups.items())
        if len(names) > 1
    ]
    return found or [passed(code)]


def unique_identifier(*, settings: Row) -> list[Verdict]:
    """Look at Severa's identifier setting, which is locked while integrated (R43)."""
    code = "unique_identifier"
    if settings.get("uniqueIdentifierForProductsAndWorktypes"):
        return [passed(code)]
    return [failed(code, "Severa does not keep the codes of its registers unique.")]


def customer_name_twice(*, customers: Sequence[Row]) -> list[Verdict]:
    """Name the active customers of Financials that share a name (R53, Q29)."""
    code = "customer_name_twice"
    groups: dict[str, list[Row]] = {}
    for row in customers:
        if str(row.get("status")) == "Active":
            groups.setdefault(" ".join(str(row["name"]).casefold().split()), []).append(row)
    found = []
    for rows in groups.values():
        if len(rows) > 1:
            numbers = sorted(str(row["number"]) for row in rows)
            text = f"Customers {', '.join(numbers)} are all called '{rows[0]['name']}'."
            found.append(failed(code, text, subject=str(rows[0]["name"]), numbers=numbers))
    return found or [passed(code)]


def customer_vat(*, customers: Sequence[Row]) -> list[Verdict]:
    """Name the customers of Severa without an invoicing VAT (R51, R149)."""
    names = [
        f"{row.get('number') or '-'} {row['name']}"
        for row in customers
        if row.get("isActive") and not row.get("isInternal") and not row.get("invoicingVat")
    ]
    return _without("customer_vat", "customers without an invoicing VAT", names)


def item_vat(*, registers: Mapping[str, Sequence[Row]]) -> list[Verdict]:
    """Name the items of Severa without a VAT percentage (R36, R149)."""
    names = [
        str(row.get("code") or row["name"])
        for name, row in _active(registers)
        if name in WITH_VAT and row.get("vatRate") is None
    ]
    return _without("item_vat", "items without a VAT percentage", names)


def units(*, registers: Mapping[str, Sequence[Row]], known: Iterable[str]) -> list[Verdict]:
    """Name the units of items that Financials does not know (R219, Q39)."""
    wanted = {
        text
        for _, row in _active(registers)
        if (text := str(row.get("measurementUnit") or "").strip())
    }
    folded = {name.casefold() for name in known}
    missing = sorted(text for text in wanted if text.casefold() not in folded)
    if missing:
        return [warned("units", f"Financials does not know the units {listed(missing)}.")]
    return [passed("units")]


def payment_terms(
    *, customers: Sequence[Row], days: Mapping[str, int], chosen: Mapping[int, str]
) -> list[Verdict]:
    """Name the numbers of days without terms, or with several and no choice (R204, Q13)."""
    code = "payment_terms"
    groups: dict[int, list[str]] = {}
    for terms, count in days.items():
        groups.setdefault(count, []).append(terms)
    found = [
        warned(
            code,
            f"{', '.join(sorted(terms))} are all terms of {count} days; choose one.",
            subject=f"{count} days",
        )
        for count, terms in sorted(groups.items())
        if len(terms) > 1 and count not in chosen
    ]
    used = {int(row["paymentTerm"]) for row in customers if row.get("paymentTerm") is not None}
    found += [
        warned(code, f"Financials has no terms of {count} days.", subject=f"{count} days")
        for count in sorted(used - set(groups))
    ]
    return found or [passed(code)]


def _active(registers: Mapping[str, Sequence[Row]]) -> Iterable[tuple[str, Row]]:
    for name in REGISTERS:
        for row in registers[name]:
            if row.get("isActive", True):
                yield name, row


def _key(name: str, row: Row) -> str:
    return f"{NAMES[name]} {row['guid']}"


def _without(code: str, what: str, names: list[str]) -> list[Verdict]:
    if names:
        return [warned(code, f"{len(names)} {what}: {listed(sorted(names))}.")]
    return [passed(code)]
