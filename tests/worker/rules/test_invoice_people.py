"""What people do on either side while an invoice is on its way (Q31, Q35, Q45, Q51, Q57)."""

from datetime import date, timedelta

import pytest

from sandbox.financials.numbering import Series
from sandbox.severa.table import Record
from schema.models import Invoice, InvoiceRow, Link, NumberEntry, Sighting
from schema.words import InvoiceState, Role
from tests.worker.rules.house import House

RELEASE = "POST /v1/customerinvoice/{invoiceNumber}/action/release"
UPDATE = "PUT /v1/customerinvoice/{invoiceNumber}"
CREATE = "POST /v2/customerinvoice"


async def drafted(house: House) -> Record:
    """Carry an invoice up to a compared draft that is not released: releasing has no effect."""
    house.fault("financials", RELEASE, "release_fails", times=99)
    invoice = house.invoice()
    record = await house.carry(invoice)
    assert record.state is InvoiceState.COMPARED, (record.state, await house.issues())
    return invoice


async def by_hand(house: House) -> Record:
    """Carry an invoice up to a draft that a bookkeeper will release."""
    await house.options(release="BY_HAND")
    invoice = house.invoice()
    record = await house.carry(invoice)
    assert record.state is InvoiceState.WAITING
    assert "waiting_in_financials" in await house.issues(invoice)
    return invoice


class TestStatusOfTheDocument:
    @pytest.mark.parametrize(
        "status",
        ["Scheduled", "PendingPrint", "PendingEmail", "CreditHold", "CcHold", "Reserved"],
    )
    async def test_any_other_status_waits_with_that_reason(self, house: House, status: str) -> None:
        invoice = await drafted(house)
        house.document(invoice).dto["status"] = status
        record = await house.again(invoice)
        assert record.state is InvoiceState.WAITING
        assert status in (await house.issues(invoice))["waiting_in_financials"].cause
        assert status in str(record.waiting_reason)
        assert invoice["number"] is None

    async def test_voided_is_cancelled(self, house: House) -> None:
        invoice = await drafted(house)
        house.document(invoice).dto["status"] = "Voided"
        record = await house.again(invoice)
        assert record.state is InvoiceState.CANCELLED
        assert (await house.again(invoice)).state is InvoiceState.CANCELLED
        assert len(house.sent(CREATE)) == 1

    async def test_voided_after_numbering_is_cancelled(self, house: House) -> None:
        invoice = house.invoice()
        await house.carry(invoice)
        house.act(
            "edit",
            entity="customerinvoice",
            id=house.document(invoice).number,
            fields={"status": "Voided"},
        )
        await house.payments()
        assert (await house.record(invoice)).state is InvoiceState.CANCELLED


class TestEditedDraft:
    async def test_is_noticed_shown_and_not_overwritten(self, house: House) -> None:
        invoice = await by_hand(house)
        house.act("edit_draft", referenceNumber=house.document(invoice).number)
        price = house.document(invoice).lines[0]["unitPriceInCurrency"]

        record = await house.again(invoice)

        assert record.state is InvoiceState.WAITING
        assert "draft_changed" in await house.issues(invoice)
        assert house.document(invoice).lines[0]["unitPriceInCurrency"] == price
        assert house.role(invoice) is Role.TRANSFER

    async def test_text_alone_is_an_edit(self, house: House) -> None:
        invoice = await by_hand(house)
        number = house.document(invoice).number
        house.act("edit_draft", referenceNumber=number, fields={"invoiceText": "Hello"})
        await house.again(invoice)
        assert "draft_changed" in await house.issues(invoice)

    async def test_edit_right_before_the_release_is_seen_by_its_version(self, house: House) -> None:
        house.fault("financials", UPDATE, "stale_etag")
        invoice = house.invoice()
        record = await house.carry(invoice)
        assert record.state is InvoiceState.WAITING
        assert "draft_changed" in await house.issues(invoice)

    async def test_retry_takes_it_as_it_stands(self, house: House) -> None:
        invoice = await by_hand(house)
        await house.options(release="AUTOMATIC")
        number = house.document(invoice).number
        house.act("edit_draft", referenceNumber=number, fields={"invoiceText": "Hello"})
        await house.again(invoice)

        record = await house.retry(invoice)

        assert record.state is InvoiceState.NUMBERED, await house.issues()
        assert house.document(invoice).dto["invoiceText"] == "Hello"
        assert await house.issues(invoice) == {}

    async def test_retry_of_another_total_is_refused_and_the_draft_goes(self, house: House) -> None:
        invoice = await by_hand(house)
        await house.options(release="AUTOMATIC")
        house.act("edit_draft", referenceNumber=house.document(invoice).number)
        await house.again(invoice)
        record = await house.retry(invoice)
        assert record.state is InvoiceState.FAILED
        assert house.documents(invoice) == []


class TestDeletedDraft:
    async def test_is_shown_and_not_created_again(self, house: House) -> None:
        invoice = await by_hand(house)
        number = house.document(invoice).number
        house.act("delete", entity="customerinvoice", id=number)

        for _ in range(3):
            record = await house.again(invoice)

        assert record.state is InvoiceState.WAITING
        assert "deleted" in (await house.issues(invoice))["draft_changed"].cause
        assert len(house.sent(CREATE)) == 1

    async def test_retry_creates_it_again(self, house: House) -> None:
        invoice = await by_hand(house)
        await house.options(release="AUTOMATIC")
        house.act("delete", entity="customerinvoice", id=house.document(invoice).number)
        await house.again(invoice)
        record = await house.retry(invoice)
        assert record.state is InvoiceState.NUMBERED, await house.issues()
        assert len(house.sent(CREATE)) == 2


class TestByHand:
    async def test_release_by_a_bookkeeper_ends_numbered(self, house: House) -> None:
        invoice = await by_hand(house)
        assert house.document(invoice).status == "Balanced"
        house.act("release", referenceNumber=house.document(invoice).number)
        record = await house.again(invoice)
        assert record.state is InvoiceState.NUMBERED
        assert invoice["referenceNumber"]
        assert await house.issues(invoice) == {}

    async def test_total_that_changed_is_an_alert_never_a_delete(self, house: House) -> None:
        invoice = await by_hand(house)
        number = house.document(invoice).number
        house.act("edit_draft", referenceNumber=number)
        house.act("release", referenceNumber=number)
        record = await house.again(invoice)
        assert record.state is InvoiceState.NUMBERED
        assert "total_changed_after_release" in await house.issues(invoice)
        assert house.document(invoice).status == "Open"

    async def test_number_waits_for_the_payment_reference(self, house: House) -> None:
        house.world.assume.payment_reference_at = "release"
        before = house.invoice()
        await house.carry(before)
        invoice = await by_hand(house)
        document = house.document(invoice)
        house.act("release", referenceNumber=document.number)
        reference = document.dto.pop("paymentReference")

        record = await house.again(invoice)
        assert record.state is InvoiceState.WAITING
        assert invoice["number"] is None

        document.dto["paymentReference"] = reference
        record = await house.again(invoice)
        assert record.state is InvoiceState.NUMBERED
        assert invoice["referenceNumber"] == reference

    async def test_company_without_references_gets_its_number(self, house: House) -> None:
        invoice = await by_hand(house)
        document = house.document(invoice)
        house.act("release", referenceNumber=document.number)
        document.dto.pop("paymentReference")
        assert (await house.again(invoice)).state is InvoiceState.NUMBERED

    async def test_change_in_severa_withdraws_the_draft(self, house: House) -> None:
        invoice = await by_hand(house)
        house.edit(invoice, notes="Something else")
        record = await house.again(invoice)
        assert house.documents(invoice) == []
        assert "invoice_changed_meanwhile" in await house.issues(invoice)
        assert record.state is InvoiceState.WAITING
        record = await house.again(invoice)
        assert "Something else" in house.document(invoice).dto["invoiceText"]


class TestReleaseWithoutEffect:
    async def test_is_an_issue_after_a_quarter_of_an_hour(self, house: House) -> None:
        invoice = await drafted(house)
        for _ in range(6):
            house.forward(minutes=6)
            record = await house.again(invoice)
        assert record.state is InvoiceState.WAITING
        assert "release_without_effect" in await house.issues(invoice)
        assert invoice["number"] is None

    async def test_retry_asks_once_more(self, house: House) -> None:
        invoice = await drafted(house)
        for _ in range(6):
            house.forward(minutes=6)
            await house.again(invoice)
        house.world.faults.clear()
        record = await house.retry(invoice)
        assert record.state is InvoiceState.NUMBERED, await house.issues()
        assert await house.issues(invoice) == {}


class TestSeveraChangesMeanwhile:
    async def test_status_taken_back_withdraws_the_draft(self, house: House) -> None:
        invoice = await by_hand(house)
        house.set_role(invoice, Role.DRAFT)
        await house.again(invoice)
        assert house.documents(invoice) == []
        record = await house.again(invoice)
        assert record.state is InvoiceState.DRAFT
        assert await house.issues(invoice) == {}

    async def test_waiting_invoice_taken_back_waits_no_more(self, house: House) -> None:
        invoice = house.invoice(number=777)
        assert (await house.carry(invoice)).state is InvoiceState.WAITING
        house.edit(invoice, number=None)
        house.set_role(invoice, Role.DRAFT)
        record = await house.carry(invoice)
        assert record.state is InvoiceState.DRAFT
        assert await house.issues(invoice) == {}

    async def test_deleted_in_severa_is_shown(self, house: House) -> None:
        invoice = await by_hand(house)
        house.org.tables["invoices"].remove(invoice)
        record = await house.again(invoice)
        assert record.severa_missing
        assert "missing_record" in await house.issues(invoice)


class TestNumberedOutside:
    async def test_number_that_financials_did_not_give_blocks_the_transfer(
        self, house: House
    ) -> None:
        invoice = house.invoice(number=4711)
        record = await house.carry(invoice)
        assert record.state is InvoiceState.WAITING
        assert "4711" in (await house.issues(invoice))["numbered_outside"].cause
        assert house.role(invoice) is Role.TRANSFER
        assert house.documents(invoice) == []
        house.edit(invoice, number=None)
        assert (await house.carry(invoice)).state is InvoiceState.NUMBERED

    async def test_number_given_while_the_draft_stood(self, house: House) -> None:
        invoice = await drafted(house)
        document = house.document(invoice)
        house.act("release", referenceNumber=document.number)
        house.edit(invoice, number=999)
        house.forward(minutes=1)
        record = await house.again(invoice)
        assert record.state is InvoiceState.WAITING
        assert "numbered_outside" in await house.issues(invoice)
        assert invoice["number"] == 999

    async def test_past_the_transfer_without_a_link_is_an_alert(self, house: House) -> None:
        invoice = house.invoice(number=4712)
        house.set_role(invoice, Role.SENT)
        await house.sync("INVOICE")
        record = await house.record(invoice)
        assert record.state is InvoiceState.WAITING
        assert "numbered_outside" in await house.issues(invoice)
        assert house.documents(invoice) == []

    @pytest.mark.parametrize("number", ["A100", "0100", "2147483648"])
    async def test_number_that_does_not_fit_is_said(
        self, house: House, monkeypatch: pytest.MonkeyPatch, number: str
    ) -> None:
        monkeypatch.setattr(Series, "next", lambda self, taken: number)
        invoice = house.invoice()

        record = await house.carry(invoice)

        assert record.state is InvoiceState.WAITING, await house.issues()
        assert number in (await house.issues(invoice))["number_does_not_fit"].cause
        assert invoice["number"] is None


class TestSentWithoutNumber:
    """R140, Q35: nothing goes out before it has its number; if it does, it is an alert."""

    async def test_is_an_alert_that_ends_with_the_transfer(self, house: House) -> None:
        invoice = house.invoice()
        sent = house.ctx.references.status(Role.SENT)
        house.org.tables["invoices"].change(invoice, {"status": sent})
        await house.sync("INVOICE")
        issues = await house.issues(invoice)
        assert "sent_without_number" in issues
        house.set_role(invoice, Role.TRANSFER)
        assert (await house.carry(invoice)).state is InvoiceState.NUMBERED
        assert await house.issues(invoice) == {}


class TestStatusByHand:
    async def test_sent_by_hand_is_never_moved_back(self, house: House) -> None:
        invoice = house.invoice()
        await house.carry(invoice)
        house.set_role(invoice, Role.SENT)
        await house.sync("INVOICE", "PAYMENT")
        assert house.role(invoice) is Role.SENT
        assert (await house.record(invoice)).state is InvoiceState.SENT

    async def test_sent_before_the_number_stays_sent(self, house: House) -> None:
        invoice = await drafted(house)
        house.act("release", referenceNumber=house.document(invoice).number)
        sent = house.ctx.references.status(Role.SENT)
        house.org.tables["invoices"].change(invoice, {"status": sent})
        house.forward(minutes=1)
        record = await house.again(invoice)
        assert record.numbered_at is not None, await house.issues()
        assert house.role(invoice) is Role.SENT

    @pytest.mark.parametrize("role", [Role.SUCCESS, Role.SENT])
    async def test_payment_is_told_from_any_later_status(self, house: House, role: Role) -> None:
        invoice = house.invoice()
        await house.carry(invoice)
        house.set_role(invoice, role)
        await house.sync("INVOICE")
        house.pay(house.document(invoice))
        await house.payments()
        assert house.role(invoice) is Role.PAID

    async def test_paid_by_hand_is_left_alone(self, house: House) -> None:
        invoice = house.invoice()
        await house.carry(invoice)
        house.set_role(invoice, Role.PAID)
        house.pay(house.document(invoice), "0.5")
        await house.sync("INVOICE", "PAYMENT")
        assert house.role(invoice) is Role.PAID
        assert "payment_backwards" not in await house.issues(invoice)


class TestTakeOver:
    async def _booked_elsewhere(self, house: House, role: Role) -> Record:
        invoice = house.invoice()
        await house.carry(invoice)
        record = await house.record(invoice)
        await _forget(record)
        house.set_role(invoice, role)
        return invoice

    @pytest.mark.parametrize("role", [Role.SUCCESS, Role.SENT])
    async def test_booked_invoice_is_adopted(self, house: House, role: Role) -> None:
        invoice = await self._booked_elsewhere(house, role)
        documents = len(house.ledger.documents)

        await house.sync("INVOICE")

        record = await house.record(invoice)
        assert record.numbered_at is not None, await house.issues()
        assert record.number == str(invoice["number"])
        assert len(house.ledger.documents) == documents
        assert house.role(invoice) is role
        house.pay(house.document(invoice))
        await house.payments()
        assert house.role(invoice) is Role.PAID

    async def test_paid_invoice_is_adopted_as_paid_and_may_reopen(self, house: House) -> None:
        invoice = await self._booked_elsewhere(house, Role.PAID)
        document = house.document(invoice)
        house.pay(document)
        await house.sync("INVOICE", "PAYMENT")
        assert (await house.record(invoice)).state is InvoiceState.PAID
        assert invoice["paymentDate"] is not None
        house.act("void_payment", referenceNumber=document.number)
        await house.payments()
        assert house.role(invoice) is Role.SENT

    async def test_another_total_is_not_adopted(self, house: House) -> None:
        invoice = await self._booked_elsewhere(house, Role.SENT)
        house.edit_row(house.rows_of(invoice)[0], quantity=2)
        await house.sync("INVOICE")
        assert (await house.record(invoice)).state is InvoiceState.WAITING
        assert "numbered_outside" in await house.issues(invoice)

    async def test_another_customer_is_not_adopted(self, house: House) -> None:
        invoice = await self._booked_elsewhere(house, Role.SENT)
        other = next(
            p["customer"] for p in house.projects() if p["customer"] != invoice["customer"]
        )
        house.org.update("invoices", invoice, {"customer": other, "billingCustomer": other})
        await house.sync("INVOICE")
        assert (await house.record(invoice)).state is InvoiceState.WAITING

    async def test_older_than_the_start_is_left_alone(self, house: House) -> None:
        today = house.org.now().date()
        house.ctx.integration.start_from = today
        await house.ctx.integration.save()
        old = house.invoice(date=today - timedelta(days=1))
        new = house.invoice(date=today)
        past = house.invoice(date=date(2020, 1, 1), number=5)
        house.set_role(past, Role.SENT)

        await house.sync("INVOICE")

        assert (await house.record(old)).state is InvoiceState.NOT_IN_SCOPE
        assert (await house.record(past)).state is InvoiceState.NOT_IN_SCOPE
        assert (await house.record(new)).numbered_at is not None or house.documents(new)
        assert house.documents(old) == []
        assert house.role(old) is Role.TRANSFER
        assert await house.issues(past) == {}


async def _forget(record: Invoice) -> None:
    """Lose what we know of an invoice, as if another integration had transferred it."""
    await Link.filter(record_id=record.id).delete()
    await InvoiceRow.filter(invoice_id=record.id).delete()
    await NumberEntry.filter(invoice_id=record.id).delete()
    await Sighting.filter(resource="invoices", external_id=record.severa_id).delete()
    await record.delete()
