"""How amounts look: exact decimals as text, never floats (J11, S13)."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

_PLAIN = re.compile(r"[+-]?(\d{1,20}(\.\d{0,20})?|\.\d{1,20})")


def plain(value: Decimal | int) -> str:
    """Write a decimal without an exponent, with at least two decimals and no needless zeros."""
    text = format(value, "f")
    whole, _, decimals = text.partition(".")
    decimals = decimals.rstrip("0").ljust(2, "0")
    return f"{whole}.{decimals}"


def parse(value: Any) -> Decimal:
    """Read a decimal from text or an exact number.

    Raises ValueError for a float, an exponent, and more than 20 digits on either side.
    """
    if isinstance(value, bool | float) or not isinstance(value, str | int | Decimal):
        raise ValueError('A Decimal is given as text, for example "12.50".')
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    if not _PLAIN.fullmatch(text):
        raise ValueError("This is no decimal number of up to 20 digits.")
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError("This is no decimal number.") from error
