"""The header of a document: receiver, texts, terms, currency, switches (R55, R193 to R213, Q37)."""

from decimal import Decimal

import pytest

from sandbox.financials import contact as contacts
from sandbox.severa import invoice_model
from sandbox.severa.table import Record
from schema.ids import new_id
from schema.models import Link
from schema.words import InvoiceKind, InvoiceState, Role
from tests.worker.rules.house import House, Row
from worker.vendors.severa.operations import INVOICE_READ


def euro(house: House, project: Record) -> None:
    """Let a project be billed in euro."""
    guid = house.org.tables["currencies"].where("code", "EUR")[0]["guid"]
    house.org.update("projects", project, {"currency": guid})


class TestReceiver:
    async def test_customer_is_the_billing_customer(self, house: House) -> None:
        one, other = house.projects()[0], house.projects()[1]
        invoice = house.invoice(billingCustomer=other["customer"], projects=[one])
        await house.carry(invoice)
        number = house.org.need("customers", other["customer"])["number"]
        assert house.document(invoice).customer.key == str(number)

    async def test_main_location_when_the_address_is_the_customers(self, house: House) -> None:
        invoice = house.invoice()
        await house.carry(invoice)
        assert house.document(invoice).dto["location"]["id"] == "MAIN"
        assert "address_differs" not in await house.issues(invoice)

    async def test_location_whose_address_matches(self, house: House) -> None:
        invoice = house.invoice()
        customer = str(house.org.need("customers", invoice["customer"])["number"])
        place = {"addressLine1": "Nygata 7", "postalCode": "5003", "city": "Bergen"}
        contacts.create_location(
            house.ledger,
            {
                "baccountId": customer,
                "locationId": "BERGEN",
                "locationName": "Bergen",
                "address": {**place, "countryId": "NO"},
            },
        )
        house.edit(
            invoice,
            receiverAddress={"addressline": "NYGATA 7", "postalCode": "5003", "city": "Bergen"},
        )

        await house.carry(invoice)

        assert house.document(invoice).dto["location"]["id"] == "BERGEN"
        assert "address_differs" not in await house.issues(invoice)

    async def test_foreign_address_goes_to_main_with_a_warning(self, house: House) -> None:
        invoice = house.invoice()
        house.edit(
            invoice,
            receiverAddress={"addressline": "Elsewhere 1", "postalCode": "1", "city": "Nowhere"},
        )

        record = await house.carry(invoice)

        assert record.state is InvoiceState.NUMBERED
        assert house.document(invoice).dto["location"]["id"] == "MAIN"
        issue = (await house.issues(invoice))["address_differs"]
        assert "Elsewhere 1, 1 Nowhere" in issue.cause

    async def test_contact_by_its_link(self, house: House) -> None:
        project = next(row for row in house.projects() if row["customerContact"])
        invoice = house.invoice(projects=[project])
        customer = str(house.org.need("customers", project["customer"])["number"])
        contact = next(
            row for row in house.ledger.contacts if row.dto.get("businessAccount") == customer
        )
        record_id = new_id()
        known = await Link.filter(entity="CONTACT", external_id=invoice["receiverContactGuid"])
        if not known:
            for side, key in (
                ("SEVERA", invoice["receiverContactGuid"]),
                ("FINANCIALS", str(contact.internal_id)),
            ):
                await Link.filter(entity="CONTACT", side=side, external_id=key).delete()
                await Link.create(
                    integration_id=house.ctx.integration.id,
                    entity="CONTACT",
                    record_id=record_id,
                    side=side,
                    external_id=key,
                    internal_id=key,
                )

        await house.carry(invoice)

        shown = house.document(invoice).dto["contact"]["id"]
        here = await Link.get(
            entity="CONTACT", side="SEVERA", external_id=invoice["receiverContactGuid"]
        )
        there = await Link.get(entity="CONTACT", side="FINANCIALS", record_id=here.record_id)
        assert str(shown) == there.external_id

    async def test_inactive_customer_waits_and_leaves_the_status(self, house: House) -> None:
        invoice = house.invoice()
        number = str(house.org.need("customers", invoice["customer"])["number"])
        house.act("edit", entity="customer", id=number, fields={"status": "Inactive"})
        await house.sync("CUSTOMER")
        house.org.update("customers", house.org.need("customers", invoice["customer"]), {})

        record = await house.carry(invoice)

        assert record.state is InvoiceState.WAITING, await house.issues()
        assert house.role(invoice) is Role.TRANSFER


class TestTexts:
    async def test_invoice_text_has_fixed_order_and_labels(self, house: House) -> None:
        invoice = house.invoice(
            ourReference="Kari",
            senderContactName="Ola",
            notes="Thanks",
            freeText1="above",
            freeText2="below",
        )
        await house.carry(invoice)
        assert house.document(invoice).dto["invoiceText"] == (
            "Our reference: Kari\nBilling contact: Ola\nNotes: Thanks\nabove\nbelow"
        )

    async def test_empty_parts_are_left_out(self, house: House) -> None:
        invoice = house.invoice(
            ourReference=None, senderContactName=None, notes=" ", freeText2="only this"
        )
        await house.carry(invoice)
        assert house.document(invoice).dto["invoiceText"] == "only this"

    async def test_references_go_to_their_fields(self, house: House) -> None:
        invoice = house.invoice(yourReference="PO 7")
        await house.carry(invoice)
        dto = house.document(invoice).dto
        assert dto["externalReference"] == "PO 7"
        assert dto["customerRefNumber"] == invoice["orderNumber"]
        assert dto["note"] == f"Severa {invoice['guid']}"

    async def test_credit_note_names_its_original(self, house: House) -> None:
        invoice = house.invoice()
        original = await house.carry(invoice)
        note = house.reimburse(invoice)
        await house.carry(note)
        text = house.document(note).dto["invoiceText"]
        assert text.splitlines()[-1] == f"Credits invoice {original.number}"


class TestTerms:
    async def test_terms_by_their_days(self, house: House) -> None:
        invoice = house.invoice(paymentTerm=30)
        await house.carry(invoice)
        assert house.document(invoice).dto["creditTerms"]["id"] == "30"

    async def test_unknown_days_are_refused(self, house: House) -> None:
        invoice = house.invoice(paymentTerm=17)
        record = await house.carry(invoice)
        assert record.state is InvoiceState.FAILED
        assert "17 days" in (await house.issues(invoice))["unknown_terms"].cause

    async def test_credit_note_has_none(self, house: House) -> None:
        note = house.invoice([Row(quantity="-1")], isCreditNote=True, paymentTerm=17)
        assert (await house.carry(note)).state is not InvoiceState.FAILED


class TestCurrency:
    async def test_rate_is_sent_as_home_per_unit(self, house: House) -> None:
        project = house.projects(foreign=True)[0]
        euro(house, project)
        invoice = house.invoice(projects=[project])
        await house.carry(invoice)
        assert house.document(invoice).rate == Decimal("11.62")

    async def test_direction_is_read_from_the_totals(self, house: House) -> None:
        house.world.assume.rate_is_home_per_unit = False
        project = house.projects(foreign=True)[0]
        euro(house, project)
        invoice = house.invoice(projects=[project])
        body = (await house.ctx.severa.read(INVOICE_READ, path={"guid": invoice["guid"]})).body
        assert body["currencyRate"] < 1
        house.world.assume.rate_is_home_per_unit = True

        await house.carry(invoice)

        assert house.document(invoice).rate == Decimal("11.62")

    async def test_amounts_in_the_other_order(self, house: House) -> None:
        house.world.assume.amounts_in_invoice_currency = False
        project = house.projects(foreign=True)[0]
        euro(house, project)
        invoice = house.invoice([Row(price="80")], projects=[project])
        await house.carry(invoice)
        assert house.document(invoice).lines[0]["unitPriceInCurrency"] == 80
        (body,) = house.sent("POST /v2/customerinvoice")
        assert "unitPrice" not in body["invoiceLines"][0]

    @pytest.mark.parametrize("rate", ["0", "3"])
    async def test_rate_that_does_not_fit_waits(
        self, house: House, monkeypatch: pytest.MonkeyPatch, rate: str
    ) -> None:
        monkeypatch.setattr(invoice_model, "shown_rate", lambda org, real: Decimal(rate))
        project = house.projects(foreign=True)[0]
        euro(house, project)
        invoice = house.invoice(projects=[project])

        record = await house.carry(invoice)

        assert record.state is InvoiceState.WAITING, await house.issues()
        assert house.role(invoice) is Role.TRANSFER
        assert "exchange_rate" in await house.issues(invoice)
        assert house.documents(invoice) == []
        monkeypatch.undo()
        assert (await house.carry(invoice)).state is InvoiceState.NUMBERED

    async def test_zero_total_abroad_needs_no_rate(self, house: House) -> None:
        project = house.projects(foreign=True)[0]
        euro(house, project)
        invoice = house.invoice([Row(), Row(quantity="-1")], projects=[project])
        assert (await house.carry(invoice)).state is InvoiceState.PAID

    async def test_unknown_currency_is_refused(self, house: House) -> None:
        project = house.projects(foreign=True)[0]
        euro(house, project)
        del house.ledger.currencies["EUR"]
        await house.read_references()
        record = await house.carry(house.invoice(projects=[project]))
        assert record.state is InvoiceState.FAILED, await house.issues()


class TestSwitches:
    async def test_never_sent_by_financials(self, house: House) -> None:
        invoice = house.invoice()
        await house.carry(invoice)
        note = house.reimburse(invoice)
        await house.carry(note)
        for operation in ("POST /v2/customerinvoice", "POST /v2/customerCreditNote"):
            (body,) = house.sent(operation)
            for name, value in (("sendToAutoInvoice", False), ("dontPrint", True)):
                assert body[name] == {"value": value}
            assert body["dontEmail"] == {"value": True}
            assert body["hold"] == {"value": True}
            assert "referenceNumber" not in body
            assert "paymentReference" not in body
        assert not house.document(invoice).sent


class TestKinds:
    async def test_negative_total_is_a_credit_note_whatever_the_flag(self, house: House) -> None:
        invoice = house.invoice([Row(price="100"), Row(price="300", quantity="-1")])
        record = await house.carry(invoice)
        assert record.kind is InvoiceKind.CREDIT_NOTE
        document = house.document(invoice)
        assert document.total == abs(invoice["gross"])
        found = [(x["quantity"], x["unitPriceInCurrency"]) for x in document.lines]
        assert found == [(1, -100), (1, 300)]

    async def test_positive_credit_note_stays_positive(self, house: House) -> None:
        note = house.invoice([Row(price="100")], isCreditNote=True)
        record = await house.carry(note)
        assert record.kind is InvoiceKind.CREDIT_NOTE
        assert house.document(note).total == note["gross"]
        assert record.financials_total == note["gross"]

    async def test_zero_total_is_closed_at_once(self, house: House) -> None:
        invoice = house.invoice([Row(), Row(quantity="-1")])
        record = await house.carry(invoice)
        assert record.state is InvoiceState.PAID
        assert house.role(invoice) is Role.PAID
        assert house.document(invoice).status == "Closed"
        assert str(invoice["number"]) == house.document(invoice).number


class TestCredit:
    async def test_note_is_applied_to_its_open_invoice(self, house: House) -> None:
        invoice = house.invoice()
        await house.carry(invoice)
        note = house.reimburse(invoice)
        record = await house.carry(note)
        assert house.document(invoice).status == "Closed"
        assert house.document(note).balance == 0
        assert record.state is InvoiceState.PAID
        assert "credit_not_applied" not in await house.issues(note)
        await house.payments()
        original = await house.record(invoice)
        assert original.state is InvoiceState.PAID
        assert (original.paid_amount, original.credited_amount) == (0, invoice["gross"])

    async def test_not_applied_when_switched_off(self, house: House) -> None:
        await house.options(apply_credit_notes=False)
        invoice = house.invoice()
        await house.carry(invoice)
        note = house.reimburse(invoice)
        await house.carry(note)
        assert house.document(invoice).status == "Open"
        assert "switched off" in (await house.issues(note))["credit_not_applied"].cause

    async def test_not_applied_to_a_paid_invoice(self, house: House) -> None:
        invoice = house.invoice()
        await house.carry(invoice)
        house.pay(house.document(invoice))
        await house.payments()
        note = house.reimburse(invoice)
        record = await house.carry(note)
        assert record.state is InvoiceState.NUMBERED
        assert "credit_not_applied" in await house.issues(note)

    async def test_paid_behind_our_back_is_said_and_blocks_nothing(self, house: House) -> None:
        invoice = house.invoice()
        await house.carry(invoice)
        house.pay(house.document(invoice))
        note = house.reimburse(invoice)
        record = await house.carry(note)
        assert record.state is InvoiceState.NUMBERED, await house.issues()
        assert "credit_not_applied" in await house.issues(note)

    async def test_waits_for_its_invoice(self, house: House) -> None:
        invoice = house.invoice()
        note = house.invoice([Row(quantity="-1")], isCreditNote=True)
        house.org.update("invoices", note, {"reimburseInvoice": invoice["guid"]})
        assert (await house.carry(note)).state is InvoiceState.WAITING
        await house.carry(invoice)
        assert (await house.again(note)).state is InvoiceState.PAID
