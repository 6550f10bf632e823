"""The vendors' reference data in the form that converters and checks look things up in."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from schema.words import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class VATRule:
    """A VAT id of Financials: where it applies and its rate by date (contract 11.4)."""

    vat_id: str
    categories: frozenset[str]
    zones: frozenset[str]
    rates: tuple[tuple[date, Decimal], ...]
    reverse: bool = False
    last_day: date | None = None

    def rate(self, day: date) -> Decimal | None:
        """Return the percentage that the customer is charged on a day; None outside its time."""
        if self.last_day is not None and day > self.last_day:
            return None
        valid = [rate for start, rate in self.rates if start <= day]
        if not valid:
            return None
        return Decimal(0) if self.reverse else valid[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """Everything that a mapping may look up; built once per run."""

    base_currency: str | None = None
    severa_currencies: Mapping[str, str] = field(default_factory=dict)
    financials_currencies: frozenset[str] = frozenset()
    term_days: Mapping[str, int] = field(default_factory=dict)
    term_ids: Mapping[int, str] = field(default_factory=dict)
    country_guids: Mapping[str, str] = field(default_factory=dict)
    country_codes: Mapping[str, str] = field(default_factory=dict)
    regions: Mapping[tuple[str, str], str] = field(default_factory=dict)
    home_country: str | None = None
    vat_rules: tuple[VATRule, ...] = ()
    zone_categories: Mapping[str, str] = field(default_factory=dict)
    customer_classes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    item_classes: Mapping[str, str] = field(default_factory=dict)
    customer_class_of: Mapping[str, str] = field(default_factory=dict)
    item_class_of: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    branches: Mapping[str, str] = field(default_factory=dict)
    communication_types: Mapping[str, str] = field(default_factory=dict)
    sales_states: Mapping[str, str] = field(default_factory=dict)
    status_roles: Mapping[str, Role] = field(default_factory=dict)
    status_names: Mapping[str, str] = field(default_factory=dict)
    non_project: str = "X"
    # Whether Severa rounds the total of an invoice to whole units (Q2).
    severa_rounds: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)

    def status(self, role: Role) -> str:
        """Return the guid of the Severa invoice status with a role.

        Raises KeyError for a role that nobody has assigned.
        """
        for guid, found in self.status_roles.items():
            if found is role:
                return guid
        raise KeyError(role)


def most_common(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return, per key, the value that stands beside it most often."""
    counts: dict[str, Counter[str]] = {}
    for key, value in pairs:
        counts.setdefault(key, Counter())[value] += 1
    return {key: counter.most_common(1)[0][0] for key, counter in counts.items()}
