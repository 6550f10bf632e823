"""Customer invoices and credit notes of the fake Financials, from draft to closed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from sandbox.financials import control
from tests.sandbox.financials_talk import Ledger, keeping_books, wrap

D = Decimal


@pytest.fixture
async def ledger() -> AsyncIterator[Ledger]:
    async with keeping_books() as ledger:
        yield ledger


def item_of(ledger: Ledger, category: str = "HIGH") -> str:
    return next(row.key for row in ledger.company.items if row.dto["vatCode"]["id"] == category)


def line(ledger: Ledger, quantity: str = "2", price: str = "100", **more: Any) -> dict[str, Any]:
    fields = {
        "inventoryNumber": item_of(ledger),
        "description": "Work",
        "quantity": float(quantity),
        "unitPriceInCurrency": float(price),
        "manualDiscount": True,
        "taskId": "10",
        **more,
    }
    return {"operation": "Insert", **wrap(**{k: v for k, v in fields.items() if v is not None})}


def invoice(ledger: Ledger, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    fields = {
        "customerNumber": "10001",
        "documentDate": "2026-11-20",
        "project": "1001",
        "creditTermsId": "14",
        "hold": True,
        "sendToAutoInvoice": False,
        "dontPrint": True,
        "dontEmail": True,
        "customerRefNumber": "SO-1",
        "note": "Severa 1",
        "invoiceLines": list(lines) or [line(ledger)],
        **more,
    }
    return wrap(**{name: value for name, value in fields.items() if value is not None})


async def draft(ledger: Ledger, *lines: dict[str, Any], **more: Any) -> str:
    return str(await ledger.post("/v2/customerinvoice", invoice(ledger, *lines, **more)))


async def released(ledger: Ledger, *lines: dict[str, Any], **more: Any) -> str:
    number = await draft(ledger, *lines, **{"hold": False, **more})
    await ledger.post(f"/v1/customerinvoice/{number}/action/release", status=200)
    await ledger.settle()
    return number


async def read(ledger: Ledger, number: str) -> Any:
    return await ledger.get(f"/v1/customerinvoice/{number}")


class TestDraft:
    async def test_shows_what_was_written(self, ledger: Ledger) -> None:
        row = await read(ledger, await draft(ledger))

        assert (row["status"], row["hold"]) == ("Hold", True)
        assert row["customer"]["number"] == "10001"
        assert row["project"]["id"] == "1001"
        assert row["creditTerms"]["id"] == "14"
        assert row["documentDueDate"] == "2026-12-04T00:00:00"
        assert (row["financialPeriod"], row["postPeriod"]) == ("202611", "202611")
        assert row["invoiceLines"][0]["projectTask"]["id"] == "10"
        assert row["paymentReference"]

    async def test_amount_is_zero_until_release_but_totals_are_known(self, ledger: Ledger) -> None:
        row = await read(ledger, await draft(ledger))

        assert (row["amountInCurrency"], row["balanceInCurrency"]) == (0, 0)
        assert row["detailTotalInCurrency"] == 200
        assert row["vatTotalInCurrency"] == 50
        assert row["taxDetails"][0]["vatRate"] == 25

    async def test_totals_can_be_validated_on_entry(self, ledger: Ledger) -> None:
        ledger.world.assume.totals_on_entry = True

        assert (await read(ledger, await draft(ledger)))["amountInCurrency"] == 250

    async def test_without_hold_the_preference_decides(self, ledger: Ledger) -> None:
        assert (await read(ledger, await draft(ledger, hold=None)))["status"] == "Hold"
        ledger.world.assume.hold_on_entry = False
        assert (await read(ledger, await draft(ledger, hold=None)))["status"] == "Balanced"

    async def test_post_period_is_written_the_other_way_round(self, ledger: Ledger) -> None:
        row = await read(ledger, await draft(ledger, postPeriod="102026"))

        assert row["postPeriod"] == "202610"

    async def test_the_old_version_still_creates(self, ledger: Ledger) -> None:
        assert await ledger.post("/v1/customerinvoice", invoice(ledger))

    async def test_vat_follows_category_and_zone_and_day(self, ledger: Ledger) -> None:
        low = line(ledger, inventoryNumber=item_of(ledger, "HIGH"), vatCodeId="LOW")
        row = await read(ledger, await draft(ledger, line(ledger), low))
        assert [tax["vatRate"] for tax in row["taxDetails"]] == [25, 12]

        foreign = next(c.key for c in ledger.company.customers if c.dto["vatZone"]["id"] == "02")
        body = invoice(
            ledger,
            line(ledger, taskId=None),
            customerNumber=foreign,
            project=None,
            currencyId="NOK",
        )
        number = await ledger.post("/v2/customerinvoice", body)
        assert (await read(ledger, number))["vatTotalInCurrency"] == 0

    async def test_a_foreign_document_has_both_amounts(self, ledger: Ledger) -> None:
        row = await read(ledger, await draft(ledger, currencyId="EUR", exchangeRate=11.5))

        assert row["detailTotalInCurrency"] == 200
        assert row["detailTotal"] == 2300
        assert row["exchangeRate"] == D("11.5")
        rated = await read(ledger, await draft(ledger, currencyId="EUR"))
        assert rated["exchangeRate"] == D("11.62")

    async def test_manual_amount_wins_over_quantity_times_price(self, ledger: Ledger) -> None:
        row = await read(ledger, await draft(ledger, line(ledger, manualAmountInCurrency=150)))

        assert row["detailTotalInCurrency"] == 150

    async def test_a_partner_gets_a_discount_unless_it_is_manual(self, ledger: Ledger) -> None:
        ledger.company.customers.get("10001").dto["priceClass"] = {"id": "PARTNER"}  # type: ignore[union-attr]
        own = await read(ledger, await draft(ledger, line(ledger, manualDiscount=None)))
        given = await read(ledger, await draft(ledger))

        assert (own["detailTotalInCurrency"], given["detailTotalInCurrency"]) == (190, 200)

    async def test_without_project_it_has_the_non_project_code(self, ledger: Ledger) -> None:
        number = await draft(ledger, line(ledger, taskId=None), project=None)

        assert (await read(ledger, number))["project"]["id"] == "X"

    @pytest.mark.parametrize(
        ("header", "row", "words"),
        [
            ({"customerNumber": "1"}, {}, "Customer '1' cannot be found in the system."),
            ({"creditTermsId": "TT"}, {}, "Terms 'TT' cannot be found in the system."),
            ({"branchNumber": "9"}, {}, "Branch '9' cannot be found in the system."),
            ({"currencyId": "XXX"}, {}, "Currency 'XXX' cannot be found in the system."),
            ({"contact": 1}, {}, "Contact '1' cannot be found in the system."),
            ({"documentDate": "2010-01-01"}, {}, "Financial Period '01-2010' cannot be found"),
            ({}, {"vatCodeId": "0"}, "TaxCategoryID '0' cannot be found in the system."),
            ({}, {"inventoryNumber": "NO"}, "Inventory ID 'NO' cannot be found in the system."),
            ({}, {"uom": "BOX"}, "UOM 'BOX' cannot be found in the system."),
            ({}, {"taskId": "99"}, "Project Task '99' cannot be found in the system."),
            ({}, {"taskId": None}, "'Project Task' cannot be empty."),
            ({}, {"accountNumber": "1"}, "Account '1' cannot be found in the system."),
        ],
    )
    async def test_unknown_codes_are_refused_in_the_words_of_the_erp(
        self, ledger: Ledger, header: dict[str, Any], row: dict[str, Any], words: str
    ) -> None:
        body = invoice(ledger, line(ledger, **row), **header)
        answer = await ledger.post("/v2/customerinvoice", body, status=400)

        assert answer["message"].startswith("VismaId: ")
        assert "Error creating document. Error: " in answer["message"]
        assert words in answer["message"]
        assert ledger.company.series["ARINVOICE"].last == 100_000 + 12

    async def test_a_planned_project_cannot_be_chosen(self, ledger: Ledger) -> None:
        body = wrap(
            projectID="2001", description="N", startDate="2026-11-01", template="Z", hold=True
        )
        await ledger.post("/v1/project", body)
        refused = await ledger.post(
            "/v2/customerinvoice", invoice(ledger, project="2001"), status=400
        )
        assert "Project '2001' is in planning" in refused["message"]

        await ledger.put("/v1/project/2001", wrap(hold=False))
        refused = await ledger.post(
            "/v2/customerinvoice", invoice(ledger, project="2001"), status=400
        )
        assert "Project Task '10' of '2001' is not active" in refused["message"]

    async def test_a_closed_period_refuses(self, ledger: Ledger) -> None:
        control.close_period(ledger.world, ledger.sample, {"period": "202611"})

        answer = await ledger.post("/v2/customerinvoice", invoice(ledger), status=400)

        assert "The 11-2026 financial period is closed." in answer["message"]


class TestChange:
    async def test_lines_are_inserted_updated_and_deleted(self, ledger: Ledger) -> None:
        number = await draft(ledger)
        path = f"/v1/customerinvoice/{number}"
        update = {"operation": "Update", **wrap(lineNumber=1, quantity=3)}
        await ledger.put(path, wrap(invoiceLines=[update, line(ledger, "1", "50")]))
        assert (await read(ledger, number))["detailTotalInCurrency"] == 350

        await ledger.put(path, wrap(invoiceLines=[{"operation": "Delete", **wrap(lineNumber=1)}]))
        assert [x["lineNumber"] for x in (await read(ledger, number))["invoiceLines"]] == [2]

    async def test_a_refused_change_changes_nothing(self, ledger: Ledger) -> None:
        number = await draft(ledger)
        before = await read(ledger, number)
        lines = [{"operation": "Update", **wrap(lineNumber=1, quantity=3)}, line(ledger, uom="?")]

        await ledger.put(f"/v1/customerinvoice/{number}", wrap(invoiceLines=lines), status=400)

        assert await read(ledger, number) == before

    async def test_a_released_one_keeps_everything_but_its_due_date(self, ledger: Ledger) -> None:
        number = await released(ledger)
        path = f"/v1/customerinvoice/{number}"

        await ledger.put(path, wrap(note="x"), status=400)
        await ledger.put(path, wrap(documentDueDate="2027-01-01"))

        assert (await read(ledger, number))["documentDueDate"] == "2027-01-01T00:00:00"


class TestRelease:
    async def test_takes_effect_in_the_background(self, ledger: Ledger) -> None:
        ledger.world.assume.release_delay = 0.02
        number = await draft(ledger, hold=False)
        answer = await ledger.post(f"/v1/customerinvoice/{number}/action/release", status=200)
        assert answer["actionResult"] in ("InProcess", "Queued")
        assert (await read(ledger, number))["status"] == "Balanced"

        await ledger.settle()
        row = await read(ledger, number)
        assert (row["status"], row["amountInCurrency"], row["balanceInCurrency"]) == (
            "Open",
            250,
            250,
        )

    async def test_needs_a_balanced_document(self, ledger: Ledger) -> None:
        number = await draft(ledger)
        await ledger.post(f"/v1/customerinvoice/{number}/action/release", status=400)
        await ledger.put(f"/v1/customerinvoice/{number}", wrap(hold=False))
        await ledger.post(f"/v1/customerinvoice/{number}/action/release", status=200)
        await ledger.settle()
        await ledger.post(f"/v1/customerinvoice/{number}/action/release", status=400)

    async def test_checks_the_version(self, ledger: Ledger) -> None:
        number = await draft(ledger, hold=False)
        path = f"/v1/customerinvoice/{number}/action/release"

        await ledger.post(path, status=412, **{"If-Match": '"AAAAAAAAAAA="'})

    async def test_can_fail_silently(self, ledger: Ledger) -> None:
        fault = {"side": "FINANCIALS", "operation": "*", "fault": "release_fails"}
        await ledger.client.post("http://sandbox.test/control/faults", json=fault)
        number = await released(ledger)

        assert (await read(ledger, number))["status"] == "Balanced"

    async def test_of_a_zero_total_closes_at_once(self, ledger: Ledger) -> None:
        number = await released(ledger, line(ledger, price="0"))

        assert (await read(ledger, number))["status"] == "Closed"

    async def test_posts_the_revenue_on_the_project(self, ledger: Ledger) -> None:
        number = await released(ledger)

        batches = await ledger.get(
            "/v2/journaltransaction", lastModifiedDateTime="2020-01-01", module="AR"
        )
        lines = batches[-1]["journalTransactionLines"]
        assert {row["referenceNumber"] for row in lines} == {number}
        assert [(r["project"]["id"], r["debitAmount"], r["creditAmount"]) for r in lines] == [
            ("X", 250, 0),
            ("1001", 0, 200),
            ("X", 0, 50),
        ]

    async def test_can_give_the_payment_reference(self, ledger: Ledger) -> None:
        ledger.world.assume.payment_reference_at = "release"
        number = await draft(ledger, hold=False)
        assert "paymentReference" not in await read(ledger, number)
        await ledger.post(f"/v1/customerinvoice/{number}/action/release", status=200)
        await ledger.settle()

        assert (await read(ledger, number))["paymentReference"]


class TestDelete:
    async def test_leaves_a_gap(self, ledger: Ledger) -> None:
        first = await draft(ledger)
        await ledger.delete(f"/v1/customerinvoice/{first}")
        second = await draft(ledger)

        await ledger.get(f"/v1/customerinvoice/{first}", status=404)
        assert int(second) == int(first) + 1
        numbers = control.summary(ledger.world, ledger.sample, {})["numbers"]
        assert numbers["deleted"] == [first]
        assert numbers["missing"] == []

    async def test_is_refused_after_release(self, ledger: Ledger) -> None:
        number = await released(ledger)

        body = await ledger.delete(f"/v1/customerinvoice/{number}", status=400)
        assert "is released and cannot be deleted" in body["message"]


class TestAttachment:
    async def test_same_name_makes_a_new_revision(self, ledger: Ledger) -> None:
        number = await draft(ledger)
        path = f"/v1/customerinvoice/{number}"
        first = await ledger.upload(f"{path}/attachment", "a.pdf", b"one")
        second = await ledger.upload(f"{path}/attachment", "a.pdf", b"two")
        on_line = await ledger.upload(f"{path}/1/attachment", "b.pdf", b"three")

        assert first == second
        row = await read(ledger, number)
        assert row["attachments"] == [{"name": "a.pdf", "id": first, "revision": 2}]
        assert row["invoiceLines"][0]["attachments"][0]["id"] == on_line
        assert await ledger.get(f"/v1/attachment/{first}") == b"two"
        about = await ledger.get(f"/v1/blob/metadata/{first}")
        assert (about["blobName"], about["size"]) == ("a.pdf", 3)
        await ledger.put(f"/v1/attachment/{first}", wrap(sendToAutoinvoice=True))

    async def test_lists_show_them_on_request_only(self, ledger: Ledger) -> None:
        number = await draft(ledger)
        await ledger.upload(f"/v1/customerinvoice/{number}/attachment", "a.pdf", b"one")

        row = (await ledger.get("/v1/customerinvoice", customer="10001"))[-1]
        full = (
            await ledger.get("/v1/customerinvoice", customer="10001", expandAttachments="true")
        )[-1]
        assert "attachments" not in row
        assert full["attachments"][0]["name"] == "a.pdf"


def note(ledger: Ledger, **more: Any) -> dict[str, Any]:
    body = invoice(ledger, **{"creditTermsId": None, **more})
    return {**{k: v for k, v in body.items() if k != "invoiceLines"}, "lines": [line(ledger)]}


class TestCreditNote:
    async def test_is_applied_to_its_invoice_at_release(self, ledger: Ledger) -> None:
        number = await released(ledger)
        apply = {
            "operation": "Insert",
            **wrap(documentType="Invoice", refNbr=number, amountPaid=250),
        }
        body = note(ledger, applicationLines=[apply], hold=False)
        credit = await ledger.post("/v2/customerCreditNote", body)
        path = f"/v1/customerCreditNote/{credit}"
        assert (await ledger.get(path))["amountInCurrency"] == 0

        await ledger.post(f"{path}/action/release", status=200)
        await ledger.settle()

        assert (await ledger.get(path))["status"] == "Closed"
        paid = await read(ledger, number)
        assert (paid["status"], paid["balanceInCurrency"]) == ("Closed", 0)
        assert paid["applications"][0]["docType"] == "CreditNote"
        assert paid["applications"][0]["refNbr"] == credit

    async def test_alone_stays_open(self, ledger: Ledger) -> None:
        credit = await ledger.post("/v2/customerCreditNote", note(ledger, hold=False))
        path = f"/v1/customerCreditNote/{credit}"
        await ledger.post(f"{path}/action/release", status=200)
        await ledger.settle()

        row = await ledger.get(path)
        assert (row["status"], row["balanceInCurrency"]) == ("Open", 250)
        assert row["lines"][0]["amountInCurrency"] == 200

    async def test_cannot_take_more_than_is_open(self, ledger: Ledger) -> None:
        number = await released(ledger)
        apply = wrap(documentType="Invoice", refNbr=number, amountPaid=251)

        await ledger.post(
            "/v2/customerCreditNote", note(ledger, applicationLines=[apply]), status=400
        )

    async def test_of_a_draft_is_refused(self, ledger: Ledger) -> None:
        number = await draft(ledger)
        apply = wrap(documentType="Invoice", refNbr=number, amountPaid=1)

        await ledger.post(
            "/v2/customerCreditNote", note(ledger, applicationLines=[apply]), status=400
        )

    async def test_is_changed_deleted_printed_and_has_files(self, ledger: Ledger) -> None:
        credit = await ledger.post("/v2/customerCreditNote", note(ledger))
        path = f"/v1/customerCreditNote/{credit}"
        await ledger.put(path, wrap(invoiceText="x"))
        await ledger.upload(f"{path}/attachment", "a.pdf", b"1")
        await ledger.upload(f"{path}/1/attachment", "a.pdf", b"1")
        assert (await ledger.get(f"{path}/print")).startswith(b"%PDF")
        assert len(await ledger.get("/v1/customerCreditNote", customer="10001")) == 1
        await ledger.delete(path)


class TestActions:
    async def test_reverse_makes_a_draft(self, ledger: Ledger) -> None:
        number = await released(ledger)
        path = f"/v1/customerinvoice/{number}/action/reverse"
        await ledger.post(path, {"returnCreditNote": True}, status=202)
        await ledger.settle()

        rows = await ledger.get("/v1/customerCreditNote")
        assert rows[-1]["status"] == "Balanced"
        assert (await read(ledger, number))["status"] == "Open"

    async def test_reverse_and_apply_closes(self, ledger: Ledger) -> None:
        number = await released(ledger)
        path = f"/v1/customerinvoice/{number}/action/reverseandapplytonote"
        await ledger.post(path, {"returnCreditNote": False}, status=200)

        assert (await read(ledger, number))["status"] == "Closed"

    async def test_correct_makes_a_new_draft(self, ledger: Ledger) -> None:
        number = await released(ledger)
        await ledger.post(f"/v1/customerinvoice/{number}/action/correct", status=202)
        await ledger.settle()

        rows = await ledger.get("/v1/customerinvoice", customer="10001")
        assert rows[-1]["status"] == "Hold"
        assert rows[-1]["detailTotalInCurrency"] == 200

    async def test_sending_is_counted(self, ledger: Ledger) -> None:
        await released(ledger)
        before = control.summary(ledger.world, ledger.sample, {})["sentByFinancials"]
        await draft(ledger, sendToAutoInvoice=True)
        await released(ledger, dontPrint=False)
        number = await released(ledger)
        await ledger.post(f"/v1/customerinvoice/{number}/action/sendToAutoInvoice", status=202)
        await ledger.settle()

        after = control.summary(ledger.world, ledger.sample, {})["sentByFinancials"]
        assert (before, after) == (0, 3)


class TestDocuments:
    async def test_are_listed_without_lines(self, ledger: Ledger) -> None:
        await released(ledger)
        await ledger.post("/v2/customerCreditNote", note(ledger))

        rows = await ledger.get("/v1/customerdocument", customer="10001")
        assert {row["documentType"] for row in rows} == {"Invoice", "CreditNote"}
        assert all("invoiceLines" not in row for row in rows)
        only = await ledger.get("/v1/customerdocument", documentType="CreditNote")
        assert len(only) == 1

    async def test_are_found_by_customer_and_day(self, ledger: Ledger) -> None:
        number = await draft(ledger, documentDate="2026-11-23")
        on = {"documentDate": "2026-11-23", "documentDateCondition": ">="}

        rows = await ledger.get("/v1/customerinvoice", customer="10001", **on)
        assert [row["referenceNumber"] for row in rows] == [number]
        assert rows[0]["note"] == "Severa 1"

    async def test_filter_by_reference_status_and_release(self, ledger: Ledger) -> None:
        number = await draft(ledger, externalReference="EX-1", customerRefNumber="OR-1")
        for query in (
            {"externalReference": "EX-1"},
            {"customerRefNumber": "OR-1"},
            {"status": "Hold"},
            {"released": 0},
            {"project": "1001"},
        ):
            rows = (await ledger.raw("GET", "/v1/customerinvoice", params=query)).json()
            assert [row["referenceNumber"] for row in rows] == [number]


class TestRounding:
    async def test_of_the_document_shows_its_difference(self, ledger: Ledger) -> None:
        ledger.world.assume.document_rounding = True
        row = await read(ledger, await draft(ledger, line(ledger, "1", "99.99")))

        assert row["vatTotalInCurrency"] == 25
        assert row["roundingDiff"] == D("0.01")

    @pytest.mark.parametrize(("how", "vat"), [("line", "0.75"), ("vat_id", "0.76")])
    async def test_of_vat_can_be_per_line_or_per_id(
        self, ledger: Ledger, how: Any, vat: str
    ) -> None:
        ledger.world.assume.vat_rounding = how
        lines = [line(ledger, "1", "1.01") for _ in range(3)]

        row = await read(ledger, await draft(ledger, *lines))

        assert row["vatTotalInCurrency"] == D(vat)
