"""How long a step of the story may take, and what is said when it takes longer."""

import time

from schema.errors import GatewayError


class Stuck(GatewayError):
    """A step of the demo did not come to its end in time."""

    code = "stuck"


class Patience:
    """A deadline for one step."""

    def __init__(self, step: str, *, limit: float) -> None:
        """Name the step; it may take `limit` seconds from now."""
        self._step, self._limit = step, limit
        self._until = time.monotonic() + limit

    def check(self, reason: str) -> None:
        """Go on, or raise Stuck with the reason when the time is over."""
        if time.monotonic() > self._until:
            raise Stuck(f"The demo gave up after {self._limit:g} s at {self._step}: {reason}.")
