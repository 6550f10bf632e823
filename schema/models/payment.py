"""Payments of customers, as Financials books them (R63)."""

from typing import Any

from tortoise import fields
from tortoise.indexes import Index

from schema.models.base import Record, Row, money_field
from schema.models.invoice import Invoice


class Payment(Record):
    """One payment; voided ones stay in the list."""

    number = fields.CharField(max_length=60)
    kind = fields.CharField(max_length=20, default="Payment")
    date = fields.DateField()
    amount = money_field()
    currency = fields.CharField(max_length=3, null=True)
    voided = fields.BooleanField(default=False)
    customer_number = fields.CharField(max_length=60, null=True)

    class Meta:
        table = "payment"
        unique_together = (("integration_id", "kind", "number"),)


class PaymentApplication(Row):
    """The part of a payment that settles one invoice."""

    payment: fields.ForeignKeyRelation[Payment] = fields.ForeignKeyField(
        "models.Payment", on_delete=fields.CASCADE, related_name="applications"
    )
    payment_id: Any
    invoice: fields.ForeignKeyRelation[Invoice] = fields.ForeignKeyField(
        "models.Invoice", on_delete=fields.CASCADE, related_name="applications"
    )
    invoice_id: Any
    amount = money_field()

    class Meta:
        table = "payment_application"
        unique_together = (("payment_id", "invoice_id"),)
        indexes = (Index(fields=("invoice_id",), name="application_invoice"),)
