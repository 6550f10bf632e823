"""What a type's resolver may ask for: rows by key, loaded in batches by whoever runs the query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from uuid import UUID

import strawberry

if TYPE_CHECKING:
    from schema.types.attempt import Attempt
    from schema.types.base import Link, SyncedRecord
    from schema.types.change import Change
    from schema.types.conflict import Conflict
    from schema.types.customer import Address, Contact, Customer
    from schema.types.integration import Integration
    from schema.types.invoice import Attachment, Invoice, InvoiceRow
    from schema.types.issue import Issue
    from schema.types.page import Connection
    from schema.types.payment import Payment, PaymentApplication
    from schema.types.plan import PlanCount, PlanItem
    from schema.types.product import Product
    from schema.types.project import Project
    from schema.types.provenance import FieldProvenance
    from schema.types.reference import ReferenceValue
    from schema.types.run import SyncRun, SyncStep
    from schema.types.setup import SetupCheck, SetupObstacle, SetupReport
    from schema.words import Entity

Info = strawberry.Info[Any, None]

Key = TypeVar("Key", contravariant=True)
Found = TypeVar("Found", covariant=True)


class Loader(Protocol[Key, Found]):
    """Loads one thing by key; calls in the same turn of the loop share a statement."""

    async def load(self, key: Key) -> Found:
        """Load one thing."""
        ...


class Loaders(Protocol):
    """The loaders of one operation, each filtered by what the caller may see."""

    integration: Loader[UUID, Integration | None]
    customer: Loader[UUID, Customer | None]
    product: Loader[UUID, Product | None]
    project: Loader[UUID, Project | None]
    invoice: Loader[UUID, Invoice | None]
    payment: Loader[UUID, Payment | None]
    run: Loader[UUID, SyncRun | None]
    record: Loader[tuple[Entity, UUID], SyncedRecord | None]
    reference: Loader[tuple[UUID, str, str], ReferenceValue | None]
    addresses: Loader[UUID, list[Address]]
    contacts: Loader[UUID, list[Contact]]
    rows: Loader[UUID, list[InvoiceRow]]
    attachments: Loader[UUID, list[Attachment]]
    payments: Loader[UUID, list[Payment]]
    applications: Loader[UUID, list[PaymentApplication]]
    projects_of_invoice: Loader[UUID, list[Project]]
    attempts: Loader[UUID, list[Attempt]]
    issues: Loader[UUID, list[Issue]]
    issue_records: Loader[UUID, list[SyncedRecord]]
    conflicts: Loader[UUID, list[Conflict]]
    links: Loader[UUID, list[Link]]
    steps: Loader[UUID, list[SyncStep]]
    history: Loader[tuple[UUID, int | None, str | None], Connection[Change]]
    provenance: Loader[tuple[Entity, UUID], list[FieldProvenance]]
    plan_counts: Loader[UUID, list[PlanCount]]
    plan_items: Loader[tuple[UUID, int | None, str | None], Connection[PlanItem]]
    newest_setup_report: Loader[UUID, SetupReport | None]
    setup_checks: Loader[UUID, list[SetupCheck]]
    setup_obstacles: Loader[UUID, list[SetupObstacle]]


def loaders(info: Info) -> Loaders:
    """Return the loaders of the running operation."""
    found: Loaders = info.context.loaders
    return found
