"""Amounts of money: Decimal from the JSON text to the column, rounded in one place (J11)."""

import json
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

CENT = Decimal("0.01")
TOLERANCE = Decimal("0.05")


def cents(amount: Decimal) -> Decimal:
    """Round an amount half up to two decimals."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def within_tolerance(left: Decimal, right: Decimal) -> bool:
    """Tell whether two totals differ by at most 0.05 (R74, Q2); exactly 0.05 passes."""
    return abs(abs(left) - abs(right)) <= TOLERANCE


def loads(text: str | bytes) -> Any:
    """Parse JSON with every fraction as Decimal.

    Raises ValueError for text that is not JSON.
    """
    return json.loads(text, parse_float=Decimal, parse_constant=_refuse)


def dumps(value: Any) -> str:
    """Write JSON with Decimals as plain numbers, digits kept."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        pairs = (f"{json.dumps(str(key))}:{dumps(item)}" for key, item in value.items())
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(dumps(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")
