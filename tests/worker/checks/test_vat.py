"""The VAT forecast: which percentage Financials would use, and when it refuses (R76, R147, Q2)."""

from datetime import date
from decimal import Decimal

import pytest

from worker.checks.vat import Forecast, Line, Rounding, forecast, rate_for
from worker.mapping.reference import VATRule

DAY = date(2026, 11, 24)
HIGH = VATRule(
    vat_id="3",
    categories=frozenset({"STD"}),
    zones=frozenset({"01"}),
    rates=((date(2000, 1, 1), Decimal(24)), (date(2026, 9, 1), Decimal(25))),
)
FOOD = VATRule(
    vat_id="31",
    categories=frozenset({"FOOD"}),
    zones=frozenset({"01"}),
    rates=((date(2000, 1, 1), Decimal(15)),),
)
REVERSED = VATRule(
    vat_id="RC",
    categories=frozenset({"STD"}),
    zones=frozenset({"02"}),
    rates=((date(2000, 1, 1), Decimal(25)),),
    reverse=True,
)
ENDED = VATRule(
    vat_id="OLD",
    categories=frozenset({"GONE"}),
    zones=frozenset({"01"}),
    rates=((date(2000, 1, 1), Decimal(25)),),
    last_day=date(2025, 12, 31),
)
RULES = (HIGH, FOOD, REVERSED, ENDED)


def rate(category: str | None, zone: str | None, day: date = DAY) -> Decimal:
    """Return the percentage for a category and a zone."""
    return rate_for(RULES, category=category, zone=zone, day=day)[1]


def foreseen(*lines: tuple[str, str, str], zone: str = "01") -> Forecast:
    """Forecast lines of `(net, percent in Severa, category)`."""
    made = [
        Line(position=n, net=Decimal(net), percent=Decimal(percent), category=category)
        for n, (net, percent, category) in enumerate(lines)
    ]
    return forecast(made, rules=RULES, zone=zone, day=DAY)


class TestRate:
    def test_is_the_one_of_category_and_zone(self) -> None:
        assert rate("STD", "01") == 25
        assert rate("FOOD", "01") == 15

    def test_is_the_one_of_the_document_date(self) -> None:
        assert rate("STD", "01", date(2026, 8, 31)) == 24
        assert rate("STD", "01", date(2026, 9, 1)) == 25

    @pytest.mark.parametrize(
        ("category", "zone"), [("FOOD", "02"), ("NONE", "01"), (None, "01"), ("STD", None)]
    )
    def test_without_a_common_id_is_none(self, category: str | None, zone: str | None) -> None:
        assert rate(category, zone) == 0

    def test_of_reversed_vat_is_not_charged(self) -> None:
        assert rate("STD", "02") == 0

    def test_of_an_id_that_has_ended_is_none(self) -> None:
        assert rate("GONE", "01") == 0
        assert rate("GONE", "01", date(2025, 12, 31)) == 25

    def test_before_every_schedule_is_none(self) -> None:
        assert rate("STD", "01", date(1999, 12, 31)) == 0


class TestForecast:
    def test_agrees_with_a_right_total(self) -> None:
        found = foreseen(("1000", "25", "STD"), ("100", "15", "FOOD"))

        assert found.agrees_with(Decimal("1365.00"))
        assert found.differing == ()

    def test_names_the_row_and_the_percentage_that_differ(self) -> None:
        """Q32: a person corrects it, the gateway only names it."""
        found = foreseen(("1000", "25", "STD"), ("100", "25", "FOOD"))

        [row] = found.differing
        assert (row.position, row.percent, row.expected_percent) == (1, 25, 15)
        assert not found.agrees_with(Decimal("1375.00"))
        assert found.closest_to(Decimal("1375.00")) == Decimal("1365.00")

    def test_lets_exactly_five_cents_pass(self) -> None:
        found = foreseen(("100", "25", "STD"))

        assert found.agrees_with(Decimal("125.05"))
        assert found.agrees_with(Decimal("124.95"))
        assert not found.agrees_with(Decimal("125.06"))

    def test_refuses_only_when_no_way_of_rounding_fits(self) -> None:
        """Twenty rows of 0.10: 0.03 each by line, 0.50 by VAT id."""
        found = foreseen(*[("0.10", "25", "STD")] * 20)

        assert found.totals[Rounding.LINE] == Decimal("2.60")
        assert found.totals[Rounding.VAT_ID] == Decimal("2.50")
        assert found.agrees_with(Decimal("2.60"))
        assert found.agrees_with(Decimal("2.50"))
        assert not found.agrees_with(Decimal("2.70"))

    def test_of_a_credit_note_is_negative(self) -> None:
        found = foreseen(("-1000", "25", "STD"))

        assert found.agrees_with(Decimal("-1250"))
        assert not found.agrees_with(Decimal("1250"))

    def test_of_a_foreign_customer_expects_no_vat(self) -> None:
        found = foreseen(("1000", "0", "STD"), zone="02")

        assert found.agrees_with(Decimal("1000"))
        assert found.differing == ()

    def test_of_two_wrong_rows_that_cancel_out_lets_the_total_decide(self) -> None:
        """R74: the total decides; the rows are still shown."""
        found = foreseen(("100", "15", "STD"), ("100", "25", "FOOD"))

        assert found.agrees_with(Decimal("240"))
        assert [row.position for row in found.differing] == [0, 1]
