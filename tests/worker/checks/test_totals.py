"""The comparison of totals, at and around 0.05, rounded or not (R73, R74, Q2)."""

from decimal import Decimal

import pytest

from worker.checks.totals import Total, TotalsDiffer, check_totals, whole


def plain(amount: str) -> Total:
    """A total that nobody rounded."""
    return Total(shown=Decimal(amount), exact=Decimal(amount))


def rounded(exact: str) -> Total:
    """A total that was rounded to whole units."""
    return Total(shown=whole(Decimal(exact)), exact=Decimal(exact))


class TestCheckTotals:
    @pytest.mark.parametrize(("severa", "financials"), [("100.05", "100"), ("100", "100.05")])
    def test_accepts_a_difference_of_exactly_five_cents(self, severa: str, financials: str) -> None:
        check_totals(severa=plain(severa), financials=plain(financials))

    @pytest.mark.parametrize(
        ("severa", "financials"), [("100.06", "100"), ("100", "100.06"), ("100.0501", "100")]
    )
    def test_refuses_anything_more(self, severa: str, financials: str) -> None:
        with pytest.raises(TotalsDiffer):
            check_totals(severa=plain(severa), financials=plain(financials))

    def test_names_both_totals_when_it_refuses(self) -> None:
        with pytest.raises(TotalsDiffer, match=r"100\.06.*100\.00"):
            check_totals(severa=plain("100.06"), financials=plain("100.00"))

    def test_returns_the_difference_that_it_accepts(self) -> None:
        accepted = check_totals(severa=plain("100.05"), financials=plain("100.00"))

        assert accepted == Decimal("0.05")

    def test_compares_credit_notes_by_absolute_totals(self) -> None:
        accepted = check_totals(severa=plain("-100.05"), financials=plain("100.00"))

        assert accepted == Decimal("-0.05")
        with pytest.raises(TotalsDiffer):
            check_totals(severa=plain("-100.06"), financials=plain("100.00"))


class TestRounding:
    def test_of_both_sides_compares_the_rounded_totals(self) -> None:
        check_totals(severa=rounded("100.45"), financials=rounded("100.38"))

        with pytest.raises(TotalsDiffer):
            check_totals(severa=rounded("100.52"), financials=rounded("100.48"))

    def test_of_severa_only_compares_what_was_not_rounded(self) -> None:
        check_totals(severa=rounded("100.45"), financials=plain("100.42"))

        with pytest.raises(TotalsDiffer):
            check_totals(severa=rounded("100.45"), financials=plain("100.38"))

    def test_of_financials_only_compares_what_was_not_rounded(self) -> None:
        check_totals(severa=plain("100.45"), financials=rounded("100.43"))

        with pytest.raises(TotalsDiffer):
            check_totals(severa=plain("100.00"), financials=rounded("100.30"))

    def test_is_half_up(self) -> None:
        assert [whole(Decimal(text)) for text in ("0.5", "1.49", "-0.5")] == [1, 1, -1]

    def test_of_severa_is_seen_in_its_parts(self) -> None:
        total = Total.of_severa(shown=Decimal(100), parts=Decimal("100.40"), rounds=True)

        assert total.exact == Decimal("100.40")
        assert total.moved

    def test_is_no_excuse_for_a_total_that_is_no_rounding_of_its_parts(self) -> None:
        total = Total.of_severa(shown=Decimal(105), parts=Decimal("100.40"), rounds=True)

        assert total.exact == 105
