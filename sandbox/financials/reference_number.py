"""Payment references with their check digits: Finnish reference, Swedish OCR, Norwegian KID."""

from __future__ import annotations


def payment_reference(country: str, number: str) -> str:
    """Make the payment reference of an invoice number."""
    digits = "".join(sign for sign in number if sign.isdigit()) or "0"
    if country == "FI":
        return digits + _seven_three_one(digits)
    if country == "SE":
        with_length = digits + str((len(digits) + 2) % 10)
        return with_length + _luhn(with_length)
    return digits.zfill(8) + _luhn(digits.zfill(8))


def _seven_three_one(digits: str) -> str:
    weights = (7, 3, 1)
    total = sum(int(sign) * weights[place % 3] for place, sign in enumerate(reversed(digits)))
    return str(-total % 10)


def _luhn(digits: str) -> str:
    total = 0
    for place, sign in enumerate(reversed(digits)):
        value = int(sign) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)
