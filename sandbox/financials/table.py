"""Tables of rows in the form in which they are read, quick to page and to filter by time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

JSON: TypeAlias = dict[str, Any]
_KEPT_ANSWERS = 8


def norm(key: str) -> str:
    """Bring a key to its stored form: trimmed and in upper case."""
    return key.strip().upper()


@dataclass(slots=True, kw_only=True, eq=False)
class Row:
    """One record; `dto` is what a reader gets, `modified` and `created` are local times."""

    key: str
    dto: JSON
    modified: str = ""
    created: str = ""
    version: str = ""
    internal_id: int = 0
    order: int = 0
    attachments: list[JSON] = field(default_factory=list)


R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A condition on a time: operator and value in the stored form."""

    operator: str
    value: str

    def holds(self, text: str) -> bool:
        """Compare a stored time with the bound."""
        match self.operator:
            case ">":
                return text > self.value
            case ">=":
                return text >= self.value
            case "<":
                return text < self.value
            case _:
                return text <= self.value


class Table(Generic[R]):
    """Rows by key, in the order in which they came, with an index by modification time."""

    def __init__(self) -> None:
        self.revision = 0
        self._rows: dict[str, R] = {}
        self._ids: dict[int, R] = {}
        self._order = 0
        self._by_order: dict[int, R] = {}
        self._times: list[tuple[str, int]] | None = None
        self._answers: dict[Any, tuple[int, list[R]]] = {}

    def __getstate__(self) -> JSON:
        """Leave out what can be worked out again."""
        return {**self.__dict__, "_times": None, "_answers": {}}

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[R]:
        return iter(self._rows.values())

    def __contains__(self, key: str) -> bool:
        return norm(key) in self._rows

    def get(self, key: str) -> R | None:
        """Find a row by its key."""
        return self._rows.get(norm(key))

    def by_id(self, internal_id: int) -> R | None:
        """Find a row by its internal id."""
        return self._ids.get(internal_id)

    def add(self, row: R) -> R:
        """Put a new row at the end."""
        self._order += 1
        row.order = self._order
        self._rows[norm(row.key)] = row
        self._by_order[row.order] = row
        if row.internal_id:
            self._ids[row.internal_id] = row
        if self._times is not None:
            insort(self._times, (row.modified, row.order))
        self.revision += 1
        return row

    def remove(self, row: R) -> None:
        """Take a row away for good."""
        self._forget_time(row)
        self._rows.pop(norm(row.key), None)
        self._by_order.pop(row.order, None)
        self._ids.pop(row.internal_id, None)
        self.revision += 1

    def rename(self, row: R, key: str) -> None:
        """Give a row another key; its place in the order stays."""
        renamed = {norm(key if old is row else old.key): old for old in self._rows.values()}
        row.key = key
        self._rows = renamed
        self.revision += 1

    def moved(self, row: R, modified: str) -> None:
        """Give a row another modification time."""
        self._forget_time(row)
        row.modified = modified
        if self._times is not None:
            insort(self._times, (modified, row.order))
        self.revision += 1

    def select(
        self,
        *,
        modified: Bound | None = None,
        test: Callable[[R], bool] | None = None,
        among: list[R] | None = None,
        cache: Any = None,
    ) -> list[R]:
        """List the rows that fit, oldest first; between two changes a question is answered once."""
        if cache is not None:
            kept = self._answers.get(cache)
            if kept is not None and kept[0] == self.revision:
                return kept[1]
        rows = self._candidates(modified) if among is None else among
        if among is not None and modified is not None:
            rows = [row for row in rows if modified.holds(row.modified)]
        if test is not None:
            rows = [row for row in rows if test(row)]
        if cache is not None:
            if len(self._answers) >= _KEPT_ANSWERS:
                self._answers.pop(next(iter(self._answers)))
            self._answers[cache] = (self.revision, rows)
        return rows

    def _candidates(self, modified: Bound | None) -> list[R]:
        if modified is None:
            return list(self._rows.values())
        if self._times is None:
            self._times = sorted((row.modified, row.order) for row in self._rows.values())
        match modified.operator:
            case ">":
                part = self._times[bisect_right(self._times, (modified.value, 1 << 62)) :]
            case ">=":
                part = self._times[bisect_left(self._times, (modified.value, 0)) :]
            case "<":
                part = self._times[: bisect_left(self._times, (modified.value, 0))]
            case _:
                part = self._times[: bisect_right(self._times, (modified.value, 1 << 62))]
        return [self._by_order[order] for order in sorted(order for _, order in part)]

    def _forget_time(self, row: R) -> None:
        if self._times is None:
            return
        place = bisect_left(self._times, (row.modified, row.order))
        if place < len(self._times) and self._times[place] == (row.modified, row.order):
            del self._times[place]
