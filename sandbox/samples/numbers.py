"""Organization and VAT numbers with valid check digits, in the shapes of their countries."""

from __future__ import annotations

from random import Random


def organization_number(country: str, chance: Random) -> str:
    """Make an organization number: NO 9 digits, SE 10, FI 7 + check digit, others plain digits."""
    make = {"NO": _norwegian, "SE": _swedish, "FI": _finnish}.get(country)
    if make is not None:
        return make(chance)
    return _digits(chance, 9 if country == "DE" else 8)


def vat_number(country: str, number: str) -> str:
    """Write a VAT number from an organization number."""
    digits = "".join(filter(str.isdigit, number))
    return {"NO": f"NO{digits}MVA", "SE": f"SE{digits}01"}.get(country, f"{country}{digits}")


def _digits(chance: Random, count: int) -> str:
    return str(chance.randrange(10 ** (count - 1), 10**count))


def _weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))


def _norwegian(chance: Random) -> str:
    while True:
        head = chance.choice("89") + str(chance.randrange(10**6, 10**7))
        check = (11 - _weighted(head, (3, 2, 7, 6, 5, 4, 3, 2)) % 11) % 11
        if check < 10:
            return f"{head}{check}"


def _finnish(chance: Random) -> str:
    while True:
        head = f"{chance.randrange(10**6, 4 * 10**6):07d}"
        rest = _weighted(head, (7, 9, 10, 5, 8, 4, 2)) % 11
        if rest != 1:
            return f"{head}-{0 if rest == 0 else 11 - rest}"


def _swedish(chance: Random) -> str:
    head = f"55{chance.randrange(6 * 10**6, 10**7)}"
    doubled = (int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(head))
    total = sum(value // 10 + value % 10 for value in doubled)
    return f"{head}{(10 - total % 10) % 10}"
