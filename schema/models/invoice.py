"""Invoices and credit notes with their rows; times and amounts are facts, the state follows."""

from typing import Any

from tortoise import fields
from tortoise.indexes import Index

from schema.models.base import Record, Row, json_field, money_field
from schema.models.customer import Customer
from schema.models.product import Product
from schema.models.project import Project
from schema.words import Entity, InvoiceKind, InvoiceState, Role


class Invoice(Record):
    """An invoice or credit note on its way from Severa to the books and back (R59)."""

    kind = fields.CharEnumField(InvoiceKind, default=InvoiceKind.INVOICE, max_length=16)
    state = fields.CharEnumField(InvoiceState, default=InvoiceState.DRAFT, max_length=16)

    severa_id = fields.CharField(max_length=64)
    severa_status_id = fields.CharField(max_length=64, null=True)
    severa_status_name = fields.TextField(null=True)
    severa_role = fields.CharEnumField(Role, max_length=16, null=True)
    severa_number = fields.BigIntField(null=True)
    severa_missing = fields.BooleanField(default=False)

    number = fields.CharField(max_length=60, null=True)
    reference_number = fields.CharField(max_length=60, null=True)
    financials_status = fields.CharField(max_length=30, null=True)
    mark = fields.CharField(max_length=80, null=True)
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", on_delete=fields.RESTRICT, related_name="invoices"
    )
    customer_id: Any
    project: fields.ForeignKeyNullableRelation[Project] = fields.ForeignKeyField(
        "models.Project", on_delete=fields.SET_NULL, null=True, related_name="invoices"
    )
    project_id: Any
    credited_invoice_id = fields.UUIDField(null=True)
    date = fields.DateField(null=True)
    due_date = fields.DateField(null=True)
    payment_date = fields.DateField(null=True)
    currency = fields.CharField(max_length=3)
    exchange_rate = fields.DecimalField(max_digits=20, decimal_places=10, null=True)
    order_number = fields.TextField(null=True)
    our_reference = fields.TextField(null=True)
    your_reference = fields.TextField(null=True)
    texts = json_field(default=dict)

    total_excluding_vat = money_field(default=0)
    total_vat = money_field(default=0)
    total_including_vat = money_field(default=0)
    total_in_base_currency = money_field(null=True)
    financials_total = money_field(null=True)
    accepted_difference = money_field(null=True)
    accepted_difference_in_base = money_field(null=True)
    paid_amount = money_field(null=True)
    credited_amount = money_field(null=True)
    written_off_amount = money_field(null=True)
    balance = money_field(null=True)

    checked_at = fields.DatetimeField(null=True)
    drafted_at = fields.DatetimeField(null=True)
    compared_at = fields.DatetimeField(null=True)
    released_at = fields.DatetimeField(null=True)
    numbered_at = fields.DatetimeField(null=True)
    failed_at = fields.DatetimeField(null=True)
    orphaned_at = fields.DatetimeField(null=True)
    cancelled_at = fields.DatetimeField(null=True)
    uncertain_since = fields.DatetimeField(null=True)
    out_of_scope = fields.BooleanField(default=False)
    release_asked_at = fields.DatetimeField(null=True)
    role_before_payment = fields.CharEnumField(Role, max_length=16, null=True)
    payment_role = fields.CharEnumField(Role, max_length=16, null=True)

    content_digest = fields.CharField(max_length=64, null=True)
    sent_digest = fields.CharField(max_length=64, null=True)
    refused_digest = fields.CharField(max_length=64, null=True)
    draft_digest = fields.CharField(max_length=64, null=True)
    next_step_at = fields.DatetimeField(null=True)

    class Meta:
        table = "invoice"
        unique_together = (("integration_id", "severa_id"),)
        indexes = (
            Index(fields=("integration_id", "date", "id"), name="invoice_date"),
            Index(fields=("integration_id", "state", "id"), name="invoice_state"),
            Index(fields=("integration_id", "number"), name="invoice_number"),
            Index(fields=("customer_id",), name="invoice_customer"),
            Index(fields=("project_id",), name="invoice_project"),
            Index(fields=("integration_id", "updated_at", "id"), name="invoice_updated"),
        )


class InvoiceRow(Row):
    """A row of an invoice, with its own project and the VAT that Financials would use."""

    invoice: fields.ForeignKeyRelation[Invoice] = fields.ForeignKeyField(
        "models.Invoice", on_delete=fields.CASCADE, related_name="rows"
    )
    invoice_id: Any
    severa_id = fields.CharField(max_length=64)
    position = fields.IntField(default=0)
    row_type = fields.CharField(max_length=20, null=True)
    code = fields.CharField(max_length=120, null=True)
    codes = json_field(default=list)
    description = fields.TextField(default="")
    # Severa's numbers are doubles: a quantity of a third must still give its amount to the cent.
    quantity = fields.DecimalField(max_digits=28, decimal_places=12, default=0)
    unit = fields.TextField(null=True)
    unit_price = fields.DecimalField(max_digits=28, decimal_places=12, default=0)
    vat_percent = fields.DecimalField(max_digits=9, decimal_places=4, null=True)
    expected_vat_percent = fields.DecimalField(max_digits=9, decimal_places=4, null=True)
    expected_vat = money_field(null=True)
    total = money_field(default=0)
    project: fields.ForeignKeyNullableRelation[Project] = fields.ForeignKeyField(
        "models.Project", on_delete=fields.SET_NULL, null=True, related_name="invoice_rows"
    )
    project_id: Any
    product: fields.ForeignKeyNullableRelation[Product] = fields.ForeignKeyField(
        "models.Product", on_delete=fields.SET_NULL, null=True, related_name="invoice_rows"
    )
    product_id: Any

    class Meta:
        table = "invoice_row"
        unique_together = (("invoice_id", "severa_id"),)


class Attachment(Row):
    """A file that belongs to a record, and where it has been copied to."""

    integration_id = fields.UUIDField()
    entity = fields.CharEnumField(Entity, max_length=16)
    record_id = fields.UUIDField()
    name = fields.TextField()
    description = fields.TextField(default="")
    content_type = fields.TextField(null=True)
    size = fields.BigIntField(null=True)
    content_hash = fields.CharField(max_length=64, null=True)
    source_id = fields.CharField(max_length=120)
    target_id = fields.CharField(max_length=120, null=True)
    copied_at = fields.DatetimeField(null=True)

    class Meta:
        table = "attachment"
        unique_together = (("record_id", "source_id"),)
