"""The outbox: job rows in PostgreSQL, and the knock on Redis that says one is there (J1).

Only this module enqueues. A row is the truth; losing every knock loses nothing, because
the worker's sweep looks for due rows by itself.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from arq import create_pool
from arq.connections import ArqRedis, RedisSettings
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import RedisError
from tortoise.exceptions import DoesNotExist

from schema import database
from schema.clock import utc_now
from schema.ids import new_id
from schema.jobs import BY_NAME, JobKind
from schema.models import Job
from schema.money import dumps, loads
from schema.words import JobState

log = logging.getLogger(__name__)

DRAIN = "drain"
QUEUE_NAME = "severa-gateway:1"

_ENQUEUE = """
INSERT INTO job (id, created_at, integration_id, kind, arguments, dedupe_key, priority, state,
                 due_at, tries, fence, trace)
VALUES ($1, now(), $2, $3, $4, $5, $6, 'QUEUED', $7, 0, 0, $8)
ON CONFLICT (integration_id, dedupe_key) WHERE state = 'QUEUED'
DO UPDATE SET due_at = least(job.due_at, excluded.due_at),
              priority = least(job.priority, excluded.priority)
RETURNING id
"""


async def enqueue(
    kind: JobKind,
    *,
    integration_id: UUID,
    arguments: dict[str, Any] | None = None,
    due_at: datetime | None = None,
    trace: str | None = None,
) -> UUID:
    """Add a job row in the running transaction; an equal queued wish is the same row."""
    named = {key: str(value) for key, value in sorted((arguments or {}).items())}
    found = await database.rows(
        _ENQUEUE,
        new_id(),
        integration_id,
        kind.name,
        dumps(named),
        f"{kind.name}:{dumps(named)}"[:200],
        kind.priority,
        due_at or utc_now(),
        trace,
    )
    return UUID(str(found[0]["id"]))


_ENQUEUE_EACH = """
INSERT INTO job (id, created_at, integration_id, kind, arguments, dedupe_key, priority, state,
                 due_at, tries, fence, trace)
SELECT id, now(), integration_id, $1, arguments::jsonb, dedupe_key, $2, 'QUEUED', $3, 0, 0, trace
FROM unnest($4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[])
     AS new (id, integration_id, arguments, dedupe_key, trace)
ON CONFLICT (integration_id, dedupe_key) WHERE state = 'QUEUED' DO NOTHING
"""


async def enqueue_each(
    kind: JobKind, *, wishes: Sequence[tuple[UUID, dict[str, Any], str | None]]
) -> None:
    """Add many due jobs at once: integration, arguments and trace of each."""
    if not wishes:
        return
    columns: list[tuple[UUID, UUID, str, str, str | None]] = []
    for integration_id, arguments, trace in wishes:
        named = dumps({key: str(value) for key, value in sorted(arguments.items())})
        columns.append((new_id(), integration_id, named, f"{kind.name}:{named}"[:200], trace))
    await database.execute(
        _ENQUEUE_EACH,
        kind.name,
        kind.priority,
        utc_now(),
        *(list(column) for column in zip(*columns, strict=True)),
    )


_CLAIM = """
UPDATE job SET state = 'RUNNING', fence = $2, started_at = now(), tries = tries + 1
WHERE id = (
    SELECT id FROM job
    WHERE integration_id = $1 AND state = 'QUEUED' AND due_at <= now() AND priority <= $3
    ORDER BY priority, due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id
"""


async def claim(*, integration_id: UUID, fence: int, urgent_only: bool = False) -> Job | None:
    """Take the most urgent due job of an integration for the holder of its lease (J2)."""
    found = await database.rows(_CLAIM, integration_id, fence, 20 if urgent_only else 1000)
    if not found:
        return None
    try:
        return await Job.get(id=found[0]["id"])
    except DoesNotExist:
        return None


async def finish(job: Job) -> None:
    """Mark a claimed job as done."""
    await database.execute(
        "UPDATE job SET state = 'DONE', finished_at = now(), error = NULL WHERE id = $1", job.id
    )


async def again(job: Job, *, wait: float, error: str, count: bool = True) -> None:
    """Put a claimed job back; it is due after a wait. Too many tries make it a dead letter."""
    kind = BY_NAME[job.kind]
    if count and job.tries >= kind.tries:
        await bury(job, error=error)
        return
    twin = await Job.filter(
        integration_id=job.integration_id, dedupe_key=job.dedupe_key, state=JobState.QUEUED
    ).exists()
    if twin:
        await finish(job)
        return
    await database.execute(
        "UPDATE job SET state = 'QUEUED', due_at = $2, error = $3 WHERE id = $1",
        job.id,
        utc_now() + timedelta(seconds=wait),
        error[:2000],
    )


async def bury(job: Job, *, error: str) -> None:
    """Mark a claimed job as dead: it is shown as a dead letter and can be replayed (J10)."""
    await database.execute(
        "UPDATE job SET state = 'DEAD', finished_at = now(), error = $2 WHERE id = $1",
        job.id,
        error[:2000],
    )


async def reclaim(*, integration_id: UUID, fence: int) -> int:
    """Queue again what an earlier lease holder left running."""
    return await database.execute(
        """
        UPDATE job SET state = 'QUEUED', due_at = now()
        WHERE integration_id = $1 AND state = 'RUNNING' AND fence < $2
          AND NOT EXISTS (SELECT 1 FROM job twin WHERE twin.integration_id = job.integration_id
                          AND twin.dedupe_key = job.dedupe_key AND twin.state = 'QUEUED')
          AND id IN (SELECT DISTINCT ON (dedupe_key) id FROM job
                     WHERE integration_id = $1 AND state = 'RUNNING' ORDER BY dedupe_key, id)
        """,
        integration_id,
        fence,
    )


async def due_integrations() -> list[UUID]:
    """List the integrations with due jobs whose lease is free."""
    found = await database.rows(
        """
        SELECT DISTINCT job.integration_id FROM job
        JOIN integration ON integration.id = job.integration_id AND integration.state <> 'PAUSED'
        LEFT JOIN lease ON lease.integration_id = job.integration_id
        WHERE ((job.state = 'QUEUED' AND job.due_at <= now()) OR job.state = 'RUNNING')
          AND (lease.expires_at IS NULL OR lease.expires_at < now())
        """
    )
    return [UUID(str(row["integration_id"])) for row in found]


def redis_settings(url: str) -> RedisSettings:
    """Read a redis:// or rediss:// address the way arq should have (platform hazards)."""
    settings = RedisSettings.from_dsn(url)
    settings.ssl_check_hostname = True
    settings.retry = Retry(
        ExponentialBackoff(cap=1.0, base=0.05),
        retries=6,
        supported_errors=cast("tuple[type[RedisError], ...]", (RedisError, OSError)),
    )
    settings.retry_on_error = [ConnectionError, TimeoutError, OSError]
    settings.conn_retries = 3
    return settings


class Doorbell:
    """Knocks at the worker's door over Redis; a knock that fails is only slower."""

    def __init__(self, redis: ArqRedis) -> None:
        self._redis = redis

    async def ring(self, integration_id: UUID) -> None:
        """Tell the workers that an integration has due rows; never raises."""
        try:
            await self._redis.enqueue_job(
                DRAIN, str(integration_id), _job_id=f"drain:{uuid4().hex}", _queue_name=QUEUE_NAME
            )
        except (RedisError, OSError) as error:
            log.warning("doorbell.failed error=%s", error)


def serialize(value: dict[str, Any]) -> bytes:
    """Write an arq message as JSON: whoever writes to Redis must not run code here."""
    return dumps(_plain(value)).encode()


def deserialize(data: bytes) -> dict[str, Any]:
    """Read an arq message."""
    read: dict[str, Any] = loads(data)
    return read


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    return repr(value)


async def open_pool(url: str) -> ArqRedis:
    """Connect to Redis with JSON messages."""
    return await create_pool(
        redis_settings(url), job_serializer=serialize, job_deserializer=deserialize
    )
