"""Whether VAT can be worked out: item categories against customer zones (R149, Q2)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from worker.checks.verdict import Verdict, failed, listed, passed, warned
from worker.mapping.reference import VATRule

CODE = "vat_setup"


def vat_setup(
    *,
    rules: Sequence[VATRule],
    items: Sequence[Mapping[str, Any]],
    customers: Sequence[Mapping[str, Any]],
    home_zones: Iterable[str],
    day: date,
) -> list[Verdict]:
    """Try every category in use against every zone in use on a day.

    In a home zone a pair without a rate is refused; elsewhere it may be meant (no VAT abroad).
    Items or customers without category or zone are named.
    """
    categories = _used(items, "vatCode", "inventoryNumber")
    zones = _used(customers, "vatZone", "number")
    home = set(home_zones)
    found = [*_without(categories, "items", "VAT category"), *_without(zones, "customers", "zone")]
    for category in sorted(categories.keys() - {""}):
        for zone in sorted((zones.keys() | home) - {""}):
            found += _pair(rules, category, zone, day, home=zone in home)
    return found or [passed(CODE, f"{len(categories)} categories, {len(zones)} zones.")]


def _pair(
    rules: Sequence[VATRule], category: str, zone: str, day: date, *, home: bool
) -> list[Verdict]:
    fitting = [rule for rule in rules if category in rule.categories and zone in rule.zones]
    rates = {rate for rule in fitting if (rate := _rate(rule, day)) is not None}
    where = f"VAT category {category} in zone {zone}"
    if len(rates) > 1:
        several = " and ".join(f"{rate} %" for rate in sorted(rates))
        text = f"{where} gives {several}: two VAT ids fit."
        return [failed(CODE, text, subject=f"{category}/{zone}")]
    if rates:
        return []
    text = f"{where} has no VAT id with a rate on {day}."
    conclude = failed if home else warned
    return [conclude(CODE, text, subject=f"{category}/{zone}")]


def _rate(rule: VATRule, day: date) -> Decimal | None:
    return Decimal(0) if rule.reverse else rule.rate(day)


def _used(rows: Sequence[Mapping[str, Any]], field: str, key: str) -> dict[str, list[str]]:
    """Group the keys of active rows by what they refer to; the empty key has none."""
    groups: dict[str, list[str]] = {}
    for row in rows:
        if row.get("status") in (None, "Active"):
            reference = row.get(field) or {}
            groups.setdefault(str(reference.get("id") or "").strip(), []).append(str(row[key]))
    return groups


def _without(groups: Mapping[str, list[str]], what: str, lack: str) -> list[Verdict]:
    if "" not in groups:
        return []
    names = sorted(groups[""])
    return [warned(CODE, f"{len(names)} {what} have no {lack}: {listed(names)}.", subject=what)]


def zones_at_home(
    organizations: Sequence[Mapping[str, Any]], customers: Sequence[Mapping[str, Any]]
) -> set[str]:
    """Return the zone of the organization, else the one most customers are in."""
    own = {str((body.get("vatZone") or {}).get("id") or "").strip() for body in organizations}
    if own - {""}:
        return own - {""}
    zones = Counter(str((row.get("vatZone") or {}).get("id") or "").strip() for row in customers)
    return {zone for zone, _ in zones.most_common(1) if zone}
