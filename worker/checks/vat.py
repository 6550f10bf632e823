"""The VAT forecast: what Financials would charge per row, before anything is written.

The rate of a row is the VAT id found in both the item's category and the customer's zone, valid
on the document date (contract 11.4). The forecast refuses only when no way of rounding comes
within 0.05 of Severa's total (Q2); the ERP is right on VAT, a person corrects Severa (Q32).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from schema.money import cents, within_tolerance
from worker.mapping.reference import VATRule

HUNDRED = Decimal(100)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row as the forecast sees it: amounts in the invoice's currency, positive or negative."""

    position: int
    net: Decimal
    percent: Decimal | None
    category: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineForecast:
    """The VAT that Financials would use on one row, beside ours."""

    position: int
    percent: Decimal | None
    expected_percent: Decimal
    vat: Decimal
    expected_vat: Decimal

    @property
    def differs(self) -> bool:
        """Tell whether the percentages disagree."""
        return (self.percent or ZERO) != self.expected_percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What the draft's total would be, for each way of rounding."""

    lines: tuple[LineForecast, ...]
    totals: tuple[Decimal, ...]

    def agrees_with(self, total: Decimal) -> bool:
        """Tell whether some way of rounding comes within 0.05 of a total."""
        return any(within_tolerance(total, candidate) for candidate in self.totals)

    def closest_to(self, total: Decimal) -> Decimal:
        """Return the candidate nearest to a total."""
        return min(self.totals, key=lambda candidate: abs(abs(total) - abs(candidate)))

    @property
    def differing(self) -> tuple[LineForecast, ...]:
        """Return the rows whose percentages disagree."""
        return tuple(line for line in self.lines if line.differs)


def percent_for(
    rules: Iterable[VATRule], *, category: str | None, zone: str | None, day: date
) -> Decimal:
    """Return the percentage that Financials would use; no common VAT id means none."""
    for rule in rules:
        if category in rule.categories and zone in rule.zones:
            if rule.reverse:
                return ZERO
            rate = rule.rate(day)
            if rate is not None:
                return rate
    return ZERO


def forecast(
    lines: Sequence[Line], *, rules: Sequence[VATRule], zone: str | None, day: date
) -> Forecast:
    """Work out the VAT per row and the possible totals of a document."""
    found = tuple(_line(line, rules=rules, zone=zone, day=day) for line in lines)
    net = sum((line.net for line in lines), ZERO)
    rounded = sum((cents(line.net) for line in lines), ZERO)
    exact = [_vat(line.net, item.expected_percent) for line, item in zip(lines, found, strict=True)]
    per_line = sum((cents(vat) for vat in exact), ZERO)
    pairs = sorted(
        zip((item.expected_percent for item in found), exact, strict=True), key=lambda pair: pair[0]
    )
    per_rate = sum(
        (
            cents(sum((vat for _, vat in group), ZERO))
            for _, group in groupby(pairs, key=lambda pair: pair[0])
        ),
        ZERO,
    )
    document = cents(net + sum(exact, ZERO))
    totals = {rounded + per_line, rounded + per_rate, cents(net) + per_rate, document}
    return Forecast(lines=found, totals=tuple(sorted(totals)))


def _line(line: Line, *, rules: Sequence[VATRule], zone: str | None, day: date) -> LineForecast:
    expected = percent_for(rules, category=line.category, zone=zone, day=day)
    return LineForecast(
        position=line.position,
        percent=line.percent,
        expected_percent=expected,
        vat=cents(_vat(line.net, line.percent or ZERO)),
        expected_vat=cents(_vat(line.net, expected)),
    )


def _vat(net: Decimal, percent: Decimal) -> Decimal:
    return net * percent / HUNDRED
