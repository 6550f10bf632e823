"""Rows in Financials: items, splits, units, text, projects (R214 to R222, Q39, Q41, Q47)."""

from decimal import Decimal
from typing import Any

import pytest

from sandbox.severa.state import as_money
from sandbox.severa.table import Record
from schema.money import loads
from schema.words import InvoiceState, Role
from tests.worker.rules.house import House, Row

HOURS, TRAVEL = "Hours", "TravelExpenses"


def lines(house: House, invoice: Record) -> list[dict[str, Any]]:
    """Return the lines of the one document of an invoice."""
    return house.document(invoice).lines


def bundle(house: House, invoice: Record, entries: list[tuple[str, str, str]]) -> Record:
    """Group several fees into the first row of an invoice, as Severa does."""
    row = house.rows_of(invoice)[0]
    for fee in house.org.tables["projectfees"].where("invoiceRow", row["guid"]):
        house.org.update("projectfees", fee, {"invoice": None, "invoiceRow": None})
    codes = []
    for code, quantity, price in entries:
        product = house.org.tables["products"].where("code", code)[0]
        fee = house.org.insert(
            "projectfees",
            {
                "project": invoice["projects"][0],
                "product": product["guid"],
                "quantity": Decimal(quantity),
                "unitPrice": as_money(price, house.org.home),
                "invoice": invoice["guid"],
                "invoiceRow": row["guid"],
                "measurementUnit": product["measurementUnit"],
                "eventDate": house.org.now().date(),
                "customer": invoice["customer"],
            },
        )
        assert fee["invoiceRow"] == row["guid"]
        codes.append(code)
    house.org.update("invoicerows", row, {"code": sorted(set(codes))})
    return row


class TestItems:
    async def test_each_register_is_an_item(self, house: House) -> None:
        invoice = house.invoice(
            [Row(), Row(kind=HOURS, code="KONSULT", unit="timer"), Row(kind=TRAVEL, code="BILLETT")]
        )

        await house.carry(invoice)

        codes = [line["inventoryNumber"] for line in lines(house, invoice)]
        assert codes[1:] == ["KONSULT", "BILLETT"]

    async def test_no_code_is_refused_naming_the_row(self, house: House) -> None:
        invoice = house.invoice([Row(), Row(text="Something free")])
        house.org.update("invoicerows", house.rows_of(invoice)[1], {"code": []})
        self._forget_products(house, invoice)

        record = await house.carry(invoice)

        assert record.state is InvoiceState.FAILED
        assert house.role(invoice) is Role.FAILED
        issue = (await house.issues(invoice))["no_item_code"]
        assert issue.cause.startswith("Row 2 of Invoice of")
        assert "Something free" in issue.cause

    async def test_fallback_item_stands_in_for_a_row_without_code(self, house: House) -> None:
        await house.options(fallback_items={"ProjectFees": "RADGIV"})
        invoice = house.invoice([Row(code="LISENS")])
        house.org.update("invoicerows", house.rows_of(invoice)[0], {"code": []})
        self._forget_products(house, invoice)

        await house.carry(invoice)

        assert lines(house, invoice)[0]["inventoryNumber"] == "RADGIV"

    async def test_the_entry_says_the_code_when_the_row_does_not(self, house: House) -> None:
        invoice = house.invoice([Row(code="LISENS")])
        house.org.update("invoicerows", house.rows_of(invoice)[0], {"code": []})

        await house.carry(invoice)

        assert lines(house, invoice)[0]["inventoryNumber"] == "LISENS"

    async def test_flat_rate_goes_through_its_own_fallback(self, house: House) -> None:
        await house.options(fallback_items={"FlatRate": "RADGIV"})
        invoice = house.invoice([Row(code="LISENS")])
        flat = next(iter(house.org.tables["flatrates"]))
        values = {"code": [], "rowType": "FlatRate", "flatRateGuid": flat["guid"]}
        house.org.update("invoicerows", house.rows_of(invoice)[0], values)
        self._forget_products(house, invoice)

        record = await house.carry(invoice)

        assert record.state in (InvoiceState.NUMBERED, InvoiceState.FAILED)
        if record.state is InvoiceState.NUMBERED:
            assert lines(house, invoice)[0]["inventoryNumber"] == "RADGIV"
        assert (await house.our_rows(invoice))[0].project_id is not None

    async def test_unknown_item_is_refused_with_its_code(self, house: House) -> None:
        invoice = house.invoice()
        house.org.update("invoicerows", house.rows_of(invoice)[0], {"code": ["NOWHERE"]})

        await house.carry(invoice)

        assert "NOWHERE" in (await house.issues(invoice))["item_unknown"].cause

    async def test_blocked_item_waits_and_leaves_the_status(self, house: House) -> None:
        house.act("edit", entity="inventory", id="RADGIV", fields={"status": "NoSales"})
        await house.sync("PRODUCT")
        invoice = house.invoice([Row(code="RADGIV")])

        record = await house.carry(invoice)

        assert record.state is InvoiceState.WAITING
        assert house.role(invoice) is Role.TRANSFER
        assert "NoSales" in (await house.issues(invoice))["item_blocked"].cause
        house.act("edit", entity="inventory", id="RADGIV", fields={"status": "Active"})
        await house.sync("PRODUCT")
        assert (await house.again(invoice)).state is InvoiceState.NUMBERED

    def _forget_products(self, house: House, invoice: Record) -> None:
        for fee in house.org.tables["projectfees"].where("invoice", invoice["guid"]):
            house.org.update("projectfees", fee, {"product": None})


class TestSeveralCodes:
    async def test_row_is_split_by_its_entries(self, house: House) -> None:
        invoice = house.invoice([Row(price="100", quantity="5")])
        bundle(house, invoice, [("RADGIV", "2", "100"), ("LISENS", "3", "100")])

        record = await house.carry(invoice)

        assert record.state is InvoiceState.NUMBERED, await house.issues()
        found = [(x["inventoryNumber"], x["quantity"]) for x in lines(house, invoice)]
        assert sorted(found) == [("LISENS", 3), ("RADGIV", 2)]
        assert house.document(invoice).total == invoice["gross"]

    async def test_equal_entries_become_one_line(self, house: House) -> None:
        invoice = house.invoice([Row(price="100", quantity="6")])
        bundle(
            house, invoice, [("RADGIV", "2", "100"), ("LISENS", "3", "100"), ("RADGIV", "1", "100")]
        )

        await house.carry(invoice)

        assert sorted(x["quantity"] for x in lines(house, invoice)) == [3, 3]

    async def test_averaged_price_still_adds_up_to_the_cent(self, house: House) -> None:
        invoice = house.invoice([Row(price="66.666666666667", quantity="3")])
        bundle(house, invoice, [("RADGIV", "1", "100"), ("LISENS", "2", "50")])

        record = await house.carry(invoice)

        assert record.state is InvoiceState.NUMBERED, await house.issues()
        found = {x["inventoryNumber"]: x["amountInCurrency"] for x in lines(house, invoice)}
        assert found == {"RADGIV": Decimal("100.00"), "LISENS": Decimal("100.00")}

    @pytest.mark.parametrize("second", [("LISENS", "3", "100.01"), ("LISENS", "2.9", "100")])
    async def test_one_cent_off_is_refused_naming_the_codes(
        self, house: House, second: tuple[str, str, str]
    ) -> None:
        invoice = house.invoice([Row(price="100", quantity="5")])
        bundle(house, invoice, [("RADGIV", "2", "100"), second])

        record = await house.carry(invoice)

        assert record.state is InvoiceState.FAILED
        cause = (await house.issues(invoice))["several_item_codes"].cause
        assert "LISENS, RADGIV" in cause
        assert cause.startswith("Row 1 of")

    async def test_credit_note_splits_by_what_it_took_back(self, house: House) -> None:
        invoice = house.invoice([Row(price="100", quantity="5")])
        bundle(house, invoice, [("RADGIV", "2", "100"), ("LISENS", "3", "100")])
        await house.carry(invoice)
        note = house.reimburse(invoice)

        record = await house.carry(note)

        assert record.state in (InvoiceState.NUMBERED, InvoiceState.PAID), await house.issues()
        found = [
            (x["inventoryNumber"], x["quantity"], x["unitPriceInCurrency"])
            for x in lines(house, note)
        ]
        assert sorted(found) == [("LISENS", 3, 100), ("RADGIV", 2, 100)]

    async def test_credit_note_row_without_code_has_that_of_the_entry(self, house: House) -> None:
        invoice = house.invoice([Row(code="LISENS")])
        await house.carry(invoice)
        note = house.reimburse(invoice)
        house.org.update("invoicerows", house.rows_of(note)[0], {"code": []})

        await house.carry(note)

        assert lines(house, note)[0]["inventoryNumber"] == "LISENS"


class TestUnits:
    async def test_unit_is_looked_up(self, house: House) -> None:
        invoice = house.invoice([Row(code="KURS/DAG", unit="dag")])
        await house.carry(invoice)
        assert lines(house, invoice)[0]["uom"] == "DAG"

    async def test_unknown_unit_is_refused_before_anything_is_sent(self, house: House) -> None:
        invoice = house.invoice([Row(), Row(unit="fathom")])

        record = await house.carry(invoice)

        assert record.state is InvoiceState.FAILED
        cause = (await house.issues(invoice))["unknown_unit"].cause
        assert cause.startswith("Row 2 of")
        assert "'fathom'" in cause
        assert house.sent("POST /v2/customerinvoice") == []

    async def test_missing_unit_is_the_items_own(self, house: House) -> None:
        invoice = house.invoice([Row(code="KURS/DAG")])
        house.org.update("invoicerows", house.rows_of(invoice)[0], {"measurementUnit": None})
        await house.carry(invoice)
        assert lines(house, invoice)[0]["uom"] == "DAG"


class TestLines:
    async def test_constants_and_text(self, house: House) -> None:
        text = "Åpning 🎉 og rådgivning"
        invoice = house.invoice([Row(text=text)])
        await house.carry(invoice)
        line = lines(house, invoice)[0]
        assert line["projectTask"]["id"] == "10"
        assert line["description"] == text
        assert line["manualDiscount"] is True
        (body,) = house.sent("POST /v2/customerinvoice")
        sent = body["invoiceLines"][0]
        assert "vatCodeId" not in sent
        assert "taxDetailLines" not in body

    async def test_customer_discounts_do_not_change_the_price(self, house: House) -> None:
        invoice = house.invoice()
        customer = house.org.need("customers", invoice["customer"])
        house.ledger.discounts["VIP"] = Decimal(10)
        fields = {"priceClass": {"id": "VIP"}}
        house.act("edit", entity="customer", id=str(customer["number"]), fields=fields)

        assert (await house.carry(invoice)).state is InvoiceState.NUMBERED

    async def test_long_and_odd_texts_are_cut_visibly(self, house: House) -> None:
        huge = "Grønnsåpe 🧼 " * 9000
        invoice = house.invoice([Row(text=huge)], notes=huge, freeText1=huge)

        record = await house.carry(invoice)

        assert record.state is InvoiceState.NUMBERED, await house.issues()
        line = lines(house, invoice)[0]
        assert line["description"].endswith(" […]")
        assert len(line["description"]) <= 1000
        text = house.document(invoice).dto["invoiceText"]
        assert "\nNotes: Grønnsåpe 🧼" in text
        assert text.endswith(" […]")
        issue = (await house.issues(invoice))["text_cut"]
        assert "description of line 1" in issue.cause
        assert "invoice text" in issue.cause
        rows = await house.our_rows(invoice)
        assert rows[0].description == huge

    @pytest.mark.parametrize("odd", ["a\x00b", "a\x07\x1bb", "\u202eabc", "e\u0301🧑‍🚒"])
    async def test_odd_characters_hold_nothing_up(self, house: House, odd: str) -> None:
        invoice = house.invoice([Row(text=odd)], notes=odd)
        other = house.invoice()
        await house.sync("INVOICE")
        for made in (invoice, other):
            assert (await house.again(made)).numbered_at is not None, await house.issues()

    @pytest.mark.parametrize("raw", [b'{"a\\u0000": "x\\ud800y"}', b'{"a": "x\xed\xa0\x80y"}'])
    def test_what_no_store_can_hold_is_dropped_when_read(self, raw: bytes) -> None:
        assert loads(raw) == {"a": "x\ufffdy"}
        assert loads(b'"\\ud83e\\uddfc \\\\u0041"') == "🧼 \\u0041"

    async def test_limits_are_settings(self, house: House) -> None:
        await house.options(text_limits={"customerRefNumber": 8})
        invoice = house.invoice(orderNumber="ABCDEFGHIJKL")
        await house.carry(invoice)
        assert house.document(invoice).dto["customerRefNumber"] == "ABCD […]"

    async def test_row_branch_is_that_of_its_project(self, house: House) -> None:
        invoice = house.invoice()
        await house.carry(invoice)
        (body,) = house.sent("POST /v2/customerinvoice")
        assert body["invoiceLines"][0]["branchNumber"] == body["branchNumber"]


class TestProjects:
    def _two(self, house: House, *, company: bool = True) -> tuple[Record, Record]:
        found = house.projects()
        first = found[0]
        unit = self._company(house, first)
        for other in found[1:]:
            if (self._company(house, other) == unit) is company:
                return first, other
        raise AssertionError("no such pair of projects")

    def _company(self, house: House, project: Record) -> str:
        unit = house.org.need("businessunits", project["businessUnit"])
        return str(unit["companyBusinessUnitGuid"])

    async def test_several_projects_are_refused_with_their_numbers(self, house: House) -> None:
        one, two = self._two(house)
        invoice = house.invoice([Row(project=one), Row(project=two)], projects=[one, two])

        record = await house.carry(invoice)

        assert record.state is InvoiceState.FAILED
        cause = (await house.issues(invoice))["several_projects"].cause
        assert str(one["number"]) in cause
        assert str(two["number"]) in cause

    async def test_first_project_by_setting(self, house: House) -> None:
        await house.options(several_projects="FIRST")
        one, two = self._two(house)
        invoice = house.invoice([Row(project=two), Row(project=one)], projects=[one, two])
        await house.carry(invoice)
        assert house.document(invoice).project.key == str(two["number"])
        assert lines(house, invoice)[0]["projectTask"]["id"] == "10"
        ids = {row.project_id for row in await house.our_rows(invoice)}
        assert len(ids) == 2

    async def test_none_sends_the_non_project_code_and_no_task(self, house: House) -> None:
        await house.options(several_projects="NONE")
        one, two = self._two(house)
        invoice = house.invoice([Row(project=one), Row(project=two)], projects=[one, two])
        await house.carry(invoice)
        (body,) = house.sent("POST /v2/customerinvoice")
        assert body["project"] in ("X", {"value": "X"})
        assert all("taskId" not in line for line in body["invoiceLines"])
        assert house.document(invoice).project.non_project

    async def test_projects_of_two_companies_are_refused(self, house: House) -> None:
        await house.options(several_projects="FIRST")
        one, two = self._two(house, company=False)
        invoice = house.invoice([Row(project=one), Row(project=two)], projects=[one, two])
        record = await house.carry(invoice)
        assert record.state is InvoiceState.FAILED
        assert "several_companies" in await house.issues(invoice)

    async def test_rows_without_entries_still_see_the_projects_of_the_header(
        self, house: House
    ) -> None:
        one, two = self._two(house)
        invoice = house.invoice([Row(project=one)], projects=[one, two])
        for fee in house.org.tables["projectfees"].where("invoice", invoice["guid"]):
            house.org.update("projectfees", fee, {"invoice": None, "invoiceRow": None})
        record = await house.carry(invoice)
        assert record.state is InvoiceState.FAILED
        assert "several_projects" in await house.issues(invoice)
