"""Projects and sales cases, which go from Severa to Financials only (R54)."""

from typing import Any

from tortoise import fields
from tortoise.indexes import Index

from schema.models.base import Record
from schema.models.customer import Customer
from schema.words import ProjectStatus


class Project(Record):
    """A project or a sales case; Severa owns its number (R8)."""

    number = fields.CharField(max_length=60)
    name = fields.TextField()
    customer: fields.ForeignKeyNullableRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", on_delete=fields.SET_NULL, null=True, related_name="projects"
    )
    customer_id: Any
    start_date = fields.DateField(null=True)
    status = fields.CharEnumField(ProjectStatus, default=ProjectStatus.ACTIVE, max_length=16)
    is_sales_case = fields.BooleanField(default=False)
    is_internal = fields.BooleanField(default=False)
    company_unit_id = fields.CharField(max_length=64, null=True)

    class Meta:
        table = "project"
        indexes = (
            Index(fields=("integration_id", "number", "id"), name="project_number"),
            Index(fields=("customer_id",), name="project_customer"),
        )
