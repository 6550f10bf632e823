"""Customers, contacts, items and projects of the fake Financials."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.sandbox.financials_talk import Ledger, keeping_books, wrap


@pytest.fixture
async def ledger() -> AsyncIterator[Ledger]:
    async with keeping_books() as ledger:
        yield ledger


def new_customer(**more: Any) -> dict[str, Any]:
    return {
        **wrap(
            name="Fjord Data AS",
            customerClassId="DOMESTIC",
            mainAddress=wrap(addressLine1="Kaigata 1", postalCode="5003", countryId="NO"),
            mainContact=wrap(email="post@fjord.example", attention="Notes"),
            **more,
        ),
        "overrideWithClassValues": True,
    }


class TestCustomer:
    async def test_gets_its_number_from_the_series(self, ledger: Ledger) -> None:
        first = await ledger.post("/v1/customer", new_customer())
        second = await ledger.post("/v1/customer", new_customer())

        assert int(second) == int(first) + 1
        row = await ledger.get(f"/v1/customer/{first}")
        assert row["mainAddress"]["country"]["id"] == "NO"
        assert row["vatZone"]["id"] == "01"
        assert row["invoiceAddress"]["addressId"] == row["mainAddress"]["addressId"]

    async def test_takes_a_given_number_with_override_only(self, ledger: Ledger) -> None:
        await ledger.post("/v1/customer", new_customer(number="KEY7"), status=400)

        body = new_customer(number="key7", overrideNumberSeries=True)
        assert await ledger.post("/v1/customer", body) == "KEY7"
        await ledger.post("/v1/customer", body, status=400)
        assert (await ledger.get("/v1/customer/key7"))["number"] == "KEY7"

    async def test_refuses_unknown_terms_in_the_words_of_the_erp(self, ledger: Ledger) -> None:
        body = await ledger.post("/v1/customer", new_customer(creditTermsId="TT"), status=400)

        assert body["message"].startswith("VismaId: ")
        assert body["message"].endswith(
            "Error inserting the customer. Error: Inserting 'Customer' record raised at least one "
            "error. Please review the errors.\r\nError: Terms 'TT' cannot be found in the system."
            "\r\n"
        )

    async def test_writing_an_address_separates_it(self, ledger: Ledger) -> None:
        number = await ledger.post("/v1/customer", new_customer())
        path = f"/v1/customer/{number}"
        await ledger.put(path, wrap(invoiceAddress=wrap(addressLine1="Postboks 9")))

        row = await ledger.get(path)
        assert row["invoiceAddress"]["addressLine1"] == "Postboks 9"
        assert row["mainAddress"]["addressLine1"] == "Kaigata 1"
        assert row["invoiceAddress"]["addressId"] != row["mainAddress"]["addressId"]

    async def test_put_leaves_what_is_absent_and_clears_a_null(self, ledger: Ledger) -> None:
        number = await ledger.post("/v1/customer", new_customer(vatRegistrationId="NO9", gln="1"))
        path = f"/v1/customer/{number}"
        await ledger.put(path, wrap(gln=None))

        row = await ledger.get(path)
        assert row["vatRegistrationId"] == "NO9"
        assert "gln" not in row

    async def test_refused_changes_leave_it_as_it_was(self, ledger: Ledger) -> None:
        before = await ledger.get("/v1/customer/10001")

        await ledger.put("/v1/customer/10001", wrap(name="X", creditTermsId="?"), status=400)

        assert await ledger.get("/v1/customer/10001") == before

    async def test_can_be_renumbered_by_an_action(self, ledger: Ledger) -> None:
        internal = (await ledger.get("/v1/customer/10001"))["internalId"]
        path = f"/v1/customer/action/changeCustomerCd/{internal}"
        await ledger.post(path, {"customerCd": "20001"}, status=200)

        await ledger.get("/v1/customer/10001", status=404)
        assert (await ledger.get("/v1/customer/20001"))["internalId"] == internal
        assert (await ledger.get(f"/v1/customer/internal/{internal}"))["number"] == "20001"

    async def test_own_contacts_show_up_among_the_contacts(self, ledger: Ledger) -> None:
        number = await ledger.post("/v1/customer", new_customer())
        main = (await ledger.get(f"/v1/customer/{number}"))["mainContact"]["contactId"]

        rows = await ledger.get(f"/v1/customer/{number}/contact")
        assert [row["contactId"] for row in rows] == [main]


class TestContact:
    async def test_belongs_to_a_business_account(self, ledger: Ledger) -> None:
        body = wrap(firstName="Ida", lastName="Lund", businessAccount="10001", title="Ms")
        number = await ledger.post("/v1/contact", body)
        await ledger.put(f"/v1/contact/{number}", wrap(active=False, doNotEmail=True))

        row = await ledger.get(f"/v1/contact/{number}")
        assert (row["displayName"], row["title"]) == ("Ida Lund", "Ms")
        assert (row["active"], row["doNotEmail"]) == (False, True)

    async def test_refuses_an_unknown_account(self, ledger: Ledger) -> None:
        await ledger.post("/v1/contact", wrap(lastName="A", businessAccount="1"), status=400)

    async def test_location_needs_an_id(self, ledger: Ledger) -> None:
        await ledger.post("/v1/location", wrap(baccountId="10001"), status=400)
        body = wrap(baccountId="10001", locationId="oslo", address=wrap(city="Oslo"))
        await ledger.post("/v1/location", body)

        assert (await ledger.get("/v1/location/10001/OSLO"))["address"]["city"] == "Oslo"
        await ledger.put("/v1/location/10001/OSLO", wrap(locationName="Oslo"))


class TestItem:
    async def test_comes_back_in_upper_case_with_the_defaults_of_its_class(
        self, ledger: Ledger
    ) -> None:
        body = wrap(inventoryNumber="work-1", itemClass="LABOR", description="Work")
        assert await ledger.post("/v1/inventory", body) == "WORK-1"

        row = await ledger.get("/v1/inventory/work-1")
        assert (row["inventoryNumber"], row["type"]) == ("WORK-1", "LaborItem")
        assert row["vatCode"]["id"] == "HIGH"

    async def test_class_and_type_must_fit(self, ledger: Ledger) -> None:
        body = wrap(inventoryNumber="W2", itemClass="LABOR", type="ServiceItem")
        await ledger.post("/v1/inventory", body, status=400)
        await ledger.post("/v1/inventory", wrap(inventoryNumber="W2"), status=400)
        answer = await ledger.post(
            "/v1/inventory", wrap(inventoryNumber="W2", itemClass="?"), status=400
        )

        assert "Item Class '?' cannot be found in the system." in answer["message"]

    async def test_number_stays_and_fits_the_key(self, ledger: Ledger) -> None:
        item = next(iter(ledger.company.items))
        await ledger.put(f"/v1/inventory/{item.key}", wrap(inventoryNumber="OTHER"), status=400)
        body = wrap(inventoryNumber="A" * 16, itemClass="LABOR")
        await ledger.post("/v1/inventory", body, status=400)

    async def test_list_filters_by_several_types(self, ledger: Ledger) -> None:
        rows = await ledger.get("/v1/inventory", inventoryTypes=["LaborItem", "ExpenseItem"])

        assert {row["type"] for row in rows} == {"LaborItem", "ExpenseItem"}

    async def test_takes_attachments(self, ledger: Ledger) -> None:
        item = next(iter(ledger.company.items))
        path = f"/v1/inventory/{item.key}"
        await ledger.upload(f"{path}/attachment", "sheet.pdf", b"1")

        assert (await ledger.get(path))["attachments"][0]["name"] == "sheet.pdf"
        assert "attachments" not in (await ledger.get("/v1/inventory"))[0]


def new_project(**more: Any) -> dict[str, Any]:
    return wrap(
        **{
            "projectID": "2001",
            "description": "New",
            "startDate": "2026-11-01",
            "customer": "10001",
            "template": "Z",
            "billingPeriod": "OnDemand",
            "hold": True,
            **more,
        }
    )


class TestProject:
    async def test_on_hold_is_planned_and_the_template_brings_task_10(self, ledger: Ledger) -> None:
        await ledger.post("/v1/project", new_project(status="Active"))

        row = await ledger.get("/v1/project/2001")
        assert (row["status"], row["hold"]) == ("Planned", True)
        assert [(task["taskId"], task["status"]) for task in row["tasks"]] == [("10", "Planned")]

    async def test_is_activated_with_its_task(self, ledger: Ledger) -> None:
        await ledger.post("/v1/project", new_project())
        task = {"operation": "Update", **wrap(taskId="10", status="Active")}
        await ledger.put("/v1/project/2001", wrap(status="Active", tasks=[task]))

        row = await ledger.get("/v1/project/2001")
        assert (row["status"], row["hold"]) == ("Active", False)
        assert row["tasks"][0]["status"] == "Active"

    async def test_needs_what_the_document_calls_mandatory(self, ledger: Ledger) -> None:
        for missing in ("projectID", "description", "startDate"):
            body = new_project()
            del body[missing]
            await ledger.post("/v1/project", body, status=400)

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"projectID": "20011"}, "does not fit the segmented key of length 4"),
            ({"template": "Q"}, "Template ID 'Q' cannot be found"),
            ({"customer": "1"}, "Customer '1' cannot be found"),
            ({"projectID": "1001"}, "already exists"),
        ],
    )
    async def test_refuses_what_does_not_fit(
        self, ledger: Ledger, change: dict[str, str], words: str
    ) -> None:
        body = await ledger.post("/v1/project", new_project(**change), status=400)

        assert words in body["message"]

    async def test_tasks_are_created_at_the_project_and_changed_by_their_own_id(
        self, ledger: Ledger
    ) -> None:
        await ledger.post("/v1/project", new_project())
        project = (await ledger.get("/v1/project/2001"))["internalID"]
        task = await ledger.post(
            f"/v1/projecttask/{project}", wrap(taskId="20", description="More")
        )
        await ledger.put(f"/v1/projecttask/{task}", wrap(status="Active"))

        rows = await ledger.get("/v1/project/tasks", projectId="2001")
        assert [(r["taskId"], r["status"]) for r in rows] == [("10", "Planned"), ("20", "Active")]

    async def test_the_non_project_code_is_listed_when_asked_for(self, ledger: Ledger) -> None:
        rows = await ledger.get("/v1/project", nonProject="true")

        assert [row["projectID"] for row in rows] == ["X"]
        assert "X" not in [row["projectID"] for row in await ledger.get("/v1/project")]

    async def test_can_be_renamed_by_an_action(self, ledger: Ledger) -> None:
        await ledger.post("/v1/project", new_project())
        internal = (await ledger.get("/v1/project/2001"))["internalID"]
        path = f"/v1/project/action/changeProjectId/{internal}"
        await ledger.post(path, {"projectId": "2002"}, status=200)

        assert (await ledger.get(f"/v1/project/internal/{internal}"))["projectID"] == "2002"
