"""Severa's contract: every operation the product uses, often, against the sandbox."""

from decimal import Decimal
from typing import Any

import pytest

from sandbox.world import World
from tests.contracts.drive import Driver, Rows, values
from tests.contracts.recorder import Recorder
from worker.vendors.client import Client
from worker.vendors.endpoints import Operation
from worker.vendors.records import Record, Upload
from worker.vendors.severa import SEVERA, money_in, replace
from worker.vendors.severa import operations as sev

pytestmark = pytest.mark.usefixtures("show_table")

INVOICES_CREATE = Operation(method="POST", path="/v1/invoices", writes=True, answers="array")
LONG_AGO = "2020-01-01T00:00:00Z"
PARENTS = {
    "countryGuid": "countries",
    "customerGuid": "customers",
    "contactGuid": "contactpersons",
    "invoiceGuid": "invoices",
    "projectGuid": "projects",
}
SINGLES = {
    sev.CUSTOMER_READ: "customers",
    sev.ADDRESS_READ: "addresses",
    sev.CONTACT_READ: "contactpersons",
    sev.COMMUNICATION_READ: "contactcommunications",
    sev.PRODUCT_READ: "products",
    sev.WORK_TYPE_READ: "worktypes",
    sev.TRAVEL_TYPE_READ: "travelexpensetypes",
    sev.PROJECT_READ: "projects",
    sev.PROJECT_FEE_READ: "projectfees",
    sev.INVOICE_READ: "invoices",
    sev.INVOICE_PDF: "invoices",
    sev.INVOICE_ROW_READ: "invoicerows",
    sev.INVOICE_STATUS_READ: "invoicestatuses",
    sev.FLAT_RATE_READ: "flatrates",
}
PLAIN = (sev.ORGANIZATION_DETAILS, sev.ORGANIZATION_SETTINGS, sev.COMPANY_INFORMATION)


class Severa:
    """The pieces of work that need more than a path."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._client = driver.client
        self.rows: dict[str, Rows] = {}
        self.home = "EUR"

    async def look_around(self) -> None:
        """Remember a list of everything that others point to."""
        for name in (*PARENTS.values(), "products", "communicationtypes"):
            self.rows[name] = await self._driver.rows(SEVERA[name])
        currencies = await self._driver.rows(SEVERA["currencies"])
        self.home = next(row["code"] for row in currencies if row["isOrganizationCurrency"])

    @property
    def project(self) -> Record:
        """An open project of a customer."""
        return next(
            row for row in self.rows["projects"] if not (row["isInternal"] or row["isClosed"])
        )

    async def bill(self) -> None:
        """Enter a fee and bill it, so that there are invoices with rows and entries."""
        await self.fee(0)
        body = {"projects": [{"guid": self.project["guid"]}], "groupProjects": False}
        done = await self._client.write(INVOICES_CREATE, body=body)
        assert done.body

    async def customer(self, number: int) -> None:
        body = {"name": f"Koe {number} Oy", "isActive": True, "vatNumber": f"FI{number:08}"}
        done = await self._client.write(sev.CUSTOMER_CREATE, body=body)
        await self._rename(sev.CUSTOMER_PATCH, done.body, f"Koe {number} Oyj")

    async def address(self, number: int) -> None:
        country = self.rows["countries"][0]["guid"]
        body = {
            "addressline": f"Katu {number}\r\nC/o Koe",
            "city": "Helsinki",
            "postalCode": "00100",
            "country": {"guid": country},
            "isBillingAddress": True,
            "isPostalAddress": False,
            "isVisitAddress": False,
        }
        path = {"customerGuid": self.rows["customers"][number % 3]["guid"]}
        done = await self._client.write(sev.ADDRESS_CREATE, path=path, body=body)
        await self._patch(sev.ADDRESS_PATCH, done.body, "/city", "Espoo")

    async def contact(self, number: int) -> None:
        body = {
            "customer": {"guid": self.rows["customers"][0]["guid"]},
            "firstName": "Åsa",
            "lastName": f"Öberg {number}",
            "isEmailAllowed": True,
            "salutation": "Ms.",
        }
        done = await self._client.write(sev.CONTACT_CREATE, body=body)
        await self._patch(sev.CONTACT_PATCH, done.body, "/jobTitle", "CFO")

    async def communication(self, number: int) -> None:
        kinds = self.rows["communicationtypes"]
        email = next(row for row in kinds if row["type"] == "EmailAddress")
        body = {
            "contact": {"guid": self.rows["contactpersons"][0]["guid"]},
            "communicationType": {"guid": email["guid"]},
            "value": f"asa{number}@koe.test",
            "isForbiddenToUse": False,
        }
        done = await self._client.write(sev.COMMUNICATION_CREATE, body=body)
        path = {"guid": done.body["guid"]}
        step = replace("/value", f"asa.{number}@koe.test")
        changed = await self._client.write(sev.COMMUNICATION_PATCH, path=path, body=[step])
        assert changed.body["value"] == f"asa.{number}@koe.test"
        await self._client.write(sev.COMMUNICATION_DELETE, path=path)

    async def product(self, number: int) -> None:
        body = {
            "name": f"Tuote {number}",
            "code": f"KOE-{number}",
            "type": "FixedFees",
            "unitPrice": money_in(Decimal("12.50"), self.home),
            "vatRate": Decimal("25.5"),
            "isActive": True,
        }
        done = await self._client.write(sev.PRODUCT_CREATE, body=body)
        await self._rename(sev.PRODUCT_PATCH, done.body, f"Tuote {number} B")

    async def work_type(self, number: int) -> None:
        body = {"name": f"Työ {number}", "code": f"TYO-{number}", "isActive": True}
        done = await self._client.write(sev.WORK_TYPE_CREATE, body=body)
        await self._rename(sev.WORK_TYPE_PATCH, done.body, f"Työ {number} B")

    async def travel_type(self, number: int) -> None:
        body = {
            "name": f"Matka {number}",
            "code": f"MATKA-{number}",
            "expenseClass": "OtherTravelExpense",
            "unitCost": money_in(Decimal("0.57"), self.home),
        }
        done = await self._client.write(sev.TRAVEL_TYPE_CREATE, body=body)
        await self._rename(sev.TRAVEL_TYPE_PATCH, done.body, f"Matka {number} B")

    async def fee(self, number: int) -> Record:
        currency = self.project["currency"]["code"]
        body = {
            "project": {"guid": self.project["guid"]},
            "product": {"guid": self.rows["products"][0]["guid"]},
            "description": f"Kulu {number}",
            "eventDate": "2026-11-20",
            "quantity": 1,
            "unitPrice": money_in(Decimal("150.00"), currency),
            "unitCost": money_in(Decimal("100.00"), currency),
        }
        done = await self._client.write(sev.PROJECT_FEE_CREATE, body=body)
        fee: Record = done.body[0]
        return fee

    async def fee_there_and_back(self, number: int) -> None:
        fee = await self.fee(number)
        await self._patch(sev.PROJECT_FEE_PATCH, fee, "/description", f"Kulu {number} B")
        await self._client.write(sev.PROJECT_FEE_DELETE, path={"guid": fee["guid"]})

    async def file(self, number: int) -> None:
        upload = Upload(
            name=f"kuitti {number}.pdf",
            content=b"%PDF-1.7 \r\n--x\r\n" + bytes(range(256)),
            content_type="application/pdf",
            description="Toimittaja, 4711",
        )
        path = {"projectGuid": self.project["guid"]}
        done = await self._client.write(sev.PROJECT_FILE_CREATE, path=path, files=[upload])
        got = await self._client.read(sev.FILE_DATA, path={"guid": done.body[0]["fileGuid"]})
        assert got.body == upload.content

    async def invoice(self, number: int) -> None:
        path = {"guid": self.rows["invoices"][0]["guid"]}
        status = (await self._client.read(sev.INVOICE_READ, path=path)).body["status"]["guid"]
        steps = [
            replace("/number", 800_000 + number),
            replace("/referenceNumber", f"{800_000 + number}1"),
            replace("/status/guid", status),
        ]
        done = await self._client.write(sev.INVOICE_PATCH, path=path, body=steps)
        assert done.body[0]["number"] == 800_000 + number

    async def _rename(self, operation: Operation, record: Record, name: str) -> None:
        await self._patch(operation, record, "/name", name)

    async def _patch(self, operation: Operation, record: Record, path: str, value: Any) -> None:
        step = replace(path, value)
        done = await self._client.write(operation, path={"guid": record["guid"]}, body=[step])
        assert done.body[0][path[1:]] == value


def _add_flat_rate(world: World) -> None:
    """Put in a flat rate: the product only ever reads one, and no sample holds any."""
    organization = world.severa.organizations[0]
    phase = next(iter(organization.tables["phases"]))
    flat_rate = {"phase": phase["guid"], "project": phase["project"], "includesHours": Decimal(8)}
    organization.insert("flatrates", {"billingSchedule": "Immediately", **flat_rate})


class TestSevera:
    async def test_keeps_its_contract_in_every_operation(
        self, severa_client: Client, recorder: Recorder, world: World
    ) -> None:
        _add_flat_rate(world)
        driver = Driver(severa_client, recorder)
        work = Severa(driver)
        await work.look_around()
        await work.bill()
        await work.look_around()

        await driver.repeats(sev.CUSTOMER_PATCH, work.customer)
        await driver.repeats(sev.ADDRESS_PATCH, work.address)
        await driver.repeats(sev.CONTACT_PATCH, work.contact)
        await driver.repeats(sev.COMMUNICATION_DELETE, work.communication)
        await driver.repeats(sev.PRODUCT_PATCH, work.product)
        await driver.repeats(sev.WORK_TYPE_PATCH, work.work_type)
        await driver.repeats(sev.TRAVEL_TYPE_PATCH, work.travel_type)
        await driver.repeats(sev.PROJECT_FEE_DELETE, work.fee_there_and_back)
        await driver.repeats(sev.PROJECT_FILE_CREATE, work.file)
        await driver.repeats(sev.INVOICE_PATCH, work.invoice)
        for endpoint in SEVERA.values():
            paths: list[dict[str, str]] = [{}]
            if endpoint.operation.places:
                place = endpoint.operation.places[0]
                paths = values(work.rows[PARENTS[place]], "guid", place=place)[:10]
            await driver.lists(endpoint, paths, since=LONG_AGO)
        for operation, name in SINGLES.items():
            await driver.reads(operation, values(await driver.rows(SEVERA[name]), "guid")[:20])
        for operation in PLAIN:
            await driver.reads(operation, [{}])

        listed = [endpoint.operation for endpoint in SEVERA.values()]
        assert driver.lacking([*sev.OPERATIONS, *listed]) == []
        recorder.assert_clean()
