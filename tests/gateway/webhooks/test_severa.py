"""Severa's doorbell, rung by the stock library of Standard Webhooks."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from gateway.webhooks import release
from gateway.webhooks.refusal import BadSignature, Malformed
from gateway.webhooks.secret import overlap, read_keys
from gateway.webhooks.standard import open_envelope, verify
from schema.database import transaction
from schema.models import Job, WebhookEvent
from schema.secrets import new_webhook_secret
from schema.words import WebhookEventState

VECTOR_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
VECTOR_HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
VECTOR_BODY = b'{"test": 2432232314}'
VECTOR_TIME = datetime.fromtimestamp(1614265330, UTC)


class TestADelivery:
    async def test_is_stored_as_received_and_queued_in_one_go(self, gateway: Any) -> None:
        response = await gateway.ring(event_id="msg_1")

        event = await WebhookEvent.get()
        job = await Job.get()
        assert (response.status_code, response.json()) == (202, {"status": "accepted"})
        assert bytes(event.body).startswith(b'{ "type":"invoice.status_changed",\n')
        assert (event.type, event.event_id, event.state) == (
            "invoice.status_changed",
            "msg_1",
            WebhookEventState.QUEUED,
        )
        assert event.integration_id == gateway.integration.id
        assert (job.kind, job.arguments) == ("webhook.handle", {"event_id": str(event.id)})
        assert "signature" not in str(event.headers)

    async def test_rings_the_worker(self, gateway: Any) -> None:
        await gateway.ring()
        await asyncio.gather(*gateway.services.knocker._tasks)

        assert await gateway.services.redis.zcard("severa-gateway:1") == 1

    async def test_is_stored_once_however_often_it_comes(self, gateway: Any) -> None:
        responses = await asyncio.gather(*(gateway.ring(event_id="msg_1") for _ in range(100)))

        event = await WebhookEvent.get()
        assert sorted({one.status_code for one in responses}) == [200, 202]
        assert [one.status_code for one in responses].count(202) == 1
        assert event.duplicates == 99
        assert await Job.all().count() == 1

    async def test_of_a_known_id_with_another_body_is_kept_as_a_conflict(
        self, gateway: Any
    ) -> None:
        await gateway.ring(event_id="msg_1")
        response = await gateway.ring(b'{"type": "other"}', event_id="msg_1")
        again = await gateway.ring(b'{"type": "other"}', event_id="msg_1")

        first, second = await WebhookEvent.all().order_by("id")
        assert (response.status_code, again.status_code) == (202, 200)
        assert first.event_id == "msg_1"
        assert first.duplicates == 0
        assert second.event_id.startswith("msg_1~")
        assert second.duplicates == 1
        assert "another body" in str(second.reason)

    async def test_may_carry_any_body(self, gateway: Any) -> None:
        bodies = [b"", b"5", b"null", b'"\\u0000"', b'{"type": 5}', b'{"type": "a\\u0000b"}']
        bodies += [b"[" * 5000, b'{"type": "' + b"x" * 500 + b'"}']

        statuses = [(await gateway.ring(body)).status_code for body in bodies]

        assert statuses == [202] * len(bodies)

    async def test_while_webhooks_are_held_waits_in_the_inbox(self, gateway: Any) -> None:
        gateway.integration.webhooks_held = True
        await gateway.integration.save()

        response = await gateway.ring()

        assert response.status_code == 202
        assert (await WebhookEvent.get()).state is WebhookEventState.RECEIVED
        assert await Job.all().count() == 0

    async def test_that_was_held_is_queued_when_it_is_let_go(self, gateway: Any) -> None:
        gateway.integration.webhooks_held = True
        await gateway.integration.save()
        await gateway.ring()
        await gateway.ring()

        async with transaction():
            count = await release(integration_id=gateway.integration.id)

        states = {event.state for event in await WebhookEvent.all()}
        assert (count, states) == (2, {WebhookEventState.QUEUED})
        assert await Job.all().count() == 2


class TestARefusal:
    async def test_meets_a_tampered_body(self, gateway: Any, sign: Any) -> None:
        headers = sign(gateway.severa_secret, b'{"a": 1}', event_id="msg_1")

        response = await gateway.client.post(gateway.url, content=b'{"a":1}', headers=headers)

        assert response.status_code == 401
        assert response.json()["errors"][0]["extensions"]["code"] == "INVALID_SIGNATURE"
        assert await WebhookEvent.all().count() == 0

    @pytest.mark.parametrize("seconds", [-302, 302])
    async def test_meets_an_old_or_early_timestamp(
        self, gateway: Any, sign: Any, seconds: int
    ) -> None:
        at = datetime.now(UTC) + timedelta(seconds=seconds)
        headers = sign(gateway.severa_secret, b"{}", event_id="msg_1", at=at)

        response = await gateway.client.post(gateway.url, content=b"{}", headers=headers)

        assert response.status_code == 401

    async def test_is_the_same_for_an_unknown_endpoint(self, gateway: Any, sign: Any) -> None:
        headers = sign(new_webhook_secret(), b"{}", event_id="msg_1")
        unknown = [str(uuid4()), str(gateway.integration.id).upper(), "x", "%00"]

        known = await gateway.client.post(gateway.url, content=b"{}", headers=headers)
        others = [
            await gateway.client.post(f"/webhooks/severa/{one}", content=b"{}", headers=headers)
            for one in unknown
        ]

        assert known.status_code == 401
        assert {one.status_code for one in others} == {401}
        assert {one.json()["errors"][0]["message"] for one in [known, *others]} == {
            "The signature is not valid."
        }

    async def test_meets_a_large_body(self, gateway: Any) -> None:
        response = await gateway.ring(b'"' + b"x" * 1024 * 1024 + b'"')

        assert response.status_code == 413
        assert response.json()["errors"][0]["extensions"]["code"] == "PAYLOAD_TOO_LARGE"

    async def test_meets_a_form(self, gateway: Any) -> None:
        response = await gateway.client.post(gateway.url, data={"a": "b"})

        assert response.status_code == 415

    async def test_is_never_a_redirect(self, gateway: Any) -> None:
        response = await gateway.client.post(gateway.url + "/", content=b"{}")

        assert response.status_code == 404

    @limits(
        max_examples=150,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        event_id=st.binary(max_size=40),
        timestamp=st.one_of(st.binary(max_size=20), st.integers().map(lambda n: str(n).encode())),
        signature=st.one_of(
            st.binary(max_size=80),
            st.lists(
                st.sampled_from([b"v1,", b"v1a,AA==", b"v1,%%", b"v2,x", b"v1", b",", b"\xff"])
            ).map(b" ".join),
        ),
    )
    def test_meets_any_headers_without_a_crash(
        self, event_id: bytes, timestamp: bytes, signature: bytes
    ) -> None:
        headers = {
            "webhook-id": event_id.decode("latin-1"),
            "webhook-timestamp": timestamp.decode("latin-1"),
            "webhook-signature": signature.decode("latin-1"),
        }

        with pytest.raises((Malformed, BadSignature)):
            verify(
                open_envelope(headers),
                body=b"{}",
                keys=read_keys(VECTOR_SECRET),
                now=VECTOR_TIME,
            )

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"webhook-id": "a"},
            {"webhook-id": "a.b", "webhook-timestamp": "1", "webhook-signature": "v1,AA=="},
            {"webhook-id": "a", "webhook-timestamp": "1.5", "webhook-signature": "v1,AA=="},
            {"webhook-id": "a", "webhook-timestamp": "9" * 400, "webhook-signature": "v1,AA=="},
            {"webhook-id": "a", "webhook-timestamp": "NaN", "webhook-signature": "v1,AA=="},
            {"webhook-id": b"\xc3\xa5", "webhook-timestamp": b"\xb2", "webhook-signature": b"\xff"},
            {"webhook-id": "a", "webhook-timestamp": "1", "webhook-signature": "v1,\u00e5"},
            {"webhook-id": "a" * 5000, "webhook-timestamp": "1", "webhook-signature": "v1"},
        ],
    )
    async def test_meets_malformed_headers(self, gateway: Any, headers: Any) -> None:
        raw = {
            name.encode(): value if isinstance(value, bytes) else value.encode("latin-1")
            for name, value in headers.items()
        }

        response = await gateway.client.post(gateway.url, content=b"{}", headers=raw)

        assert response.status_code in (400, 401)
        assert response.json()["errors"][0]["extensions"]["code"]


class TestSecrets:
    async def test_overlap_while_they_rotate(self, gateway: Any) -> None:
        old, new = gateway.severa_secret, new_webhook_secret()
        until = datetime.now(UTC) + timedelta(hours=1)

        before = await gateway.ring()
        await gateway.keep(severa=overlap(current=old, new=new, until=until))
        both = [await gateway.ring(secret=one) for one in (new, old)]
        await gateway.keep(severa=overlap(current=old, new=new, until=datetime.now(UTC)))
        await gateway.services.redis.flushall()
        late = await gateway.ring(secret=new)

        used = {event.key_used for event in await WebhookEvent.all()}
        assert [one.status_code for one in [before, *both, late]] == [202] * 4
        assert len(used) == 2

    async def test_that_ended_do_not_count(self, gateway: Any) -> None:
        old, new = gateway.severa_secret, new_webhook_secret()
        await gateway.keep(severa=overlap(current=old, new=new, until=datetime.now(UTC)))

        assert (await gateway.ring(secret=old)).status_code == 401
        assert (await gateway.ring(secret=new)).status_code == 202

    async def test_of_another_integration_do_not_count(self, gateway: Any, link: Any) -> None:
        other = new_webhook_secret()
        await link(gateway.services.vault, name="Other", tenant="T-2", severa=other)

        assert (await gateway.ring(secret=other)).status_code == 401

    async def test_of_financials_do_not_open_the_doorbell(self, gateway: Any) -> None:
        assert (await gateway.ring(secret=gateway.financials_secret)).status_code == 401


class TestThePublishedVector:
    def test_verifies(self) -> None:
        keys = read_keys(VECTOR_SECRET)
        envelope = open_envelope(VECTOR_HEADERS)

        assert verify(envelope, body=VECTOR_BODY, keys=keys, now=VECTOR_TIME)

    def test_verifies_under_the_older_names_and_among_others(self) -> None:
        renamed = {name.replace("webhook", "svix"): text for name, text in VECTOR_HEADERS.items()}
        renamed["svix-signature"] = f"v2,abc v1,AAAA {renamed['svix-signature']}"
        keys = read_keys(f"{new_webhook_secret()},{VECTOR_SECRET}")

        assert verify(open_envelope(renamed), body=VECTOR_BODY, keys=keys, now=VECTOR_TIME)

    def test_holds_for_three_hundred_seconds(self) -> None:
        keys, envelope = read_keys(VECTOR_SECRET), open_envelope(VECTOR_HEADERS)
        last = VECTOR_TIME + timedelta(seconds=300, microseconds=900_000)

        assert verify(envelope, body=VECTOR_BODY, keys=keys, now=last)
        with pytest.raises(BadSignature):
            verify(envelope, body=VECTOR_BODY, keys=keys, now=last + timedelta(seconds=1))
