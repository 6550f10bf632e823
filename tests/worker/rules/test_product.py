"""Items: three registers in Severa, one in Financials (R31 to R42, R152 to R156, Q7, Q54)."""

from decimal import Decimal
from typing import Any

import pytest

from schema.models import Integration, Issue, Link, Product
from schema.words import ProductKind, SyncState
from tests.worker.pair import Pair
from tests.worker.rules.people import (
    FINANCIALS,
    SEVERA,
    ledger_rows,
    ledger_writes,
    links,
    quiet_sync,
    severa_rows,
    severa_writes,
)
from worker.vendors.financials import operations, shapes
from worker.vendors.severa import operations as severa

CREATE = {
    "products": severa.PRODUCT_CREATE,
    "worktypes": severa.WORK_TYPE_CREATE,
    "travelexpensetypes": severa.TRAVEL_TYPE_CREATE,
}
TYPES = {
    "NonStockItem": "products",
    "ServiceItem": "products",
    "LaborItem": "worktypes",
    "ExpenseItem": "travelexpensetypes",
}


async def new_severa_item(pair: Pair, register: str, code: str | None, **fields: Any) -> str:
    """Create an item in one of Severa's registers."""
    body: dict[str, Any] = {"name": f"Item {code}", "code": code} | fields
    if register == "travelexpensetypes":
        home = pair.world.companies[0].home
        body = {
            "expenseClass": "OtherTravelExpense",
            "unitCost": {"amount": 10, "currencyCode": home},
        } | body
    made = await severa_writes(pair, CREATE[register], body)
    return str(made["guid"])


async def class_of(pair: Pair, kind: str) -> str:
    """Return an item class of a type."""
    async with pair.context() as ctx:
        return next(key for key, value in ctx.references.item_classes.items() if value == kind)


async def new_ledger_item(pair: Pair, code: str, kind: str, **fields: Any) -> None:
    """Create an item in Financials."""
    fields = {
        "inventoryNumber": code,
        "description": f"Item {code}",
        "itemClass": await class_of(pair, kind),
    } | fields
    await ledger_writes(pair, operations.ITEM_CREATE, shapes.ITEM, **fields)


def item(pair: Pair, code: str) -> dict[str, Any]:
    """Return an item of Financials."""
    [found] = ledger_rows(pair, "items", inventoryNumber=code)
    return found


async def causes(code: str) -> list[str]:
    """Return the causes of the open issues with a code."""
    return [issue.cause for issue in await Issue.filter(code=code, resolved_at=None)]


class TestFromFinancials:
    @pytest.mark.parametrize(("kind", "register"), TYPES.items())
    async def test_goes_to_the_register_of_its_type(
        self, pair: Pair, kind: str, register: str
    ) -> None:
        """R31, R32, R37 to R39."""
        await new_ledger_item(pair, "NYTT1", kind, defaultPrice=Decimal("12.50"))

        await pair.sync()

        places = [name for name in CREATE if severa_rows(pair, name, code="NYTT1")]
        assert places == [register]
        product = await Product.get(code="NYTT1")
        assert product.class_id == await class_of(pair, kind)
        assert await quiet_sync(pair) == {}

    async def test_travel_expense_is_of_the_other_kind_and_costs_the_price(
        self, pair: Pair
    ) -> None:
        """R39, R154, Q54."""
        await new_ledger_item(pair, "REISE1", "ExpenseItem", defaultPrice=Decimal("99.50"))

        await pair.sync()

        [made] = severa_rows(pair, "travelexpensetypes", code="REISE1")
        assert made["expenseClass"] == "OtherTravelExpense"
        assert made["unitCost"]["amount"] == Decimal("99.50")

    async def test_stock_and_charge_items_stay_out(self, pair: Pair) -> None:
        """Q54."""
        await new_ledger_item(pair, "LAGER1", "NonStockItem")
        item(pair, "LAGER1")["type"] = "FinishedGoodItem"

        await pair.sync()

        assert await Product.filter(code="LAGER1").count() == 0


class TestFromSevera:
    @pytest.mark.parametrize("register", list(CREATE))
    async def test_gets_a_class_whose_type_fits(self, pair: Pair, register: str) -> None:
        """R33, R35, R153, R156, Q42, Q54."""
        await new_severa_item(pair, register, "ny7")

        await pair.sync()

        made = item(pair, "NY7")
        assert TYPES[made["type"]] == register
        assert made["itemClass"]["type"] == made["type"]
        product = await Product.get(class_id=made["itemClass"]["id"], code="ny7")
        assert product.sync_state is SyncState.IN_SYNC
        assert await quiet_sync(pair) == {}

    async def test_takes_the_class_of_the_settings(self, pair: Pair) -> None:
        """R35, Q42."""
        chosen = await class_of(pair, "ServiceItem")
        pair.integration.options |= {"item_classes": {"PRODUCT": chosen}}
        await Integration.filter(id=pair.integration.id).update(options=pair.integration.options)
        await new_severa_item(pair, "products", "VALGT1")

        await pair.sync()

        assert item(pair, "VALGT1")["itemClass"]["id"] == chosen
        assert item(pair, "VALGT1")["type"] == "ServiceItem"

    async def test_refuses_a_class_of_another_register(self, pair: Pair) -> None:
        """Q54."""
        wrong = await class_of(pair, "LaborItem")
        pair.integration.options |= {"item_classes": {"PRODUCT": wrong}}
        await Integration.filter(id=pair.integration.id).update(options=pair.integration.options)
        await new_severa_item(pair, "products", "FEIL1")

        await pair.sync()

        [cause] = await causes("class_type")
        assert wrong in cause
        assert ledger_rows(pair, "items", inventoryNumber="FEIL1") == []


class TestCode:
    async def test_is_mandatory(self, pair: Pair) -> None:
        """R41; the issue closes once there is one."""
        guid = await new_severa_item(pair, "products", None, name="Uten kode")
        await pair.sync()
        [cause] = await causes("code_missing")
        assert "Uten kode" in cause

        await pair.edit(SEVERA, "products", guid, code="MED1")
        await pair.sync()

        assert await causes("code_missing") == []
        assert item(pair, "MED1")["description"] == "Uten kode"

    async def test_twice_names_both_registers(self, pair: Pair) -> None:
        """R42."""
        world = pair.world.severa.organizations[0]
        world.settings.unique_item_codes = False
        await new_severa_item(pair, "products", "TO1")
        await new_severa_item(pair, "worktypes", "TO1")

        await pair.sync()

        [cause] = await causes("code_twice")
        assert "product TO1" in cause
        assert "work type TO1" in cause
        assert ledger_rows(pair, "items", inventoryNumber="TO1") == []

    async def test_of_a_linked_item_given_again_is_an_issue(self, pair: Pair) -> None:
        """R42: the link keeps working."""
        pair.world.severa.organizations[0].settings.unique_item_codes = False
        product = (await Product.filter(kind=ProductKind.PRODUCT, is_active=True))[0]
        await new_severa_item(pair, "travelexpensetypes", product.code)
        guid = (await links(product))["SEVERA"]
        await pair.edit(SEVERA, "products", guid, name="Nytt navn")

        await pair.sync()

        [cause] = await causes("code_twice")
        assert "travel expense" in cause
        assert item(pair, product.code)["description"] == "Nytt navn"

    async def test_that_was_changed_later_blocks_the_item(self, pair: Pair) -> None:
        """R18, R19, R40."""
        product = (await Product.filter(kind=ProductKind.PRODUCT, is_active=True))[0]
        guid = (await links(product))["SEVERA"]
        await pair.edit(SEVERA, "products", guid, code="ANNEN")

        await pair.sync()

        [cause] = await causes("number_changed")
        assert "ANNEN" in cause
        assert ledger_rows(pair, "items", inventoryNumber="ANNEN") == []

    async def test_matches_whatever_its_case(self, pair: Pair) -> None:
        """R40, R153: Financials writes codes in capitals."""
        await new_ledger_item(pair, "ABC9", "NonStockItem")
        guid = await new_severa_item(pair, "products", "abc9", name="Item ABC9")

        await pair.sync()

        product = await Product.get(code="abc9")
        assert await links(product) == {"SEVERA": guid, "FINANCIALS": "ABC9"}


class TestPrice:
    async def test_of_a_product_travels_both_ways(self, pair: Pair) -> None:
        """R154, Q7."""
        product = (await Product.filter(kind=ProductKind.PRODUCT, is_active=True))[0]
        guid = (await links(product))["SEVERA"]
        await pair.edit(FINANCIALS, "inventory", product.code, defaultPrice=Decimal("77.70"))
        await pair.sync()
        [row] = severa_rows(pair, "products", guid=guid)
        assert row["unitPrice"]["amount"] == Decimal("77.70")

        await pair.edit(SEVERA, "products", guid, unitPrice={"amount": 88})
        await pair.sync()

        assert item(pair, product.code)["defaultPrice"] == 88

    async def test_of_a_work_type_stays_at_home(self, pair: Pair) -> None:
        """R154, Q7: off by default."""
        work = (await Product.filter(kind=ProductKind.WORK_TYPE, is_active=True))[0]
        guid = (await links(work))["SEVERA"]
        before = severa_rows(pair, "worktypes", guid=guid)[0]["hourCost"]
        await pair.edit(FINANCIALS, "inventory", work.code, defaultPrice=Decimal(1234))

        await pair.sync()

        assert severa_rows(pair, "worktypes", guid=guid)[0]["hourCost"] == before

    async def test_of_a_work_type_travels_where_settings_say_so(self, pair: Pair) -> None:
        """Q7."""
        pair.integration.options |= {"prices": {"WORK_TYPE": True}}
        await Integration.filter(id=pair.integration.id).update(options=pair.integration.options)
        await new_ledger_item(pair, "TIME9", "LaborItem", defaultPrice=Decimal(950))

        await pair.sync()

        [made] = severa_rows(pair, "worktypes", code="TIME9")
        assert made["hourCost"]["amount"] == 950


class TestStatus:
    @pytest.mark.parametrize("status", ["NoSales", "NoRequest", "MarkedForDeletion"])
    async def test_finer_than_active_counts_as_inactive_and_is_kept(
        self, pair: Pair, status: str
    ) -> None:
        """R155, Q28, Q54."""
        product = (await Product.filter(kind=ProductKind.PRODUCT, is_active=True))[0]
        guid = (await links(product))["SEVERA"]
        await pair.edit(FINANCIALS, "inventory", product.code, status=status)
        await pair.sync()
        assert severa_rows(pair, "products", guid=guid)[0]["isActive"] is False

        await pair.edit(SEVERA, "products", guid, name="Fortsatt av")
        await pair.sync()

        shown = item(pair, product.code)
        assert (shown["status"], shown["description"]) == (status, "Fortsatt av")

    async def test_inactive_in_severa_is_inactive_there(self, pair: Pair) -> None:
        """R155, Q55: carried out by the last step of the run."""
        product = (await Product.filter(kind=ProductKind.PRODUCT, is_active=True))[0]
        guid = (await links(product))["SEVERA"]
        await pair.edit(SEVERA, "products", guid, isActive=False)

        await pair.sync()

        assert item(pair, product.code)["status"] == "Inactive"


class TestType:
    async def test_changed_later_is_an_issue_and_no_move(self, pair: Pair) -> None:
        """Q54."""
        product = (await Product.filter(kind=ProductKind.PRODUCT, is_active=True))[0]
        await pair.edit(FINANCIALS, "inventory", product.code, type="LaborItem")

        await pair.sync()

        [cause] = await causes("type_changed")
        assert "LaborItem" in cause
        assert severa_rows(pair, "worktypes", code=product.code) == []
        assert await Link.filter(record_id=product.id).count() == 2
        await product.refresh_from_db()
        assert product.kind is ProductKind.PRODUCT
