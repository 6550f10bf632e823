"""The SQL of the inbox: insert what is new with its jobs, count what came again, keep conflicts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson

from gateway.webhooks.event import ID_LENGTH, Event
from schema import database, queue
from schema.jobs import WEBHOOK_HANDLE
from schema.words import WebhookEventState

CONFLICT = "The id of this event was used before with another body."

_INSERT = """
INSERT INTO webhook_event (id, created_at, integration_id, side, source, event_id, type, body,
                           headers, digest, key_used, state, reason, tries, duplicates,
                           received_at)
SELECT id, now(), integration_id, side, source, event_id, type, body, headers::jsonb, digest,
       key_used, state, reason, 0, 0, received_at
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[],
            $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::timestamptz[])
     AS new (id, integration_id, side, source, event_id, type, body, headers, digest, key_used,
             state, reason, received_at)
ON CONFLICT (side, source, event_id) DO NOTHING
RETURNING id
"""
_DIGESTS = """
SELECT event.side, event.source, event.event_id, event.digest
FROM webhook_event event
JOIN unnest($1::text[], $2::text[], $3::text[]) AS wanted (side, source, event_id)
  ON (event.side, event.source, event.event_id) = (wanted.side, wanted.source, wanted.event_id)
"""
_COUNT = """
UPDATE webhook_event SET duplicates = duplicates + $4
WHERE side = $1 AND source = $2 AND event_id = $3
"""

Name = tuple[str, str, str]


class Outcome(StrEnum):
    """What became of an event."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"


async def store(events: Sequence[Event]) -> dict[UUID, Outcome]:
    """Store events and their jobs in one transaction, then count the duplicates."""
    # In one order in every process, so that two batches never wait for each other.
    ordered = sorted(events, key=_name)
    async with database.transaction():
        inserted = await _insert(ordered)
        known = [event for event in ordered if event.id not in inserted]
        twisted = await _twisted(known)
        kept = await _insert([_renamed(event) for event in twisted])
    renamed = {event.id: _name(_renamed(event)) for event in twisted}
    again = [event for event in known if event.id not in kept]
    for name, times in Counter(renamed.get(one.id, _name(one)) for one in again).items():
        await database.execute(_COUNT, *name, times)
    return (
        dict.fromkeys(inserted, Outcome.ACCEPTED)
        | dict.fromkeys(kept, Outcome.CONFLICT)
        | {event.id: Outcome.DUPLICATE for event in again}
    )


async def _twisted(events: Sequence[Event]) -> list[Event]:
    """Choose the events whose id came with another body before (W9)."""
    digests = await _digests(events)
    return [event for event in events if digests.get(_name(event)) != event.digest]


def _renamed(event: Event) -> Event:
    event_id = f"{event.event_id[:ID_LENGTH]}~{event.digest[:16]}"
    return replace(event, event_id=event_id, reason=CONFLICT)


async def _insert(events: Sequence[Event]) -> set[UUID]:
    """Insert what is new, each with a job for every integration that it wakes."""
    if not events:
        return set()
    columns = zip(*(_row(event) for event in events), strict=True)
    found = await database.rows(_INSERT, *(list(column) for column in columns))
    inserted: set[UUID] = {row["id"] for row in found}
    await queue.enqueue_each(
        WEBHOOK_HANDLE,
        wishes=[
            (integration_id, {"event_id": event.id}, event.trace)
            for event in events
            if event.id in inserted
            for integration_id in event.wakes
        ],
    )
    return inserted


async def _digests(events: Sequence[Event]) -> dict[Name, str]:
    if not events:
        return {}
    names = zip(*{_name(event) for event in events}, strict=True)
    found = await database.rows(_DIGESTS, *(list(column) for column in names))
    return {(row["side"], row["source"], row["event_id"]): row["digest"] for row in found}


def _name(event: Event) -> Name:
    return (event.side.value, event.source, event.event_id)


def _row(event: Event) -> tuple[Any, ...]:
    state = WebhookEventState.QUEUED if event.wakes else WebhookEventState.RECEIVED
    return (
        event.id,
        event.integration_id,
        event.side.value,
        event.source,
        event.event_id,
        event.type,
        event.body,
        orjson.dumps(dict(event.headers)).decode(),
        event.digest,
        event.key_used,
        state.value,
        event.reason,
        event.received_at,
    )
