"""Changes reach their subscribers: signed, in order, at least once, and to nobody else (W16)."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook
from starlette.responses import Response

from schema import database as db
from schema.deliveries import TEST, seal_secret, trial_message
from schema.ids import new_id
from schema.journal import read_cursor
from schema.models import Audit, Delivery, Subscriber
from worker.deliveries import queue
from worker.deliveries.ladder import LADDER
from worker.deliveries.postman import Postman


def told(receiver: Any) -> list[int]:
    """Return the positions that a receiver was told of, in order."""
    return [read_cursor(json.loads(one.body)["cursor"]) for one in receiver.got]


class TestAMessage:
    async def test_is_accepted_by_the_stock_library(
        self, house: Any, receiver: Any, postman: Postman
    ) -> None:
        subscriber = await house.subscriber(receiver.url)
        change = await house.change()

        await postman.settle()

        [got] = receiver.got
        body: Any = Webhook(house.secrets[subscriber.id]).verify(got.body, got.headers)
        assert body["type"] == "invoice.released"
        assert read_cursor(body["cursor"]) == change.position
        assert body["data"]["fields"][0]["after"] == "RELEASED"
        [line] = await house.log(subscriber)
        assert (line.state, line.status, line.tries) == ("DELIVERED", 204, 1)

    async def test_is_signed_with_the_old_secret_too_for_a_day(
        self, house: Any, receiver: Any, postman: Postman
    ) -> None:
        subscriber = await house.subscriber(receiver.url)
        old = house.secrets[subscriber.id]
        new, sealed = seal_secret(
            house.vault, subscriber_id=subscriber.id, old=old, clock=lambda: datetime.now(UTC)
        )
        await Subscriber.filter(id=subscriber.id).update(secret=sealed)
        await house.change()

        await postman.settle()

        [got] = receiver.got
        for secret in (old, new):
            Webhook(secret).verify(got.body, got.headers)

    async def test_of_a_test_passes_by_a_failing_one_and_reaches_a_disabled_subscriber(
        self, house: Any, receiver: Any, postman: Postman
    ) -> None:
        subscriber = await house.subscriber(receiver.url)
        receiver.answers.append(Response(status_code=500))
        await house.change()
        await postman.settle()
        await Subscriber.filter(id=subscriber.id).update(disabled_at=datetime.now(UTC))
        own, now = new_id(), datetime.now(UTC)
        body = trial_message(own=own, position=1, at=now)
        await Delivery.create(id=own, subscriber_id=subscriber.id, type=TEST, body=body, due_at=now)

        await postman.settle()

        assert json.loads(receiver.got[-1].body)["type"] == TEST
        assert (await Delivery.get(id=own)).state == "DELIVERED"


class TestTheChoice:
    async def test_keeps_changes_of_other_companies_back(
        self, house: Any, receiver: Any, postman: Postman
    ) -> None:
        await house.subscriber(receiver.url)
        await house.change(integration_id=new_id())
        mine = await house.change()
        await house.change(integration_id=new_id())

        await postman.settle()

        assert told(receiver) == [mine.position]

    async def test_of_events_is_kept_to(self, house: Any, receiver: Any, postman: Postman) -> None:
        subscriber = await house.subscriber(receiver.url, events=["invoice.released", "customer.*"])
        kinds = ["invoice.created", "invoice.released", "customer.changed", "product.changed"]
        for kind in kinds:
            await house.change(kind)

        await postman.settle()

        assert [one.type for one in await house.log(subscriber)] == kinds[1:3]

    async def test_of_no_integration_is_all_of_them(
        self, house: Any, receiver: Any, postman: Postman
    ) -> None:
        await house.subscriber(receiver.url, integration_id=None)
        made = [await house.change(integration_id=new_id()) for _ in range(3)]

        await postman.settle()

        assert told(receiver) == [one.position for one in made]


class TestAFailure:
    async def test_lets_newer_changes_wait_until_it_has_arrived(
        self, house: Any, receiver: Any, postman: Postman
    ) -> None:
        subscriber = await house.subscriber(receiver.url)
        receiver.answers.append(Response(status_code=500))
        made = [(await house.change()).position for _ in range(3)]

        await postman.settle()
        assert told(receiver) == made[:1]
        await house.pass_time(subscriber)
        await postman.settle()

        assert told(receiver) == [made[0], *made]
        assert receiver.got[0].headers["webhook-id"] == receiver.got[1].headers["webhook-id"]

    async def test_of_one_subscriber_is_none_of_another(
        self, house: Any, receiver: Any, postman: Postman
    ) -> None:
        failing = await house.subscriber("http://127.0.0.1:1/nobody")
        await house.subscriber(receiver.url)
        await house.change()

        await postman.settle()

        assert len(receiver.got) == 1
        [line] = await house.log(failing)
        assert (line.state, line.tries) == ("QUEUED", 1)

    @pytest.mark.parametrize(("header", "seconds"), [("7", 5), ("600", 600), ("999999", 86_400)])
    async def test_waits_as_long_as_it_is_asked_to(
        self, house: Any, receiver: Any, postman: Postman, header: str, seconds: float
    ) -> None:
        subscriber = await house.subscriber(receiver.url)
        receiver.answers.append(Response(status_code=429, headers={"retry-after": header}))
        await house.change()

        await postman.settle()

        [line] = await house.log(subscriber)
        assert line.due_at is not None
        wait = (line.due_at - datetime.now(UTC)).total_seconds()
        assert seconds - 3 < wait < seconds + 3

    async def test_is_a_redirect_that_nobody_follows(
        self, house: Any, receiver: Any, postman: Postman
    ) -> None:
        subscriber = await house.subscriber(receiver.url)
        receiver.answers.append(Response(status_code=307, headers={"location": "/other"}))
        await house.change()

        await postman.settle()

        assert [one.path for one in receiver.got] == ["/hook"]
        [line] = await house.log(subscriber)
        assert (line.state, line.status) == ("QUEUED", 307)

    async def test_too_many_switches_the_subscriber_off_with_a_notice(
        self, house: Any, receiver: Any, postman: Postman
    ) -> None:
        subscriber = await house.subscriber(receiver.url)
        receiver.usual = 503
        await house.change()

        for _ in range(len(LADDER) + 3):
            await postman.settle()
            await house.pass_time(subscriber)

        off = await Subscriber.get(id=subscriber.id)
        assert len(receiver.got) == len(LADDER) + 1
        assert off.disabled_at is not None
        assert "503" in (off.disabled_reason or "")
        [notice] = await Audit.all()
        assert (notice.action, notice.integration_id) == (
            "subscriber.disable",
            house.integration_id,
        )
        assert (await house.log(subscriber))[0].state == "FAILED"

    async def test_by_410_switches_the_subscriber_off_at_once(
        self, house: Any, receiver: Any, postman: Postman
    ) -> None:
        subscriber = await house.subscriber(receiver.url)
        receiver.usual = 410
        await house.change()
        await house.change()

        await postman.settle()

        assert len(receiver.got) == 1
        assert (await Subscriber.get(id=subscriber.id)).disabled_at is not None

    async def test_that_is_too_old_is_given_up_and_the_next_goes_on(
        self, house: Any, receiver: Any, postman: Postman
    ) -> None:
        subscriber = await house.subscriber(receiver.url)
        receiver.answers.append(Response(status_code=500))
        await house.change()
        second = await house.change()
        await postman.settle()
        await db.execute(
            "UPDATE delivery SET created_at = created_at - $1::interval WHERE tries > 0",
            timedelta(hours=49),
        )
        await house.pass_time(subscriber)

        await postman.settle()

        assert [one.state for one in await house.log(subscriber)] == ["EXPIRED", "DELIVERED"]
        assert told(receiver)[1:] == [second.position]

    async def test_is_an_address_inside_the_network(
        self, house: Any, receiver: Any, new_postman: Callable[..., Postman]
    ) -> None:
        url = receiver.url.replace("http://127.0.0.1", "https://localtest.example")
        by_name = await house.subscriber(url)
        by_number = await house.subscriber("https://127.0.0.1:9/hook")
        await house.change()

        await new_postman(replace(house.settings, webhook_targets="public")).settle()

        assert receiver.got == []
        [line] = await house.log(by_number)
        assert line.error == "The address lies inside a network."
        assert (await house.log(by_name))[0].state == "QUEUED"


class TestWorkers:
    async def test_never_have_one_subscriber_in_hand_together(
        self, house: Any, receiver: Any, new_postman: Callable[..., Postman]
    ) -> None:
        subscriber = await house.subscriber(receiver.url)
        receiver.pause = 0.01
        made = [(await house.change()).position for _ in range(20)]
        postmen = [new_postman(), new_postman(), new_postman()]

        async def work(one: Postman) -> None:
            while await Subscriber.filter(id=subscriber.id, position__lt=made[-1]).exists() or (
                await Delivery.filter(state__in=["QUEUED", "SENDING"]).exists()
            ):
                await one.settle()
                await asyncio.sleep(0.005)

        async with asyncio.timeout(20):
            await asyncio.gather(*(work(one) for one in postmen))

        assert told(receiver) == made
        assert receiver.most_inside == 1

    async def test_take_up_what_a_killed_one_left_behind(
        self, house: Any, receiver: Any, postman: Postman
    ) -> None:
        subscriber = await house.subscriber(receiver.url)
        made = [(await house.change()).position for _ in range(2)]
        await queue.fill(subscriber.id)
        killed = await queue.claim(subscriber.id)
        assert killed is not None

        await postman.settle()
        assert receiver.got == []
        await house.pass_time(subscriber)
        await postman.settle()

        assert told(receiver) == made
        assert not await queue.finish(killed, state="FAILED", status=500, error="too late")

    async def test_serve_a_ring_within_a_moment(
        self, house: Any, receiver: Any, postman: Postman
    ) -> None:
        await house.subscriber(receiver.url)
        task = asyncio.create_task(postman.run())
        await house.change()

        async with asyncio.timeout(10):
            while not receiver.got:  # noqa: ASYNC110  the receiver is a server of its own
                await asyncio.sleep(0.02)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

        assert len(receiver.got) == 1

    async def test_keep_a_short_queue_and_lose_nothing(
        self, house: Any, receiver: Any, postman: Postman, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(queue, "AHEAD", 3)
        monkeypatch.setattr(queue, "READ", 4)
        await house.subscriber(receiver.url, events=["invoice.released"])
        kinds = ["invoice.released", "invoice.created"] * 8
        made = [await house.change(kind) for kind in kinds]

        await postman.settle()

        assert told(receiver) == [one.position for one in made[::2]]

    async def test_read_on_over_what_nobody_wants(
        self, house: Any, receiver: Any, postman: Postman, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(queue, "READ", 2)
        await house.subscriber(receiver.url, events=["invoice.released"])
        for _ in range(5):
            await house.change("invoice.created")
        wanted = await house.change()

        await postman.settle()

        assert told(receiver) == [wanted.position]


class TestTheLog:
    async def test_is_kept_for_thirty_days(
        self, house: Any, receiver: Any, postman: Postman
    ) -> None:
        subscriber = await house.subscriber(receiver.url)
        await house.change()
        await house.change()
        await postman.settle()
        first = (await house.log(subscriber))[0]
        await db.execute(
            "UPDATE delivery SET created_at = now() - interval '31 days' WHERE id = $1", first.id
        )

        await queue.forget_old()

        assert len(await house.log(subscriber)) == 1
