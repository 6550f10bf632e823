"""Payments, supplier invoices, the journal and background calls of the fake Financials."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.sandbox.financials_talk import ROOT, Ledger, keeping_books, wrap
from tests.sandbox.test_financials_documents import draft, read, released


@pytest.fixture
async def ledger() -> AsyncIterator[Ledger]:
    async with keeping_books() as ledger:
        yield ledger


async def pay(ledger: Ledger, number: str, paid: float, amount: float | None = None) -> str:
    line = {"operation": "Insert", **wrap(documentType="Invoice", refNbr=number, amountPaid=paid)}
    body = wrap(
        customer="10001",
        currency="NOK",
        paymentAmount=paid if amount is None else amount,
        hold=False,
        paymentLines=[line],
    )
    payment = await ledger.post("/v1/customerPayment", body)
    await ledger.post(f"/v1/customerPayment/{payment}/action/release", {}, status=202)
    await ledger.settle()
    return str(payment)


class TestPayment:
    async def test_lowers_the_balance_and_touches_the_invoice(self, ledger: Ledger) -> None:
        number = await released(ledger)
        before = await read(ledger, number)
        payment = await pay(ledger, number, 100)

        row = await read(ledger, number)
        assert (row["status"], row["balanceInCurrency"]) == ("Open", 150)
        assert row["lastModifiedDateTime"] > before["lastModifiedDateTime"]
        assert row["timeStamp"] != before["timeStamp"]
        applied = row["applications"][0]
        assert (applied["docType"], applied["refNbr"], applied["amountPaid"]) == (
            "Payment",
            payment,
            100,
        )

    async def test_may_leave_the_invoice_untouched(self, ledger: Ledger) -> None:
        ledger.world.assume.payment_touches_invoice = False
        number = await released(ledger)
        before = await read(ledger, number)
        await pay(ledger, number, 100)

        row = await read(ledger, number)
        assert row["balanceInCurrency"] == 150
        assert row["lastModifiedDateTime"] == before["lastModifiedDateTime"]

    async def test_of_everything_closes(self, ledger: Ledger) -> None:
        number = await released(ledger)
        payment = await pay(ledger, number, 250, 300)

        assert (await read(ledger, number))["status"] == "Closed"
        row = await ledger.get(f"/v1/customerPayment/{payment}")
        assert (row["status"], row["availableBalanceInCurrency"]) == ("Open", 50)
        found = await ledger.get("/v1/customerPayment", invoiceRefNbr=number)
        assert [one["refNbr"] for one in found] == [payment]

    async def test_void_opens_the_invoice_again(self, ledger: Ledger) -> None:
        number = await released(ledger)
        payment = await pay(ledger, number, 250)
        await ledger.post(f"/v1/customerPayment/{payment}/action/void", {}, status=202)
        await ledger.settle()

        row = await read(ledger, number)
        assert (row["status"], row["balanceInCurrency"]) == ("Open", 250)
        assert sum(one["amountPaid"] for one in row["applications"]) == 0
        assert all(one["voided"] for one in row["applications"])
        kinds = [
            (one["type"], one["status"])
            for one in await ledger.get("/v1/customerPayment", invoiceRefNbr=number)
        ]
        assert kinds == [("Payment", "Voided"), ("VoidPayment", "Closed")]

    async def test_write_off_closes_without_being_paid(self, ledger: Ledger) -> None:
        number = await released(ledger)
        line = wrap(documentType="Invoice", refNbr=number, amountPaid=249, balanceWriteOff=1)
        body = wrap(customer="10001", paymentAmount=249, hold=False, paymentLines=[line])
        payment = await ledger.post("/v1/customerPayment", body)
        await ledger.post(f"/v1/customerPayment/{payment}/action/release", {}, status=202)
        await ledger.settle()

        assert (await read(ledger, number))["status"] == "Closed"

    async def test_cannot_exceed_what_is_open(self, ledger: Ledger) -> None:
        number = await released(ledger)
        line = wrap(documentType="Invoice", refNbr=number, amountPaid=251)
        body = wrap(customer="10001", paymentAmount=251, paymentLines=[line])

        await ledger.post("/v1/customerPayment", body, status=400)

    async def test_is_changed_before_release_only(self, ledger: Ledger) -> None:
        number = await released(ledger)
        payment = await pay(ledger, number, 10)

        body = await ledger.put(f"/v1/customerPayment/{payment}", wrap(invoiceText="x"), status=400)
        assert "Payment can't be updated because it is already released." in body["message"]


def cost(**more: Any) -> dict[str, Any]:
    line = wrap(
        transactionDescription="Hotel",
        quantity=1,
        unitCostInCurrency=1200,
        accountNumber="7100",
        projectId="1001",
        projectTaskId="10",
    )
    return wrap(
        supplierNumber="50001",
        hold=False,
        date="2026-11-20",
        invoiceLines=[{"operation": "Insert", **line}],
        **more,
    )


class TestSupplierInvoice:
    async def test_posts_to_the_journal_at_once(self, ledger: Ledger) -> None:
        number = await ledger.post("/v1/supplierInvoice", cost())
        path = f"/v1/supplierInvoice/Invoice/{number}"
        on_row = f"/v1/supplierInvoice/documentType/Invoice/{number}/1/attachment"
        await ledger.upload(f"/v1/supplierInvoice/{number}/attachment", "a.pdf", b"a")
        await ledger.upload(on_row, "b.pdf", b"b")
        state = await ledger.post(f"{path}/action/release", status=202)

        assert (await ledger.get(f"/v1/background/{state['id']}"))["statusCode"] == 200
        assert (await ledger.get(path))["status"] == "Open"
        batch = (await journal(ledger, expandAttachments="true", module="AP"))[-1]
        line = batch["journalTransactionLines"][0]
        assert batch["attachments"][0]["name"] == "a.pdf"
        assert line["attachments"][0]["name"] == "b.pdf"
        assert (line["project"]["id"], line["projectTask"]["id"]) == ("1001", "10")
        assert (line["debitAmount"], line["referenceNumber"]) == (1200, number)
        assert (line["customerSupplier"], line["transactionDescription"]) == ("50001", "Hotel")

    async def test_void_takes_the_cost_back(self, ledger: Ledger) -> None:
        number = await ledger.post("/v1/supplierInvoice", cost())
        path = f"/v1/supplierInvoice/Invoice/{number}"
        await ledger.post(f"{path}/action/release", status=202)
        await ledger.post(f"{path}/action/voidinvoice", status=202)

        assert (await ledger.get(path))["status"] == "Voided"
        back = (await journal(ledger, module="AP"))[-1]
        assert back["journalTransactionLines"][0]["creditAmount"] == 1200
        assert back["reversingEntry"] is True

    async def test_reversal_is_a_debit_adjustment(self, ledger: Ledger) -> None:
        number = await ledger.post("/v1/supplierInvoice", cost())
        path = f"/v1/supplierInvoice/Invoice/{number}"
        await ledger.post(f"{path}/action/release", status=202)
        state = await ledger.post(f"{path}/action/reverse", status=202)

        headers = (await ledger.get(f"/v1/background/{state['id']}"))["responseHeaders"]
        twin = headers["Location"].rsplit("/", 1)[1]
        row = await ledger.get(f"/v1/supplierInvoice/DebitAdj/{twin}")
        assert (row["status"], row["documentType"]) == ("Balanced", "DebitAdj")

    async def test_a_draft_is_changed_and_deleted(self, ledger: Ledger) -> None:
        number = await ledger.post("/v1/supplierInvoice", cost())
        path = f"/v1/supplierInvoice/{number}"
        await ledger.put(path, wrap(description="New"))
        assert (await ledger.get(path))["description"] == "New"
        await ledger.delete(path)
        await ledger.get(path, status=404)

    async def test_refuses_unknown_supplier_and_planned_project(self, ledger: Ledger) -> None:
        body = {**cost(), **wrap(supplierNumber="1")}
        answer = await ledger.post("/v1/supplierInvoice", body, status=400)
        assert "Supplier '1' cannot be found in the system." in answer["message"]


async def journal(ledger: Ledger, **query: str) -> Any:
    return await ledger.get("/v2/journaltransaction", lastModifiedDateTime="2020-01-01", **query)


def entry(debit: float = 100, credit: float = 100, **more: Any) -> dict[str, Any]:
    lines = [
        wrap(
            accountNumber="6500",
            project="1001",
            projectTask="10",
            debitAmountInCurrency=debit,
            transactionDescription="Tools",
        ),
        wrap(accountNumber="1920", creditAmountInCurrency=credit),
    ]
    return wrap(transactionDate="2026-11-20", journalTransactionLines=lines, **more)


class TestJournal:
    async def test_takes_entries_by_hand(self, ledger: Ledger) -> None:
        number = await ledger.post("/v2/journaltransaction", entry(description="Tools"))
        path = f"/v2/journaltransaction/{number}"
        assert (await ledger.get(path))["status"] == "Balanced"
        await ledger.upload(
            f"/v2/journaltransaction/module/GL/{number}/1/attachment", "r.pdf", b"r"
        )
        await ledger.post(f"{path}/action/release", status=202)

        row = await ledger.get(path)
        assert (row["module"], row["status"]) == ("ModuleGL", "Posted")
        assert row["journalTransactionLines"][0]["attachments"][0]["name"] == "r.pdf"
        assert row["journalTransactionLines"][1]["project"]["id"] == "X"

    async def test_refuses_what_does_not_balance(self, ledger: Ledger) -> None:
        answer = await ledger.post("/v2/journaltransaction", entry(credit=99), status=400)

        assert "out of balance" in answer["message"]

    async def test_refuses_a_date_with_zone(self, ledger: Ledger) -> None:
        body = {**entry(), **wrap(transactionDate="2026-11-20T00:00:00Z")}
        await ledger.post("/v2/journaltransaction", body, status=400)

    async def test_pages_lines_and_splits_batches(self, ledger: Ledger) -> None:
        whole = await journal(ledger)
        lines = [
            (batch["batchNumber"], line["lineNumber"])
            for batch in whole
            for line in batch["journalTransactionLines"]
        ]
        pages = [await journal(ledger, pageNumber=str(n), pageSize="2") for n in range(1, 40)]

        assert pages[0][0]["metadata"] == {"totalCount": len(lines), "maxPageSize": 1000}
        seen = [
            (batch["batchNumber"], line["lineNumber"])
            for page in pages
            for batch in page
            for line in batch["journalTransactionLines"]
        ]
        assert seen == lines
        assert all(
            sum(len(b["journalTransactionLines"]) for b in page) == 2
            for page in pages[: len(lines) // 2]
        )

    async def test_means_since_without_a_condition(self, ledger: Ledger) -> None:
        await ledger.post("/v2/journaltransaction", entry())
        newest = (await journal(ledger, module="GL"))[-1]["lastModifiedDateTime"]

        rows = await ledger.get("/v2/journaltransaction", lastModifiedDateTime=newest)
        assert [row["module"] for row in rows] == ["ModuleGL"]
        await ledger.get(
            "/v2/journaltransaction", lastModifiedDateTime=newest[:19] + "Z", status=400
        )

    async def test_filters_by_status_and_period(self, ledger: Ledger) -> None:
        await ledger.post("/v2/journaltransaction", entry(hold=True))
        answer = await ledger.raw(
            "GET", "/v2/journaltransaction", params={"periodId": "202611", "status": "Hold"}
        )

        assert len(answer.json()) == 1


class TestBackground:
    async def test_gives_the_real_answer_later(self, ledger: Ledger) -> None:
        body = wrap(name="Bakgrunn AS", customerClassId="DOMESTIC")
        header = {"erp-api-background": "none"}
        answer = await ledger.client.post(
            f"{ROOT}/financials/v1/customer", json=body, headers={**ledger.headers, **header}
        )
        assert answer.status_code == 202
        job = answer.json()["id"]
        assert answer.json()["stateLocation"].endswith(f"/v1/background/{job}")
        assert (await ledger.get(f"/v1/background/{job}"))["statusCode"] == 0

        await ledger.settle()
        state = await ledger.get(f"/v1/background/{job}")
        assert (state["status"], state["statusCode"]) == ("Finished", 201)
        assert "+01:00" in state["finishedUtc"]
        assert state["responseHeaders"]["Location"]

    async def test_finished_does_not_mean_success(self, ledger: Ledger) -> None:
        number = await draft(ledger, hold=False)
        plan = {
            "side": "FINANCIALS",
            "operation": "POST /v1/customerinvoice/{invoiceNumber}/action/release",
            "fault": "background_finished_400",
        }
        await ledger.client.post(f"{ROOT}/control/faults", json=plan)
        path = f"/v1/customerinvoice/{number}/action/release"
        job = (await ledger.post(path, status=202, **{"erp-api-background": "none"}))["id"]
        await ledger.settle()

        state = await ledger.get(f"/v1/background/{job}")
        assert (state["status"], state["statusCode"]) == ("Finished", 400)
        content = await ledger.get(f"/v1/background/{job}/content")
        assert content["message"].startswith("VismaId: ")
        assert (await read(ledger, number))["status"] == "Balanced"

    async def test_release_is_done_when_it_answers(self, ledger: Ledger) -> None:
        number = await draft(ledger, hold=False)
        path = f"/v1/customerinvoice/{number}/action/release"
        job = (await ledger.post(path, status=202, **{"erp-api-background": "none"}))["id"]
        await ledger.settle()

        assert (await ledger.get(f"/v1/background/{job}/content"))["actionResult"] == "Done"
        assert (await read(ledger, number))["status"] == "Open"

    async def test_lives_for_a_day(self, ledger: Ledger) -> None:
        number = await draft(ledger, hold=False)
        path = f"/v1/customerinvoice/{number}/action/release"
        job = (await ledger.post(path, status=202, **{"erp-api-background": "none"}))["id"]
        await ledger.settle()
        ledger.world.clock.advance(25 * 3600)
        await ledger.sign_in()

        answer = await ledger.raw("GET", f"/v1/background/{job}/content")
        assert answer.status_code == 410
        await ledger.get(f"/v1/background/{job}", status=404)
        await ledger.get("/v1/background/00000000-0000-0000-0000-000000000000", status=404)
