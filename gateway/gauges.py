"""Gauges that are read from PostgreSQL when monitoring asks: inbox, queue, sync lag, issues."""

from typing import Any

from gateway.metrics import Metrics
from schema import database

_INBOX = """
SELECT count(*) AS depth, extract(epoch FROM now() - min(received_at)) AS age
FROM webhook_event WHERE state IN ('RECEIVED', 'QUEUED')
"""
_QUEUE = "SELECT kind, state, count(*) AS depth FROM job WHERE state <> 'DONE' GROUP BY 1, 2"
_OLDEST = """
SELECT extract(epoch FROM now() - min(due_at)) AS age FROM job
WHERE state = 'QUEUED' AND due_at <= now()
"""
_LAG = """
SELECT side, resource, extract(epoch FROM now() - min(completed_at)) AS lag
FROM checkpoint JOIN integration ON integration.id = checkpoint.integration_id
WHERE integration.state = 'ACTIVE' AND completed_at IS NOT NULL GROUP BY 1, 2
"""
_LAST = """
SELECT extract(epoch FROM min(last)) AS at FROM (
    SELECT max(finished_at) AS last FROM sync_run
    JOIN integration ON integration.id = sync_run.integration_id
    WHERE integration.state = 'ACTIVE'
      AND sync_run.state IN ('SUCCEEDED', 'SUCCEEDED_WITH_ISSUES')
    GROUP BY integration_id) runs
"""
_ISSUES = "SELECT code, count(*) AS open FROM issue WHERE resolved_at IS NULL GROUP BY 1"


async def read(metrics: Metrics) -> None:
    """Fill the gauges from PostgreSQL; raises what the database raises."""
    inbox = (await database.rows(_INBOX))[0]
    metrics.inbox_depth.set(inbox["depth"])
    metrics.inbox_age.set(inbox["age"] or 0)
    metrics.queue_depth.clear()
    for row in await database.rows(_QUEUE):
        metrics.queue_depth.labels(row["kind"], row["state"]).set(row["depth"])
    metrics.oldest_job.set((await database.rows(_OLDEST))[0]["age"] or 0)
    metrics.sync_lag.clear()
    for row in await database.rows(_LAG):
        metrics.sync_lag.labels(row["side"], row["resource"]).set(row["lag"])
    metrics.sync_last_success.set((await database.rows(_LAST))[0]["at"] or 0)
    metrics.open_issues.clear()
    for row in await database.rows(_ISSUES):
        metrics.open_issues.labels(row["code"]).set(row["open"])
    _read_pool(metrics)


def _read_pool(metrics: Metrics) -> None:
    pool: Any = getattr(database.connection(), "_pool", None)
    if pool is not None:
        metrics.pool_size.set(pool.get_size())
        metrics.pool_used.set(pool.get_size() - pool.get_idle_size())
