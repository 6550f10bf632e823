"""The fault plan: what goes wrong next, where, and how often."""

from __future__ import annotations

import random
from dataclasses import dataclass

KINDS = frozenset(
    {
        *("error_400", "error_500", "error_503", "html_502", "rate_limited", "concurrency_refused"),
        *("timeout_before_write", "timeout_after_write", "late_write", "slow", "stale_etag"),
        *("bad_json", "token_expired", "empty_list", "short_list", "background_finished_400"),
        *("release_fails", "webhook_dropped", "webhook_duplicated", "webhook_reordered"),
    }
)
ANY = "*"


@dataclass(slots=True, kw_only=True)
class Fault:
    """One planned fault: a number of times, or by chance until it is cleared."""

    side: str
    operation: str
    kind: str
    times: int | None = None
    probability: float | None = None
    delay: float | None = None

    def fits(self, *, side: str, operation: str, kind: str) -> bool:
        """Tell whether this fault concerns that operation."""
        if self.kind != kind or self.side != side.lower():
            return False
        return ANY in (self.operation, operation) or self.operation.lower() == operation.lower()


class Faults:
    """The faults that are still to come, taken in the order in which they were planned."""

    def __init__(self, *, seed: int) -> None:
        self.planned: list[Fault] = []
        self._chance = random.Random(f"faults-{seed}")

    def plan(self, fault: Fault) -> None:
        """Add a fault; without `times` and `probability` it happens once."""
        if fault.times is None and fault.probability is None:
            fault.times = 1
        self.planned.append(fault)

    def clear(self) -> None:
        """Forget every planned fault."""
        self.planned.clear()

    def take(
        self, side: str, operation: str, kind: str, *, only_named: bool = False
    ) -> Fault | None:
        """Hand out the next fault of this kind for the operation, and count it down.

        With `only_named` a fault of any operation (`*`) is left for a better occasion.
        """
        for fault in self.planned:
            if not fault.fits(side=side, operation=operation, kind=kind):
                continue
            if only_named and fault.operation == ANY:
                continue
            if fault.probability is not None and self._chance.random() >= fault.probability:
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self.planned.remove(fault)
            return fault
        return None
