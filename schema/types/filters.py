"""Filters and orders of lists."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import strawberry

from schema.types import enums as _enums  # noqa: F401  registers the enums
from schema.types.said import given
from schema.words import (
    AttemptState,
    InvoiceKind,
    InvoiceState,
    ProductKind,
    ProjectStatus,
    Side,
    SyncRunState,
    SyncState,
    SyncTrigger,
    WebhookEventState,
)

_SEARCH = "Part of a name, number or text."
_SINCE = "Changed here at or after this moment."
_ISSUE = "Has an open issue of this code."
_SYNC = "In one of these sync states."
_SEVERA = "One of these guids in Severa."


@strawberry.enum
class OrderDirection(StrEnum):
    """Which end of an order comes first."""

    ASC = "ASC"
    DESC = "DESC"


@strawberry.enum
class CustomerOrderField(StrEnum):
    """What customers are ordered by."""

    CREATED_AT = "CREATED_AT"
    UPDATED_AT = "UPDATED_AT"
    NAME = "NAME"
    NUMBER = "NUMBER"


@strawberry.enum
class ProductOrderField(StrEnum):
    """What products are ordered by."""

    CREATED_AT = "CREATED_AT"
    UPDATED_AT = "UPDATED_AT"
    CODE = "CODE"
    NAME = "NAME"


@strawberry.enum
class ProjectOrderField(StrEnum):
    """What projects are ordered by."""

    CREATED_AT = "CREATED_AT"
    UPDATED_AT = "UPDATED_AT"
    NUMBER = "NUMBER"
    NAME = "NAME"
    START_DATE = "START_DATE"


@strawberry.enum
class InvoiceOrderField(StrEnum):
    """What invoices are ordered by."""

    CREATED_AT = "CREATED_AT"
    UPDATED_AT = "UPDATED_AT"
    DATE = "DATE"
    DUE_DATE = "DUE_DATE"
    NUMBER = "NUMBER"
    TOTAL_INCLUDING_VAT = "TOTAL_INCLUDING_VAT"


@strawberry.input
class CustomerOrder:
    """The order of a list of customers."""

    field: CustomerOrderField = given("What to order by.")
    direction: OrderDirection = given("Which end comes first.", default=OrderDirection.ASC)


@strawberry.input
class ProductOrder:
    """The order of a list of products."""

    field: ProductOrderField = given("What to order by.")
    direction: OrderDirection = given("Which end comes first.", default=OrderDirection.ASC)


@strawberry.input
class ProjectOrder:
    """The order of a list of projects."""

    field: ProjectOrderField = given("What to order by.")
    direction: OrderDirection = given("Which end comes first.", default=OrderDirection.ASC)


@strawberry.input
class InvoiceOrder:
    """The order of a list of invoices."""

    field: InvoiceOrderField = given("What to order by.")
    direction: OrderDirection = given("Which end comes first.", default=OrderDirection.ASC)


@strawberry.input
class CustomerFilter:
    """Which customers a list has; all conditions must hold."""

    numbers: list[str] | None = given("One of these numbers.", default=None)
    severa_ids: list[str] | None = given(_SEVERA, default=None)
    vat_number: str | None = given("This VAT number.", default=None)
    currency: str | None = given("This currency.", default=None)
    is_active: bool | None = given("Active, or not.", default=None)
    sync_states: list[SyncState] | None = given(_SYNC, default=None)
    issue_code: str | None = given(_ISSUE, default=None)
    search: str | None = given(_SEARCH, default=None)
    changed_since: datetime | None = given(_SINCE, default=None)


@strawberry.input
class ProductFilter:
    """Which products a list has; all conditions must hold."""

    codes: list[str] | None = given("One of these codes.", default=None)
    severa_ids: list[str] | None = given(_SEVERA, default=None)
    kinds: list[ProductKind] | None = given("Of one of these registers.", default=None)
    is_active: bool | None = given("Active, or not.", default=None)
    sync_states: list[SyncState] | None = given(_SYNC, default=None)
    issue_code: str | None = given(_ISSUE, default=None)
    search: str | None = given(_SEARCH, default=None)
    changed_since: datetime | None = given(_SINCE, default=None)


@strawberry.input
class ProjectFilter:
    """Which projects a list has; all conditions must hold."""

    numbers: list[str] | None = given("One of these numbers.", default=None)
    severa_ids: list[str] | None = given(_SEVERA, default=None)
    customer_id: strawberry.ID | None = given("Of this customer.", default=None)
    statuses: list[ProjectStatus] | None = given("In one of these statuses.", default=None)
    is_sales_case: bool | None = given("A sales case, or a project.", default=None)
    sync_states: list[SyncState] | None = given(_SYNC, default=None)
    issue_code: str | None = given(_ISSUE, default=None)
    search: str | None = given(_SEARCH, default=None)
    changed_since: datetime | None = given(_SINCE, default=None)


@strawberry.input
class InvoiceFilter:
    """Which invoices a list has; all conditions must hold."""

    states: list[InvoiceState] | None = given("In one of these states.", default=None)
    kinds: list[InvoiceKind] | None = given("Of one of these kinds.", default=None)
    numbers: list[str] | None = given("One of these numbers.", default=None)
    severa_ids: list[str] | None = given(_SEVERA, default=None)
    customer_id: strawberry.ID | None = given("Of this customer.", default=None)
    project_id: strawberry.ID | None = given(
        "With this project in the header or in a row.", default=None
    )
    currency: str | None = given("In this currency.", default=None)
    date_from: date | None = given("Dated on this day or later.", default=None)
    date_to: date | None = given("Dated on this day or earlier.", default=None)
    due_before: date | None = given("Due before this day.", default=None)
    overdue: bool | None = given("Past its due date and not paid in full, or not.", default=None)
    total_min: Decimal | None = given("With a total with VAT of at least this.", default=None)
    total_max: Decimal | None = given("With a total with VAT of at most this.", default=None)
    sync_states: list[SyncState] | None = given(_SYNC, default=None)
    issue_code: str | None = given(_ISSUE, default=None)
    search: str | None = given(_SEARCH, default=None)
    changed_since: datetime | None = given(_SINCE, default=None)


@strawberry.input
class PaymentFilter:
    """Which payments a list has; all conditions must hold."""

    numbers: list[str] | None = given("One of these numbers.", default=None)
    invoice_id: strawberry.ID | None = given("That settle this invoice.", default=None)
    customer_numbers: list[str] | None = given("Of one of these customers.", default=None)
    voided: bool | None = given("Voided, or not.", default=None)
    date_from: date | None = given("Dated on this day or later.", default=None)
    date_to: date | None = given("Dated on this day or earlier.", default=None)
    changed_since: datetime | None = given(_SINCE, default=None)


@strawberry.input
class ProjectCostFilter:
    """Which project costs a list has; all conditions must hold."""

    project_id: strawberry.ID | None = given("Of this project.", default=None)
    supplier_numbers: list[str] | None = given("Of one of these suppliers.", default=None)
    currency: str | None = given("In this currency.", default=None)
    date_from: date | None = given("Dated on this day or later.", default=None)
    date_to: date | None = given("Dated on this day or earlier.", default=None)
    sync_states: list[SyncState] | None = given(_SYNC, default=None)
    search: str | None = given(_SEARCH, default=None)
    changed_since: datetime | None = given(_SINCE, default=None)


@strawberry.input
class SyncRunFilter:
    """Which sync runs a list has; all conditions must hold."""

    states: list[SyncRunState] | None = given("In one of these states.", default=None)
    triggers: list[SyncTrigger] | None = given("Started by one of these.", default=None)
    since: datetime | None = given("Asked for at or after this moment.", default=None)


@strawberry.input
class IssueFilter:
    """Which issues a list has; all conditions must hold."""

    codes: list[str] | None = given("Of one of these codes.", default=None)
    open: bool | None = given("Still open, or not.", default=None)
    record_id: strawberry.ID | None = given("Of this record.", default=None)
    opened_since: datetime | None = given("Opened at or after this moment.", default=None)
    search: str | None = given("Part of the cause.", default=None)


@strawberry.input
class WebhookEventFilter:
    """Which webhooks a list has; all conditions must hold."""

    states: list[WebhookEventState] | None = given("In one of these states.", default=None)
    sides: list[Side] | None = given("From one of these systems.", default=None)
    types: list[str] | None = given("Of one of these types.", default=None)
    event_ids: list[str] | None = given("One of these ids of the sender.", default=None)
    received_since: datetime | None = given("Received at or after this moment.", default=None)


@strawberry.input
class AttemptFilter:
    """Which attempts a list has; all conditions must hold."""

    states: list[AttemptState] | None = given("In one of these states.", default=None)
    sides: list[Side] | None = given("To one of these systems.", default=None)
    record_id: strawberry.ID | None = given("For this record.", default=None)
    mark: str | None = given("With this mark.", default=None)
    since: datetime | None = given("Started at or after this moment.", default=None)


@strawberry.input
class DeliveryFilter:
    """Which deliveries a list has; all conditions must hold."""

    states: list[str] | None = given("In one of these states.", default=None)
    types: list[str] | None = given("Of one of these kinds of change.", default=None)
    since: datetime | None = given("Made at or after this moment.", default=None)
