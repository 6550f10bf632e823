"""New records of either side are created on the other, once, and what must stay out stays out."""

from collections.abc import Mapping
from typing import Any

import pytest

from schema.models import Customer, Link, Product, Project
from schema.words import ProductKind, Side, SyncState
from tests.worker.pair import Pair
from worker.vendors.endpoints import Operation
from worker.vendors.financials import operations, shapes, wrap
from worker.vendors.severa import client as severa_client
from worker.vendors.severa import operations as severa

PROJECT_CREATE = Operation(method="POST", path="/v1/projects", writes=True)


async def in_severa(pair: Pair, operation: Any, body: Mapping[str, Any]) -> dict[str, Any]:
    """Create something in Severa as a person does."""
    login = pair.world.companies[0].severa
    async with severa_client(
        base_url=pair.settings.severa_base_url,
        client_id=login.client_id,
        client_secret=login.client_secret,
        scopes="customers:write,settings:write,projects:write",
        calls_per_second=None,
    ) as client:
        made: dict[str, Any] = (await client.write(operation, body=dict(body))).body
        return made


async def customer_in_financials(pair: Pair, **fields: Any) -> str:
    """Create a customer in Financials and return its number."""
    async with pair.context() as ctx:
        classes = ctx.references.customer_classes
        body = {"customerClassId": next(iter(classes)), **fields}
        answer = await ctx.financials.write(
            operations.CUSTOMER_CREATE, body=wrap(body, shapes.CUSTOMER)
        )
        return str(answer.location_key)


async def item_in_financials(pair: Pair, code: str, kind: str, **fields: Any) -> None:
    """Create an item of a type in Financials."""
    async with pair.context() as ctx:
        classes = ctx.references.item_classes
        class_id = next(key for key, value in classes.items() if value == kind)
        body = {"inventoryNumber": code, "description": f"Item {code}", "itemClass": class_id}
        await ctx.financials.write(
            operations.ITEM_CREATE, body=wrap({**body, **fields}, shapes.ITEM)
        )


def severa_rows(pair: Pair, table: str, **values: Any) -> list[dict[str, Any]]:
    """Return the rows of a Severa table with some values."""
    rows = pair.world.severa.organizations[0].tables[table]
    return [row for row in rows if all(row.get(name) == v for name, v in values.items())]


def ledger_customers(pair: Pair, name: str) -> list[dict[str, Any]]:
    """Return the customers of Financials with a name."""
    company = next(iter(pair.world.financials.companies.values()))
    return [row.dto for row in company.customers if row.dto["name"] == name]


class TestCustomerOfSevera:
    """R44, R47, R7."""

    async def test_is_created_in_financials_and_gets_its_number(self, pair: Pair) -> None:
        made = await in_severa(pair, severa.CUSTOMER_CREATE, {"name": "Ny Kunde AS"})

        await pair.sync()

        customer = await Customer.get(name="Ny Kunde AS")
        [shown] = ledger_customers(pair, "Ny Kunde AS")
        [stored] = severa_rows(pair, "customers", guid=made["guid"])
        assert customer.sync_state is SyncState.IN_SYNC
        assert customer.number == shown["number"].strip() == str(stored["number"])

    async def test_that_is_inactive_waits(self, pair: Pair) -> None:
        """Q36."""
        await in_severa(pair, severa.CUSTOMER_CREATE, {"name": "Sover AS", "isActive": False})

        await pair.sync()

        assert ledger_customers(pair, "Sover AS") == []

    async def test_is_created_once_when_nobody_knows_whether_it_landed(self, pair: Pair) -> None:
        """J4, Q44."""
        await in_severa(pair, severa.CUSTOMER_CREATE, {"name": "Tvil AS"})
        await pair.fault("timeout_after_write", "POST /v1/customer")

        await pair.sync()
        await pair.sync()

        assert len(ledger_customers(pair, "Tvil AS")) == 1
        assert (await Customer.get(name="Tvil AS")).sync_state is SyncState.IN_SYNC

    async def test_with_the_name_of_a_customer_there_is_linked(self, pair: Pair) -> None:
        """R52, Q14."""
        number = await customer_in_financials(pair, name="Felles AS")
        await in_severa(pair, severa.CUSTOMER_CREATE, {"name": "Felles AS"})

        await pair.sync()

        assert len(ledger_customers(pair, "Felles AS")) == 1
        assert (await Customer.get(name="Felles AS")).number == number


class TestCustomerOfFinancials:
    async def test_is_created_in_severa_with_its_number(self, pair: Pair) -> None:
        number = await customer_in_financials(pair, name="Fra Regnskapet AS")

        await pair.sync()

        [stored] = severa_rows(pair, "customers", name="Fra Regnskapet AS")
        assert str(stored["number"]) == number
        customer = await Customer.get(name="Fra Regnskapet AS")
        assert await Link.filter(record_id=customer.id).count() == 2

    async def test_is_created_once_when_nobody_knows_whether_it_landed(self, pair: Pair) -> None:
        await customer_in_financials(pair, name="Tvil Igjen AS")
        await pair.fault("timeout_after_write", "POST /v1/customers", Side.SEVERA)

        await pair.sync()
        await pair.sync()

        assert len(severa_rows(pair, "customers", name="Tvil Igjen AS")) == 1

    async def test_whose_name_exists_twice_is_reported_and_not_created(self, pair: Pair) -> None:
        """R53, Q29: the issue names every number concerned."""
        numbers = [await customer_in_financials(pair, name="Dobbel AS") for _ in range(2)]

        await pair.sync()

        issue = (await pair.open_issues())["name_twice"]
        assert all(number in issue.cause for number in numbers)
        assert severa_rows(pair, "customers", name="Dobbel AS") == []

    async def test_is_created_when_its_name_is_unique_again(self, pair: Pair) -> None:
        """Q29."""
        first, second = [await customer_in_financials(pair, name="Dobbel AS") for _ in range(2)]
        await pair.sync()
        await pair.edit(Side.FINANCIALS, "customer", second, status="Inactive")

        await pair.sync()

        [stored] = severa_rows(pair, "customers", name="Dobbel AS")
        assert str(stored["number"]) == first
        assert "name_twice" not in await pair.open_issues()


class TestItem:
    @pytest.mark.parametrize(
        ("kind", "table"),
        [
            ("NonStockItem", "products"),
            ("ServiceItem", "products"),
            ("LaborItem", "worktypes"),
            ("ExpenseItem", "travelexpensetypes"),
        ],
    )
    async def test_goes_to_the_register_of_its_type(
        self, pair: Pair, kind: str, table: str
    ) -> None:
        """R37 to R39."""
        try:
            await item_in_financials(pair, f"NEW{kind[:3].upper()}", kind)
        except StopIteration:
            pytest.fail(f"the sample has no class of type {kind}")

        await pair.sync()

        [stored] = severa_rows(pair, table, code=f"NEW{kind[:3].upper()}")
        assert stored["name"] == f"Item NEW{kind[:3].upper()}"

    @pytest.mark.parametrize(
        ("operation", "kind"),
        [(severa.PRODUCT_CREATE, "NonStockItem"), (severa.WORK_TYPE_CREATE, "LaborItem")],
    )
    async def test_of_severa_gets_a_class_that_fits(
        self, pair: Pair, operation: Any, kind: str
    ) -> None:
        """Q54."""
        await in_severa(pair, operation, {"name": "Nytt", "code": "NYTT"})

        await pair.sync()

        company = next(iter(pair.world.financials.companies.values()))
        [shown] = [row.dto for row in company.items if row.key.strip() == "NYTT"]
        assert shown["type"] == kind
        assert (await Product.get(code="NYTT")).sync_state is SyncState.IN_SYNC

    async def test_without_a_code_is_reported(self, pair: Pair) -> None:
        """R41."""
        await in_severa(pair, severa.PRODUCT_CREATE, {"name": "Kodeløs"})

        await pair.sync()

        assert "Kodeløs" in (await pair.open_issues())["code_missing"].cause

    async def test_with_a_code_of_another_register_is_reported(self, pair: Pair) -> None:
        """R42: codes are unique over all three registers."""
        taken = await Product.filter(kind=ProductKind.WORK_TYPE).first()
        assert taken is not None
        pair.world.severa.organizations[0].settings.unique_item_codes = False
        await in_severa(pair, severa.PRODUCT_CREATE, {"name": "Zwilling", "code": taken.code})

        await pair.sync()

        assert taken.code in (await pair.open_issues())["code_twice"].cause


class TestProject:
    async def project_body(self, pair: Pair) -> dict[str, Any]:
        org = pair.world.severa.organizations[0]
        customer = next(row for row in org.tables["customers"] if not row["isInternal"])
        return {
            "name": "Nytt prosjekt",
            "customer": {"guid": customer["guid"]},
            "projectOwner": {"guid": next(iter(org.tables["users"]))["guid"]},
        }

    async def test_is_created_with_its_constants_and_then_active(self, pair: Pair) -> None:
        """R54, R189 to R191, Q4, Q55."""
        made = await in_severa(pair, PROJECT_CREATE, await self.project_body(pair))
        number = str(made["number"])

        await pair.sync()

        [sent] = [
            request["body"]
            for request in await pair.requests("POST /v1/project")
            if request["body"]["projectID"]["value"] == number
        ]
        assert sent["billingPeriod"] == {"value": "OnDemand"}
        assert sent["template"] == {"value": "Z"}
        assert sent["hold"] == {"value": True}
        company = next(iter(pair.world.financials.companies.values()))
        [shown] = [row for row in company.projects if row.key.strip() == number]
        assert shown.dto["status"] == "Active"
        assert shown.tasks["10"].dto["status"] == "Active"
        assert (await Project.get(number=number)).sync_state is SyncState.IN_SYNC
