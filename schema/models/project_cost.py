"""Costs that supplier invoices and other transactions bring to Severa's projects (R12)."""

from typing import Any

from tortoise import fields
from tortoise.indexes import Index

from schema.models.base import Record, money_field
from schema.models.project import Project


class ProjectCost(Record):
    """One journal line of Financials that became, or will become, a project fee in Severa."""

    journal_key = fields.CharField(max_length=120)
    project: fields.ForeignKeyRelation[Project] = fields.ForeignKeyField(
        "models.Project", on_delete=fields.CASCADE, related_name="costs"
    )
    project_id: Any
    description = fields.TextField(default="")
    date = fields.DateField()
    quantity = fields.DecimalField(max_digits=20, decimal_places=6, default=1)
    unit_price = money_field(default=0)
    unit_cost = money_field(default=0)
    currency = fields.CharField(max_length=3)
    supplier_number = fields.CharField(max_length=60, null=True)
    supplier_name = fields.TextField(null=True)
    compensates_id = fields.UUIDField(null=True)

    class Meta:
        table = "project_cost"
        unique_together = (("integration_id", "journal_key"),)
        indexes = (Index(fields=("project_id",), name="cost_project"),)
