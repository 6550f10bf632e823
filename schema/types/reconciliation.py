"""Counts and money of both systems, month by month, and the documents that differ."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import strawberry

from schema import reconciliation
from schema.types.context import Info, loaders
from schema.types.invoice import Invoice
from schema.types.said import said


@strawberry.type
class ReconciliationMonth:
    """One month of document dates in one currency; with VAT, credit notes negative.

    severaTotal - financialsTotal = acceptedDifference + difference.
    """

    month: date = said("The first day of the month.")
    currency: str = said("The currency of the documents.")
    severa_count: int = said("Documents that are linked on both sides, as Severa has them.")
    severa_total: Decimal = said("Their totals in Severa.")
    financials_count: int = said("Documents that are linked on both sides, as Financials has them.")
    financials_total: Decimal = said("Their totals in Financials.")
    accepted_difference: Decimal = said(
        "What was accepted when the documents were compared, because it was within 0.05 each."
    )
    difference: Decimal = said("What nobody has accepted; 0.00 if all is well.")
    not_ours_count: int = said("Documents of Financials that did not come from Severa.")
    not_ours_total: Decimal = said("Their totals.")


@strawberry.type
class ReconciliationDifference:
    """A document whose totals differ by more than what was accepted."""

    invoice_key: strawberry.Private[UUID]
    number: str = said("The document number.")
    month: date = said("The first day of the month of its date.")
    currency: str = said("The currency of the document.")
    difference: Decimal = said("Severa minus Financials, without what was accepted.")

    @strawberry.field
    async def invoice(self, info: Info) -> Invoice | None:
        """The invoice or credit note."""
        return await loaders(info).invoice.load(self.invoice_key)


@strawberry.type
class Reconciliation:
    """Both systems compared, from what was last seen of each."""

    months: list[ReconciliationMonth] = said("The months, per currency.")
    differences: list[ReconciliationDifference] = said("The documents that differ.")
    verified_through: date | None = said(
        "The last day up to which nothing is open, differs, or lacks an explanation; null if none."
    )


def reconciliation_type(found: reconciliation.Reconciliation) -> Reconciliation:
    """Make the answer from what was compared."""
    return Reconciliation(
        months=[_month(one) for one in found.months],
        differences=[
            ReconciliationDifference(
                invoice_key=one.invoice_id,
                number=one.number,
                month=one.month,
                currency=one.currency,
                difference=one.difference,
            )
            for one in found.differences
        ],
        verified_through=found.verified_through,
    )


def _month(one: reconciliation.Month) -> ReconciliationMonth:
    return ReconciliationMonth(
        month=one.month,
        currency=one.currency,
        severa_count=one.severa_count,
        severa_total=one.severa_total,
        financials_count=one.financials_count,
        financials_total=one.financials_total,
        accepted_difference=one.accepted_difference,
        difference=one.difference,
        not_ours_count=one.not_ours_count,
        not_ours_total=one.not_ours_total,
    )
