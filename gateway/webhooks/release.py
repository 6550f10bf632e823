"""Lets go of webhooks that were held: they are queued as if they had come now."""

from uuid import UUID

from schema import database, queue
from schema.jobs import WEBHOOK_HANDLE

_RELEASE = """
UPDATE webhook_event SET state = 'QUEUED'
WHERE integration_id = $1 AND state = 'RECEIVED'
RETURNING id
"""


async def release(*, integration_id: UUID, trace: str | None = None) -> int:
    """Queue every webhook that waits in the inbox of an integration; returns how many.

    It runs in the caller's transaction; ring the doorbell after the commit.
    """
    found = await database.rows(_RELEASE, integration_id)
    await queue.enqueue_each(
        WEBHOOK_HANDLE,
        wishes=[(integration_id, {"event_id": row["id"]}, trace) for row in found],
    )
    return len(found)
