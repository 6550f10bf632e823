"""The seldom used operations of the fake Financials, and VAT that changes by law."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.sandbox.financials_talk import Ledger, keeping_books, wrap
from tests.sandbox.test_financials_documents import draft, line, note, read
from tests.sandbox.test_financials_money import cost, entry


@pytest.fixture
async def ledger() -> AsyncIterator[Ledger]:
    async with keeping_books() as ledger:
        yield ledger


class TestSettings:
    async def test_currency_rates_are_added_and_changed(self, ledger: Ledger) -> None:
        body = wrap(
            fromCurrencyId="EUR",
            toCurrencyId="NOK",
            rate=11.5,
            effectiveDate="2026-11-01",
            multDiv="Multiply",
        )
        number = await ledger.post("/v2/currencyrate", body)
        rates = await ledger.get("/v2/currencyrate", fromCurrency="EUR", fromDate="2026-01-01")
        assert [row["rate"] for row in rates] == [pytest.approx(11.5)]
        path = f"/v2/currencyrate/{number}"
        await ledger.put(path, wrap(rate=12), **{"If-Match": f'"{rates[0]["timeStamp"]}"'})

        assert (await read(ledger, await draft(ledger, currencyId="EUR")))["exchangeRate"] == 12
        assert await ledger.post(
            "/v2/currencyratetype", wrap(id="AVG", description="Average"), status=200
        )

    async def test_segments_accounts_and_lists(self, ledger: Ledger) -> None:
        await ledger.put("/v1/dimension/PROJECT/1", wrap(description="Number"))
        assert (await ledger.get("/v1/dimension/PROJECT/1"))["description"] == "Number"
        await ledger.get("/v1/dimension/PROJECT/1/NONE", status=404)
        await ledger.get("/v1/dimension/PROJECT/1/publicid/none", status=404)
        body = wrap(accountCD="7777", description="Gifts", type="Expense")
        await ledger.post("/v1/account", body)
        await ledger.put("/v1/account/7777", wrap(active=False))
        assert (await ledger.get("/v1/account/7777"))["active"] is False
        assert (await ledger.get("/v1/country/no"))["name"] == "Norway"
        assert await ledger.get("/v1/paymentmethod/BANK")
        await ledger.get("/v2/customer/balance", status=400)
        assert await ledger.get(
            "/v2/customer/balance", fromFinPeriod="202601", toFinPeriod="202612"
        )

    async def test_takes_feedback_about_webhooks(self, ledger: Ledger) -> None:
        body = {"notificationId": "6f2fd5a2-0c4b-4b8e-8a6f-1f6a5a5e0001", "isSuccess": True}
        await ledger.post("/v1/webhooknotificationfeedback", body)

        assert ledger.world.financials.feedback[0]["isSuccess"] is True


class TestByInternalId:
    async def test_masters_are_changed(self, ledger: Ledger) -> None:
        item = next(iter(ledger.company.items))
        path = f"/v1/inventory/internal/{item.internal_id}"
        await ledger.put(path, wrap(description="New"))
        await ledger.post(f"/v1/inventory/{item.key}/action/updateCost", status=200)
        rename = f"/v1/inventory/action/changeInventoryNbr/{item.internal_id}"
        await ledger.post(rename, {"inventoryNbr": "NEWKEY"}, status=200)
        assert (await ledger.get("/v1/inventory/NEWKEY"))["description"] == "New"

        await ledger.put("/v1/customer/internal/101", wrap(gln="5"))
        assert (await ledger.get("/v1/customer/10001"))["gln"] == "5"
        project = ledger.company.projects.get("1001")
        assert project is not None
        await ledger.put(f"/v1/project/internal/{project.internal_id}", wrap(description="D"))
        assert (await ledger.get("/v1/project/1001"))["description"] == "D"

    async def test_a_customers_own_contact_is_the_customers(self, ledger: Ledger) -> None:
        contact = (await ledger.get("/v1/customer/10001"))["mainContact"]["contactId"]
        await ledger.put(f"/v1/contact/{contact}", wrap(email="new@firm.example"))

        row = await ledger.get("/v1/customer/10001")
        assert row["mainContact"]["email"] == "new@firm.example"


class TestDocuments:
    async def test_old_versions_files_and_sending(self, ledger: Ledger) -> None:
        credit = await ledger.post("/v1/customerCreditNote", note(ledger, hold=False))
        path = f"/v1/customerCreditNote/{credit}/action"
        await ledger.post(f"{path}/release", status=200)
        await ledger.settle()
        await ledger.post(f"{path}/sendToAutoInvoice", status=202)
        await ledger.settle()
        assert (await ledger.get(f"/v1/customerCreditNote/{credit}"))["sendToAutoInvoice"] is True

    async def test_supplier_documents_by_type(self, ledger: Ledger) -> None:
        number = await ledger.post("/v1/supplierInvoice", cost())
        path = f"/v1/supplierInvoice/Invoice/{number}"
        files = f"/v1/supplierInvoice/documentType/Invoice/{number}/attachment"
        await ledger.put(path, wrap(description="New"))
        await ledger.upload(files, "a.pdf", b"1")
        await ledger.upload(f"/v1/supplierInvoice/{number}/1/attachment", "b.pdf", b"1")
        assert len(await ledger.get("/v1/supplier/50001/invoice")) == 2
        await ledger.post(f"/v1/supplierInvoice/{number}/action/release", status=202)
        await ledger.delete(path, status=400)
        other = await ledger.post("/v1/supplierInvoice", cost())
        await ledger.delete(f"/v1/supplierInvoice/Invoice/{other}")

    async def test_journal_entries_are_changed_before_release(self, ledger: Ledger) -> None:
        number = await ledger.post("/v2/journaltransaction", entry())
        path = f"/v2/journaltransaction/{number}"
        await ledger.put(path, wrap(description="New"))
        file = await ledger.upload(
            f"/v2/journaltransaction/module/ModuleGL/{number}/attachment", "j.pdf", b"j"
        )
        await ledger.post(f"{path}/action/release", status=202)
        await ledger.put(path, wrap(description="Late"), status=400)

        address = await ledger.get("/v1/blob/presignedurl", blobId=file, includeMetadata="true")
        assert address["preSignedUrl"].endswith(file)
        assert await ledger.get(f"/v1/blob/download/{file}") == b"j"


class TestVat:
    async def test_of_the_day_counts(self) -> None:
        async with keeping_books(companies=3) as ledger:
            ledger.sample = ledger.world.companies[2]
            await ledger.sign_in()
            rates = [await _rate(ledger, on) for on in ("2024-08-31", "2024-09-01")]

            assert rates == [24, pytest.approx(25.5)]

    async def test_without_a_common_id_there_is_none_or_an_error(self, ledger: Ledger) -> None:
        ledger.company.zone_vats["01"] = frozenset()
        assert (await read(ledger, await draft(ledger)))["vatTotalInCurrency"] == 0

        ledger.world.assume.line_without_vat_id = "error"
        body: dict[str, Any] = wrap(
            customerNumber="10001", invoiceLines=[line(ledger, taskId=None)]
        )
        await ledger.post("/v2/customerinvoice", body, status=400)


async def _rate(ledger: Ledger, on: str) -> Any:
    body = wrap(customerNumber="10001", documentDate=on, invoiceLines=[line(ledger, taskId=None)])
    number = await ledger.post("/v2/customerinvoice", body)
    return float((await read(ledger, number))["taxDetails"][0]["vatRate"])
