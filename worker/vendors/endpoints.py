"""The words in which the two endpoint tables declare what we call and how it is read."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

Answers = Literal["object", "array", "location", "none", "bytes"]
_PLACE = re.compile(r"{(\w+)}")


class Paging(StrEnum):
    """How a list is read to its end."""

    TOKEN = "TOKEN"  # Severa: the next token travels in a response header.
    OFFSET = "OFFSET"  # Severa: firstRow and rowCount, a short page is the last.
    WHOLE = "WHOLE"  # Everything in one answer.
    NUMBERED = "NUMBERED"  # Financials: pageNumber and pageSize, totals in each row's metadata.
    LINES = "LINES"  # Financials journal: pages count lines, so a batch may be split.
    RECORDS = "RECORDS"  # Financials credit terms: an object that holds the page.


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One call that the product makes."""

    method: str
    path: str
    writes: bool = False
    if_match: bool = False
    answers: Answers = "object"
    params: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Return `METHOD /path-template`, the name used in errors, counters and logs."""
        return f"{self.method} {self.path}"

    @property
    def places(self) -> tuple[str, ...]:
        """Return the names in the path that a caller must fill."""
        return tuple(_PLACE.findall(self.path))


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One list that the product reads.

    `key` names the fields that identify a row. `checks` names, per filter, the field of a row
    that must agree with it, for vendors that ignore a filter in silence.
    """

    name: str
    path: str
    paging: Paging
    key: tuple[str, ...]
    since: str | None = None
    condition: bool = False
    params: frozenset[str] = frozenset()
    checks: dict[str, str] = field(default_factory=dict)
    page_size: int = 100
    operation: Operation = field(init=False)

    def __post_init__(self) -> None:
        operation = Operation(
            method="GET",
            path=self.path,
            answers="object" if self.paging is Paging.RECORDS else "array",
            params=self.params,
        )
        object.__setattr__(self, "operation", operation)


def names(text: str) -> frozenset[str]:
    """Return the set of words in a text, so that tables stay readable."""
    return frozenset(text.split())
