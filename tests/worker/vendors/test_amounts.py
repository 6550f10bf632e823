"""Money of Severa."""

from decimal import Decimal

import pytest

from schema import money
from worker.vendors.severa import CurrencyMissing, amount_in, find_amount, money_in, replace

NOK_BASE = {
    "amount": Decimal("100.00"),
    "currencyCode": "EUR",
    "multiCurrencyInfo": [
        {"amount": Decimal("1150.00"), "currencyCode": "NOK", "purpose": "ProjectPrice"}
    ],
}


class TestAmountIn:
    def test_takes_the_amount_of_the_document_currency(self) -> None:
        """Q38."""
        assert amount_in(NOK_BASE, "EUR") == Decimal("100.00")
        assert amount_in(NOK_BASE, "nok") == Decimal("1150.00")

    def test_does_not_guess(self) -> None:
        with pytest.raises(CurrencyMissing, match="USD"):
            amount_in(NOK_BASE, "USD")

    @pytest.mark.parametrize("nothing", [None, {}, {"amount": None, "currencyCode": "EUR"}])
    def test_finds_nothing_in_nothing(self, nothing: dict[str, object] | None) -> None:
        assert find_amount(nothing, "EUR") is None


class TestMoneyIn:
    def test_always_names_the_currency(self) -> None:
        assert money.dumps(money_in(Decimal("12.50"), "EUR")) == (
            '{"amount":12.50,"currencyCode":"EUR"}'
        )


class TestReplace:
    def test_is_the_one_operation(self) -> None:
        step = replace("/status/guid", "g")

        assert step == {"op": "replace", "path": "/status/guid", "value": "g"}

    def test_refuses_a_path_without_slash(self) -> None:
        with pytest.raises(ValueError, match="slash"):
            replace("name", "Acme")
