"""Makes and changes subscribers: addresses that are told of changes by webhook (W16)."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from gateway.graphql.context import Context
from gateway.operations.base import Outcome, note, perform, refused, unknown
from schema import bell, database, journal
from schema.addresses import BadAddress, check_url
from schema.deliveries import seal_secret
from schema.ids import new_id
from schema.models import Integration, Subscriber
from schema.secrets import SecretUnreadable
from schema.types.ids import key_of
from schema.types.inputs_subscriber import CreateSubscriberInput, UpdateSubscriberInput

MOST_EVENTS = 100
EVENT = re.compile(r"[a-z][a-z_]{0,40}\.(\*|[a-z][a-z_]{0,40})")
_REVIVE = """
UPDATE delivery SET tries = 0, due_at = now()
WHERE subscriber_id = $1 AND state = 'QUEUED' AND position IS NOT NULL
"""


async def on_subscriber(
    context: Context,
    name: str,
    given: Any,
    own: UUID | None,
    change: Callable[[Subscriber], Awaitable[Outcome]],
    *,
    field: str = "subscriberId",
) -> Outcome:
    """Run an operation on a subscriber that the caller may see, with its row locked."""

    async def work() -> Outcome:
        found = await Subscriber.filter(id=own).select_for_update().first()
        if found is None or not _within(context, found.integration_id):
            return unknown("subscriber" if field == "subscriberId" else "delivery", field)
        return await change(found)

    outcome = await perform(context, name, given, work)
    if not outcome.refusals:
        await bell.ring(context.services.redis)
    return outcome


def _within(context: Context, integration_id: UUID | None) -> bool:
    if integration_id is None:
        return context.principal.integration_ids is None
    return context.principal.may_see(integration_id)


def _wrong(context: Context, url: str | None, events: Sequence[str] | None) -> Outcome | None:
    """Refuse an address or a choice of events that cannot be right."""
    if url is not None:
        try:
            check_url(url, local=context.services.settings.webhook_targets == "any")
        except BadAddress as error:
            return refused(
                "BAD_URL",
                str(error),
                "Give an https:// address that is reached from the internet.",
                path=("input", "url"),
            )
    if events is None or (
        len(events) <= MOST_EVENTS and all(EVENT.fullmatch(one) for one in events)
    ):
        return None
    return refused(
        "BAD_EVENTS",
        f"Give at most {MOST_EVENTS} kinds of change, such as invoice.released or invoice.*.",
        "Read the kinds in the query changes.",
        path=("input", "events"),
    )


async def create_subscriber(context: Context, given: CreateSubscriberInput) -> Outcome:
    """Make a subscriber; its secret is shown once."""

    async def work() -> Outcome:
        wrong = _wrong(context, given.url, given.events)
        if wrong is not None:
            return wrong
        place = await start_after(given.after)
        if isinstance(place, Outcome):
            return place
        scope = await _scope(context, given)
        if isinstance(scope, Outcome):
            return scope
        return await _create(context, given, place=place, integration_id=scope)

    return await perform(context, "createSubscriber", given, work)


async def start_after(cursor: str | None) -> int | Outcome:
    """Read a cursor; without one, take the newest place."""
    newest = await journal.position()
    if cursor is None:
        return newest
    try:
        place = journal.read_cursor(cursor)
    except journal.BadCursor as error:
        place, why = newest + 1, str(error)
    else:
        why = "This cursor lies ahead of the journal."
    if place <= newest:
        return place
    return refused(
        "BAD_CURSOR", why, "Give a cursor of the query changes.", path=("input", "after")
    )


async def _scope(context: Context, given: CreateSubscriberInput) -> UUID | Outcome | None:
    """Return the integration of a new subscriber; None for all, if the caller sees all."""
    allowed = context.principal.integration_ids
    if given.integration_id is None:
        if allowed is None:
            return None
        if len(allowed) == 1:
            return next(iter(allowed))
        return refused(
            "INTEGRATION_NEEDED",
            "Your key sees several integrations, not all.",
            "Name the integration.",
            path=("input", "integrationId"),
        )
    key = key_of(given.integration_id, "Integration")
    if key is None or not context.principal.may_see(key):
        return unknown("integration", "integrationId")
    return (
        key
        if await Integration.filter(id=key).exists()
        else unknown("integration", "integrationId")
    )


async def _create(
    context: Context, given: CreateSubscriberInput, *, place: int, integration_id: UUID | None
) -> Outcome:
    own = new_id()
    services = context.services
    secret, sealed = seal_secret(services.vault, subscriber_id=own, old=None, clock=services.clock)
    await Subscriber.create(
        id=own,
        integration_id=integration_id,
        url=given.url,
        events=given.events or [],
        secret=sealed,
        position=place,
    )
    await note(context, "subscriber.create", integration_id=integration_id, subject=given.url)
    return Outcome(subject=own, secret=secret)


async def update_subscriber(context: Context, given: UpdateSubscriberInput) -> Outcome:
    """Change a subscriber; what waits for it goes on at the new address."""

    async def change(subscriber: Subscriber) -> Outcome:
        wrong = _wrong(context, given.url, given.events)
        if wrong is not None:
            return wrong
        secret = None
        if given.rotate_secret:
            renewed = _renew(context, subscriber)
            if isinstance(renewed, Outcome):
                return renewed
            secret, subscriber.secret = renewed
        if given.url is not None:
            subscriber.url = given.url
        if given.events is not None:
            subscriber.events = given.events
        await subscriber.save(update_fields=["url", "events", "secret"])
        await _switch(context, subscriber, given.enabled)
        await note(
            context,
            "subscriber.update",
            integration_id=subscriber.integration_id,
            subject=subscriber.url,
            enabled=given.enabled,
            new_secret=secret is not None,
        )
        return Outcome(subject=subscriber.id, secret=secret)

    own = key_of(given.subscriber_id, "Subscriber")
    return await on_subscriber(context, "updateSubscriber", given, own, change)


def _renew(context: Context, subscriber: Subscriber) -> tuple[str, str] | Outcome:
    services = context.services
    try:
        known = services.vault.open(integration_id=subscriber.id, sealed=subscriber.secret)
    except SecretUnreadable as error:
        return refused("SECRET_UNREADABLE", str(error), "Give the gateway the missing key.")
    return seal_secret(
        services.vault, subscriber_id=subscriber.id, old=known["secret"], clock=services.clock
    )


async def _switch(context: Context, subscriber: Subscriber, enabled: bool | None) -> None:
    """Switch a subscriber off, or on: then what waited is tried anew, from the first rung."""
    own = Subscriber.filter(id=subscriber.id)
    if enabled is False and subscriber.disabled_at is None:
        await own.update(
            disabled_at=context.services.clock(),
            disabled_reason=f"Switched off by {context.principal.name}.",
        )
    if enabled is True and subscriber.disabled_at is not None:
        await own.update(disabled_at=None, disabled_reason=None)
        await database.execute(_REVIVE, subscriber.id)
