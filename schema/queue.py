"""The outbox: job rows in PostgreSQL, and the knock on Redis that says one is there (J1).

Only this module enqueues. A row is the truth; losing every knock loses nothing, because
the worker's sweep looks for due rows by itself.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID, uuid4

from arq import create_pool
from arq.connections import ArqRedis, RedisSettings
from asyncpg import UniqueViolationError
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


# Only the holder of the lease claims: one that stood still past its end finds nothing.
_CLAIM = """
UPDATE job SET state = 'RUNNING', fence = $2, started_at = now(), tries = tries + 1
WHERE id = (
    SELECT id FROM job
    WHERE integration_id = $1 AND state = 'QUEUED' AND due_at <= now() AND priority <= $3
      AND EXISTS (SELECT 1 FROM lease WHERE lease.integration_id = $1 AND token = $2
                  AND expires_at > now())
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


# What becomes of a job is written by the one who claimed it, and by nobody who lost it since.
_MINE = "WHERE id = $1 AND fence = $2 AND state = 'RUNNING'"


async def finish(job: Job) -> None:
    """Mark a claimed job as done."""
    await database.execute(
        f"UPDATE job SET state = 'DONE', finished_at = now(), error = NULL {_MINE}",
        job.id,
        job.fence,
    )


_AGAIN = f"""
WITH twin AS (
    UPDATE job SET due_at = least(due_at, now() + make_interval(secs => $3))
    WHERE integration_id = $4 AND dedupe_key = $5 AND state = 'QUEUED'
    RETURNING id)
UPDATE job SET
    state = CASE WHEN EXISTS (SELECT 1 FROM twin) THEN 'DONE' ELSE 'QUEUED' END,
    finished_at = CASE WHEN EXISTS (SELECT 1 FROM twin) THEN now() END,
    due_at = now() + make_interval(secs => $3), error = $6, tries = greatest(tries - $7, 0)
{_MINE}
"""


async def again(job: Job, *, wait: float, error: str, count: bool = True) -> None:
    """Put a claimed job back; it is due after a wait. Too many tries make it a dead letter.

    Where the same wish was queued meanwhile, that row goes on instead.
    """
    kind = BY_NAME[job.kind]
    if count and job.tries >= kind.tries:
        await bury(job, error=error)
        return
    values = (job.id, job.fence, wait, job.integration_id, job.dedupe_key, error[:2000])
    try:
        await database.execute(_AGAIN, *values, 0 if count else 1)
    except UniqueViolationError:
        # The same wish came in between; the second time its row is seen.
        await database.execute(_AGAIN, *values, 0 if count else 1)


async def bury(job: Job, *, error: str) -> None:
    """Mark a claimed job as dead: it is shown as a dead letter and can be replayed (J10)."""
    await database.execute(
        f"UPDATE job SET state = 'DEAD', finished_at = now(), error = $3 {_MINE}",
        job.id,
        job.fence,
        error[:2000],
    )


# A job that took its worker with it this often is a dead letter, not a reason to die again.
DEATHS = 100
_SPENT = f"""
UPDATE job SET state = 'DEAD', finished_at = now(),
    error = 'Its worker ended in the middle of it {DEATHS} times.'
WHERE integration_id = $1 AND state = 'RUNNING' AND fence < $2 AND tries >= {DEATHS}
"""
# A newer row with the same wish, queued or left running too, carries it on.
_SUPERSEDED = """
WITH old AS (
    SELECT id, dedupe_key, row_number() OVER (PARTITION BY dedupe_key ORDER BY id DESC) AS place
    FROM job WHERE integration_id = $1 AND state = 'RUNNING' AND fence < $2
), twin AS (
    UPDATE job SET due_at = least(due_at, now())
    WHERE integration_id = $1 AND state = 'QUEUED' AND dedupe_key IN (SELECT dedupe_key FROM old)
    RETURNING dedupe_key)
UPDATE job SET state = 'DONE', finished_at = now(), error = 'Another row carries this wish on.'
FROM old WHERE job.id = old.id
  AND (old.place > 1 OR old.dedupe_key IN (SELECT dedupe_key FROM twin))
"""
_RECLAIM = """
UPDATE job SET state = 'QUEUED', due_at = now()
WHERE integration_id = $1 AND state = 'RUNNING' AND fence < $2
"""


async def reclaim(*, integration_id: UUID, fence: int) -> int:
    """Queue again what an earlier lease holder left running; returns how many rows."""
    for _ in range(3):
        try:
            async with database.transaction():
                await database.execute(_SPENT, integration_id, fence)
                await database.execute(_SUPERSEDED, integration_id, fence)
                return await database.execute(_RECLAIM, integration_id, fence)
        except UniqueViolationError:
            continue  # The same wish came in between.
    return 0


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


def make_pool(url: str) -> ArqRedis:
    """Describe the connection to Redis with JSON messages; it is made when it is first needed.

    A worker starts and works without Redis, only slower (J1).
    """
    settings = redis_settings(url)
    pool = ArqRedis(
        host=cast(str, settings.host),
        port=settings.port,
        unix_socket_path=settings.unix_socket_path,
        db=settings.database,
        username=settings.username,
        password=settings.password,
        socket_connect_timeout=settings.conn_timeout,
        ssl=settings.ssl,
        ssl_check_hostname=settings.ssl_check_hostname,
        retry=settings.retry,
        retry_on_error=settings.retry_on_error,
        encoding="utf8",
    )
    pool.job_serializer = serialize
    pool.job_deserializer = deserialize
    return pool
