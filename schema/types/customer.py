"""Customers with their addresses and contacts."""

from __future__ import annotations

from typing import ClassVar

import strawberry

from schema.types.base import Row, SyncedRecord, shared
from schema.types.context import Info, loaders
from schema.types.ids import write_id
from schema.types.reference import ReferenceValue
from schema.types.said import said
from schema.words import AddressKind, Entity


@strawberry.type
class Address:
    """An address of a customer."""

    id: strawberry.ID = said("The id of the address.")
    kind: AddressKind = said("What the customer uses it for.")
    lines: list[str] = said("The address lines.")
    postal_code: str | None = said("The postal code.")
    city: str | None = said("The city.")
    state: str | None = said("The state or region.")
    country: str | None = said("The country as a code of two letters.")


@strawberry.type
class Contact:
    """A person at a customer."""

    id: strawberry.ID = said("The id of the contact.")
    salutation: str | None = said("How the person is addressed.")
    first_name: str | None = said("The first name.")
    last_name: str | None = said("The last name.")
    title: str | None = said("The job title.")
    mobile: str | None = said("The mobile number.")
    phone: str | None = said("The phone number.")
    email: str | None = said("The email address.")
    do_not_email: bool = said("Whether the person must not be written to by email.")
    is_active: bool = said("Whether the person is still a contact.")


@strawberry.type
class Customer(SyncedRecord):
    """A customer of the company; its number comes from Financials."""

    entity: ClassVar[Entity] = Entity.CUSTOMER
    class_key: strawberry.Private[str | None]

    number: str | None = said("The customer number, from Financials.")
    name: str = said("The name.")
    vat_number: str | None = said("The VAT registration number.")
    currency: str | None = said("The currency that the customer is invoiced in.")
    payment_term_days: int | None = said("Days from the invoice date to the due date.")
    email: str | None = said("The email address for invoices.")
    website: str | None = said("The website.")
    notes: str | None = said("Notes.")
    is_active: bool = said("Whether the customer is active.")

    @strawberry.field
    async def customer_class(self, info: Info) -> ReferenceValue | None:
        """The customer class in Financials."""
        if self.class_key is None:
            return None
        wanted = (self.integration_key, "customer_class", self.class_key)
        found = await loaders(info).reference.load(wanted)
        return found or ReferenceValue(id=self.class_key, name=self.class_key)

    @strawberry.field
    async def addresses(self, info: Info) -> list[Address]:
        """The addresses, one per use at most."""
        return await loaders(info).addresses.load(self.key)

    @strawberry.field
    async def contacts(self, info: Info) -> list[Contact]:
        """The people at the customer."""
        return await loaders(info).contacts.load(self.key)


def customer_type(row: Row) -> Customer:
    """Make a customer from its row."""
    return Customer(
        **shared(row, "Customer"),
        class_key=row["class_id"],
        number=row["number"],
        name=row["name"],
        vat_number=row["vat_number"],
        currency=row["currency"],
        payment_term_days=row["payment_term_days"],
        email=row["email"],
        website=row["website"],
        notes=row["notes"],
        is_active=row["is_active"],
    )


def address_type(row: Row) -> Address:
    """Make an address from its row."""
    return Address(
        id=write_id("Address", row["id"]),
        kind=AddressKind(row["kind"]),
        lines=[line for line in row["lines"].splitlines() if line],
        postal_code=row["postal_code"],
        city=row["city"],
        state=row["state"],
        country=row["country"],
    )


def contact_type(row: Row) -> Contact:
    """Make a contact from its row."""
    return Contact(
        id=write_id("Contact", row["id"]),
        salutation=row["salutation"],
        first_name=row["first_name"],
        last_name=row["last_name"],
        title=row["title"],
        mobile=row["mobile"],
        phone=row["phone"],
        email=row["email"],
        do_not_email=row["do_not_email"],
        is_active=row["is_active"],
    )
