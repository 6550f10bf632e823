"""The queue of deliveries in PostgreSQL: filled from the journal, claimed by one worker at a time.

Nothing here sends. A subscriber's row is locked while its queue is changed, so that two workers
never have the same subscriber in hand; what a killed worker was sending falls due again.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from schema import database, journal
from schema.deliveries import message, wants
from schema.models import Audit, Delivery, Subscriber
from worker.deliveries.ladder import AGE_LIMIT

# How many changes of one subscriber stand in the queue; the others wait in the journal.
AHEAD = 100
READ = 500
# How long a worker may be silent about what it is sending; longer than any call.
CLAIM_SECONDS = 60.0
KEPT_DAYS = 30

# A test goes first, and also to a subscriber that is switched off.
_HEAD = """
JOIN LATERAL (
    SELECT id, position, due_at, state, tries, body, created_at FROM delivery
    WHERE subscriber_id = s.id AND state IN ('QUEUED', 'SENDING')
      AND (s.disabled_at IS NULL OR position IS NULL)
    ORDER BY (position IS NOT NULL), id LIMIT 1
) d ON TRUE
"""
_DUE = f"""
SELECT s.id FROM subscriber s {_HEAD} WHERE d.due_at <= now()
UNION
SELECT s.id FROM subscriber s JOIN counter c ON c.name = 'journal'
WHERE s.disabled_at IS NULL AND s.position < c.value
"""
_LOCK = "SELECT * FROM subscriber WHERE id = $1 FOR UPDATE SKIP LOCKED"
_OPEN = """
SELECT count(*) AS n FROM delivery WHERE subscriber_id = $1 AND state IN ('QUEUED', 'SENDING')
"""
_EXPIRE = """
UPDATE delivery SET state = 'EXPIRED', due_at = NULL, error = coalesce(error, 'It waited too long.')
WHERE subscriber_id = $1 AND state = 'QUEUED' AND position IS NOT NULL
  AND CASE WHEN tries = 0 THEN due_at ELSE created_at END < now() - make_interval(secs => $2)
"""
_CLAIM = f"""
UPDATE delivery SET state = 'SENDING', tries = delivery.tries + 1,
    due_at = now() + make_interval(secs => $2)
FROM subscriber s {_HEAD}
WHERE s.id = $1 AND delivery.id = d.id AND d.due_at <= now() AND NOT EXISTS (
    SELECT 1 FROM delivery other WHERE other.subscriber_id = $1
      AND other.state = 'SENDING' AND other.due_at > now())
RETURNING delivery.id, delivery.position, delivery.tries, delivery.body
"""
_MINE = " WHERE id = $1 AND state = 'SENDING' AND tries = $2"
_DONE = (
    "UPDATE delivery SET state = $3::varchar, status = $4, error = $5, due_at = NULL, "
    "delivered_at = CASE WHEN $3::varchar = 'DELIVERED' THEN now() END" + _MINE
)
_LATER = (
    "UPDATE delivery SET state = 'QUEUED', status = $3, error = $4, "
    "due_at = least(now() + make_interval(secs => $5), "
    "greatest(now(), created_at + make_interval(secs => $6)))" + _MINE
)
_OLD = """
DELETE FROM delivery WHERE id IN (
    SELECT id FROM delivery WHERE created_at < now() - make_interval(days => $1)
      AND state NOT IN ('QUEUED', 'SENDING') LIMIT 1000)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A delivery that is ours to send."""

    id: UUID
    subscriber_id: UUID
    url: str
    secret: str
    body: dict[str, Any]
    tries: int
    is_test: bool


async def due() -> list[UUID]:
    """Return the subscribers for whom something can be done now."""
    return [UUID(str(row["id"])) for row in await database.rows(_DUE)]


async def fill(subscriber_id: UUID) -> bool:
    """Take the next changes of the journal into the queue; returns whether there may be more."""
    async with database.transaction():
        locked = await database.rows(_LOCK, subscriber_id)
        if not locked or locked[0]["disabled_at"] is not None:
            return False
        if int((await database.rows(_OPEN, subscriber_id))[0]["n"]) >= AHEAD:
            return False
        return await _fill(await Subscriber.get(id=subscriber_id))


async def _fill(subscriber: Subscriber) -> bool:
    until = await journal.position()
    found = await journal.read(
        after=subscriber.position,
        until=until,
        limit=READ,
        integration_ids=None if subscriber.integration_id is None else [subscriber.integration_id],
    )
    wanted = [one for one in found if wants(subscriber.events, one.kind)]
    taken, more = wanted[:AHEAD], len(wanted) > AHEAD
    if more:
        until = taken[-1].position or until
    elif len(found) == READ:
        until = found[-1].position or until
    now = (await database.rows("SELECT now() AS now"))[0]["now"]
    await Delivery.bulk_create(
        [
            Delivery(
                subscriber_id=subscriber.id,
                position=one.position,
                type=one.kind,
                body=message(one, subscriber_id=subscriber.id),
                due_at=now,
            )
            for one in taken
        ]
    )
    await Subscriber.filter(id=subscriber.id).update(position=max(until, subscriber.position))
    return len(found) == READ


async def claim(subscriber_id: UUID) -> Claimed | None:
    """Take the oldest delivery of a subscriber, if it is due and none is under way."""
    async with database.transaction():
        locked = await database.rows(_LOCK, subscriber_id)
        if not locked:
            return None
        await database.execute(_EXPIRE, subscriber_id, AGE_LIMIT.total_seconds())
        taken = await database.rows(_CLAIM, subscriber_id, CLAIM_SECONDS)
        if not taken:
            return None
        delivery = await Delivery.get(id=taken[0]["id"])
        return Claimed(
            id=delivery.id,
            subscriber_id=subscriber_id,
            url=locked[0]["url"],
            secret=locked[0]["secret"],
            body=delivery.body,
            tries=delivery.tries,
            is_test=delivery.position is None,
        )


async def finish(mine: Claimed, *, state: str, status: int | None, error: str | None) -> bool:
    """End a delivery; False when another worker has taken it over meanwhile."""
    done = await database.execute(_DONE, mine.id, mine.tries, state, status, error)
    return done > 0


async def later(mine: Claimed, *, status: int | None, error: str | None, wait: float) -> None:
    """Let a delivery wait for its next try; newer ones wait behind it."""
    await database.execute(
        _LATER, mine.id, mine.tries, status, error, wait, AGE_LIMIT.total_seconds()
    )


async def fail_for_good(mine: Claimed, *, status: int | None, error: str, reason: str) -> None:
    """Give a delivery up and switch its subscriber off, with a notice (W16)."""
    async with database.transaction():
        await Subscriber.filter(id=mine.subscriber_id).select_for_update().first()
        if not await finish(mine, state="FAILED", status=status, error=error):
            return
        subscriber = await Subscriber.get(id=mine.subscriber_id)
        if subscriber.disabled_at is not None:
            return
        await database.execute(
            "UPDATE subscriber SET disabled_at = now(), disabled_reason = $2 WHERE id = $1",
            mine.subscriber_id,
            reason,
        )
        await Audit.create(
            integration_id=subscriber.integration_id,
            actor="worker",
            action="subscriber.disable",
            subject=subscriber.url,
            details={"reason": reason},
        )


async def forget_old() -> None:
    """Remove old lines of the delivery log."""
    await database.execute(_OLD, KEPT_DAYS)
