"""Subscribers: made, changed, tested and told again, within what the caller may see (W16)."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from schema import journal
from schema.deliveries import TEST
from schema.ids import new_id
from schema.models import Audit, Change, Delivery, Integration, Subscriber
from schema.types.ids import write_id
from schema.words import Entity, Scope

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
URL = "https://hooks.example.com/severa"
CREATE = """mutation ($input: CreateSubscriberInput!) { createSubscriber(input: $input) {
  subscriber { id url events cursor integration { id } } secret userErrors { code path } } }"""
UPDATE = """mutation ($input: UpdateSubscriberInput!) { updateSubscriber(input: $input) {
  subscriber { url events disabledAt disabledReason } secret userErrors { code } } }"""
TRY = """mutation ($input: TestSubscriberInput!) { testSubscriber(input: $input) {
  subscriber { id } delivery { id type state cursor } userErrors { code } } }"""
AGAIN = """mutation ($input: RedeliverInput!) { redeliver(input: $input) {
  subscriber { cursor } redelivered userErrors { code path } } }"""


def named(row: Any) -> str:
    return str(write_id(type(row).__name__, row.id))


async def change(integration: Integration, kind: str = "invoice.released") -> int:
    """Write a row of the journal; returns its place."""
    row = Change(
        integration_id=integration.id,
        entity=Entity.INVOICE,
        record_id=new_id(),
        kind=kind,
        actor="sync",
        at=NOW,
    )
    await row.save()
    await journal.stamp()
    return await journal.position()


@pytest.fixture
async def subscriber(do: Any, pair: Integration) -> Subscriber:
    """A subscriber of the pair."""
    await do(CREATE, url=URL, integrationId=named(pair))
    return await Subscriber.get()


async def delivery(subscriber: Subscriber, **values: Any) -> Delivery:
    given = {"position": 1, "type": "invoice.released", "body": {"id": "msg_1"}, "due_at": NOW}
    return await Delivery.create(subscriber_id=subscriber.id, **(given | values))


class TestCreateSubscriber:
    async def test_shows_the_secret_once_and_stores_it_sealed(
        self, do: Any, pair: Integration
    ) -> None:
        given = {"url": URL, "integrationId": named(pair), "idempotencyKey": "k1"}
        made = await do(CREATE, **given)
        again = await do(CREATE, **given)

        stored = await Subscriber.get()
        assert made["secret"].startswith("whsec_")
        assert again["secret"] is None
        assert again["subscriber"]["id"] == made["subscriber"]["id"]
        assert made["secret"] not in stored.secret
        opened = do.services.vault.open(integration_id=stored.id, sealed=stored.secret)
        assert opened == {"secret": made["secret"]}
        assert [one.action for one in await Audit.all()] == ["subscriber.create"]

    async def test_begins_with_what_comes_or_after_a_cursor(
        self, do: Any, pair: Integration
    ) -> None:
        place = await change(pair)

        now = await do(CREATE, url=URL, integrationId=named(pair))
        then = await do(CREATE, url=URL, after=journal.write_cursor(0))

        assert journal.read_cursor(now["subscriber"]["cursor"]) == place
        assert journal.read_cursor(then["subscriber"]["cursor"]) == 0

    @pytest.mark.parametrize(
        ("given", "code"),
        [
            *(({"url": "https://127.0.0.1/"}, "BAD_URL"), ({"url": "http://x.io/"}, "BAD_URL")),
            *(({"events": ["all"]}, "BAD_EVENTS"), ({"events": ["a.b"] * 101}, "BAD_EVENTS")),
            *(({"after": "x"}, "BAD_CURSOR"), ({"after": "ajE6OTk"}, "BAD_CURSOR")),
            ({"integrationId": "x"}, "NOT_FOUND"),
        ],
    )
    async def test_refuses_what_cannot_be(self, do: Any, given: dict[str, Any], code: str) -> None:
        answer = await do(CREATE, **({"url": URL} | given))

        assert [one["code"] for one in answer["userErrors"]] == [code]
        assert await Subscriber.all().count() == 0

    async def test_takes_local_addresses_where_they_are_allowed(
        self, do: Any, pair: Integration
    ) -> None:
        do.services = replace(
            do.services, settings=replace(do.services.settings, webhook_targets="any")
        )

        answer = await do(CREATE, url="http://127.0.0.1:9/hook")

        assert answer["userErrors"] == []

    async def test_of_a_bound_key_reaches_no_further_than_the_key(
        self, do: Any, pair: Integration, who: Any
    ) -> None:
        other = await Integration.create(name="Other")
        bound = who(integrations=frozenset({pair.id}))
        two = who(integrations=frozenset({pair.id, new_id()}))

        mine = await do(CREATE, bound, url=URL)
        theirs = await do(CREATE, bound, url=URL, integrationId=named(other))
        unclear = await do(CREATE, two, url=URL)

        assert mine["subscriber"]["integration"]["id"] == named(pair)
        assert theirs["userErrors"][0]["code"] == "NOT_FOUND"
        assert unclear["userErrors"][0]["code"] == "INTEGRATION_NEEDED"

    @pytest.mark.parametrize("query", [CREATE, UPDATE, TRY, AGAIN])
    async def test_and_the_others_need_their_scope(
        self, do: Any, subscriber: Subscriber, who: Any, query: str
    ) -> None:
        lacking = who(*(one for one in Scope if one is not Scope.WEBHOOKS))
        given = {"url": URL} if query is CREATE else {"subscriberId": named(subscriber)}

        body = await do.raw(query, given, lacking)

        assert body["errors"][0]["extensions"]["code"] == "FORBIDDEN"


class TestUpdateSubscriber:
    async def test_changes_what_is_given(self, do: Any, subscriber: Subscriber) -> None:
        own = named(subscriber)
        first = await do(UPDATE, subscriberId=own, events=["invoice.*"])
        second = await do(UPDATE, subscriberId=own, url="https://new.example.com/")

        assert first["subscriber"]["url"] == URL
        assert second["subscriber"]["url"] == "https://new.example.com/"
        assert second["subscriber"]["events"] == ["invoice.*"]

    async def test_switches_off_and_on_again_where_it_stopped(
        self, do: Any, subscriber: Subscriber
    ) -> None:
        waiting = await delivery(subscriber, tries=4)

        off = await do(UPDATE, subscriberId=named(subscriber), enabled=False)
        on = await do(UPDATE, subscriberId=named(subscriber), enabled=True)

        assert off["subscriber"]["disabledReason"] == "Switched off by tester."
        assert on["subscriber"]["disabledAt"] is None
        assert (await Delivery.get(id=waiting.id)).tries == 0

    async def test_renews_the_secret_and_keeps_the_old_one_for_a_day(
        self, do: Any, subscriber: Subscriber
    ) -> None:
        vault = do.services.vault
        old = vault.open(integration_id=subscriber.id, sealed=subscriber.secret)["secret"]

        answer = await do(UPDATE, subscriberId=named(subscriber), rotateSecret=True)

        sealed = (await Subscriber.get()).secret
        values = vault.open(integration_id=subscriber.id, sealed=sealed)
        assert (values["secret"], values["old"]) == (answer["secret"], old)
        assert values["until"] == "2026-11-25T06:00:00+00:00"

    async def test_and_the_others_hide_what_a_key_may_not_see(
        self, do: Any, subscriber: Subscriber, who: Any
    ) -> None:
        stranger = who(integrations=frozenset({new_id()}))
        sent = await delivery(subscriber, state="DELIVERED")

        for query, given in (
            (UPDATE, {"subscriberId": named(subscriber), "enabled": False}),
            (TRY, {"subscriberId": named(subscriber)}),
            (AGAIN, {"subscriberId": named(subscriber), "after": journal.write_cursor(0)}),
            (AGAIN, {"deliveryId": named(sent)}),
        ):
            answer = await do(query, stranger, **given)
            assert answer["userErrors"][0]["code"] == "NOT_FOUND"

    async def test_of_all_integrations_is_not_for_a_bound_key(
        self, do: Any, pair: Integration, who: Any
    ) -> None:
        await do(CREATE, url=URL)
        everything = await Subscriber.get()

        answer = await do(
            UPDATE,
            who(integrations=frozenset({pair.id})),
            subscriberId=named(everything),
            url="https://thief.example.com/",
        )

        assert answer["userErrors"][0]["code"] == "NOT_FOUND"


class TestTestSubscriber:
    async def test_queues_a_test(self, do: Any, subscriber: Subscriber) -> None:
        answer = await do(TRY, subscriberId=named(subscriber))

        assert answer["subscriber"]["id"] == named(subscriber)
        assert answer["delivery"]["type"] == TEST
        assert answer["delivery"]["state"] == "QUEUED"
        assert answer["delivery"]["cursor"] is None


class TestRedeliver:
    async def test_sends_one_again_with_the_same_message(
        self, do: Any, subscriber: Subscriber
    ) -> None:
        old = await delivery(subscriber, state="FAILED")

        answer = await do(AGAIN, deliveryId=named(old))

        new = await Delivery.filter(state="QUEUED").get()
        assert answer["redelivered"] == 1
        assert (new.position, new.body) == (old.position, old.body)

    async def test_sends_everything_since_a_cursor(
        self, do: Any, pair: Integration, subscriber: Subscriber
    ) -> None:
        await do(UPDATE, subscriberId=named(subscriber), events=["invoice.*"])
        other = await Integration.create(name="Other")
        start = await change(pair)
        await change(other)
        await change(pair, "customer.changed")
        last = await change(pair)
        await Subscriber.all().update(position=last)
        waiting = await delivery(subscriber, position=last)

        answer = await do(AGAIN, subscriberId=named(subscriber), after=journal.write_cursor(start))

        assert answer["redelivered"] == 1
        assert journal.read_cursor(answer["subscriber"]["cursor"]) == start
        assert (await Delivery.get(id=waiting.id)).state == "SKIPPED"

    async def test_refuses_what_cannot_be(self, do: Any, subscriber: Subscriber) -> None:
        waiting = await delivery(subscriber)
        ahead = journal.write_cursor(99)

        codes = [
            (await do(AGAIN, **given))["userErrors"][0]["code"]
            for given in (
                {},
                {"subscriberId": named(subscriber)},
                {"deliveryId": named(waiting)},
                {"deliveryId": "x"},
                {"subscriberId": named(subscriber), "after": ahead},
            )
        ]

        assert codes == [
            *("BAD_CHOICE", "BAD_CHOICE", "NOT_REDELIVERABLE", "NOT_FOUND", "BAD_CURSOR")
        ]

    async def test_refuses_a_subscriber_that_is_switched_off(
        self, do: Any, subscriber: Subscriber
    ) -> None:
        await do(UPDATE, subscriberId=named(subscriber), enabled=False)

        answer = await do(AGAIN, subscriberId=named(subscriber), after=journal.write_cursor(0))

        assert answer["userErrors"][0]["code"] == "SUBSCRIBER_DISABLED"
