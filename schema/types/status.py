"""How each kind of record stands, and sums over invoices."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import strawberry

from schema.types import enums as _enums  # noqa: F401  registers the enums
from schema.types.context import Info, loaders
from schema.types.customer import Customer
from schema.types.integration import Integration
from schema.types.page import Freshness
from schema.types.said import said
from schema.words import Entity, InvoiceState


@strawberry.enum
class EntitySyncState(StrEnum):
    """How the sync of one kind of record stands."""

    NEVER_RUN = "NEVER_RUN"
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    SUCCEEDED_WITH_ISSUES = "SUCCEEDED_WITH_ISSUES"
    FAILED = "FAILED"
    PAUSED = "PAUSED"


@strawberry.type
class EntitySyncStatus:
    """How the sync of one kind of record stands in one integration."""

    integration_key: strawberry.Private[UUID]
    entity: Entity = said("The kind of record.")
    state: EntitySyncState = said("The state.")
    last_success_at: datetime | None = said("When its steps last succeeded.")
    checkpoint_at: datetime | None = said("When its lists were last read to the end.")
    next_run_at: datetime | None = said("When the next run is due; null while paused.")
    total: int = said("How many records there are.")
    pending: int = said("Records that wait for their turn or for another record.")
    blocked: int = said("Records that wait for a person.")
    freshness: Freshness = said("How old the data can be.")

    @strawberry.field
    async def integration(self, info: Info) -> Integration:
        """The integration."""
        found = await loaders(info).integration.load(self.integration_key)
        assert found is not None
        return found


@strawberry.enum
class InvoiceGroup(StrEnum):
    """What invoices are grouped by; the currency always belongs to it."""

    STATE = "STATE"
    CURRENCY = "CURRENCY"
    MONTH = "MONTH"
    CUSTOMER = "CUSTOMER"


@strawberry.type
class InvoiceGroupSummary:
    """How many invoices a group has and what they sum up to; credit notes count negative."""

    customer_key: strawberry.Private[UUID | None]
    state: InvoiceState | None = said("The state, if grouped by it.")
    currency: str = said("The currency of the sums.")
    month: date | None = said("The first day of the month of the invoice date, if grouped by it.")
    count: int = said("How many there are.")
    total_excluding_vat: Decimal = said("The sum without VAT.")
    total_vat: Decimal = said("The sum of VAT.")
    total_including_vat: Decimal = said("The sum with VAT.")
    paid_amount: Decimal | None = said("The sum of what is paid; null if nothing is released.")
    balance: Decimal | None = said("The sum of what is open; null if nothing is released.")

    @strawberry.field
    async def customer(self, info: Info) -> Customer | None:
        """The customer, if grouped by it."""
        if self.customer_key is None:
            return None
        return await loaders(info).customer.load(self.customer_key)
