"""Visma.net's contract: every operation the product uses, often, against the sandbox."""

import asyncio
from decimal import Decimal

import pytest

from tests.contracts.drive import Driver, Rows, values
from tests.contracts.recorder import Recorder
from worker.vendors.client import Client
from worker.vendors.endpoints import Operation
from worker.vendors.financials import FINANCIALS, Shape, shapes, wrap
from worker.vendors.financials import operations as fin
from worker.vendors.records import Answer, Record, Upload

pytestmark = pytest.mark.usefixtures("show_table")

LONG_AGO = "2020-01-01T00:00:00"
SINGLES: dict[Operation, tuple[str, dict[str, str]]] = {
    fin.CUSTOMER_READ: ("customer", {"customerCd": "number"}),
    fin.CUSTOMER_READ_INTERNAL: ("customer", {"internalID": "internalId"}),
    fin.CUSTOMER_CONTACTS: ("customer", {"customerCd": "number"}),
    fin.CONTACT_READ: ("contact", {"contactId": "contactId"}),
    fin.LOCATIONS_OF: ("location", {"bAccountId": "baccount.number"}),
    fin.LOCATION_READ: (
        "location",
        {"bAccountId": "baccount.number", "locationId": "locationId"},
    ),
    fin.ITEM_READ: ("inventory", {"inventoryNumber": "inventoryNumber"}),
    fin.ITEM_READ_INTERNAL: ("inventory", {"inventoryId": "inventoryId"}),
    fin.PROJECT_READ: ("project", {"projectID": "projectID"}),
    fin.PROJECT_READ_INTERNAL: ("project", {"internalID": "internalID"}),
    fin.TASK_READ: ("projecttask", {"internalId": "internalId"}),
    fin.INVOICE_READ: ("customerinvoice", {"invoiceNumber": "referenceNumber"}),
    fin.CREDIT_NOTE_READ: ("customerCreditNote", {"creditNoteNumber": "referenceNumber"}),
    fin.PAYMENT_READ: ("customerPayment", {"paymentNumber": "refNbr"}),
    fin.JOURNAL_READ: ("journaltransaction", {"journalTransactionNumber": "batchNumber"}),
    fin.SUPPLIER_INVOICE_READ: (
        "supplierInvoice",
        {"documentType": "documentType", "invoiceNumber": "referenceNumber"},
    ),
    fin.SUPPLIER_READ: ("supplier", {"supplierCd": "number"}),
    fin.ACCOUNT_READ: ("account", {"accountCd": "accountCD"}),
    fin.BRANCH_READ: ("branch", {"branchNumber": "number"}),
    fin.ORGANIZATION_READ: ("organization", {"organizationNumber": "organizationCd"}),
    fin.VAT_READ: ("vat", {"vatId": "vatId"}),
    fin.VAT_CATEGORY_READ: ("vatCategory", {"taxCategoryId": "vatCategoryId"}),
    fin.VAT_ZONE_READ: ("vatZone", {"vatZoneId": "id"}),
    fin.NUMBER_SEQUENCE_READ: ("numberSequence", {"numberingId": "numberingId"}),
    fin.PERIOD_READ: ("financialPeriod", {"financialPeriodId": "period"}),
}


class Ledger:
    """The pieces of work that need more than a path."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._client = driver.client
        self.rows: dict[str, Rows] = {}

    async def look_around(self) -> None:
        """Remember a list of everything that others point to."""
        for name in ("customer", "inventory", "project", "item_class"):
            self.rows[name] = await self._driver.rows(FINANCIALS[name])

    async def create(self, operation: Operation, shape: Shape, body: Record) -> str:
        """Create a record; return its key."""
        done = await self._client.write(operation, body=wrap(body, shape))
        assert done.status == 201
        assert done.location_key
        return done.location_key

    async def customer(self, number: int) -> None:
        body = {
            "name": f"Prøve {number} AS",
            "customerClassId": self.rows["customer"][0]["customerClass"]["id"],
            "overrideWithClassValues": True,
            "mainAddress": {"addressLine1": "Gata 1", "postalCode": "0152", "countryId": "NO"},
            "mainContact": {"email": "a@b.test", "attention": "Notes"},
        }
        key = await self.create(fin.CUSTOMER_CREATE, shapes.CUSTOMER, body)
        got = await self._client.read(fin.CUSTOMER_READ, path={"customerCd": key})
        change = wrap({"vatRegistrationId": f"NO{number:09}MVA"}, shapes.CUSTOMER)
        done = await self._client.write(
            fin.CUSTOMER_UPDATE, path={"customerCd": key}, body=change, if_match=got.etag
        )
        inner = {"internalID": str(got.body["internalId"])}
        await self._client.write(
            fin.CUSTOMER_UPDATE_INTERNAL, path=inner, body=change, if_match=done.etag
        )
        await self._client.write(
            fin.CUSTOMER_RENUMBER,
            path={"internalId": inner["internalID"]},
            body={"customerCd": str(80_000 + number)},
        )

    async def contact(self, number: int) -> None:
        body = {
            "firstName": "Åse",
            "lastName": f"Ødegård {number}",
            "businessAccount": self.rows["customer"][0]["number"],
            "title": "Mrs",
            "email": f"ase{number}@prove.test",
        }
        key = await self.create(fin.CONTACT_CREATE, shapes.CONTACT, body)
        change = wrap({"position": "CFO"}, shapes.CONTACT)
        await self._client.write(fin.CONTACT_UPDATE, path={"contactId": key}, body=change)

    async def location(self, number: int) -> None:
        account = self.rows["customer"][1]["number"]
        body = {
            "baccountId": account,
            "locationId": f"L{number}",
            "locationName": f"Lager {number}",
            "address": {"addressLine1": "Gata 1", "postalCode": "0152", "countryId": "NO"},
        }
        await self.create(fin.LOCATION_CREATE, shapes.LOCATION, body)
        path = {"bAccountId": account, "locationId": f"L{number}"}
        change = wrap({"locationName": f"Lager {number} B"}, shapes.LOCATION)
        await self._client.write(fin.LOCATION_UPDATE, path=path, body=change)

    async def item(self, number: int) -> None:
        model = self.rows["inventory"][0]
        body = {
            "inventoryNumber": f"A/{number}:+",
            "description": f"Vare {number}",
            "type": model["type"],
            "itemClass": model["itemClass"]["id"],
            "vatCode": model["vatCode"]["id"],
            "baseUnit": model["baseUnit"],
            "defaultPrice": Decimal("12.3456"),
        }
        key = await self.create(fin.ITEM_CREATE, shapes.ITEM, body)
        assert key == f"A/{number}:+"
        change = wrap({"status": "Inactive"}, shapes.ITEM)
        path = {"inventoryNumber": key}
        await self._client.write(fin.ITEM_UPDATE, path=path, body=change)
        got = await self._client.read(fin.ITEM_READ, path=path)
        inner = {"inventoryId": str(got.body["inventoryId"])}
        await self._client.write(fin.ITEM_UPDATE_INTERNAL, path=inner, body=change)

    async def project(self, number: int) -> None:
        model = self.rows["project"][0]
        key = str(int(model["projectID"]) + 5000 + number)
        body = {
            "projectID": key,
            "description": f"Prosjekt {number}",
            "customer": self.rows["customer"][0]["number"],
            "startDate": "2026-11-01T00:00:00",
            "template": "Z",
            "billingPeriod": "OnDemand",
            "hold": True,
        }
        await self.create(fin.PROJECT_CREATE, shapes.PROJECT, body)
        got = await self._client.read(fin.PROJECT_READ, path={"projectID": key})
        # The document demands these two of every update, partial or not.
        always = {"description": f"Prosjekt {number} B", "startDate": body["startDate"]}
        done = await self._client.write(
            fin.PROJECT_UPDATE,
            path={"projectID": key},
            body=wrap(always | {"status": "Active", "hold": False}, shapes.PROJECT),
            if_match=got.etag,
        )
        inner = str(got.body["internalID"])
        await self._client.write(
            fin.PROJECT_UPDATE_INTERNAL,
            path={"internalID": inner},
            body=wrap(always, shapes.PROJECT),
            if_match=done.etag,
        )
        task = {"taskId": "20", "description": "Ekstra", "plannedStart": "2026-11-01T00:00:00"}
        made = await self._client.write(
            fin.TASK_CREATE, path={"internalId": inner}, body=wrap(task, shapes.PROJECT_TASK)
        )
        change = wrap({"status": "Active"}, shapes.PROJECT_TASK)
        tasks = await self._driver.rows(FINANCIALS["projecttask"])
        found = next(row for row in tasks if str(row["projectInternalId"]) == inner)
        assert made.location_key
        await self._client.write(
            fin.TASK_UPDATE, path={"internalId": str(found["internalId"])}, body=change
        )

    def line(self, number: int) -> Record:
        """A line on the first item that is sold."""
        item = next(row for row in self.rows["inventory"] if row["status"] == "Active")
        return {
            "operation": "Insert",
            "inventoryNumber": item["inventoryNumber"],
            "description": f"Linje {number}",
            "quantity": Decimal("1.5"),
            "unitPriceInCurrency": Decimal("999.9900"),
            "uom": item["salesUnit"],
            "vatCodeId": item["vatCode"]["id"],
            "taskId": "10",
        }

    def document(self, number: int) -> Record:
        """The head of an invoice or credit note."""
        active = next(row for row in self.rows["project"] if row["status"] == "Active")
        return {
            "customerNumber": active["customer"]["number"],
            "project": active["projectID"],
            "documentDate": "2026-11-24T00:00:00",
            "hold": True,
            "sendToAutoInvoice": False,
            "note": f"Severa {number}",
        }

    async def invoice(self, number: int) -> None:
        body = {
            **self.document(number),
            "documentDueDate": "2026-12-08T00:00:00",
            "invoiceLines": [self.line(number)],
            "billingAddress": {"overrideAddress": True, "addressLine1": "Gata 2"},
        }
        key = await self.create(fin.INVOICE_CREATE, shapes.INVOICE, body)
        path = {"invoiceNumber": key}
        await self.attach(fin.INVOICE_ATTACH, path, number)
        await self._open(fin.INVOICE_READ, fin.INVOICE_UPDATE, shapes.INVOICE, path)
        if number % 2:
            await self._client.write(fin.INVOICE_DELETE, path=path)
        else:
            got = await self._client.read(fin.INVOICE_READ, path=path)
            done = await self._client.write(fin.INVOICE_RELEASE, path=path, if_match=got.etag)
            assert done.body["actionResult"] in ("Queued", "InProcess", "Done")

    async def credit_note(self, number: int) -> None:
        body = {**self.document(number), "lines": [self.line(number)]}
        key = await self.create(fin.CREDIT_NOTE_CREATE, shapes.CREDIT_NOTE, body)
        path = {"creditNoteNumber": key}
        await self.attach(fin.CREDIT_NOTE_ATTACH, path, number)
        await self._open(fin.CREDIT_NOTE_READ, fin.CREDIT_NOTE_UPDATE, shapes.CREDIT_NOTE, path)
        if number % 2:
            await self._client.write(fin.CREDIT_NOTE_DELETE, path=path)
        else:
            await self._client.write(fin.CREDIT_NOTE_RELEASE, path=path)

    async def attach(self, operation: Operation, path: dict[str, str], number: int) -> None:
        file = Upload(name=f"erittely {number}.pdf", content=b"%PDF\r\n", content_type="a/pdf")
        done = await self._client.write(operation, path=path, files=[file])
        assert done.location_key
        where = {"attachmentId": done.location_key}
        got = await self._client.read(fin.ATTACHMENT_READ, path=where)
        assert got.body == file.content
        change = wrap({"sendToAutoinvoice": True}, shapes.ATTACHMENT)
        await self._client.write(fin.ATTACHMENT_UPDATE, path=where, body=change)

    async def queued(self, number: int) -> None:
        """Let Financials refuse something in the background: it is `Finished` all the same."""
        body = wrap(self.document(number) | {"customerNumber": "none"}, shapes.INVOICE)
        queued: Answer = await self._client.write(fin.INVOICE_CREATE, body=body, background=True)
        assert queued.status == 202
        path = {"requestId": str(queued.body["id"])}
        state = await self._client.read(fin.BACKGROUND_READ, path=path)
        while state.body["status"] == "Started":
            await asyncio.sleep(0)
            state = await self._client.read(fin.BACKGROUND_READ, path=path)
        assert (state.body["status"], state.body["statusCode"]) == ("Finished", 400)
        content = await self._client.read(fin.BACKGROUND_CONTENT, path=path)
        assert "none" in content.body["message"]

    async def _open(
        self, read: Operation, update: Operation, shape: Shape, path: dict[str, str]
    ) -> None:
        got = await self._client.read(read, path=path)
        assert got.body["timeStamp"] == got.etag
        change = wrap({"hold": False}, shape)
        await self._client.write(update, path=path, body=change, if_match=got.etag)


def _paths(rows: Rows, places: dict[str, str]) -> list[dict[str, str]]:
    columns = [values(rows, name, place=place) for place, name in places.items()]
    return [
        dict(pair for part in parts for pair in part.items())
        for parts in zip(*columns, strict=True)
    ][:20]


class TestFinancials:
    async def test_keeps_its_contract_in_every_operation(
        self, financials_client: Client, recorder: Recorder
    ) -> None:
        driver = Driver(financials_client, recorder)
        work = Ledger(driver)
        await work.look_around()

        await driver.repeats(fin.CUSTOMER_RENUMBER, work.customer)
        await driver.repeats(fin.CONTACT_UPDATE, work.contact)
        await driver.repeats(fin.LOCATION_UPDATE, work.location)
        await driver.repeats(fin.ITEM_UPDATE_INTERNAL, work.item)
        await driver.repeats(fin.TASK_UPDATE, work.project)
        await work.look_around()
        await driver.repeats(fin.INVOICE_RELEASE, work.invoice)
        await driver.repeats(fin.CREDIT_NOTE_RELEASE, work.credit_note)
        await driver.repeats(fin.INVOICE_DELETE, work.invoice)
        await driver.repeats(fin.CREDIT_NOTE_DELETE, work.credit_note)
        await driver.repeats(fin.BACKGROUND_CONTENT, work.queued)
        for endpoint in FINANCIALS.values():
            await driver.lists(endpoint, since=LONG_AGO)
        for operation, (name, places) in SINGLES.items():
            since = LONG_AGO if name == "journaltransaction" else None
            rows = [
                row
                async for page in financials_client.pages(FINANCIALS[name], since=since)
                for row in page.rows
            ]
            await driver.reads(operation, _paths(rows, places))
        await driver.reads(fin.DIMENSIONS, [{}])
        keys = ("CUSTOMER", "PROJECT", "INVENTORY")
        await driver.reads(fin.DIMENSION_READ, [{"dimensionId": key} for key in keys])

        listed = [endpoint.operation for endpoint in FINANCIALS.values()]
        assert driver.lacking([*fin.OPERATIONS, *listed]) == []
        recorder.assert_clean()
