"""Invoices and credit notes on their way from Severa to the books and back."""

from __future__ import annotations

from datetime import date as Day
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from uuid import UUID

import strawberry

from schema.money import cents
from schema.types.base import Row, SyncedRecord, shared
from schema.types.context import Info, loaders
from schema.types.customer import Customer
from schema.types.ids import write_id
from schema.types.payment import Payment
from schema.types.project import Project
from schema.types.reference import InvoiceStatus
from schema.types.said import said
from schema.words import Entity, InvoiceKind, InvoiceState, Role

if TYPE_CHECKING:
    from schema.types.attempt import Attempt
    from schema.types.issue import Issue


@strawberry.type
class InvoiceRow:
    """A row of an invoice."""

    project_key: strawberry.Private[UUID | None]
    expected_vat: strawberry.Private[Decimal | None]
    id: strawberry.ID = said("The id of the row.")
    code: str | None = said("The code of the product, work type or travel expense.")
    description: str = said("The text.")
    quantity: Decimal = said("The quantity.")
    unit: str | None = said("The unit.")
    unit_price: Decimal = said("The price of one unit, without VAT.")
    vat_percent: Decimal | None = said("The VAT percentage in Severa.")
    expected_vat_percent: Decimal | None = said("The VAT percentage that Financials would use.")
    total: Decimal = said("The total without VAT.")

    @strawberry.field
    async def project(self, info: Info) -> Project | None:
        """The project that the row belongs to."""
        if self.project_key is None:
            return None
        return await loaders(info).project.load(self.project_key)


@strawberry.type
class Attachment:
    """A file that belongs to an invoice."""

    id: strawberry.ID = said("The id of the file.")
    name: str = said("The file name.")
    description: str = said("What it is.")
    content_type: str | None = said("The media type.")
    size: int | None = said("The size in bytes.")
    is_copied: bool = said("Whether the other system has it, too.")


@strawberry.type
class VatForecastRow:
    """The VAT of one row as both systems see it."""

    row: InvoiceRow = said("The row.")
    vat: Decimal | None = said("The VAT that Severa has.")
    expected_vat: Decimal | None = said("The VAT that Financials will use.")
    difference: Decimal | None = said("Severa minus Financials.")


@strawberry.type
class VatForecast:
    """The VAT of an invoice as both systems see it, before anything is written."""

    rows: list[VatForecastRow] = said("Row by row.")
    difference: Decimal = said("Severa minus Financials, over all rows that are known.")


@strawberry.type
class Invoice(SyncedRecord):
    """An invoice or credit note."""

    entity: ClassVar[Entity] = Entity.INVOICE
    customer_key: strawberry.Private[UUID]
    project_key: strawberry.Private[UUID | None]
    credited_key: strawberry.Private[UUID | None]
    status_key: strawberry.Private[str | None]
    status_name: strawberry.Private[str | None]
    role: strawberry.Private[Role | None]

    kind: InvoiceKind = said("An invoice or a credit note.")
    number: str | None = said("The number, from Financials.")
    reference_number: str | None = said("The payment reference (KID), from Financials.")
    state: InvoiceState = said("How far it is on its way.")
    severa_id: str = said("Its guid in Severa.")
    financials_status: str | None = said("Its status in Financials, in that system's word.")
    mark: str | None = said("The text by which its document is found again in Financials.")
    date: Day | None = said("The invoice date.")
    due_date: Day | None = said("The due date.")
    payment_date: Day | None = said("When it was paid in full.")
    currency: str = said("The currency of all amounts but those that name another.")
    exchange_rate: Decimal | None = said("The rate to the base currency.")
    order_number: str | None = said("The customer's order number.")
    our_reference: str | None = said("Our reference.")
    your_reference: str | None = said("The customer's reference.")
    total_excluding_vat: Decimal = said("The total without VAT.")
    total_vat: Decimal = said("The VAT.")
    total_including_vat: Decimal = said("The total with VAT.")
    total_in_base_currency: Decimal | None = said("The total with VAT in the base currency.")
    financials_total_including_vat: Decimal | None = said(
        "The total with VAT in Financials; null before a draft exists."
    )
    accepted_difference: Decimal | None = said("Severa's total minus that of Financials.")
    paid_amount: Decimal | None = said("What has been paid; null before release.")
    credited_amount: Decimal | None = said("What has been credited; null before release.")
    written_off_amount: Decimal | None = said("What has been written off; null before release.")
    balance: Decimal | None = said("What is still open in Financials; null before release.")

    @strawberry.field
    def severa_status(self) -> InvoiceStatus | None:
        """Its status in Severa."""
        if self.status_key is None:
            return None
        return InvoiceStatus(id=self.status_key, name=self.status_name, role=self.role)

    @strawberry.field
    async def customer(self, info: Info) -> Customer:
        """The customer who is invoiced."""
        found = await loaders(info).customer.load(self.customer_key)
        assert found is not None
        return found

    @strawberry.field
    async def project(self, info: Info) -> Project | None:
        """The project in the header: that of all rows, if they share one."""
        if self.project_key is None:
            return None
        return await loaders(info).project.load(self.project_key)

    @strawberry.field
    async def projects(self, info: Info) -> list[Project]:
        """All projects that the rows belong to."""
        return await loaders(info).projects_of_invoice.load(self.key)

    @strawberry.field
    async def credits(
        self, info: Info
    ) -> Annotated[Invoice, strawberry.lazy("schema.types.invoice")] | None:
        """The invoice that this credit note credits."""
        if self.credited_key is None:
            return None
        return await loaders(info).invoice.load(self.credited_key)

    @strawberry.field
    async def rows(self, info: Info) -> list[InvoiceRow]:
        """The rows, in order."""
        return await loaders(info).rows.load(self.key)

    @strawberry.field
    async def attachments(self, info: Info) -> list[Attachment]:
        """The files."""
        return await loaders(info).attachments.load(self.key)

    @strawberry.field
    async def payments(self, info: Info) -> list[Payment]:
        """The payments that settle it; voided ones stay in the list."""
        return await loaders(info).payments.load(self.key)

    @strawberry.field
    async def attempts(
        self, info: Info
    ) -> list[Annotated[Attempt, strawberry.lazy("schema.types.attempt")]]:
        """The evidence of every write to the outside for it, oldest first."""
        return await loaders(info).attempts.load(self.key)

    @strawberry.field
    async def issues(
        self, info: Info
    ) -> list[Annotated[Issue, strawberry.lazy("schema.types.issue")]]:
        """Everything that has been wrong with it, newest first; see `resolvedAt`."""
        return await loaders(info).issues.load(self.key)

    @strawberry.field
    async def vat_forecast(self, info: Info) -> VatForecast | None:
        """The VAT that Financials will use, per row; null until it has been worked out."""
        return forecast(await loaders(info).rows.load(self.key))


@strawberry.type
class InvoiceChange:
    """A change of an invoice."""

    memo: strawberry.Private[dict[Any, Any] | None] = None
    cursor: str = said("The place of the change; give it as `after` to go on from here.")
    invoice: Invoice = said("The invoice as it is now.")
    previous_state: InvoiceState | None = said("The state before this change, if it is known.")


def invoice_type(row: Row) -> Invoice:
    """Make an invoice from its row."""
    role = row["severa_role"]
    return Invoice(
        **shared(row, "Invoice"),
        customer_key=row["customer_id"],
        project_key=row["project_id"],
        credited_key=row["credited_invoice_id"],
        status_key=row["severa_status_id"],
        status_name=row["severa_status_name"],
        role=Role(role) if role else None,
        kind=InvoiceKind(row["kind"]),
        number=row["number"],
        reference_number=row["reference_number"],
        state=InvoiceState(row["state"]),
        severa_id=row["severa_id"],
        financials_status=row["financials_status"],
        mark=row["mark"],
        date=row["date"],
        due_date=row["due_date"],
        payment_date=row["payment_date"],
        currency=row["currency"],
        exchange_rate=row["exchange_rate"],
        order_number=row["order_number"],
        our_reference=row["our_reference"],
        your_reference=row["your_reference"],
        total_excluding_vat=row["total_excluding_vat"],
        total_vat=row["total_vat"],
        total_including_vat=row["total_including_vat"],
        total_in_base_currency=row["total_in_base_currency"],
        financials_total_including_vat=row["financials_total"],
        accepted_difference=row["accepted_difference"],
        paid_amount=row["paid_amount"],
        credited_amount=row["credited_amount"],
        written_off_amount=row["written_off_amount"],
        balance=row["balance"],
    )


def invoice_row_type(row: Row) -> InvoiceRow:
    """Make a row of an invoice from its row in the database."""
    return InvoiceRow(
        id=write_id("InvoiceRow", row["id"]),
        project_key=row["project_id"],
        expected_vat=row["expected_vat"],
        code=row["code"],
        description=row["description"],
        quantity=row["quantity"],
        unit=row["unit"],
        unit_price=row["unit_price"],
        vat_percent=row["vat_percent"],
        expected_vat_percent=row["expected_vat_percent"],
        total=row["total"],
    )


def attachment_type(row: Row) -> Attachment:
    """Make a file from its row."""
    return Attachment(
        id=write_id("Attachment", row["id"]),
        name=row["name"],
        description=row["description"],
        content_type=row["content_type"],
        size=row["size"],
        is_copied=row["copied_at"] is not None,
    )


def forecast(rows: list[InvoiceRow]) -> VatForecast | None:
    """Compare the VAT of both systems per row; None while Financials' is unknown."""
    if all(row.expected_vat_percent is None and row.expected_vat is None for row in rows):
        return None
    made = [_forecast_row(row) for row in rows]
    known = [row.difference for row in made if row.difference is not None]
    return VatForecast(rows=made, difference=sum(known, Decimal(0)))


def _forecast_row(row: InvoiceRow) -> VatForecastRow:
    ours = _vat(row.total, row.vat_percent)
    theirs = row.expected_vat
    if theirs is None:
        theirs = _vat(row.total, row.expected_vat_percent)
    known = ours is not None and theirs is not None
    return VatForecastRow(
        row=row,
        vat=ours,
        expected_vat=theirs,
        difference=ours - theirs if known else None,  # type: ignore[operator]  # both known
    )


def _vat(total: Decimal, percent: Decimal | None) -> Decimal | None:
    return None if percent is None else cents(total * percent / 100)
