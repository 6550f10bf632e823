"""Inputs of changes to records: whatever is left out stays as it is."""

from __future__ import annotations

from decimal import Decimal

import strawberry

from schema.types.inputs import KEY
from schema.types.said import given


@strawberry.input
class UpdateCustomerInput:
    """What to change of a customer; null clears a field that may be empty."""

    customer_id: strawberry.ID = given("The customer.")
    idempotency_key: str | None = given(KEY, default=None)
    name: str | None = given("The name.")
    vat_number: str | None = given("The VAT registration number.")
    currency: str | None = given("The currency that the customer is invoiced in.")
    payment_term_days: int | None = given("Days from the invoice date to the due date.")
    email: str | None = given("The email address for invoices.")
    website: str | None = given("The website.")
    notes: str | None = given("Notes.")
    is_active: bool | None = given("Whether the customer is active.")


@strawberry.input
class UpdateProductInput:
    """What to change of a product, work type or travel expense; its code never changes."""

    product_id: strawberry.ID = given("The product.")
    idempotency_key: str | None = given(KEY, default=None)
    name: str | None = given("The name.")
    unit_price: Decimal | None = given("The price of one unit.")
    is_active: bool | None = given("Whether the item is active.")


@strawberry.input
class SetCustomerClassInput:
    """Which customer class of Financials a customer gets."""

    customer_id: strawberry.ID = given("The customer.")
    class_id: str = given("The id of the class in Financials.")
    idempotency_key: str | None = given(KEY, default=None)


@strawberry.input
class SetProductClassInput:
    """Which item class of Financials a product gets."""

    product_id: strawberry.ID = given("The product.")
    class_id: str = given("The id of the class in Financials; its type must fit the register.")
    idempotency_key: str | None = given(KEY, default=None)
