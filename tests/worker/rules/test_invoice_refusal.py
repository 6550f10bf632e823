"""Refusals and what comes after: states, digests, retries, orphans, odd answers (Q1, Q56, Q58)."""

import pytest

from sandbox.severa.table import Record
from schema.words import InvoiceState, NumberOutcome, Role
from tests.worker.rules.house import House, Row

CREATE = "POST /v2/customerinvoice"
DELETE = "DELETE /v1/customerinvoice/{invoiceNumber}"
RELEASE = "POST /v1/customerinvoice/{invoiceNumber}/action/release"
UPDATE = "PUT /v1/customerinvoice/{invoiceNumber}"
PATCH = "PATCH /v1/invoices/{guid}"


async def refused_by_draft(house: House) -> Record:
    """Make an invoice whose forecast is fine and whose draft is not."""
    house.act("mismatch_next", cents=9)
    invoice = house.invoice()
    record = await house.carry(invoice)
    assert record.state is InvoiceState.FAILED
    return invoice


class TestByData:
    async def test_mismatch_deletes_the_draft_and_records_its_number(self, house: House) -> None:
        invoice = await refused_by_draft(house)
        assert house.documents(invoice) == []
        assert house.role(invoice) is Role.FAILED
        (number,) = house.ledger.deleted[-1:]
        entry = await house.ledger_of_numbers(number)
        assert entry.outcome is NumberOutcome.DELETED
        assert "9" in (await house.issues(invoice))["totals_differ"].cause

    async def test_closed_period_fails_with_its_reason(self, house: House) -> None:
        today = house.org.now().date()
        house.act("close_period", period=f"{today:%Y%m}")
        invoice = house.invoice()
        record = await house.carry(invoice)
        assert record.state is InvoiceState.FAILED
        assert house.role(invoice) is Role.FAILED
        assert "period" in (await house.issues(invoice))["vendor_refused"].cause.lower()
        house.act("close_period", period=f"{today:%Y%m}", closed=False)
        assert (await house.retry(invoice)).state is InvoiceState.NUMBERED

    async def test_period_closed_before_the_release_takes_the_draft_away(
        self, house: House
    ) -> None:
        await house.options(release="BY_HAND")
        invoice = house.invoice()
        await house.carry(invoice)
        await house.options(release="AUTOMATIC")
        house.world.assume.release_delay = 0.0
        house.act("close_period", period=f"{house.org.now().date():%Y%m}")
        for _ in range(6):
            house.forward(minutes=6)
            record = await house.again(invoice)
        assert record.state in (InvoiceState.FAILED, InvoiceState.WAITING)
        assert invoice["number"] is None

    async def test_no_rows(self, house: House) -> None:
        invoice = house.invoice([])
        record = await house.carry(invoice)
        assert record.state is InvoiceState.FAILED
        assert "no_rows" in await house.issues(invoice)

    async def test_every_refusal_says_who_can_fix_it(self, house: House) -> None:
        from schema.issues import CATALOGUE

        invoice = house.invoice([Row(vat="15")])
        await house.carry(invoice)
        (issue,) = (await house.issues(invoice)).values()
        assert "Row 1" in issue.cause or "row 1" in issue.cause
        assert "15 %" in issue.cause
        assert "25 %" in issue.next_step
        assert CATALOGUE[issue.code].fixable_by == "Finance person in Severa"


class TestDigest:
    async def test_unchanged_content_gets_no_second_draft(self, house: House) -> None:
        invoice = await refused_by_draft(house)
        house.set_role(invoice, Role.TRANSFER)
        record = await house.carry(invoice)
        assert record.state is InvoiceState.FAILED
        assert house.role(invoice) is Role.FAILED
        assert (await house.retry(invoice)).state is InvoiceState.FAILED
        assert len(house.sent(CREATE)) == 1

    async def test_changed_content_gets_one(self, house: House) -> None:
        invoice = await refused_by_draft(house)
        house.edit_row(house.rows_of(invoice)[0], quantity=2)
        record = await house.retry(invoice)
        assert record.state is InvoiceState.NUMBERED, await house.issues()
        assert house.role(invoice) is Role.SUCCESS
        assert len(house.sent(CREATE)) == 2

    async def test_retry_reads_the_header_again_first(self, house: House) -> None:
        invoice = house.invoice(paymentTerm=17)
        await house.carry(invoice)
        house.edit(invoice, paymentTerm=30)
        record = await house.retry(invoice)
        assert record.state is InvoiceState.NUMBERED
        assert house.document(invoice).dto["creditTerms"]["id"] == "30"


class TestRetry:
    async def test_is_no_more_than_that_for_a_numbered_invoice(self, house: House) -> None:
        invoice = house.invoice()
        await house.carry(invoice)
        assert (await house.retry(invoice)).state is InvoiceState.NUMBERED
        assert len(house.sent(CREATE)) == 1

    @pytest.mark.parametrize("role", [Role.DRAFT, Role.SENT])
    async def test_needs_the_failed_or_the_transfer_role(self, house: House, role: Role) -> None:
        invoice = house.invoice(paymentTerm=17)
        await house.carry(invoice)
        house.edit(invoice, paymentTerm=30)
        status = house.ctx.references.status(role)
        house.org.tables["invoices"].change(invoice, {"status": status})
        record = await house.retry(invoice)
        assert record.state is not InvoiceState.NUMBERED
        assert house.documents(invoice) == []

    async def test_carries_a_waiting_invoice_on(self, house: House) -> None:
        invoice = house.invoice(number=4711)
        await house.carry(invoice)
        house.edit(invoice, number=None)
        assert (await house.retry(invoice)).state is InvoiceState.NUMBERED

    async def test_of_an_uncertain_one_looks_up_now(self, house: House) -> None:
        house.fault("financials", CREATE, "timeout_after_write")
        invoice = house.invoice()
        record = await house.carry(invoice)
        assert record.state is InvoiceState.UNCERTAIN
        house.forward(minutes=10)
        record = await house.retry(invoice)
        assert record.state is InvoiceState.NUMBERED, await house.issues()
        assert len(house.documents(invoice)) == 1


class TestOrphan:
    async def test_is_loud_retried_and_ends_failed(self, house: House) -> None:
        house.fault("financials", DELETE, "error_400", times=2)
        house.act("mismatch_next", cents=9)
        invoice = house.invoice()
        record = await house.carry(invoice)
        assert record.state is InvoiceState.ORPHANED
        assert "draft_not_deleted" in await house.issues(invoice)
        assert "totals_differ" in await house.issues(invoice)
        assert house.role(invoice) is Role.FAILED
        assert (await house.again(invoice)).state is InvoiceState.ORPHANED

        record = await house.again(invoice)

        assert record.state is InvoiceState.FAILED
        assert house.documents(invoice) == []
        issues = await house.issues(invoice)
        assert "draft_not_deleted" not in issues
        assert "totals_differ" in issues

    async def test_retry_of_a_corrected_one_books_it(self, house: House) -> None:
        house.fault("financials", DELETE, "error_400", times=1)
        house.act("mismatch_next", cents=9)
        invoice = house.invoice()
        assert (await house.carry(invoice)).state is InvoiceState.ORPHANED
        house.edit_row(house.rows_of(invoice)[0], quantity=2)
        record = await house.retry(invoice)
        assert record.state is InvoiceState.NUMBERED, await house.issues()
        assert len(house.documents(invoice)) == 1

    async def test_somebody_else_deleted_it(self, house: House) -> None:
        house.fault("financials", DELETE, "error_400", times=1)
        house.act("mismatch_next", cents=9)
        invoice = house.invoice()
        await house.carry(invoice)
        number = house.document(invoice).number
        house.act("delete", entity="customerinvoice", id=number)
        record = await house.again(invoice)
        assert record.state is InvoiceState.FAILED
        assert (await house.ledger_of_numbers(number)).outcome is NumberOutcome.DELETED


class TestErpSaysFiveHundred:
    """A 500 with a message of the ERP: one look-up and one retry, then permanent (contract 9)."""

    @pytest.mark.parametrize("operation", [CREATE, UPDATE, RELEASE])
    async def test_once_is_tried_again(self, house: House, operation: str) -> None:
        _rule(house, operation, times=1)
        invoice = house.invoice()
        record = await house.carry(invoice)
        assert record.state is InvoiceState.NUMBERED, await house.issues()
        assert len(house.documents(invoice)) == 1

    async def test_twice_is_permanent(self, house: House) -> None:
        _rule(house, CREATE, times=2)
        invoice = house.invoice()
        record = await house.carry(invoice)
        assert record.state is InvoiceState.FAILED
        assert house.role(invoice) is Role.FAILED
        assert len(house.sent(CREATE)) == 2
        assert "vendor_refused" in await house.issues(invoice)

    async def test_bad_request_is_permanent_at_once(self, house: House) -> None:
        house.fault("financials", CREATE, "error_400")
        invoice = house.invoice()
        record = await house.carry(invoice)
        assert record.state is InvoiceState.FAILED
        assert len(house.sent(CREATE)) == 1

    async def test_severa_refusing_the_number_waits_and_is_tried_again(self, house: House) -> None:
        house.fault("severa", PATCH, "error_400")
        invoice = house.invoice()
        record = await house.carry(invoice)
        assert record.state is InvoiceState.WAITING
        assert house.document(invoice).status == "Open"
        assert (await house.again(invoice)).state is InvoiceState.NUMBERED
        assert len(house.documents(invoice)) == 1


def _rule(house: House, operation: str, *, times: int) -> None:
    house.fault("financials", operation, "error_500", times=times)
