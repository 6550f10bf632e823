"""Severa's Money: an amount with a code, and the same amount in other currencies."""

from decimal import Decimal
from typing import Any

from schema.errors import Refused


class CurrencyMissing(Refused):
    """A Money of Severa holds no amount in the currency that is needed."""

    code = "currency_missing"

    def __init__(self, currency: str) -> None:
        self.currency = currency
        super().__init__(f"Severa gives no amount in {currency}")


def amount_in(money: dict[str, Any] | None, currency: str) -> Decimal:
    """Return the amount whose currency code is the one asked for (Q38).

    Raises CurrencyMissing when the Money does not hold it.
    """
    found = find_amount(money, currency)
    if found is None:
        raise CurrencyMissing(currency)
    return found


def find_amount(money: dict[str, Any] | None, currency: str) -> Decimal | None:
    """Return the amount in one currency, or None when there is none."""
    for entry in _entries(money or {}):
        code, amount = entry.get("currencyCode"), entry.get("amount")
        if amount is not None and isinstance(code, str) and code.upper() == currency.upper():
            return Decimal(str(amount))
    return None


def _entries(money: dict[str, Any]) -> list[dict[str, Any]]:
    others = money.get("multiCurrencyInfo")
    return [money, *(others if isinstance(others, list) else [])]


def money_in(amount: Decimal | None, currency: str) -> dict[str, Any]:
    """Return a Money to write; the code is required even for the home currency."""
    return {"amount": amount, "currencyCode": currency}
