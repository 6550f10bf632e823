"""The queries of unified records: lists, and single ones now or as they were."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

import strawberry

from gateway.graphql import lists, past
from gateway.graphql.connection import Page
from gateway.graphql.context import Context
from gateway.graphql.nodes import typed
from schema.types import filters as f
from schema.types.base import SyncedRecord
from schema.types.customer import Customer
from schema.types.invoice import Invoice
from schema.types.page import Connection
from schema.types.payment import Payment
from schema.types.product import Product
from schema.types.project import Project
from schema.types.project_cost import ProjectCost

Info = strawberry.Info[Context, None]
R = TypeVar("R", bound=SyncedRecord)


async def _then(record: R | None, moment: datetime | None) -> R | None:
    if record is None or moment is None:
        return record
    return await past.as_of(record, moment)


@strawberry.type
class RecordQueries:
    """Queries of unified records."""

    @strawberry.field
    async def customers(
        self,
        info: Info,
        integration_id: strawberry.ID | None = None,
        filter: f.CustomerFilter | None = None,
        order_by: f.CustomerOrder | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[Customer]:
        """Customers; in the order in which they were first seen, unless ordered otherwise."""
        return await lists.listed(
            info.context,
            lists.CUSTOMERS,
            page=Page(first=first, after=after, last=last, before=before),
            integration_id=integration_id,
            given=filter,
            order_by=order_by,
        )

    @strawberry.field
    async def products(
        self,
        info: Info,
        integration_id: strawberry.ID | None = None,
        filter: f.ProductFilter | None = None,
        order_by: f.ProductOrder | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[Product]:
        """Products, work types and travel expenses."""
        return await lists.listed(
            info.context,
            lists.PRODUCTS,
            page=Page(first=first, after=after, last=last, before=before),
            integration_id=integration_id,
            given=filter,
            order_by=order_by,
        )

    @strawberry.field
    async def projects(
        self,
        info: Info,
        integration_id: strawberry.ID | None = None,
        filter: f.ProjectFilter | None = None,
        order_by: f.ProjectOrder | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[Project]:
        """Projects and sales cases."""
        return await lists.listed(
            info.context,
            lists.PROJECTS,
            page=Page(first=first, after=after, last=last, before=before),
            integration_id=integration_id,
            given=filter,
            order_by=order_by,
        )

    @strawberry.field
    async def invoices(
        self,
        info: Info,
        integration_id: strawberry.ID | None = None,
        filter: f.InvoiceFilter | None = None,
        order_by: f.InvoiceOrder | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[Invoice]:
        """Invoices and credit notes."""
        return await lists.listed(
            info.context,
            lists.INVOICES,
            page=Page(first=first, after=after, last=last, before=before),
            integration_id=integration_id,
            given=filter,
            order_by=order_by,
        )

    @strawberry.field
    async def payments(
        self,
        info: Info,
        integration_id: strawberry.ID | None = None,
        filter: f.PaymentFilter | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[Payment]:
        """Payments; voided ones stay in the list."""
        return await lists.listed(
            info.context,
            lists.PAYMENTS,
            page=Page(first=first, after=after, last=last, before=before),
            integration_id=integration_id,
            given=filter,
        )

    @strawberry.field
    async def project_costs(
        self,
        info: Info,
        integration_id: strawberry.ID | None = None,
        filter: f.ProjectCostFilter | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[ProjectCost]:
        """Costs that Financials brings to projects."""
        return await lists.listed(
            info.context,
            lists.PROJECT_COSTS,
            page=Page(first=first, after=after, last=last, before=before),
            integration_id=integration_id,
            given=filter,
        )

    @strawberry.field
    async def customer(
        self, info: Info, id: strawberry.ID, as_of: datetime | None = None
    ) -> Customer | None:
        """One customer, now or as it was."""
        return await _then(await typed(info.context, id, "Customer"), as_of)

    @strawberry.field
    async def product(
        self, info: Info, id: strawberry.ID, as_of: datetime | None = None
    ) -> Product | None:
        """One product, now or as it was."""
        return await _then(await typed(info.context, id, "Product"), as_of)

    @strawberry.field
    async def project(
        self, info: Info, id: strawberry.ID, as_of: datetime | None = None
    ) -> Project | None:
        """One project, now or as it was."""
        return await _then(await typed(info.context, id, "Project"), as_of)

    @strawberry.field
    async def invoice(
        self, info: Info, id: strawberry.ID, as_of: datetime | None = None
    ) -> Invoice | None:
        """One invoice, now or as it was."""
        return await _then(await typed(info.context, id, "Invoice"), as_of)
