"""Stores what people want records to be; the worker carries it to both systems (R4, R5, Q42)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from strawberry import UNSET

from gateway.graphql.context import Context
from gateway.operations.base import Outcome, note, perform, refused, unknown
from schema import jobs, queue
from schema.classes import fits
from schema.models import Customer, Integration, Product, RecordWish, Reference
from schema.types.ids import key_of
from schema.types.inputs_record import (
    SetCustomerClassInput,
    SetProductClassInput,
    UpdateCustomerInput,
    UpdateProductInput,
)
from schema.words import Entity, IntegrationState, Side

CUSTOMER_FIELDS = (
    "name", "vat_number", "currency", "payment_term_days", "email", "website", "notes", "is_active",
)  # fmt: skip
PRODUCT_FIELDS = ("name", "unit_price", "is_active")
# Fields that cannot be empty.
NEEDED = ("name", "is_active", "currency")
LONGEST = 4000
R = TypeVar("R", Customer, Product)


async def update_customer(context: Context, given: UpdateCustomerInput) -> Outcome:
    """Change fields of a customer in both systems."""
    key = key_of(given.customer_id, "Customer")

    async def work() -> Outcome:
        customer = await _record(context, Customer, key)
        if customer is None:
            return unknown("customer", "customerId")
        wanted = _wanted(given, CUSTOMER_FIELDS)
        problem = _empty(wanted) or await _customer_problem(customer, wanted)
        return problem or await _wish(context, Entity.CUSTOMER, customer, wanted, customer.name)

    return await perform(context, "updateCustomer", given, work)


async def update_product(context: Context, given: UpdateProductInput) -> Outcome:
    """Change fields of a product, work type or travel expense in both systems."""
    key = key_of(given.product_id, "Product")

    async def work() -> Outcome:
        product = await _record(context, Product, key)
        if product is None:
            return unknown("product", "productId")
        wanted = _wanted(given, PRODUCT_FIELDS)
        problem = _empty(wanted) or _price_problem(wanted)
        return problem or await _wish(context, Entity.PRODUCT, product, wanted, product.code)

    return await perform(context, "updateProduct", given, work)


async def set_customer_class(context: Context, given: SetCustomerClassInput) -> Outcome:
    """Give a customer a class of Financials (R50)."""
    key = key_of(given.customer_id, "Customer")

    async def work() -> Outcome:
        customer = await _record(context, Customer, key)
        if customer is None:
            return unknown("customer", "customerId")
        found = await _class(customer.integration_id, "customer_class", given.class_id)
        if found is None:
            return _no_class("customer class", given.class_id)
        wanted = {"class_id": found.key}
        return await _wish(context, Entity.CUSTOMER, customer, wanted, customer.name)

    return await perform(context, "setCustomerClass", given, work)


async def set_product_class(context: Context, given: SetProductClassInput) -> Outcome:
    """Give an item a class of Financials whose type fits its register (R35, Q54)."""
    key = key_of(given.product_id, "Product")

    async def work() -> Outcome:
        product = await _record(context, Product, key)
        if product is None:
            return unknown("product", "productId")
        found = await _class(product.integration_id, "item_class", given.class_id)
        if found is None:
            return _no_class("item class", given.class_id)
        item_type = str(found.body.get("type"))
        if not fits(item_type, product.kind):
            return refused(
                "CLASS_DOES_NOT_FIT",
                f"The class {found.key} is for {item_type}, the item is a {product.kind.value}.",
                "Choose a class whose type fits the register of the item.",
                path=("input", "classId"),
            )
        wanted = {"class_id": found.key}
        return await _wish(context, Entity.PRODUCT, product, wanted, product.code)

    return await perform(context, "setProductClass", given, work)


async def _record(context: Context, model: type[R], key: UUID | None) -> R | None:
    """Return a record that the caller may see."""
    found = await model.get_or_none(id=key) if key is not None else None
    if found is None or not context.principal.may_see(found.integration_id):
        return None
    return found


def _wanted(given: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the fields that were given; a text of blanks clears."""
    found = {name: getattr(given, name) for name in names}
    return {
        name: (value.strip() or None) if isinstance(value, str) else value
        for name, value in found.items()
        if value is not UNSET
    }


def _empty(wanted: dict[str, Any]) -> Outcome | None:
    if not wanted:
        return refused("NOTHING_GIVEN", "No field is given.", "Give the fields to change.")
    for name, value in wanted.items():
        if value is None and name in NEEDED:
            return _bad(name, "This field cannot be empty.", "Give a value, or leave it out.")
        if isinstance(value, str) and len(value) > LONGEST:
            return _bad(name, f"The text is longer than {LONGEST} characters.", "Shorten it.")
    return None


async def _customer_problem(customer: Customer, wanted: dict[str, Any]) -> Outcome | None:
    """Refuse what one of the systems would not know (Q13)."""
    currency, days = wanted.get("currency"), wanted.get("payment_term_days")
    if currency is not None:
        wanted["currency"] = currency = currency.upper()
        known = await _keys(customer.integration_id, "currency")
        if known and currency not in known:
            return _bad("currency", f"Financials has no currency {currency}.", "Choose another.")
    if days is not None and not 0 <= days <= 999:
        return _bad("payment_term_days", "Payment terms are 0 to 999 days.", "Choose another.")
    return None


def _price_problem(wanted: dict[str, Any]) -> Outcome | None:
    price = wanted.get("unit_price")
    if isinstance(price, Decimal) and not 0 <= price < 10**12:
        return _bad("unit_price", "A price is not negative.", "Give 0 or more.")
    return None


async def _keys(integration_id: UUID, kind: str) -> set[str]:
    rows = await Reference.filter(
        integration_id=integration_id, side=Side.FINANCIALS.value, kind=kind
    )
    return {row.key.strip() for row in rows}


async def _class(integration_id: UUID, kind: str, class_id: str) -> Reference | None:
    return await Reference.get_or_none(
        integration_id=integration_id,
        side=Side.FINANCIALS.value,
        kind=kind,
        key=class_id.strip()[:200],
    )


def _no_class(what: str, class_id: str) -> Outcome:
    return refused(
        "UNKNOWN_CLASS",
        f"Financials has no {what} {class_id[:60]!r}.",
        "Choose one that exists; the lists are read hourly.",
        path=("input", "classId"),
    )


def _bad(name: str, message: str, step: str) -> Outcome:
    head, *rest = name.split("_")
    field = head + "".join(part.capitalize() for part in rest)
    return refused("BAD_VALUE", message, step, path=("input", field))


async def _wish(
    context: Context,
    entity: Entity,
    record: Customer | Product,
    wanted: dict[str, Any],
    subject: str,
) -> Outcome:
    """Store the wish and queue the job that carries it out."""
    integration = await Integration.get(id=record.integration_id)
    if integration.state is IntegrationState.SETUP:
        return refused(
            "NOT_ACTIVE",
            "The integration is still being set up.",
            "Activate it first.",
        )
    wish = await RecordWish.create(
        integration_id=record.integration_id,
        entity=entity,
        record_id=record.id,
        wanted=wanted,
        asked_by=context.principal.id[:120],
    )
    await queue.enqueue(
        jobs.RECORD_WISH, integration_id=record.integration_id, arguments={"wish_id": wish.id}
    )
    await note(
        context,
        f"{entity.value.lower()}.change",
        integration_id=record.integration_id,
        subject=subject,
        fields=sorted(wanted),
    )
    return Outcome(subject=record.id, ring=record.integration_id)
