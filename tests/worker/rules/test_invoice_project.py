"""Documents on projects that are closed or internal (R57, Q55)."""

from sandbox.severa.table import Record
from schema.models import Attempt
from schema.words import InvoiceState
from tests.worker.rules.house import House


def there(house: House, project: Record) -> str:
    """Return the status of a project in Financials."""
    row = house.ledger.projects.get(str(project["number"]))
    assert row is not None
    return str(row.dto["status"])


async def closed(house: House) -> Record:
    """Close a project in Severa, and in Financials by a sync."""
    project: Record = house.projects()[0]
    house.org.update("projects", project, {"isClosed": True})
    await house.sync()
    assert there(house, project) == "Completed"
    return project


class TestClosedProject:
    async def test_is_opened_for_the_posting_and_closed_again(self, house: House) -> None:
        project = await closed(house)
        invoice = house.invoice(projects=[project])

        record = await house.carry(invoice)

        assert record.state is InvoiceState.NUMBERED, await house.issues()
        assert there(house, project) == "Active"
        await house.sync()
        assert there(house, project) == "Completed"
        purposes = await Attempt.filter(entity="PROJECT").values_list("purpose", flat=True)
        assert purposes.count("project.reopen") == 1
        assert "project.update" in purposes

    async def test_stays_open_while_the_document_is_on_its_way(self, house: House) -> None:
        project = await closed(house)
        await house.options(release="BY_HAND")
        invoice = house.invoice(projects=[project])
        await house.carry(invoice)
        await house.sync()
        assert there(house, project) == "Active"
        house.act("release", referenceNumber=house.document(invoice).number)
        await house.sync()
        assert (await house.record(invoice)).state is InvoiceState.NUMBERED
        await house.sync()
        assert there(house, project) == "Completed"

    async def test_open_project_is_not_touched(self, house: House) -> None:
        await house.carry(house.invoice())
        purposes = await Attempt.all().values_list("purpose", flat=True)
        assert "project.reopen" not in purposes


class TestInternalProject:
    async def test_counts_for_none(self, house: House) -> None:
        project = next(row for row in house.org.tables["projects"] if row["isInternal"])
        customer = house.projects()[0]["customer"]
        invoice = house.invoice(projects=[project], customer=customer, billingCustomer=customer)

        record = await house.carry(invoice)

        assert record.state is InvoiceState.NUMBERED, await house.issues()
        (body,) = house.sent("POST /v2/customerinvoice")
        assert "project" not in body
        assert "taskId" not in body["invoiceLines"][0]
