"""The lists of the API: where their items come from and what they can be ordered by."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from gateway.graphql.connection import BY_ID, Order, Page, Source, load
from gateway.graphql.context import Context
from gateway.graphql.where import Where
from schema.types.access import AuditEntry, audit_type
from schema.types.attempt import Attempt, attempt_type
from schema.types.conflict import Conflict, conflict_type
from schema.types.customer import Customer, customer_type
from schema.types.dead_letter import DeadLetter, dead_letter_type
from schema.types.filters import OrderDirection
from schema.types.ids import key_of
from schema.types.integration import Integration, integration_type
from schema.types.invoice import Invoice, invoice_type
from schema.types.issue import Issue, issue_type
from schema.types.number import NumberLedgerEntry, number_type
from schema.types.page import Connection, Freshness
from schema.types.payment import Payment, payment_type
from schema.types.product import Product, product_type
from schema.types.project import Project, project_type
from schema.types.project_cost import ProjectCost, project_cost_type
from schema.types.run import SyncRun, run_type
from schema.types.subscriber import Delivery, delivery_type
from schema.types.webhook import WebhookEvent, webhook_type
from schema.words import Entity

T = TypeVar("T")

INTEGRATIONS: Source[Integration] = Source(table="integration t", make=integration_type)
CUSTOMERS: Source[Customer] = Source(table="customer t", make=customer_type)
PRODUCTS: Source[Product] = Source(table="product t", make=product_type)
PROJECTS: Source[Project] = Source(table="project t", make=project_type)
INVOICES: Source[Invoice] = Source(table="invoice t", make=invoice_type)
PAYMENTS: Source[Payment] = Source(table="payment t", make=payment_type)
PROJECT_COSTS: Source[ProjectCost] = Source(table="project_cost t", make=project_cost_type)
RUNS: Source[SyncRun] = Source(table="sync_run t", make=run_type)
ISSUES: Source[Issue] = Source(table="issue t", make=issue_type)
CONFLICTS: Source[Conflict] = Source(table="conflict t", make=conflict_type)
WEBHOOKS: Source[WebhookEvent] = Source(table="webhook_event t", make=webhook_type)
ATTEMPTS: Source[Attempt] = Source(table="attempt t", make=attempt_type)
NUMBERS: Source[NumberLedgerEntry] = Source(
    table="number_entry t",
    make=number_type,
    columns="t.*, (t.kind || ' ' || lpad(t.number, 60, '0')) AS place",
)
DEAD_LETTERS: Source[DeadLetter] = Source(table="job t", make=dead_letter_type)
DELIVERIES: Source[Delivery] = Source(
    table="delivery t JOIN subscriber s ON s.id = t.subscriber_id", make=delivery_type
)
AUDIT: Source[AuditEntry] = Source(table="audit t", make=audit_type)

BY_PLACE = Order(name="number", sql="(t.kind || ' ' || lpad(t.number, 60, '0'))", alias="place")

# fmt: off
ORDERS: dict[str, Order] = {
    "CREATED_AT":          BY_ID,
    "UPDATED_AT":          Order(name="updated", sql="t.updated_at", kind="datetime"),
    "NAME":                Order(name="name", sql="t.name"),
    "CODE":                Order(name="code", sql="t.code"),
    "NUMBER":              Order(name="number", sql="t.number", nullable=True),
    "START_DATE":          Order(name="start", sql="t.start_date", kind="date", nullable=True),
    "DATE":                Order(name="date", sql="t.date", kind="date", nullable=True),
    "DUE_DATE":            Order(name="due", sql="t.due_date", kind="date", nullable=True),
    "TOTAL_INCLUDING_VAT": Order(name="total", sql="t.total_including_vat", kind="decimal"),
}
# fmt: on


async def listed(
    context: Context,
    source: Source[T],
    *,
    page: Page,
    integration_id: str | None = None,
    given: Any = None,
    filtered: Callable[[Where, Any], None] | None = None,
    order_by: Any = None,
    order: Order = BY_ID,
    descending: bool = False,
    entity: Entity | None = None,
    column: str = "t.integration_id",
) -> Connection[T]:
    """Load a page of one of the lists, as far as the caller may see it."""
    where = Where()
    where.tenant(context.principal, integration_id, column=column)
    if given is not None and filtered is not None:
        filtered(where, given)
    if order_by is not None:
        order = ORDERS[order_by.field.value]
        descending = order_by.direction is OrderDirection.DESC
    return await load(
        source,
        where=where,
        page=page,
        order=order,
        descending=descending,
        fresh=freshness(context, integration_id, entity),
    )


def freshness(
    context: Context, integration_id: str | None, entity: Entity | None
) -> Callable[[], Awaitable[Freshness | None]]:
    """Return how to find the freshness of a list; nothing is asked before a client wants it."""

    async def find() -> Freshness | None:
        if entity is None:
            return None
        key = key_of(integration_id, "Integration")
        if key is not None and not context.principal.may_see(key):
            key = None
        return await context.loaders.freshness.load((key, entity))

    return find


Row = Mapping[str, Any]
