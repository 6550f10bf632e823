"""Amounts are exact from the JSON text on, and rounded in one place."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.money import TOLERANCE, cents, dumps, loads, within_tolerance

amounts = st.decimals(min_value=-(10**12), max_value=10**12, places=6)


class TestCents:
    @pytest.mark.parametrize(
        ("amount", "rounded"),
        [("1.005", "1.01"), ("-1.005", "-1.01"), ("1.0049", "1.00"), ("2", "2.00")],
    )
    def test_round_half_up(self, amount: str, rounded: str) -> None:
        assert cents(Decimal(amount)) == Decimal(rounded)

    @given(amounts)
    def test_are_stable(self, amount: Decimal) -> None:
        assert cents(cents(amount)) == cents(amount)
        assert abs(cents(amount) - amount) <= Decimal("0.005")


class TestTolerance:
    """R74, Q2."""

    def test_is_five_cents(self) -> None:
        assert Decimal("0.05") == TOLERANCE

    def test_lets_exactly_five_cents_pass(self) -> None:
        assert within_tolerance(Decimal("100.05"), Decimal("100.00"))
        assert within_tolerance(Decimal("100.00"), Decimal("100.05"))

    def test_refuses_anything_more(self) -> None:
        assert not within_tolerance(Decimal("100.06"), Decimal("100.00"))
        assert not within_tolerance(Decimal("100.0500001"), Decimal("100"))


class TestJson:
    @given(amounts)
    def test_keeps_every_digit(self, amount: Decimal) -> None:
        assert loads(dumps({"a": [amount]})) == {"a": [amount]}

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        )
    )
    def test_is_json(self, value: object) -> None:
        assert json.loads(dumps(value)) == value

    def test_reads_fractions_as_decimals(self) -> None:
        assert loads("0.1") + loads("0.2") == Decimal("0.3")

    def test_writes_plain_numbers(self) -> None:
        assert dumps(Decimal("1E+2")) == "100"
        assert dumps(Decimal("0.00")) == "0.00"

    @pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "{", ""])
    def test_refuses_what_is_no_json(self, text: str) -> None:
        with pytest.raises(ValueError, match=r".*"):
            loads(text)
