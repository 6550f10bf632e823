"""What people do in Financials by the control routes, its webhooks, and its memory and speed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import pickle
import time
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from sandbox.financials import customer
from tests.sandbox.financials_talk import ROOT, Ledger, keeping_books, wrap
from tests.sandbox.test_financials_documents import draft, line, read, released

SECRET = "whsec_" + base64.b64encode(b"a secret of the sandbox").decode()


@pytest.fixture
async def ledger() -> AsyncIterator[Ledger]:
    async with keeping_books() as ledger:
        yield ledger


async def turn(ledger: Ledger, path: str, status: int = 200, **body: Any) -> Any:
    answer = await ledger.client.post(f"{ROOT}/control/{path}", json=body)
    assert answer.status_code == status, answer.text[:400]
    return answer.json()


async def summary(ledger: Ledger) -> Any:
    return (await ledger.client.get(f"{ROOT}/control/summary")).json()


class TestPay:
    async def test_pays_what_came_through_the_api_first(self, ledger: Ledger) -> None:
        number = await released(ledger)

        paid = await turn(ledger, "financials/pay", count=1)

        assert [row["referenceNumber"] for row in paid] == [number]
        assert (await read(ledger, number))["status"] == "Closed"

    async def test_pays_a_share_and_more_than_all(self, ledger: Ledger) -> None:
        number = await released(ledger)
        await turn(ledger, "financials/pay", referenceNumber=number, share=0.4)
        assert (await read(ledger, number))["balanceInCurrency"] == 150

        more = await turn(ledger, "financials/pay", referenceNumber=number, share=1.2)
        assert more[0]["amount"] == 300
        row = await ledger.get(f"/v1/customerPayment/{more[0]['paymentNumber']}")
        assert row["availableBalanceInCurrency"] == 150
        assert (await read(ledger, number))["status"] == "Closed"

    async def test_voids_the_newest_payment(self, ledger: Ledger) -> None:
        number = await released(ledger)
        for _ in range(2):
            await turn(ledger, "financials/pay", referenceNumber=number, share=0.5)
        await turn(ledger, "financials/void-payment", referenceNumber=number)

        assert (await read(ledger, number))["balanceInCurrency"] == 125

    async def test_a_draft_cannot_be_paid(self, ledger: Ledger) -> None:
        number = await draft(ledger)

        await turn(ledger, "financials/pay", referenceNumber=number, status=400)
        await turn(ledger, "financials/pay", referenceNumber="1", status=404)


class TestActs:
    async def test_supplier_invoices_are_released_with_files(self, ledger: Ledger) -> None:
        made = await turn(ledger, "financials/supplier-invoices", count=3)

        assert [len(row["lines"]) for row in made] == [1, 1, 2]
        assert all(part["project"] != "X" for row in made for part in row["lines"])
        batches = await ledger.get(
            "/v2/journaltransaction", lastModifiedDateTime="2020-01-01", expandAttachments="true"
        )
        mine = [b for b in batches if b["batchNumber"] == made[1]["batchNumber"]]
        assert mine[0]["attachments"]
        assert mine[0]["journalTransactionLines"][0]["attachments"]

    async def test_release_edit_and_reverse_by_hand(self, ledger: Ledger) -> None:
        number = await draft(ledger)
        before = await read(ledger, number)
        await turn(ledger, "financials/edit-draft", referenceNumber=number)
        edited = await read(ledger, number)
        assert edited["timeStamp"] != before["timeStamp"]
        assert edited["detailTotalInCurrency"] != before["detailTotalInCurrency"]

        await turn(ledger, "financials/release", referenceNumber=number)
        assert (await read(ledger, number))["status"] == "Open"
        await turn(ledger, "financials/edit-draft", referenceNumber=number, status=400)
        await turn(ledger, "financials/reverse", referenceNumber=number)
        assert (await read(ledger, number))["status"] == "Closed"

    async def test_the_next_draft_can_differ(self, ledger: Ledger) -> None:
        await turn(ledger, "financials/mismatch-next", cents=6)
        first = await read(ledger, await draft(ledger))
        second = await read(ledger, await draft(ledger))

        assert Decimal(str(first["vatTotalInCurrency"])) == Decimal("50.06")
        assert second["vatTotalInCurrency"] == 50

    async def test_a_period_can_be_closed(self, ledger: Ledger) -> None:
        await turn(ledger, "financials/close-period", period="202611")

        await ledger.post("/v2/customerinvoice", wrap(customerNumber="10001"), status=400)
        row = await ledger.get("/v1/financialPeriod/202611")
        assert row["closedInCustomerLedger"] is True


class TestEdit:
    async def test_changes_records_without_checks(self, ledger: Ledger) -> None:
        about = {"side": "FINANCIALS", "entity": "customer", "id": "10001"}
        fields = {"name": "New AS", "status": "OnHold", "mainContact": {"email": "a@b.example"}}
        before = await ledger.get("/v1/customer/10001")
        await turn(ledger, "edit", **about, fields=fields)

        row = await ledger.get("/v1/customer/10001")
        assert (row["name"], row["status"]) == ("New AS", "OnHold")
        assert row["mainContact"]["email"] == "a@b.example"
        assert row["mainContact"]["contactId"] == before["mainContact"]["contactId"]
        assert row["lastModifiedDateTime"] > before["lastModifiedDateTime"]

    async def test_renumbers(self, ledger: Ledger) -> None:
        about = {"side": "FINANCIALS", "entity": "customer", "id": "10001"}
        await turn(ledger, "edit", **about, fields={"number": "77777"})

        assert (await ledger.get("/v1/customer/77777"))["internalId"] == 101
        assert await ledger.get("/v1/customerinvoice", customer="77777")

    async def test_totals_of_a_document_follow_its_lines(self, ledger: Ledger) -> None:
        number = await draft(ledger)
        row = (await ledger.raw("GET", f"/v1/customerinvoice/{number}")).json()
        lines = [{**row["invoiceLines"][0], "quantity": 3}]
        about = {"side": "FINANCIALS", "entity": "customerinvoice", "id": number}
        await turn(ledger, "edit", **about, fields={"invoiceLines": lines})

        assert (await read(ledger, number))["detailTotalInCurrency"] == 300

    async def test_reaches_registers_projects_and_items(self, ledger: Ledger) -> None:
        item = next(iter(ledger.company.items)).key
        for entity, key, fields in (
            ("inventory", item, {"defaultPrice": 7}),
            ("project", "1001", {"status": "Completed"}),
            ("dimension", "PROJECT", {"length": 5}),
            ("branch", "2", {"isActive": False}),
            ("organization", "1", {"corporateId": "1"}),
            ("creditTerm", "14", {"dueDay1": 15}),
            ("numberSequence", "ARINVOICE", {"nextNumber": "150000"}),
        ):
            await turn(ledger, "edit", side="FINANCIALS", entity=entity, id=key, fields=fields)

        assert (await ledger.get(f"/v1/inventory/{item}"))["defaultPrice"] == 7
        assert (await ledger.get("/v1/dimension/PROJECT"))["length"] == 5
        number = await draft(ledger, line(ledger, taskId=None), project=None)
        assert number == "150000"

    async def test_deletes_what_no_operation_could(self, ledger: Ledger) -> None:
        await turn(ledger, "delete", side="FINANCIALS", entity="customer", id="10004")
        number = await released(ledger)
        await turn(ledger, "delete", side="FINANCIALS", entity="customerinvoice", id=number)

        await ledger.get("/v1/customer/10004", status=404)
        assert (await summary(ledger))["numbers"]["deleted"] == [number]
        await turn(ledger, "delete", side="FINANCIALS", entity="customer", id="10004", status=404)


class TestSummary:
    async def test_counts_and_sums(self, ledger: Ledger) -> None:
        before = (await summary(ledger))["financials"]
        await released(ledger)
        await draft(ledger)

        after = (await summary(ledger))["financials"]
        assert after["invoices"]["byStatus"]["Hold"] == 1
        opened = before["invoices"]["byStatus"]["Open"]
        assert after["invoices"]["byStatus"]["Open"] == opened + 1
        earned = Decimal(after["invoices"]["totals"]["NOK"]) - Decimal(
            before["invoices"]["totals"]["NOK"]
        )
        assert earned == 500
        assert after["payments"] == before["payments"] == 4

    async def test_names_what_is_booked_twice(self, ledger: Ledger) -> None:
        ledger.world.order_numbers.add("SO1")
        for _ in range(2):
            await draft(ledger, customerRefNumber="SO1")
            await draft(ledger, customerRefNumber="4500001")

        assert (await summary(ledger))["duplicates"] == ["SO1"]

    async def test_accounts_for_numbers_that_nobody_has(self, ledger: Ledger) -> None:
        about = {"side": "FINANCIALS", "entity": "numberSequence", "id": "ARINVOICE"}
        await turn(ledger, "edit", **about, fields={"nextNumber": "100015"})
        await draft(ledger)

        assert (await summary(ledger))["numbers"]["missing"] == ["100013", "100014"]


class TestWebhook:
    async def test_is_signed_over_its_raw_body(self, ledger: Ledger) -> None:
        hooks = ledger.world.hooks
        got: list[Any] = []
        hooks.send = lambda **message: got.append(message)  # type: ignore[method-assign]
        await ledger.put("/v1/customer/10001", wrap(gln="1"))
        await released(ledger)
        await ledger.post(
            "/v1/inventory", wrap(inventoryNumber="N1", itemClass="LABOR", description="N")
        )

        events = [message["payload"]["eventName"] for message in got]
        assert events == [
            "Customer: Updated",
            "AR Invoice: Changed",
            "AR Invoice: Status Changed",
            "Inventory Item: Created",
        ]
        payload = got[0]["payload"]
        assert payload["tenantId"] == ledger.sample.financials.tenant_id
        assert payload["key"] == "10001"
        assert len(payload["notificationId"]) == len(payload["id"]) == 36

    def test_secret_is_the_decoded_part(self) -> None:
        from sandbox.hooks import Message, financials_headers

        raw = json.dumps({"id": "1"}).encode()
        message = Message(side="financials", id="1", timestamp=0, raw=raw)
        digest = hmac.digest(b"a secret of the sandbox", raw, hashlib.sha256)

        headers = financials_headers(SECRET, message)

        assert headers == {"x-webhook-signature": base64.b64encode(digest).decode()}


class TestMemory:
    async def test_survives_a_restart(self, ledger: Ledger) -> None:
        number = await released(ledger)
        state = ledger.world.financials
        world = ledger.company.__dict__["_world"]
        for company in state.companies.values():
            company.__dict__["_world"] = None

        again = pickle.loads(pickle.dumps(state))

        for company in state.companies.values():
            company.__dict__["_world"] = world
        mine = again.companies[ledger.sample.financials.tenant_id]
        assert mine.documents.get(f"Invoice {number}").status == "Open"


class TestSpeed:
    async def test_a_hundred_thousand_rows_are_paged_quickly(self, ledger: Ledger) -> None:
        company = ledger.company
        template = company.customers.get("10001")
        assert template is not None
        with company.past(days=1, step=0.001):
            for place in range(100_000):
                row = customer.CustomerRow(
                    key=f"F{place}",
                    dto={**template.dto, "number": f"F{place}"},
                    ref={"number": f"F{place}", "name": "F"},
                )
                company.fresh(row)
                company.customers.add(row)
        since = {
            "lastModifiedDateTime": "2020-01-01",
            "lastModifiedDateTimeCondition": ">=",
            "pageSize": 100,
        }
        await ledger.get("/v1/customer", **since)
        begun = time.perf_counter()
        for number in range(900, 910):
            rows = await ledger.get("/v1/customer", pageNumber=number, **since)
            assert len(rows) == 100

        assert time.perf_counter() - begun < 2
