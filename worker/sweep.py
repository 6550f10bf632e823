"""Sweeps: every state that a crash can leave behind has an owner here, whoever left it (J1, J10).

They only touch our own rows, from any worker at any time; what concerns a vendor is queued as a job
and done by the holder of the lease.
"""

import logging
from uuid import UUID

from schema import database, jobs, queue

log = logging.getLogger(__name__)

# A run is stored together with its job; without a live one nobody will ever end it.
_RUNS = """
WITH lost AS (
    UPDATE sync_run SET state = 'FAILED', finished_at = now(), reason = coalesce((
        SELECT 'Its job was given up: ' || job.error FROM job
        WHERE job.integration_id = sync_run.integration_id AND job.kind = 'sync.run'
          AND job.arguments->>'run_id' = sync_run.id::text AND job.state = 'DEAD'
        ORDER BY job.id DESC LIMIT 1), 'Its job was lost.')
    WHERE finished_at IS NULL AND state IN ('QUEUED', 'RUNNING') AND NOT EXISTS (
        SELECT 1 FROM job
        WHERE job.integration_id = sync_run.integration_id AND job.kind = 'sync.run'
          AND job.arguments->>'run_id' = sync_run.id::text AND job.state IN ('QUEUED', 'RUNNING'))
    RETURNING id)
UPDATE sync_step SET state = 'FAILED', finished_at = now(), reason = 'The run was given up.'
FROM lost WHERE sync_step.run_id = lost.id AND sync_step.finished_at IS NULL
"""
_PLANS = """
UPDATE plan SET state = 'FAILED', finished_at = now(), reason = 'Its job was given up.'
WHERE state IN ('QUEUED', 'RUNNING') AND NOT EXISTS (
    SELECT 1 FROM job
    WHERE job.integration_id = plan.integration_id AND job.kind = ANY($1::text[])
      AND job.arguments->>'plan_id' = plan.id::text AND job.state IN ('QUEUED', 'RUNNING'))
"""
# A test that seems to go on would stand in the way of every later one.
_REPORTS = """
UPDATE setup_report SET state = 'FAILED', finished_at = now(), reason = 'Its job was given up.'
WHERE state IN ('QUEUED', 'RUNNING') AND NOT EXISTS (
    SELECT 1 FROM job
    WHERE job.integration_id = setup_report.integration_id AND job.kind = 'integration.test'
      AND job.arguments->>'report_id' = setup_report.id::text
      AND job.state IN ('QUEUED', 'RUNNING'))
"""
# An event whose job is dead is shown as a dead letter; one without any job gets one.
_DEAD_EVENTS = """
UPDATE webhook_event SET state = 'DEAD', handled_at = now(), reason = job.error
FROM job
WHERE webhook_event.state IN ('RECEIVED', 'QUEUED') AND job.kind = 'webhook.handle'
  AND job.state = 'DEAD' AND job.arguments->>'event_id' = webhook_event.id::text
  AND NOT EXISTS (
    SELECT 1 FROM job live WHERE live.kind = 'webhook.handle'
      AND live.arguments->>'event_id' = webhook_event.id::text
      AND live.state IN ('QUEUED', 'RUNNING'))
"""
_LEFT_EVENTS = """
SELECT event.id, event.integration_id FROM webhook_event event
JOIN integration ON integration.id = event.integration_id
    AND integration.state = 'ACTIVE' AND NOT integration.webhooks_held
WHERE event.state = 'QUEUED' AND event.received_at < now() - interval '30 seconds'
  AND NOT EXISTS (
    SELECT 1 FROM job WHERE job.integration_id = event.integration_id
      AND job.kind = 'webhook.handle' AND job.state IN ('QUEUED', 'RUNNING'))
ORDER BY event.id LIMIT 500
"""


async def sweep() -> list[UUID]:
    """Look for what was left behind; returns the integrations that have work because of it."""
    await database.execute(_RUNS)
    await database.execute(_PLANS, [jobs.PLAN_SYNC.name, jobs.PLAN_RETRY.name])
    await database.execute(_REPORTS)
    await database.execute(_DEAD_EVENTS)
    async with database.transaction():
        left = await database.rows(_LEFT_EVENTS)
        wishes = [(UUID(str(row["integration_id"])), {"event_id": row["id"]}, None) for row in left]
        await queue.enqueue_each(jobs.WEBHOOK_HANDLE, wishes=wishes)
    if left:
        log.warning("sweep.events_left count=%d", len(left))
    return list({integration_id for integration_id, _, _ in wishes})
