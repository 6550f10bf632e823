"""Changes of records: a wish is stored and queued, what cannot be is refused (R4, R5, Q42)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from schema.models import Customer, Integration, Job, Product, RecordWish, Reference
from schema.types.ids import write_id
from schema.words import Entity, IntegrationState, ProductKind, Scope, Side

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
CUSTOMER = """mutation ($input: UpdateCustomerInput!) { updateCustomer(input: $input) {
  customer { id name website } userErrors { code path } } }"""
PRODUCT = """mutation ($input: UpdateProductInput!) { updateProduct(input: $input) {
  product { code unitPrice } userErrors { code path } } }"""
CUSTOMER_CLASS = """mutation ($input: SetCustomerClassInput!) { setCustomerClass(input: $input) {
  customer { id } userErrors { code nextStep } } }"""
PRODUCT_CLASS = """mutation ($input: SetProductClassInput!) { setProductClass(input: $input) {
  product { code } userErrors { code message } } }"""


@pytest.fixture
async def customer(pair: Integration) -> Customer:
    """A customer, with what Financials offers."""
    for kind, key, body in (
        ("customer_class", "DOMESTIC", {}),
        ("item_class", "GOODS", {"type": "NonStockItem"}),
        ("item_class", "HOURS", {"type": "LaborItem"}),
        ("currency", "NOK", {}),
    ):
        await Reference.create(
            integration_id=pair.id, side=Side.FINANCIALS.value, kind=kind, key=key, body=body,
            seen_at=NOW,
        )  # fmt: skip
    return await Customer.create(integration_id=pair.id, name="Fjord AS", website="https://old.no")


@pytest.fixture
async def product(pair: Integration, customer: Customer) -> Product:
    """A work type."""
    return await Product.create(
        integration_id=pair.id, code="W1", name="Work", kind=ProductKind.WORK_TYPE
    )


class TestUpdateCustomer:
    async def test_stores_a_wish_and_queues_it(self, do: Any, customer: Customer) -> None:
        name = write_id("Customer", customer.id)

        answer = await do(CUSTOMER, customerId=name, website=" https://new.no ", notes=None)

        assert answer["customer"] == {"id": name, "name": "Fjord AS", "website": "https://old.no"}
        wish = await RecordWish.get()
        assert wish.wanted == {"website": "https://new.no", "notes": None}
        assert (wish.entity, wish.record_id) == (Entity.CUSTOMER, customer.id)
        job = await Job.get()
        assert (job.kind, job.arguments) == ("record.wish", {"wish_id": str(wish.id)})

    @pytest.mark.parametrize(
        ("given", "code", "field"),
        [
            ({}, "NOTHING_GIVEN", None),
            ({"name": ""}, "BAD_VALUE", "name"),
            ({"isActive": None}, "BAD_VALUE", "isActive"),
            ({"currency": "XXX"}, "BAD_VALUE", "currency"),
            ({"paymentTermDays": -1}, "BAD_VALUE", "paymentTermDays"),
            ({"notes": "x" * 5000}, "BAD_VALUE", "notes"),
        ],
    )
    async def test_refuses_what_cannot_be(
        self, do: Any, customer: Customer, given: dict[str, Any], code: str, field: str | None
    ) -> None:
        answer = await do(CUSTOMER, customerId=write_id("Customer", customer.id), **given)

        error = answer["userErrors"][0]
        assert error["code"] == code
        assert error["path"] == ["input", field] if field else ["input"]
        assert not await RecordWish.exists()

    async def test_hides_what_the_caller_may_not_see(
        self, do: Any, who: Any, customer: Customer
    ) -> None:
        name = write_id("Customer", customer.id)
        stranger = who(integrations=frozenset())

        hidden = await do(CUSTOMER, stranger, customerId=name, website="x")
        other = await do(CUSTOMER, customerId=write_id("Product", customer.id), website="x")

        assert hidden["userErrors"][0]["code"] == other["userErrors"][0]["code"] == "NOT_FOUND"

    async def test_waits_for_activation_and_needs_its_scope(
        self, do: Any, who: Any, customer: Customer, pair: Integration
    ) -> None:
        given = {"customerId": write_id("Customer", customer.id), "website": "x"}
        await Integration.filter(id=pair.id).update(state=IntegrationState.SETUP)

        early = await do(CUSTOMER, **given)
        body = await do.raw(CUSTOMER, given, who(Scope.READ, Scope.INVOICES))

        assert early["userErrors"][0]["code"] == "NOT_ACTIVE"
        assert body["errors"][0]["extensions"]["code"] == "FORBIDDEN"

    async def test_twice_with_one_key_is_one_wish(self, do: Any, customer: Customer) -> None:
        given = {"customerId": write_id("Customer", customer.id), "idempotencyKey": "k"}

        await do(CUSTOMER, website="a", **given)
        await do(CUSTOMER, website="a", **given)
        other = await do(CUSTOMER, website="b", **given)

        assert await RecordWish.all().count() == 1
        assert other["userErrors"][0]["code"] == "IDEMPOTENCY_KEY_REUSED"


class TestUpdateProduct:
    async def test_stores_a_price(self, do: Any, product: Product) -> None:
        await do(PRODUCT, productId=write_id("Product", product.id), unitPrice="12.50")

        assert str((await RecordWish.get()).wanted["unit_price"]) == "12.50"

    async def test_refuses_a_negative_price(self, do: Any, product: Product) -> None:
        answer = await do(PRODUCT, productId=write_id("Product", product.id), unitPrice="-1")

        assert answer["userErrors"] == [{"code": "BAD_VALUE", "path": ["input", "unitPrice"]}]


class TestClasses:
    async def test_of_a_customer_must_exist(self, do: Any, customer: Customer) -> None:
        """R48, R50, Q42."""
        name = write_id("Customer", customer.id)

        unknown = await do(CUSTOMER_CLASS, customerId=name, classId="FOREIGN")
        known = await do(CUSTOMER_CLASS, customerId=name, classId="DOMESTIC")

        assert unknown["userErrors"][0]["code"] == "UNKNOWN_CLASS"
        assert known["userErrors"] == []
        assert (await RecordWish.get()).wanted == {"class_id": "DOMESTIC"}

    async def test_of_a_product_must_fit_its_register(self, do: Any, product: Product) -> None:
        """R33, R35, Q54."""
        name = write_id("Product", product.id)

        wrong = await do(PRODUCT_CLASS, productId=name, classId="GOODS")
        right = await do(PRODUCT_CLASS, productId=name, classId="HOURS")

        assert wrong["userErrors"][0]["code"] == "CLASS_DOES_NOT_FIT"
        assert "NonStockItem" in wrong["userErrors"][0]["message"]
        assert right["userErrors"] == []
        assert (await RecordWish.get()).wanted == {"class_id": "HOURS"}
