"""Customers with their addresses and contacts."""

from typing import Any

from tortoise import fields
from tortoise.indexes import Index

from schema.models.base import Record, Row
from schema.words import AddressKind


class Customer(Record):
    """A customer of the company (R44); Financials owns its number (R7)."""

    number = fields.CharField(max_length=60, null=True)
    name = fields.TextField()
    vat_number = fields.CharField(max_length=60, null=True)
    currency = fields.CharField(max_length=3, null=True)
    payment_term_days = fields.IntField(null=True)
    email = fields.TextField(null=True)
    website = fields.TextField(null=True)
    notes = fields.TextField(null=True)
    is_active = fields.BooleanField(default=True)
    is_internal = fields.BooleanField(default=False)
    class_id = fields.CharField(max_length=60, null=True)
    vat_zone = fields.CharField(max_length=60, null=True)

    class Meta:
        table = "customer"
        indexes = (
            Index(fields=("integration_id", "number"), name="customer_number"),
            Index(fields=("integration_id", "name", "id"), name="customer_name"),
        )


class Address(Row):
    """One address of a customer, with the use that the customer makes of it (R173 to R175)."""

    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", on_delete=fields.CASCADE, related_name="addresses"
    )
    customer_id: Any
    kind = fields.CharEnumField(AddressKind, max_length=16)
    lines = fields.TextField(default="")
    postal_code = fields.TextField(null=True)
    city = fields.TextField(null=True)
    state = fields.TextField(null=True)
    country = fields.CharField(max_length=2, null=True)

    class Meta:
        table = "address"
        unique_together = (("customer_id", "kind"),)


class Contact(Record):
    """A person at a customer (R176 to R184)."""

    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", on_delete=fields.CASCADE, related_name="contacts"
    )
    customer_id: Any
    salutation = fields.CharField(max_length=16, null=True)
    first_name = fields.TextField(null=True)
    last_name = fields.TextField(null=True)
    title = fields.TextField(null=True)
    mobile = fields.TextField(null=True)
    phone = fields.TextField(null=True)
    email = fields.TextField(null=True)
    do_not_email = fields.BooleanField(default=False)
    is_active = fields.BooleanField(default=True)

    class Meta:
        table = "contact"
