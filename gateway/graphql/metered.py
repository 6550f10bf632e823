"""The engine with numbers for monitoring: operations, refusals, cost, open subscriptions (O2)."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from graphql import GraphQLError, OperationType
from strawberry.schema import Schema

from gateway.graphql import limits
from gateway.graphql.context import Context
from gateway.graphql.engine import Engine
from gateway.graphql.operation import Answer, Prepared, Request
from gateway.metrics import Metrics


class MeteredEngine(Engine):
    """Counts what the engine does; names and texts of clients never become labels."""

    def __init__(
        self, schema: Schema, metrics: Metrics, *, open_introspection: bool = False
    ) -> None:
        super().__init__(schema, open_introspection=open_introspection)
        self._metrics = metrics

    def note_measure(self, found: limits.Measure, over: GraphQLError | None) -> None:
        """Observe the cost of an accepted document, once per document and page sizes."""
        if over is None:
            self._metrics.cost.observe(found.cost)

    def note_kept(self) -> None:
        """Count an answer that was given again without being executed."""
        self._metrics.operations.labels("query", "kept").inc()

    async def run(self, prepared: Prepared, request: Request, context: Context) -> Answer:
        """Execute a query or mutation and count it."""
        started = time.perf_counter()
        answer = await super().run(prepared, request, context)
        kind = _kind(prepared)
        self._metrics.operation_seconds.labels(kind).observe(time.perf_counter() - started)
        self._metrics.operations.labels(kind, _outcome(answer)).inc()
        if not answer.executed:
            self._metrics.refusals.labels(_reason(answer)).inc()
        return answer

    async def stream(
        self, prepared: Prepared, request: Request, context: Context
    ) -> AsyncGenerator[Answer, None]:
        """Execute any operation; an open subscription shows in a gauge."""
        if prepared.kind is not OperationType.SUBSCRIPTION:
            yield await self.run(prepared, request, context)
            return
        outcome = "executed"
        self._metrics.subscriptions.inc()
        try:
            async with aclosing(super().stream(prepared, request, context)) as answers:
                async for answer in answers:
                    outcome = _outcome(answer)
                    if not answer.executed:
                        self._metrics.refusals.labels(_reason(answer)).inc()
                    yield answer
        finally:
            self._metrics.subscriptions.dec()
            self._metrics.operations.labels("subscription", outcome).inc()


def _kind(prepared: Prepared) -> str:
    return prepared.kind.value if prepared.kind else "unknown"


def _outcome(answer: Answer) -> str:
    if not answer.executed:
        return "refused"
    return "failed" if answer.errors else "executed"


def _reason(answer: Answer) -> str:
    """Name a refusal by the code that we gave it, and the limit that it met."""
    extensions = (answer.errors or [{}])[0].get("extensions", {})
    return str(extensions.get("limit") or extensions.get("code", "unknown")).lower()
