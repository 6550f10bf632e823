"""What monitoring reads: the gateway's own counters and histograms; no label holds an id (O2)."""

from collections.abc import Iterator

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_COST = (10, 50, 100, 250, 500, 1000, 2500, 5000)


class Metrics:
    """The instruments of one gateway process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._add_http()
        self._add_webhooks()
        self._add_graphql()
        self._add_state()

    def text(self) -> bytes:
        """Write every metric in the text format of Prometheus."""
        return generate_latest(self.registry)

    def names(self) -> Iterator[str]:
        """List the names of the metrics."""
        for family in self.registry.collect():
            yield family.name

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"severa_gateway_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"severa_gateway_{name}", text, labels, registry=self.registry)

    def _histogram(
        self, name: str, text: str, *labels: str, buckets: tuple[float, ...] = _FAST
    ) -> Histogram:
        return Histogram(
            f"severa_gateway_{name}", text, labels, registry=self.registry, buckets=buckets
        )

    def _add_http(self) -> None:
        self.requests = self._counter(
            "http_requests_total", "HTTP requests answered.", "route", "method", "status"
        )
        self.request_seconds = self._histogram(
            "http_request_duration_seconds", "Time to answer an HTTP request.", "route"
        )
        self.requests_open = self._gauge("http_requests_open", "HTTP requests being answered.")

    def _add_webhooks(self) -> None:
        self.webhooks_received = self._counter(
            "webhook_received_total", "Webhooks that arrived.", "source"
        )
        self.webhooks_verified = self._counter(
            "webhook_verified_total", "Webhooks with a good signature.", "source"
        )
        self.webhooks_duplicate = self._counter(
            "webhook_duplicate_total", "Webhooks that were stored before.", "source"
        )
        self.webhooks_conflict = self._counter(
            "webhook_conflict_total", "Webhooks with a known id and another body.", "source"
        )
        self.webhooks_rejected = self._counter(
            "webhook_rejected_total", "Webhooks that were turned away.", "source", "reason"
        )
        self.webhook_ack_seconds = self._histogram(
            "webhook_ack_duration_seconds", "Time until a webhook was durably stored.", "source"
        )

    def _add_graphql(self) -> None:
        self.operations = self._counter(
            "graphql_operations_total", "GraphQL operations by type and outcome.", "type", "outcome"
        )
        self.operation_seconds = self._histogram(
            "graphql_operation_duration_seconds", "Time to execute a GraphQL operation.", "type"
        )
        self.refusals = self._counter(
            "graphql_refusals_total", "GraphQL documents refused by a limit.", "reason"
        )
        self.cost = self._histogram(
            "graphql_cost", "Estimated cost of accepted documents.", buckets=_COST
        )
        self.subscriptions = self._gauge("graphql_subscriptions", "Open subscriptions.")
        self.limited = self._counter(
            "rate_limited_total", "Requests turned away by the rate limit.", "kind"
        )

    def _add_state(self) -> None:
        self.loop_lag = self._gauge("loop_lag_seconds", "How late the event loop runs.")
        self.database_up = self._gauge("database_up", "1 while PostgreSQL answers.")
        self.redis_up = self._gauge("redis_up", "1 while Redis answers.")
        self.pool_size = self._gauge("database_pool_size", "Open connections to PostgreSQL.")
        self.pool_used = self._gauge("database_pool_used", "Connections to PostgreSQL in use.")
        self.inbox_age = self._gauge(
            "inbox_oldest_age_seconds", "Age of the oldest webhook not handled yet."
        )
        self.inbox_depth = self._gauge("inbox_depth", "Webhooks not handled yet.")
        self.queue_depth = self._gauge("queue_depth", "Jobs by kind and state.", "kind", "state")
        self.oldest_job = self._gauge("queue_oldest_due_age_seconds", "Age of the oldest due job.")
        self.sync_lag = self._gauge(
            "sync_lag_seconds", "Longest time since a list was read to its end.", "side", "resource"
        )
        self.sync_last_success = self._gauge(
            "sync_last_success_timestamp_seconds", "Oldest last success of a sync run."
        )
        self.open_issues = self._gauge("issues_open", "Issues that wait, by code.", "code")
