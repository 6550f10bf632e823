"""Webhooks are doorbells: whatever they say, the truth is read from the vendor (W10)."""

import json
from typing import Any
from uuid import uuid4

import pytest

from schema import jobs, queue
from schema.clock import utc_now
from schema.models import Customer, Job, WebhookEvent
from schema.words import InvoiceState, JobState, Side, WebhookEventState
from tests.worker.pair import CREATE, Pair


async def ring(pair: Pair, body: Any, *, side: Side = Side.SEVERA) -> WebhookEvent:
    """Store an event with its job, as the intake does."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    kind = body.get("type", "") if isinstance(body, dict) else ""
    event = await WebhookEvent.create(
        integration_id=pair.integration.id,
        side=side,
        source=str(pair.integration.id),
        event_id=uuid4().hex,
        type=kind,
        body=raw,
        digest="0" * 64,
        state=WebhookEventState.QUEUED,
        received_at=utc_now(),
    )
    await queue.enqueue(
        jobs.WEBHOOK_HANDLE,
        integration_id=pair.integration.id,
        arguments={"event_id": event.id},
    )
    return event


def changed(guid: str) -> dict[str, Any]:
    """Return Severa's doorbell for an invoice."""
    return {"type": "invoice.status_changed", "data": {"invoiceGuid": guid}}


class TestStatusChanged:
    async def test_carries_the_invoice_all_the_way(self, pair: Pair) -> None:
        [guid] = await pair.bill()
        event = await ring(pair, changed(guid))

        await pair.drained()

        assert (await pair.invoice(guid)).state is InvoiceState.NUMBERED
        await event.refresh_from_db()
        assert event.state is WebhookEventState.PROCESSED
        assert event.handled_at is not None

    async def test_many_times_is_one_look(self, pair: Pair) -> None:
        """W10: many events about one record are one look."""
        [guid] = await pair.bill()
        events = [await ring(pair, changed(guid)) for _ in range(20)]

        await pair.drained()

        headers = await pair.requests("GET /v1/invoices/{guid}")
        assert len([request for request in headers if guid in request["path"]]) <= 4
        states = {(await WebhookEvent.get(id=event.id)).state for event in events}
        assert states == {WebhookEventState.PROCESSED}
        assert len(await pair.requests(CREATE)) == 1

    async def test_of_a_status_that_means_nothing_writes_nothing(self, pair: Pair) -> None:
        [guid] = await pair.bill()
        await pair.sync()
        before = pair.writes()

        await ring(pair, changed(guid))
        await pair.drained()

        assert pair.writes() == before

    async def test_of_an_invoice_that_is_gone_is_shown_as_failed(self, pair: Pair) -> None:
        event = await ring(pair, changed("00000000-0000-4000-8000-000000000000"))

        await pair.drained()

        await event.refresh_from_db()
        assert event.state is WebhookEventState.FAILED
        assert event.reason
        assert not await Job.filter(state=JobState.DEAD).exists()


class TestAnyOtherBody:
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"not json",
            b"[1]",
            {"type": "something"},
            {"type": "invoice.status_changed"},
            {"type": "invoice.status_changed", "data": {"invoiceGuid": 7}},
            {"type": "invoice.status_changed", "data": "x"},
        ],
        ids=repr,
    )
    async def test_wakes_a_poll_of_the_transfer_status(self, pair: Pair, body: Any) -> None:
        [guid] = await pair.bill()
        await ring(pair, body)

        await pair.drained()

        assert (await pair.invoice(guid)).state is InvoiceState.NUMBERED


class TestFinancials:
    async def test_payment_comes_back_by_the_document_event(self, pair: Pair) -> None:
        [guid] = await pair.bill()
        await pair.sync()
        await pair.pay(str((await pair.invoice(guid)).number))
        event = await ring(pair, {"type": "AR Invoice: Changed"}, side=Side.FINANCIALS)

        await pair.drained()

        assert (await pair.invoice(guid)).state is InvoiceState.PAID
        await event.refresh_from_db()
        assert event.state is WebhookEventState.PROCESSED

    async def test_customer_comes_by_its_event(self, pair: Pair) -> None:
        customer = (await Customer.filter(is_active=True).order_by("number"))[0]
        await pair.edit(Side.FINANCIALS, "customer", str(customer.number), name="Endret AS")
        await ring(pair, {"type": "Customer: Changed"}, side=Side.FINANCIALS)

        await pair.drained()

        await customer.refresh_from_db()
        assert customer.name == "Endret AS"

    async def test_event_of_no_register_reads_nothing(self, pair: Pair) -> None:
        before = pair.reads()
        event = await ring(pair, {"type": "Employee: Changed"}, side=Side.FINANCIALS)

        await pair.drained()

        await event.refresh_from_db()
        assert event.handled_at is not None
        assert pair.reads() == before


class TestFailure:
    async def test_of_a_vendor_puts_the_event_back(self, pair: Pair) -> None:
        [guid] = await pair.bill()
        await pair.fault("error_503", "GET /v1/invoices/{guid}", Side.SEVERA, times=4)
        event = await ring(pair, changed(guid))

        await pair.drained(limit=40)

        assert (await pair.invoice(guid)).state is InvoiceState.NUMBERED
        await event.refresh_from_db()
        assert event.state is WebhookEventState.PROCESSED
