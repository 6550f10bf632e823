"""Sends tests to subscribers, and changes again that were sent before."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from gateway.graphql.context import Context
from gateway.operations.base import Outcome, note, refused, unknown
from gateway.operations.subscriber import on_subscriber, start_after
from schema import database, journal
from schema.deliveries import TEST, DeliveryState, trial_message, wants
from schema.ids import new_id
from schema.models import Delivery, Subscriber
from schema.types.ids import key_of
from schema.types.inputs_subscriber import RedeliverInput, TestSubscriberInput

_SKIP = """
UPDATE delivery SET state = 'SKIPPED', due_at = NULL, error = 'It is sent again from a cursor.'
WHERE subscriber_id = $1 AND state = 'QUEUED' AND position > $2
"""
_KINDS = """
SELECT kind, count(*) AS n FROM change
WHERE position > $1 AND ($2::uuid IS NULL OR integration_id = $2) GROUP BY kind
"""


async def subscriber_of(delivery_id: UUID) -> UUID:
    """Return the subscriber of a delivery."""
    return UUID(str((await Delivery.get(id=delivery_id)).subscriber_id))


async def test_subscriber(context: Context, given: TestSubscriberInput) -> Outcome:
    """Queue a test; it passes by what waits, and is tried once."""

    async def change(subscriber: Subscriber) -> Outcome:
        own, now = new_id(), await _now()
        body = trial_message(own=own, position=await journal.position(), at=now)
        await Delivery.create(id=own, subscriber_id=subscriber.id, type=TEST, body=body, due_at=now)
        await note(
            context,
            "subscriber.test",
            integration_id=subscriber.integration_id,
            subject=subscriber.url,
        )
        return Outcome(subject=own)

    own = key_of(given.subscriber_id, "Subscriber")
    return await on_subscriber(context, "testSubscriber", given, own, change)


async def _now() -> datetime:
    """Return the database's time, which all queues of deliveries go by."""
    now: datetime = (await database.rows("SELECT now() AS now"))[0]["now"]
    return now


async def redeliver(context: Context, given: RedeliverInput) -> Outcome:
    """Send one delivery again, or all changes after a cursor."""
    if given.delivery_id is not None and given.subscriber_id is None and given.after is None:
        return await _one(context, given)
    if given.delivery_id is None and given.subscriber_id is not None and given.after is not None:
        return await _since(context, given)
    return refused(
        "BAD_CHOICE",
        "Give a delivery, or a subscriber and a cursor.",
        "Leave the other fields out.",
    )


async def _one(context: Context, given: RedeliverInput) -> Outcome:
    delivery_id = key_of(given.delivery_id, "Delivery")
    found = await Delivery.get_or_none(id=delivery_id) if delivery_id else None
    if found is None:
        return unknown("delivery", "deliveryId")

    async def change(subscriber: Subscriber) -> Outcome:
        off = _off(subscriber)
        if off is not None:
            return off
        old = await Delivery.get(id=found.id)
        if old.position is None or old.state in (DeliveryState.QUEUED, DeliveryState.SENDING):
            return refused(
                "NOT_REDELIVERABLE",
                "Only a change whose delivery has ended is sent again.",
                "Wait for its end; for a test, call testSubscriber.",
                path=("input", "deliveryId"),
            )
        # A row of its own: the log keeps the old one. The message, its id included, is the same.
        await Delivery.create(
            subscriber_id=subscriber.id,
            position=old.position,
            type=old.type,
            body=old.body,
            due_at=await _now(),
        )
        return await _noted(context, subscriber, count=1)

    owner = UUID(str(found.subscriber_id))
    return await on_subscriber(context, "redeliver", given, owner, change, field="deliveryId")


async def _since(context: Context, given: RedeliverInput) -> Outcome:
    async def change(subscriber: Subscriber) -> Outcome:
        off = _off(subscriber)
        if off is not None:
            return off
        place = await start_after(given.after)
        if isinstance(place, Outcome):
            return place
        # The worker reads the journal again from there, as it does for what is new.
        await database.execute(_SKIP, subscriber.id, place)
        await Subscriber.filter(id=subscriber.id).update(position=place)
        kinds = await database.rows(_KINDS, place, subscriber.integration_id)
        count = sum(int(row["n"]) for row in kinds if wants(subscriber.events, row["kind"]))
        return await _noted(context, subscriber, count=count)

    own = key_of(given.subscriber_id, "Subscriber")
    return await on_subscriber(context, "redeliver", given, own, change)


def _off(subscriber: Subscriber) -> Outcome | None:
    if subscriber.disabled_at is None:
        return None
    return refused("SUBSCRIBER_DISABLED", "The subscriber is switched off.", "Switch it on first.")


async def _noted(context: Context, subscriber: Subscriber, *, count: int) -> Outcome:
    await note(
        context,
        "subscriber.redeliver",
        integration_id=subscriber.integration_id,
        subject=subscriber.url,
        count=count,
    )
    return Outcome(subject=subscriber.id, count=count)
