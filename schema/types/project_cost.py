"""Costs that Financials brings to projects."""

from __future__ import annotations

from datetime import date as Day
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

import strawberry

from schema.types.base import Row, SyncedRecord, shared
from schema.types.context import Info, loaders
from schema.types.project import Project
from schema.types.said import said
from schema.words import Entity


@strawberry.type
class ProjectCost(SyncedRecord):
    """A journal line of Financials that becomes a fee of a project in Severa."""

    entity: ClassVar[Entity] = Entity.PROJECT_COST
    project_key: strawberry.Private[UUID]

    journal_key: str = said("The journal line in Financials.")
    description: str = said("The text of the line.")
    date: Day = said("The date of the transaction.")
    quantity: Decimal = said("The quantity.")
    unit_price: Decimal = said("The price that the customer is charged per unit.")
    unit_cost: Decimal = said("The cost per unit.")
    currency: str = said("The currency of price and cost.")
    supplier_number: str | None = said("The number of the supplier.")
    supplier_name: str | None = said("The name of the supplier.")
    is_compensation: bool = said("Whether it takes back an earlier cost.")

    @strawberry.field
    async def project(self, info: Info) -> Project | None:
        """The project that bears the cost."""
        return await loaders(info).project.load(self.project_key)


def project_cost_type(row: Row) -> ProjectCost:
    """Make a project cost from its row."""
    return ProjectCost(
        **shared(row, "ProjectCost"),
        project_key=row["project_id"],
        journal_key=row["journal_key"],
        description=row["description"],
        date=row["date"],
        quantity=row["quantity"],
        unit_price=row["unit_price"],
        unit_cost=row["unit_cost"],
        currency=row["currency"],
        supplier_number=row["supplier_number"],
        supplier_name=row["supplier_name"],
        is_compensation=row["compensates_id"] is not None,
    )
