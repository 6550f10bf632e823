"""The VAT forecast: what Financials would charge per row, before anything is written.

The rate of a row is the VAT id found in both the item's category and the customer's zone, valid
on the document date (contract 11.4). The forecast refuses only when no way of rounding comes
within 0.05 of Severa's total (Q2); the ERP is right on VAT, a person corrects Severa (Q32).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from schema.money import TOLERANCE, cents
from worker.checks.totals import whole
from worker.mapping.reference import VATRule

HUNDRED = Decimal(100)
ZERO = Decimal(0)


class Rounding(StrEnum):
    """At which point Financials rounds VAT to cents; nothing public says which it is."""

    LINE = "line"
    VAT_ID = "vat_id"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row as the forecast sees it: amounts in the invoice's currency, positive or negative."""

    position: int
    net: Decimal
    percent: Decimal | None
    category: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineForecast:
    """The VAT that Financials would use on one row, beside Severa's."""

    position: int
    net: Decimal
    percent: Decimal | None
    expected_percent: Decimal
    vat_id: str | None

    @property
    def differs(self) -> bool:
        """Tell whether the percentages disagree."""
        return (self.percent or ZERO) != self.expected_percent

    @property
    def exact_vat(self) -> Decimal:
        """The VAT of the row before any rounding."""
        return self.net * self.expected_percent / HUNDRED

    @property
    def expected_vat(self) -> Decimal:
        """The VAT of the row in cents."""
        return cents(self.exact_vat)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What the draft's total would be, for each way of rounding."""

    lines: tuple[LineForecast, ...]
    totals: Mapping[Rounding, Decimal]

    def agrees_with(
        self, total: Decimal, *, exact: Decimal | None = None, rounds: bool = False
    ) -> bool:
        """Tell whether some way of rounding comes within 0.05 of Severa's total.

        `exact` is that total before Severa rounded it to whole units; `rounds` tells that Severa
        does so, and then Financials may round its document as well (Q2).
        """
        wanted = total if exact is None else exact
        found = any(abs(wanted - item) <= TOLERANCE for item in self.totals.values())
        if found or not rounds:
            return found
        return any(abs(total - whole(item)) <= TOLERANCE for item in self.totals.values())

    def closest_to(self, total: Decimal) -> Decimal:
        """Return the candidate nearest to a total."""
        return min(self.totals.values(), key=lambda item: abs(total - item))

    @property
    def differing(self) -> tuple[LineForecast, ...]:
        """Return the rows whose percentages disagree."""
        return tuple(line for line in self.lines if line.differs)


def rate_for(
    rules: Iterable[VATRule],
    *,
    category: str | None,
    zone: str | None,
    day: date,
    percent: Decimal | None = None,
) -> tuple[str | None, Decimal]:
    """Return the VAT id and percentage that Financials would use; no common id means no VAT.

    Where several ids fit, the one that agrees with `percent` is meant: the draft decides then.
    """
    fitting = [
        (rule.vat_id, rate)
        for rule in rules
        if category in rule.categories
        and zone in rule.zones
        and (rate := rule.rate(day)) is not None
    ]
    if not fitting:
        return None, ZERO
    agreeing = [item for item in fitting if item[1] == (percent or ZERO)]
    return (agreeing or fitting)[0]


def forecast(
    lines: Sequence[Line], *, rules: Sequence[VATRule], zone: str | None, day: date
) -> Forecast:
    """Work out the VAT per row and the possible totals of a document.

    Financials keeps the amount of a line in cents, and its VAT is of that amount.
    """
    found = tuple(_line(line, rules=rules, zone=zone, day=day) for line in lines)
    net = sum((line.net for line in found), ZERO)
    exact: dict[str, Decimal] = {}
    for line in found:
        if line.vat_id is not None:
            exact[line.vat_id] = exact.get(line.vat_id, ZERO) + line.exact_vat
    vat = {
        Rounding.LINE: sum((line.expected_vat for line in found), ZERO),
        Rounding.VAT_ID: sum((cents(amount) for amount in exact.values()), ZERO),
        Rounding.DOCUMENT: cents(sum(exact.values(), ZERO)),
    }
    return Forecast(lines=found, totals={way: net + amount for way, amount in vat.items()})


def _line(line: Line, *, rules: Sequence[VATRule], zone: str | None, day: date) -> LineForecast:
    vat_id, expected = rate_for(
        rules, category=line.category, zone=zone, day=day, percent=line.percent
    )
    return LineForecast(
        position=line.position,
        net=cents(line.net),
        percent=line.percent,
        expected_percent=expected,
        vat_id=vat_id,
    )
