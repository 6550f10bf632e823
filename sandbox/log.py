"""The request recorder: the last thousand exchanges, and a count of all of them."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from datetime import datetime
from typing import Any

KEPT = 1000


@dataclass(slots=True, kw_only=True)
class Exchange:
    """One request as it was on the wire; `status` stays None when no answer was given."""

    side: str
    at: datetime
    operation: str
    path: str
    body: Any
    status: int | None = None

    def shown(self) -> dict[str, Any]:
        """Show the exchange to a control route."""
        return {
            "at": self.at,
            "operation": self.operation,
            "path": self.path,
            "body": self.body,
            "status": self.status,
        }


class Log:
    """Exchanges of both sides."""

    def __init__(self) -> None:
        self._kept: deque[Exchange] = deque(maxlen=KEPT)
        self._counts: dict[str, Counter[str]] = {"severa": Counter(), "financials": Counter()}

    def note(self, exchange: Exchange) -> None:
        """Keep an exchange."""
        self._kept.append(exchange)
        self._counts[exchange.side][exchange.operation] += 1

    def counts(self) -> dict[str, dict[str, int]]:
        """Count every request by side and operation."""
        return {side: dict(counter) for side, counter in self._counts.items()}

    def requests(
        self, *, side: str | None = None, operation: str | None = None
    ) -> list[dict[str, Any]]:
        """List the kept exchanges, oldest first, of one side or operation if asked."""
        return [
            exchange.shown()
            for exchange in self._kept
            if (side is None or exchange.side == side.lower())
            and (operation in (None, "*") or _same(exchange.operation, operation))
        ]


def _same(one: str, other: str | None) -> bool:
    return other is not None and one.lower() == other.lower()
