"""Payments of customers."""

from __future__ import annotations

from datetime import date as Day
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, ClassVar
from uuid import UUID

import strawberry

from schema.types.base import Row, SyncedRecord, shared
from schema.types.context import Info, loaders
from schema.types.said import said
from schema.words import Entity

if TYPE_CHECKING:
    from schema.types.invoice import Invoice


@strawberry.type
class PaymentApplication:
    """The part of a payment that settles one invoice."""

    invoice_key: strawberry.Private[UUID]
    amount: Decimal = said("The amount.")

    @strawberry.field
    async def invoice(
        self, info: Info
    ) -> Annotated[Invoice, strawberry.lazy("schema.types.invoice")] | None:
        """The invoice that it settles."""
        return await loaders(info).invoice.load(self.invoice_key)


@strawberry.type
class Payment(SyncedRecord):
    """A payment as Financials books it; voided ones stay in the list."""

    entity: ClassVar[Entity] = Entity.PAYMENT

    number: str = said("The number in Financials.")
    kind: str = said("The type of the document in Financials, for example Payment.")
    date: Day = said("The date.")
    amount: Decimal = said("The whole amount.")
    currency: str | None = said("The currency of the amount.")
    voided: bool = said("Whether it has been voided.")
    customer_number: str | None = said("The number of the customer who paid.")

    @strawberry.field
    async def applications(self, info: Info) -> list[PaymentApplication]:
        """The invoices that it settles."""
        return await loaders(info).applications.load(self.key)


def payment_type(row: Row) -> Payment:
    """Make a payment from its row."""
    return Payment(
        **shared(row, "Payment"),
        number=row["number"],
        kind=row["kind"],
        date=row["date"],
        amount=row["amount"],
        currency=row["currency"],
        voided=row["voided"],
        customer_number=row["customer_number"],
    )


def application_type(row: Row) -> PaymentApplication:
    """Make the part of a payment from its row."""
    return PaymentApplication(invoice_key=row["invoice_id"], amount=row["amount"])
