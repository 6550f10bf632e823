"""The ledger of document numbers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from schema.types.base import Row
from schema.types.context import Info, loaders
from schema.types.invoice import Invoice
from schema.types.page import Connection
from schema.types.said import said
from schema.words import InvoiceKind, NumberOutcome


@strawberry.type
class NumberLedgerEntry:
    """A document number of Financials and what became of it."""

    invoice_key: strawberry.Private[UUID | None]
    number: str = said("The number.")
    kind: InvoiceKind = said("The series that it belongs to.")
    outcome: NumberOutcome = said("What became of it.")
    explanation: str = said("Why, in one sentence.")
    updated_at: datetime = said("When this was last found out.")

    @strawberry.field
    async def invoice(self, info: Info) -> Invoice | None:
        """The invoice that has or had it."""
        if self.invoice_key is None:
            return None
        return await loaders(info).invoice.load(self.invoice_key)


@strawberry.type(name="NumberLedgerConnection")
class NumberLedgerConnection(Connection[NumberLedgerEntry]):
    """A page of the number ledger."""


def number_type(row: Row) -> NumberLedgerEntry:
    """Make an entry of the ledger from its row."""
    return NumberLedgerEntry(
        invoice_key=row["invoice_id"],
        number=row["number"],
        kind=InvoiceKind(row["kind"]),
        outcome=NumberOutcome(row["outcome"]),
        explanation=row["explanation"],
        updated_at=row["updated_at"],
    )
