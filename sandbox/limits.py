"""Call budgets: Severa's ten per second and Financials' fixed window of an hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

SEVERA_PER_SECOND = 10
FINANCIALS_PER_HOUR = 15_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What a caller has left in the current window; `limit` is None when the limit is off."""

    limit: int | None
    remaining: int
    reset: int
    refused: bool


@dataclass(slots=True)
class _Count:
    opened: datetime
    used: int = 0


class Limits:
    """The counters, one per side, company and client."""

    def __init__(self) -> None:
        self.at_start: dict[str, int | None] = {
            "severa": SEVERA_PER_SECOND,
            "financials": FINANCIALS_PER_HOUR,
        }
        self.allowed = dict(self.at_start)
        self._counts: dict[tuple[str, str, str], _Count] = {}
        self._in_flight: dict[tuple[str, str], int] = {}

    def restore(self) -> None:
        """Go back to the limits of the start, with empty counters."""
        self.allowed = dict(self.at_start)
        self._counts.clear()

    def set(self, *, side: str, allowed: int | None) -> None:
        """Change a limit; None switches it off."""
        self.allowed[side] = allowed
        self._counts.clear()

    def spend(self, *, side: str, company: str, client: str, now: datetime) -> Window:
        """Count one call against the caller's window."""
        limit = self.allowed[side]
        length = timedelta(seconds=1) if side == "severa" else timedelta(hours=1)
        count = self._counts.get((side, company, client))
        if count is None or now - count.opened >= length:
            count = self._counts[side, company, client] = _Count(_opening(side, now))
        reset = max(1, ceil((count.opened + length - now).total_seconds()))
        if limit is None:
            return Window(limit=None, remaining=0, reset=reset, refused=False)
        if count.used >= limit:
            return Window(limit=limit, remaining=0, reset=reset, refused=True)
        count.used += 1
        return Window(limit=limit, remaining=limit - count.used, reset=reset, refused=False)

    def enter(self, *, side: str, company: str) -> int:
        """Note a request in flight and tell how many there are now, this one included."""
        key = (side, company)
        self._in_flight[key] = self._in_flight.get(key, 0) + 1
        return self._in_flight[key]

    def leave(self, *, side: str, company: str) -> None:
        """Note that a request is over."""
        self._in_flight[side, company] -= 1


def _opening(side: str, now: datetime) -> datetime:
    """Severa's window opens with its first call; Financials' is the hour of the clock."""
    return now if side == "severa" else now.replace(minute=0, second=0, microsecond=0)
