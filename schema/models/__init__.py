"""The tables, as Tortoise models. Only `worker/sync/store.py` writes unified records."""

from schema.models.access import (
    ApiKey,
    Audit,
    Delivery,
    IdempotencyKey,
    Installation,
    Subscriber,
)
from schema.models.customer import Address, Contact, Customer
from schema.models.evidence import (
    Attempt,
    Change,
    Conflict,
    Counter,
    Issue,
    IssueRecord,
    NumberEntry,
)
from schema.models.integration import (
    Checkpoint,
    Integration,
    Lease,
    Link,
    Reference,
    Sighting,
)
from schema.models.invoice import Attachment, Invoice, InvoiceRow
from schema.models.payment import Payment, PaymentApplication
from schema.models.product import Product
from schema.models.project import Project
from schema.models.project_cost import ProjectCost
from schema.models.run import Plan, PlanItem, SyncRun, SyncStep
from schema.models.setup import MatchCandidate, SetupCheck, SetupReport
from schema.models.work import Job, RecordWish, WebhookEvent

__all__ = [
    "Address",
    "ApiKey",
    "Attachment",
    "Attempt",
    "Audit",
    "Change",
    "Checkpoint",
    "Conflict",
    "Contact",
    "Counter",
    "Customer",
    "Delivery",
    "IdempotencyKey",
    "Installation",
    "Integration",
    "Invoice",
    "InvoiceRow",
    "Issue",
    "IssueRecord",
    "Job",
    "Lease",
    "Link",
    "MatchCandidate",
    "NumberEntry",
    "Payment",
    "PaymentApplication",
    "Plan",
    "PlanItem",
    "Product",
    "Project",
    "ProjectCost",
    "RecordWish",
    "Reference",
    "SetupCheck",
    "SetupReport",
    "Sighting",
    "Subscriber",
    "SyncRun",
    "SyncStep",
    "WebhookEvent",
]
