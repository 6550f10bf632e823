"""The mutations of subscribers, to whom changes are sent."""

from __future__ import annotations

import strawberry

from gateway.graphql.shown import Info, errors, shown
from gateway.operations import redelivery, subscriber
from gateway.operations.base import Outcome
from schema.types import inputs_subscriber as i
from schema.types import user_error as p


async def _subscriber(info: Info, outcome: Outcome) -> p.SubscriberPayload:
    return p.SubscriberPayload(
        subscriber=await shown(info, outcome, "Subscriber"),
        secret=outcome.secret,
        delivery=None,
        user_errors=errors(outcome),
    )


@strawberry.type
class SubscriberMutations:
    """Sending changes to others."""

    @strawberry.mutation
    async def create_subscriber(
        self, info: Info, input: i.CreateSubscriberInput
    ) -> p.SubscriberPayload:
        """Have changes sent to an address by signed webhooks (Standard Webhooks)."""
        return await _subscriber(info, await subscriber.create_subscriber(info.context, input))

    @strawberry.mutation
    async def update_subscriber(
        self, info: Info, input: i.UpdateSubscriberInput
    ) -> p.SubscriberPayload:
        """Change a subscriber, switch it off or on, or renew its secret."""
        return await _subscriber(info, await subscriber.update_subscriber(info.context, input))

    @strawberry.mutation
    async def test_subscriber(
        self, info: Info, input: i.TestSubscriberInput
    ) -> p.SubscriberPayload:
        """Send a test message at once, also to a subscriber that is switched off."""
        outcome = await redelivery.test_subscriber(info.context, input)
        delivery = await shown(info, outcome, "Delivery")
        found = None
        if outcome.subject is not None:
            owner = await redelivery.subscriber_of(outcome.subject)
            found = await info.context.loaders.subscriber.load(owner)
        return p.SubscriberPayload(
            subscriber=found, secret=None, delivery=delivery, user_errors=errors(outcome)
        )

    @strawberry.mutation
    async def redeliver(self, info: Info, input: i.RedeliverInput) -> p.RedeliverPayload:
        """Send one delivery again, or every change after a cursor, with the same message ids."""
        outcome = await redelivery.redeliver(info.context, input)
        return p.RedeliverPayload(
            subscriber=await shown(info, outcome, "Subscriber"),
            redelivered=outcome.count,
            user_errors=errors(outcome),
        )
