"""Charges operations to their callers, on every transport (S3, S4, K6).

The door takes one point before anything is read; the operation takes one more for every hundred
points of its cost.
"""

from __future__ import annotations

from starlette.types import Message, Send

from gateway.auth import Principal
from gateway.graphql.engine import Engine
from gateway.graphql.operation import Prepared, Request
from gateway.quota import Later, Rates, Standing, headers

PER_POINT = 100


class TooFast(Later):
    """A caller has used up its points."""

    code = "TOO_MANY_REQUESTS"

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(f"Too many requests; try again in {retry_after} s.")


class Charge:
    """What one request is charged; its answer shows how the caller stands."""

    def __init__(self, rates: Rates) -> None:
        self._rates = rates
        self._standing: Standing | None = None

    async def door(self, principal: Principal) -> None:
        """Charge a request. Raises TooFast."""
        await self._take(principal, 1)

    async def operation(
        self, principal: Principal, engine: Engine, prepared: Prepared, request: Request
    ) -> None:
        """Charge an operation by its cost. Raises TooFast."""
        points = engine.cost(prepared, request) // PER_POINT
        if points:
            await self._take(principal, points)

    async def _take(self, principal: Principal, points: int) -> None:
        standing = await self._rates.take(principal.id, points)
        self._standing = standing
        if standing is not None and not standing.allowed:
            raise TooFast(standing.retry_after)

    def dress(self, send: Send) -> Send:
        """Return a sender that tells the caller's quota in the headers of the answer."""

        async def dressed(message: Message) -> None:
            if self._standing is not None and message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *headers(self._standing)]
            await send(message)

        return dressed
