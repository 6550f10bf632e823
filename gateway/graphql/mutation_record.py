"""The mutations of records: they store a wish, which the worker carries to both systems."""

from __future__ import annotations

import strawberry

from gateway.graphql.shown import Info, errors, shown
from gateway.operations import record
from schema.types import inputs_record as i
from schema.types import user_error as p


@strawberry.type
class RecordMutations:
    """Changes of customers and products."""

    @strawberry.mutation
    async def update_customer(self, info: Info, input: i.UpdateCustomerInput) -> p.CustomerPayload:
        """Change a customer in both systems, by the owner rule of each field."""
        outcome = await record.update_customer(info.context, input)
        return p.CustomerPayload(
            customer=await shown(info, outcome, "Customer"), user_errors=errors(outcome)
        )

    @strawberry.mutation
    async def update_product(self, info: Info, input: i.UpdateProductInput) -> p.ProductPayload:
        """Change a product, work type or travel expense in both systems."""
        outcome = await record.update_product(info.context, input)
        return p.ProductPayload(
            product=await shown(info, outcome, "Product"), user_errors=errors(outcome)
        )

    @strawberry.mutation
    async def set_customer_class(
        self, info: Info, input: i.SetCustomerClassInput
    ) -> p.CustomerPayload:
        """Choose the customer class of Financials, which sets VAT handling and accounts."""
        outcome = await record.set_customer_class(info.context, input)
        return p.CustomerPayload(
            customer=await shown(info, outcome, "Customer"), user_errors=errors(outcome)
        )

    @strawberry.mutation
    async def set_product_class(
        self, info: Info, input: i.SetProductClassInput
    ) -> p.ProductPayload:
        """Choose the item class of Financials; its type must fit the register of the item."""
        outcome = await record.set_product_class(info.context, input)
        return p.ProductPayload(
            product=await shown(info, outcome, "Product"), user_errors=errors(outcome)
        )
