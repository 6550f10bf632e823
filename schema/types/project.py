"""Projects and sales cases."""

from __future__ import annotations

from datetime import date as Day
from typing import ClassVar
from uuid import UUID

import strawberry

from schema.types.base import Row, SyncedRecord, shared
from schema.types.context import Info, loaders
from schema.types.customer import Customer
from schema.types.said import said
from schema.words import Entity, ProjectStatus


@strawberry.type
class Project(SyncedRecord):
    """A project or sales case; it goes from Severa to Financials only."""

    entity: ClassVar[Entity] = Entity.PROJECT
    customer_key: strawberry.Private[UUID | None]

    number: str = said("The project number, from Severa.")
    name: str = said("The name.")
    start_date: Day | None = said("The first day.")
    status: ProjectStatus = said("Whether it is open, closed or lost.")
    is_sales_case: bool = said("Whether it is still a sales case.")

    @strawberry.field
    async def customer(self, info: Info) -> Customer | None:
        """The customer that the project is for."""
        if self.customer_key is None:
            return None
        return await loaders(info).customer.load(self.customer_key)


def project_type(row: Row) -> Project:
    """Make a project from its row."""
    return Project(
        **shared(row, "Project"),
        customer_key=row["customer_id"],
        number=row["number"],
        name=row["name"],
        start_date=row["start_date"],
        status=ProjectStatus(row["status"]),
        is_sales_case=row["is_sales_case"],
    )
