"""Calls whose outcome nobody knows: exactly one document, and evidence that tells the story."""

import re
from datetime import datetime, timedelta

import pytest

from schema.models import Invoice
from schema.words import AttemptState, InvoiceState, Side
from tests.worker.pair import CREATE, LIMIT, Pair, until

RELEASE = "POST /v2/customerinvoice/{invoiceNumber}/action/release"
PATCH = "PATCH /v1/invoices/{guid}"


async def numbered(pair: Pair, guid: str) -> Invoice:
    """Wait until an invoice has its number in Severa."""

    async def look() -> Invoice | None:
        invoice = await Invoice.get_or_none(severa_id=guid)
        return invoice if invoice and invoice.state is InvoiceState.NUMBERED else None

    await pair.drained(limit=LIMIT)
    return await until(look, what=f"{guid} to be numbered", limit=1)


class TestCreate:
    @pytest.mark.parametrize("fault", ["timeout_before_write", "timeout_after_write", "late_write"])
    async def test_makes_exactly_one_document(self, pair: Pair, fault: str) -> None:
        """J4, Q44."""
        [guid] = await pair.bill()
        await pair.fault(fault, CREATE)

        await pair.sync(settle=False)
        await numbered(pair, guid)

        assert len(pair.marked(guid)) == 1
        assert (await pair.summary())["numbers"]["missing"] == []

    async def test_is_uncertain_until_the_execution_time_is_over(self, pair: Pair) -> None:
        [guid] = await pair.bill()
        await pair.fault("late_write", CREATE)

        await pair.sync(settle=False)

        invoice = await pair.invoice(guid)
        [attempt] = await pair.attempts(invoice.id)
        assert attempt.state is AttemptState.UNCERTAIN
        assert attempt.look_after is not None
        limit = pair.settings.execution_limit
        assert attempt.look_after - attempt.created_at >= limit
        assert invoice.state in (InvoiceState.UNCERTAIN, InvoiceState.NUMBERED)

    async def test_is_not_repeated_before_that(self, pair: Pair) -> None:
        """ "Not found" earlier is no answer."""
        [guid] = await pair.bill()
        await pair.fault("timeout_before_write", CREATE)

        await pair.sync(settle=False)
        await numbered(pair, guid)

        first, second = [request["at"] for request in await pair.requests(CREATE)]
        gap = datetime.fromisoformat(second) - datetime.fromisoformat(first)
        assert gap >= pair.settings.execution_limit - timedelta(milliseconds=5)

    async def test_that_landed_tells_its_story_in_one_sentence(self, pair: Pair) -> None:
        [guid] = await pair.bill()
        await pair.fault("timeout_after_write", CREATE)

        await pair.sync(settle=False)
        invoice = await numbered(pair, guid)

        [attempt] = await pair.attempts(invoice.id, "invoice.create")
        assert attempt.state is AttemptState.SUCCEEDED
        assert attempt.external_id == invoice.number
        assert re.search(
            rf"create Invoice .* with the mark \"Severa {guid}\"\. No usable answer: .*"
            rf"Looked in Financials at .* by \"Severa {guid}\", found {invoice.number} "
            r"and adopted it\.",
            attempt.evidence,
        ), attempt.evidence

    async def test_that_did_not_land_tells_it_too(self, pair: Pair) -> None:
        [guid] = await pair.bill()
        await pair.fault("timeout_before_write", CREATE)

        await pair.sync(settle=False)
        invoice = await numbered(pair, guid)

        first, second = await pair.attempts(invoice.id, "invoice.create")
        assert first.state is AttemptState.NOT_DONE
        assert first.evidence.endswith("found nothing.")
        assert second.state is AttemptState.SUCCEEDED

    @pytest.mark.parametrize("fault", ["error_500", "error_503", "html_502", "bad_json"])
    async def test_with_a_broken_answer_makes_exactly_one(self, pair: Pair, fault: str) -> None:
        [guid] = await pair.bill()
        await pair.fault(fault, CREATE)

        await pair.sync(settle=False)
        await numbered(pair, guid)

        assert len(pair.marked(guid)) == 1

    async def test_many_times_in_a_row_makes_exactly_one(self, pair: Pair) -> None:
        guids = await pair.bill(3)
        for fault in ("late_write", "timeout_after_write", "timeout_before_write"):
            await pair.fault(fault, CREATE, times=1)

        await pair.sync(settle=False)

        for guid in guids:
            await numbered(pair, guid)
            assert len(pair.marked(guid)) == 1


class TestRelease:
    @pytest.mark.parametrize("fault", ["timeout_before_write", "timeout_after_write", "late_write"])
    async def test_ends_numbered(self, pair: Pair, fault: str) -> None:
        [guid] = await pair.bill()
        await pair.fault(fault, RELEASE)

        await pair.sync(settle=False)
        invoice = await numbered(pair, guid)

        assert len(pair.marked(guid)) == 1
        assert invoice.released_at is not None


class TestNumberInSevera:
    @pytest.mark.parametrize("fault", ["timeout_before_write", "timeout_after_write", "late_write"])
    async def test_is_written_in_the_end(self, pair: Pair, fault: str) -> None:
        """R68."""
        [guid] = await pair.bill()
        await pair.fault(fault, PATCH, Side.SEVERA)

        await pair.sync(settle=False)
        invoice = await numbered(pair, guid)

        assert str(pair.severa_invoice(guid)["number"]) == invoice.number


class TestBusy:
    @pytest.mark.parametrize("fault", ["rate_limited", "concurrency_refused"])
    async def test_is_waited_out(self, pair: Pair, fault: str) -> None:
        """J6: 429 says that nothing was done."""
        [guid] = await pair.bill()
        await pair.fault(fault, CREATE, delay=1)

        await pair.sync(settle=False)
        invoice = await numbered(pair, guid)

        assert len(pair.marked(guid)) == 1
        attempts = await pair.attempts(invoice.id, "invoice.create")
        assert attempts[-1].state is AttemptState.SUCCEEDED
