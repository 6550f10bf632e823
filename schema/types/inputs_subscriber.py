"""Inputs of the mutations of subscribers."""

from __future__ import annotations

import strawberry

from schema.types.inputs import KEY
from schema.types.said import given


@strawberry.input
class CreateSubscriberInput:
    """Where to send which changes."""

    url: str = given("The address; it must start with https://.")
    integration_id: strawberry.ID | None = given(
        "The integration whose changes are sent; all by default, for a key that sees all.",
        default=None,
    )
    events: list[str] | None = given(
        "Kinds of change, such as `invoice.released` or `invoice.*`; all by default.", default=None
    )
    after: str | None = given("Begin after this cursor; by default with what comes.", default=None)
    idempotency_key: str | None = given(KEY, default=None)


@strawberry.input
class UpdateSubscriberInput:
    """What to change of a subscriber; whatever is left out stays."""

    subscriber_id: strawberry.ID = given("The subscriber.")
    url: str | None = given("The new address.", default=None)
    events: list[str] | None = given("The kinds of change; empty for all.", default=None)
    enabled: bool | None = given("Switch it off, or on again where it stopped.", default=None)
    rotate_secret: bool | None = given(
        "Make a new secret; for a day every message is signed with both.", default=None
    )
    idempotency_key: str | None = given(KEY, default=None)


@strawberry.input
class TestSubscriberInput:
    """Whom to send a test."""

    subscriber_id: strawberry.ID = given("The subscriber.")
    idempotency_key: str | None = given(KEY, default=None)


@strawberry.input
class RedeliverInput:
    """What to send again: one delivery, or every change after a cursor."""

    delivery_id: strawberry.ID | None = given("The delivery.", default=None)
    subscriber_id: strawberry.ID | None = given("The subscriber, with `after`.", default=None)
    after: str | None = given("Send every change after this cursor again.", default=None)
    idempotency_key: str | None = given(KEY, default=None)
