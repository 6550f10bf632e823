"""The keys that tie both sides together, who gives them, and the classes of Financials."""

from typing import Any

from schema.models import Customer, Issue, Link, Product, Project, Reference
from schema.words import Entity, ProductKind, Side
from tests.worker.pair import Pair
from tests.worker.sync.test_new_record import (
    customer_in_financials,
    in_severa,
    item_in_financials,
    severa_rows,
)
from tests.worker.sync.test_register import linked
from worker.vendors.severa import operations as severa

SEVERA, FINANCIALS = Side.SEVERA, Side.FINANCIALS


def books(pair: Pair) -> Any:
    """Return the sandbox's Financials of the pair."""
    return next(iter(pair.world.financials.companies.values()))


def item(pair: Pair, code: str) -> dict[str, Any]:
    """Return an item of Financials as the sandbox stores it."""
    found: dict[str, Any] = next(row.dto for row in books(pair).items if row.key.strip() == code)
    return found


class TestKeys:
    async def test_are_the_same_on_both_sides(self, pair: Pair) -> None:
        """R20, R32: customer number, project number and item code; three registers, one list."""
        org = pair.world.severa.organizations[0]
        tables = ("customers", "projects", "products", "worktypes", "travelexpensetypes")
        ours = {
            str(row["guid"]): str(row.get("number") or row.get("code")).upper()
            for table in tables
            for row in org.tables[table]
        }

        for entity in (Entity.CUSTOMER, Entity.PROJECT, Entity.PRODUCT):
            pairs = await self._pairs(entity)
            assert pairs
            assert [ours[guid] for guid, _ in pairs] == [number.upper() for _, number in pairs]

    async def _pairs(self, entity: Entity) -> list[tuple[str, str]]:
        links = await Link.filter(entity=entity.value)
        by_side = {side: {x.record_id: x for x in links if x.side == side.value} for side in Side}
        return [
            (str(one.internal_id or one.external_id), str(by_side[FINANCIALS][key].external_id))
            for key, one in by_side[SEVERA].items()
            if key in by_side[FINANCIALS]
        ]

    async def test_of_every_register_are_items_of_financials(self, pair: Pair) -> None:
        """R32."""
        there = {row.key.strip() for row in books(pair).items}

        for kind in ProductKind:
            products = await Product.filter(kind=kind, is_active=True)
            numbers = {(await linked(one, FINANCIALS)).external_id for one in products}
            assert numbers
            assert numbers <= there

    async def test_find_an_item_whatever_its_name(self, pair: Pair) -> None:
        """R40: by code, and nothing else."""
        await in_severa(pair, severa.PRODUCT_CREATE, {"name": "Vår egen", "code": "samme"})
        await item_in_financials(pair, "SAMME", "NonStockItem", description="Their own")

        await pair.sync()

        product = await Product.get(code="samme")
        assert (await linked(product, FINANCIALS)).external_id == "SAMME"
        assert len(severa_rows(pair, "products", code="samme")) == 1

    async def test_of_projects_come_from_severa(self, pair: Pair) -> None:
        """R8, R18, R19: a number changed in Financials is reported and never taken over."""
        project = (await Project.filter(status="ACTIVE").order_by("number"))[0]
        guid = (await linked(project, SEVERA)).external_id
        before = project.number
        await pair.edit(FINANCIALS, "project", before, projectID="9876")

        await pair.sync()

        await project.refresh_from_db()
        assert project.number == before
        numbers = {str(row["number"]) for row in severa_rows(pair, "projects")}
        assert (before in numbers, "9876" in numbers) == (True, False), guid
        assert await Issue.filter(code="number_changed", resolved_at=None).exists()


class TestClasses:
    async def test_can_be_chosen_from(self, pair: Pair) -> None:
        """R33, R48, Q42: the class lists of Financials are read and kept."""
        kept = {
            kind: set(await Reference.filter(kind=kind).values_list("key", flat=True))
            for kind in ("item_class", "customer_class")
        }

        assert kept["item_class"] == set(books(pair).item_classes)
        assert kept["customer_class"] == set(books(pair).customer_classes)

    async def test_of_records_are_those_of_financials(self, pair: Pair) -> None:
        """R156, R167."""
        product = (await Product.filter(is_active=True).order_by("code"))[0]
        customer = (await Customer.filter(is_active=True).order_by("number"))[0]

        code = (await linked(product, FINANCIALS)).external_id
        number = (await linked(customer, FINANCIALS)).external_id
        theirs = next(row.dto for row in books(pair).customers if row.key.strip() == number)
        assert product.class_id == item(pair, code)["itemClass"]["id"]
        assert customer.class_id == theirs["customerClass"]["id"]

    async def test_follow_a_change_in_financials(self, pair: Pair) -> None:
        """R167: Financials holds it, the unified record shows it."""
        number = await customer_in_financials(pair, name="Klassebytte AS")
        await pair.sync()
        classes = list(books(pair).customer_classes.values())
        customer = await Customer.get(name="Klassebytte AS")
        other = next(one for one in classes if one["id"] != customer.class_id)

        await pair.edit(FINANCIALS, "customer", number, customerClass={"id": other["id"]})
        await pair.sync()

        await customer.refresh_from_db()
        assert customer.class_id == other["id"]

    async def test_that_are_chosen_are_used_at_the_transfer(self, pair: Pair) -> None:
        """R35, R156: chosen here, since Severa's API has no place for it (Q42)."""
        classes = books(pair).item_classes.items()
        service = next(key for key, row in classes if row["type"] == "ServiceItem")
        pair.integration.options |= {"item_classes": {"PRODUCT": service}}
        await pair.integration.save()
        await in_severa(pair, severa.PRODUCT_CREATE, {"name": "Rådgivning", "code": "RAAD"})

        await pair.sync()

        assert item(pair, "RAAD")["itemClass"]["id"] == service
        assert (await Product.get(code="RAAD")).class_id == service
