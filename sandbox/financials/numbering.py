"""Number series and segmented keys: who gets which number, and what fits a key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from .errors import Refused
from .table import JSON, norm


@dataclass(slots=True, kw_only=True)
class Series:
    """One number series (CS201010); `used` keeps every number that it gave out."""

    id: str
    description: str
    start: str
    manual: bool = False
    last: int = 0
    used: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.last = self.last or int(self.start) - 1

    def next(self, taken: Callable[[str], bool]) -> str:
        """Give out the next number that nobody has."""
        while True:
            self.last += 1
            number = str(self.last).zfill(len(self.start))
            if not taken(number):
                return number

    def dto(self) -> JSON:
        """Show the series."""
        width = len(self.start)
        return {
            "numberingId": self.id,
            "description": self.description,
            "manualNumbering": self.manual,
            "newNumberSymbol": "<NEW>",
            "sequence": [
                {
                    "numberingId": self.id,
                    "startNbr": self.start,
                    "endNbr": "9" * width,
                    "startDate": "2015-01-01T00:00:00",
                    "lastNbr": str(self.last).zfill(width),
                    "warnNbr": "9" * (width - 1) + "0",
                    "nbrStep": 1,
                    "nextNumber": str(self.last + 1).zfill(width),
                }
            ],
        }


def assigned(
    *,
    series: Series,
    given: str | None,
    override: bool,
    length: int,
    what: str,
    taken: Callable[[str], bool],
) -> str:
    """Decide the number of a new record: the series', or a given one where that is allowed."""
    if given is None or not given.strip():
        if series.manual:
            raise Refused(f"'{what}' cannot be empty.")
        return series.next(taken)
    if not (series.manual or override):
        raise Refused(
            f"{what} '{given}' cannot be given: the numbering sequence {series.id} is automatic."
        )
    return new_key(given, length=length, what=what, taken=taken)


def new_key(given: str, *, length: int, what: str, taken: Callable[[str], bool]) -> str:
    """Check that a given key is new and fits its segments."""
    key = norm(given)
    if not key:
        raise Refused(f"'{what}' cannot be empty.")
    if len(key) > length:
        raise Refused(
            f"The value '{key}' of {what} does not fit the segmented key of length {length}."
        )
    if taken(key):
        raise Refused(f"{what} '{key}' already exists.")
    return key
