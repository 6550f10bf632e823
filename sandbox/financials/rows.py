"""The kinds of rows that know more than they show: customers, items, projects, documents."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from .table import JSON, Row

ZERO = Decimal(0)
INVOICE, CREDIT_NOTE = "Invoice", "CreditNote"


@dataclass(slots=True, kw_only=True, eq=False)
class CustomerRow(Row):
    """A customer; `ref` is the shared {number, name} that documents show."""

    ref: JSON
    note: str | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class SupplierRow(Row):
    """A supplier; `ref` is the shared {internalId, number, name}."""

    ref: JSON


@dataclass(slots=True, kw_only=True, eq=False)
class ContactRow(Row):
    """A contact; `own` marks the main, invoice or delivery contact of a business account."""

    own: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class LocationRow(Row):
    """A location of a business account."""


@dataclass(slots=True, kw_only=True, eq=False)
class ItemRow(Row):
    """An inventory item, with the units that it knows."""

    units: set[str] = field(default_factory=set)


@dataclass(slots=True, kw_only=True, eq=False)
class TaskRow(Row):
    """A project task; `ref` is the shared {internalId, id, description}."""

    project_id: int
    ref: JSON


@dataclass(slots=True, kw_only=True, eq=False)
class ProjectRow(Row):
    """A project; `ref` is the shared {internalId, id, description}."""

    ref: JSON
    tasks: dict[str, TaskRow] = field(default_factory=dict)
    non_project: bool = False
    template: bool = False


@dataclass(slots=True, kw_only=True)
class AppliedNote:
    """A credit note line that will be applied to an invoice at release."""

    ref: str
    amount: Decimal
    line: JSON


@dataclass(slots=True, kw_only=True, eq=False)
class DocumentRow(Row):
    """A customer invoice or credit note. Amounts here are in the document's currency."""

    kind: str
    number: str
    customer: CustomerRow
    project: ProjectRow
    rate: Decimal = Decimal(1)
    total: Decimal = ZERO
    tax_shift: Decimal = ZERO
    manual_amounts: dict[int, Decimal] = field(default_factory=dict)
    taxes_given: dict[str, Decimal] = field(default_factory=dict)
    to_apply: list[AppliedNote] = field(default_factory=list)
    by_hand: bool = False
    sent: bool = False
    releasing: bool = False
    release_due: datetime | None = None

    @property
    def lines(self) -> list[JSON]:
        """Give the lines under the name that this kind of document uses."""
        lines: list[JSON] = self.dto["invoiceLines" if self.kind == "Invoice" else "lines"]
        return lines

    @property
    def status(self) -> str:
        """Give the status as it is read."""
        return str(self.dto["status"])

    @property
    def released(self) -> bool:
        """Say whether the document is booked."""
        return self.status in ("Open", "Closed")

    @property
    def balance(self) -> Decimal:
        """Give what is open, in the document's currency."""
        return Decimal(self.dto["balanceInCurrency"])


@dataclass(slots=True, kw_only=True, eq=False)
class PaymentRow(Row):
    """A customer payment or its void."""

    kind: str
    number: str
    customer: CustomerRow
    rate: Decimal = Decimal(1)
    applied: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class SupplierInvoiceRow(Row):
    """A supplier document."""

    kind: str
    number: str
    supplier: SupplierRow
    batch: BatchRow | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class BatchRow(Row):
    """A journal batch; its attachments may be those of the document behind it."""

    module: str
    number: str

    @property
    def lines(self) -> list[JSON]:
        """Give the journal lines."""
        lines: list[JSON] = self.dto["journalTransactionLines"]
        return lines
