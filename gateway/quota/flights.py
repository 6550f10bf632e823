"""What callers have under way at the same time in one process (S11)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.quota.later import Later


class TooBusy(Later):
    """A caller has too much under way; less of it at once helps."""

    code = "TOO_MANY_AT_ONCE"


class Flights:
    """Counts what is under way per caller; a limit of 0 lets everything through."""

    def __init__(self, *, limit: int, words: str) -> None:
        self._limit, self._words = limit, words
        self._count: Counter[str] = Counter()

    def count(self, who: str) -> int:
        """Return how much a caller has under way."""
        return self._count[who]

    @contextmanager
    def hold(self, who: str) -> Iterator[None]:
        """Count one more for as long as the block lasts. Raises TooBusy."""
        if self._limit and self._count[who] >= self._limit:
            raise TooBusy(f"This caller has {self._limit} {self._words} already.")
        self._count[who] += 1
        try:
            yield
        finally:
            self._count[who] -= 1
            if not self._count[who]:
                del self._count[who]
