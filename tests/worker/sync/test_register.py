"""Registers in step: edits travel both ways, echoes stop, conflicts open and close."""

from datetime import timedelta
from typing import Any

import pytest

from schema.clock import utc_now
from schema.models import Change, Checkpoint, Conflict, Customer, Link, Product, Project
from schema.words import ProjectStatus, Side, SyncState
from tests.worker.pair import Pair

SEVERA, FINANCIALS = Side.SEVERA, Side.FINANCIALS


async def linked(record: Any, side: Side) -> Link:
    """Return the link of a record to one side."""
    return await Link.get(record_id=record.id, side=side.value)


async def some_customer(pair: Pair) -> tuple[Customer, str, str]:
    """Return a customer in step with its guid in Severa and its number in Financials."""
    customer = (
        await Customer.filter(is_active=True, sync_state=SyncState.IN_SYNC).order_by("number")
    )[0]
    severa, financials = await linked(customer, SEVERA), await linked(customer, FINANCIALS)
    return customer, severa.external_id, financials.external_id


def in_severa(pair: Pair, guid: str) -> dict[str, Any]:
    """Return a customer as the sandbox's Severa stores it."""
    row: dict[str, Any] = pair.world.severa.organizations[0].need("customers", guid)
    return row


def in_financials(pair: Pair, number: str) -> dict[str, Any]:
    """Return a customer as the sandbox's Financials stores it."""
    company = next(iter(pair.world.financials.companies.values()))
    return next(row.dto for row in company.customers if row.key.strip() == number)


class TestEdit:
    async def test_in_severa_travels_to_financials(self, pair: Pair) -> None:
        """R44."""
        customer, guid, number = await some_customer(pair)
        await pair.edit(SEVERA, "customers", guid, name="Fjordlys Nye AS", email="a@fjordlys.no")

        await pair.sync()

        shown = in_financials(pair, number)
        assert shown["name"] == "Fjordlys Nye AS"
        assert shown["mainContact"]["email"] == "a@fjordlys.no"
        await customer.refresh_from_db()
        assert (customer.name, customer.sync_state) == ("Fjordlys Nye AS", SyncState.IN_SYNC)

    async def test_in_financials_travels_to_severa(self, pair: Pair) -> None:
        customer, guid, number = await some_customer(pair)
        await pair.edit(FINANCIALS, "customer", number, name="Elvebakken Nye AS")

        await pair.sync()

        assert in_severa(pair, guid)["name"] == "Elvebakken Nye AS"
        await customer.refresh_from_db()
        assert customer.name == "Elvebakken Nye AS"

    async def test_of_different_fields_on_both_sides_meets(self, pair: Pair) -> None:
        customer, guid, number = await some_customer(pair)
        await pair.edit(SEVERA, "customers", guid, website="https://here.no")
        await pair.edit(FINANCIALS, "customer", number, name="There AS")

        await pair.sync()

        await customer.refresh_from_db()
        assert (customer.name, customer.website) == ("There AS", "https://here.no")
        assert in_severa(pair, guid)["name"] == "There AS"
        assert in_financials(pair, number)["mainContact"]["web"] == "https://here.no"

    async def test_is_told_in_the_journal_with_before_and_after(self, pair: Pair) -> None:
        customer, guid, _ = await some_customer(pair)
        await pair.edit(SEVERA, "customers", guid, email="new@x.no")

        await pair.sync()

        last = await Change.filter(record_id=customer.id).order_by("-id").first()
        assert last is not None
        [field] = [item for item in last.fields_changed if item["field"] == "email"]
        assert (field["before"], field["after"]) == (customer.email, "new@x.no")
        assert last.reason == "Taken from Severa."

    async def test_clearing_a_text_travels(self, pair: Pair) -> None:
        customer, guid, number = await some_customer(pair)
        await pair.edit(SEVERA, "customers", guid, email="x@x.no")
        await pair.sync()
        await pair.edit(SEVERA, "customers", guid, email=None)

        await pair.sync()

        assert not in_financials(pair, number)["mainContact"].get("email")
        await customer.refresh_from_db()
        assert customer.email is None

    async def test_of_an_address_travels_with_its_region(self, pair: Pair) -> None:
        """R168 to R172, Q8."""
        customer, guid, number = await some_customer(pair)
        org = pair.world.severa.organizations[0]
        address = next(row for row in org.tables["addresses"] if row["customer"] == guid)
        region = next(
            row for row in org.tables["countryregions"] if row["country"] == address["country"]
        )
        await pair.edit(
            SEVERA,
            "addresses",
            address["guid"],
            addressline="Nygata 1\n2. etasje\nBakgården\nRom 4",
            countryRegion={"guid": region["guid"]},
        )

        await pair.sync()

        shown = in_financials(pair, number)["mainAddress"]
        assert [shown[f"addressLine{n}"] for n in (1, 2, 3)] == [
            "Nygata 1",
            "2. etasje",
            "Bakgården, Rom 4",
        ]
        assert shown["county"]["name"] == region["name"]
        assert not await Conflict.filter(record_id=customer.id, resolved_at=None).exists()

    async def test_to_inactive_travels(self, pair: Pair) -> None:
        """R166."""
        _, guid, number = await some_customer(pair)
        await pair.edit(SEVERA, "customers", guid, isActive=False)

        await pair.sync()

        assert in_financials(pair, number)["status"] == "Inactive"

    async def test_of_an_item_travels(self, pair: Pair) -> None:
        """R31, R152, R154."""
        product = await Product.filter(kind="PRODUCT", is_active=True).order_by("code").first()
        assert product is not None
        severa, financials = await linked(product, SEVERA), await linked(product, FINANCIALS)
        await pair.edit(
            SEVERA, "products", severa.external_id, name="New name", unitPrice={"amount": 123.5}
        )

        await pair.sync()

        company = next(iter(pair.world.financials.companies.values()))
        shown = next(r.dto for r in company.items if r.key.strip() == financials.external_id)
        assert (shown["description"], shown["defaultPrice"]) == ("New name", 123.5)


class TestEcho:
    @pytest.mark.parametrize("side", list(Side))
    async def test_of_our_own_write_stops(self, pair: Pair, side: Side) -> None:
        """J9."""
        _, guid, number = await some_customer(pair)
        if side is SEVERA:
            await pair.edit(SEVERA, "customers", guid, name="Echo AS", notes="Hei")
        else:
            await pair.edit(FINANCIALS, "customer", number, name="Echo AS")
        await pair.sync()
        before = pair.writes()
        changes = await Change.all().count()

        await pair.sync()
        await pair.sync(full=True)

        assert pair.writes() == before
        assert await Change.all().count() == changes


class TestConflict:
    async def clash(self, pair: Pair) -> tuple[Customer, str, str]:
        customer, guid, number = await some_customer(pair)
        await pair.edit(SEVERA, "customers", guid, name="Severa AS", email="s@x.no")
        await pair.edit(FINANCIALS, "customer", number, name="Financials AS")
        await pair.sync()
        await customer.refresh_from_db()
        return customer, guid, number

    async def test_opens_for_the_field_that_both_changed(self, pair: Pair) -> None:
        customer, _, _ = await self.clash(pair)

        [conflict] = await Conflict.filter(record_id=customer.id, resolved_at=None)
        assert conflict.field == "name"
        assert (conflict.severa_value, conflict.financials_value) == ("Severa AS", "Financials AS")
        assert customer.sync_state is SyncState.CONFLICT

    async def test_lets_the_other_fields_go_on(self, pair: Pair) -> None:
        _, guid, number = await self.clash(pair)

        assert in_financials(pair, number)["mainContact"]["email"] == "s@x.no"
        assert in_severa(pair, guid)["name"] == "Severa AS"
        assert in_financials(pair, number)["name"] == "Financials AS"

    async def test_is_settled_by_a_choice(self, pair: Pair) -> None:
        customer, guid, _ = await self.clash(pair)
        await Conflict.filter(record_id=customer.id).update(chosen_side=FINANCIALS.value)

        await pair.sync(full=True)

        await customer.refresh_from_db()
        assert in_severa(pair, guid)["name"] == "Financials AS"
        assert customer.sync_state is SyncState.IN_SYNC
        assert not await Conflict.filter(record_id=customer.id, resolved_at=None).exists()

    async def test_closes_by_itself_once_both_sides_agree(self, pair: Pair) -> None:
        """Q58."""
        customer, _, number = await self.clash(pair)
        await pair.edit(FINANCIALS, "customer", number, name="Severa AS")

        await pair.sync()

        await customer.refresh_from_db()
        assert customer.sync_state is SyncState.IN_SYNC
        assert not await Conflict.filter(record_id=customer.id, resolved_at=None).exists()


class TestMassChange:
    """J8: nothing is deleted or deactivated because a list came back empty or short."""

    LISTS = (
        (SEVERA, "GET /v1/customers"),
        (FINANCIALS, "GET /v1/customer"),
        (SEVERA, "GET /v1/products"),
        (FINANCIALS, "GET /v1/inventory"),
        (FINANCIALS, "GET /v1/project"),
    )

    @pytest.mark.parametrize("fault", ["empty_list", "short_list"])
    async def test_deactivates_and_deletes_nothing(self, pair: Pair, fault: str) -> None:
        before = pair.writes()
        for side, operation in self.LISTS:
            await pair.fault(fault, operation, side, times=20)

        await pair.sync(full=True)
        await pair.control("/faults", method="DELETE")
        await pair.sync(full=True)

        assert pair.writes() == before
        assert not await Link.exclude(missing_since=None).exists()


class TestBrokenList:
    async def test_does_not_stop_the_other_steps(self, pair: Pair) -> None:
        await pair.fault("error_503", "GET /v1/customer", FINANCIALS, times=20)

        broken = await pair.sync(full=True)
        await pair.control("/faults", method="DELETE")
        healed = await pair.sync()

        steps = await pair.steps(broken)
        assert (steps["customers"].state, steps["projects"].state) == ("FAILED", "SUCCEEDED")
        assert healed.state == "SUCCEEDED"
        assert await pair.open_issues() == {}


class TestProject:
    async def project(self, pair: Pair) -> tuple[Project, str, Any]:
        for project in await Project.filter(status=ProjectStatus.ACTIVE).order_by("number"):
            link = await Link.get_or_none(record_id=project.id, side=FINANCIALS.value)
            if link is not None:
                company = next(iter(pair.world.financials.companies.values()))
                shown = next(r for r in company.projects if r.key.strip() == link.external_id)
                return project, (await linked(project, SEVERA)).external_id, shown
        raise AssertionError("no project")

    async def test_that_is_closed_is_completed(self, pair: Pair) -> None:
        """R56, Q43."""
        _, guid, shown = await self.project(pair)
        await pair.edit(SEVERA, "projects", guid, isClosed=True)

        await pair.sync()

        assert shown.dto["status"] == "Completed"

    async def test_that_is_reopened_is_active_with_its_task(self, pair: Pair) -> None:
        """Q18, Q55."""
        _, guid, shown = await self.project(pair)
        for closed in (True, False):
            await pair.edit(SEVERA, "projects", guid, isClosed=closed)
            await pair.sync()

        assert shown.dto["status"] == "Active"
        assert shown.tasks["10"].dto["status"] == "Active"

    async def test_that_is_renamed_in_financials_is_left_alone(self, pair: Pair) -> None:
        """R54: one way only."""
        project, guid, shown = await self.project(pair)
        await pair.edit(FINANCIALS, "project", shown.key, description="Renamed")

        await pair.sync()

        stored = pair.world.severa.organizations[0].need("projects", guid)
        assert stored["name"] == project.name

    async def test_closed_with_its_last_invoice_goes_after_it(self, pair: Pair) -> None:
        """Q55."""
        [guid] = await pair.bill()
        org = pair.world.severa.organizations[0]
        project = org.need("projects", org.need("invoices", guid)["projects"][0])
        await pair.edit(SEVERA, "projects", project["guid"], isClosed=True)

        await pair.sync()

        assert (await pair.invoice(guid)).numbered_at is not None
        company = next(iter(pair.world.financials.companies.values()))
        shown = next(r for r in company.projects if r.key.strip() == str(project["number"]))
        assert shown.dto["status"] == "Completed"


class TestWatermark:
    async def test_is_the_vendors_own_time(self, pair: Pair) -> None:
        """Watermarks are the vendor's own times, never ours."""
        _, guid, _ = await some_customer(pair)
        await pair.control("/clock", {"advance": 3600})
        await pair.edit(SEVERA, "customers", guid, notes="From the future")

        await pair.sync()

        mark = await Checkpoint.get(side="SEVERA", resource="customers")
        assert mark.watermark is not None
        assert mark.watermark > (utc_now() + timedelta(minutes=50)).isoformat()
