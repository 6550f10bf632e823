"""Webhooks of Financials at the address of one integration and at the shared one."""

import asyncio
import base64
import hashlib
import hmac
from dataclasses import replace
from typing import Any

import pytest

from gateway.webhooks import financials
from gateway.webhooks.arrival import Arrival
from gateway.webhooks.directory import Directory
from schema.models import Job, WebhookEvent
from schema.secrets import new_webhook_secret
from schema.settings import Hidden
from schema.words import IntegrationState, Side

NOTICE = {"notificationId": "7d1a2f10-0000-4000-8000-000000000001", "eventName": "Customer Changed"}


class TestTheAddressOfAnIntegration:
    async def test_stores_and_queues(self, gateway: Any) -> None:
        response = await gateway.notify(NOTICE, path=f"/{gateway.integration.id}")

        event = await WebhookEvent.get()
        assert response.status_code == 202
        assert (event.side, event.type) == (Side.FINANCIALS, "Customer Changed")
        assert event.event_id == NOTICE["notificationId"]
        assert (await Job.get()).integration_id == gateway.integration.id

    async def test_stores_once(self, gateway: Any) -> None:
        path = f"/{gateway.integration.id}"

        answers = await asyncio.gather(*(gateway.notify({"a": 1}, path=path) for _ in range(20)))

        assert [one.status_code for one in answers].count(202) == 1
        assert (await WebhookEvent.get()).duplicates == 19

    async def test_refuses_another_secret_and_a_broken_signature(self, gateway: Any) -> None:
        path = f"/{gateway.integration.id}"
        answers = [await gateway.notify(NOTICE, path=path, secret=new_webhook_secret())]
        for text in (b"", b"%%", b"\xff\xfe", b"AAAA", b"A" * 5000):
            headers = {b"x-webhook-signature": text}
            answers.append(
                await gateway.client.post(
                    f"/webhooks/financials{path}", content=b"{}", headers=headers
                )
            )

        assert all(one.status_code in (400, 401) for one in answers)
        assert await WebhookEvent.all().count() == 0

    async def test_takes_a_secret_that_is_any_text(self, gateway: Any) -> None:
        await gateway.keep(financials="a plain text")

        answer = await gateway.notify(
            NOTICE, path=f"/{gateway.integration.id}", secret="a plain text"
        )

        assert answer.status_code == 202


class TestTheSharedAddress:
    async def test_finds_the_company(self, gateway: Any) -> None:
        answer = await gateway.notify(NOTICE | {"tenantId": "T-1"})

        event = await WebhookEvent.get()
        assert answer.status_code == 202
        assert event.integration_id == gateway.integration.id
        assert event.source == "application"

    async def test_wakes_every_integration_of_the_application_for_an_unknown_company(
        self, gateway: Any, link: Any
    ) -> None:
        vault, secret = gateway.services.vault, gateway.financials_secret
        twin = await link(vault, name="Twin", tenant="T-2", financials=secret)
        paused = await link(vault, name="Paused", tenant="T-3", financials=secret)
        paused.state = IntegrationState.PAUSED
        await paused.save()
        await link(vault, name="Stranger", tenant="T-4", financials=new_webhook_secret())

        answer = await gateway.notify(NOTICE | {"tenantId": "T-99"})

        event = await WebhookEvent.get()
        woken = {job.integration_id for job in await Job.all()}
        assert answer.status_code == 202
        assert event.integration_id is None
        assert event.reason
        assert woken == {gateway.integration.id, twin.id}

    async def test_lets_no_secret_speak_for_another_company(self, gateway: Any, link: Any) -> None:
        other = new_webhook_secret()
        stranger = await link(gateway.services.vault, name="S", tenant="T-2", financials=other)

        answer = await gateway.notify(NOTICE | {"tenantId": "T-1"}, secret=other)

        assert answer.status_code == 202
        assert (await WebhookEvent.get()).integration_id is None
        assert {job.integration_id for job in await Job.all()} == {stranger.id}

    async def test_refuses_an_unknown_secret(self, gateway: Any) -> None:
        answer = await gateway.notify(NOTICE, secret=new_webhook_secret())

        assert answer.status_code == 401


class TestReading:
    @pytest.mark.parametrize(
        ("path", "body", "headers"),
        [
            ("tenantId", b'{"tenantId": 17}', {}),
            ("data.company.id", b'{"data": {"company": {"id": "17"}}}', {}),
            ("header:X-Company", b"not json", {"x-company": "17"}),
        ],
    )
    async def test_finds_the_company_where_the_setting_says(
        self, gateway: Any, link: Any, path: str, body: bytes, headers: dict[str, str]
    ) -> None:
        services, secret = gateway.services, "the application's"
        chosen = replace(
            services.settings,
            financials_tenant_path=path,
            financials_webhook_secret=Hidden(secret),
        )
        company = await link(services.vault, name="Seventeen", tenant="17")
        directory = Directory(services.vault)
        arrival = Arrival(
            integration=None,
            headers=headers | {"x-webhook-signature": _sign(secret, body)},
            body=body,
            at=services.clock(),
            trace=None,
        )

        event = await financials.read(arrival, directory=directory, settings=chosen)

        assert event.integration_id == company.id

    def test_takes_an_equal_body_as_new_after_five_minutes(self) -> None:
        first, second = (
            financials._event_id({}, digest="d", at=at) for at in (1_000_000.0, 1_000_301.0)
        )

        assert first != second


def _sign(secret: str, body: bytes) -> str:
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()
