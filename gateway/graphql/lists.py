"""The lists of the API: where their items come from and what they can be ordered by."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from gateway.graphql import conditions
from gateway.graphql.connection import BY_ID, Order, Page, Source, load
from gateway.graphql.context import Context
from gateway.graphql.where import Where
from schema.types.access import audit_type
from schema.types.attempt import attempt_type
from schema.types.conflict import conflict_type
from schema.types.customer import customer_type
from schema.types.dead_letter import dead_letter_type
from schema.types.filters import OrderDirection
from schema.types.ids import key_of
from schema.types.integration import integration_type
from schema.types.invoice import invoice_type
from schema.types.issue import issue_type
from schema.types.match import match_type
from schema.types.number import NumberLedgerEntry, number_type
from schema.types.page import Connection, Freshness
from schema.types.payment import payment_type
from schema.types.product import product_type
from schema.types.project import project_type
from schema.types.project_cost import project_cost_type
from schema.types.run import run_type
from schema.types.subscriber import Delivery, delivery_type
from schema.types.webhook import webhook_type
from schema.words import Entity

T = TypeVar("T")
Row = Mapping[str, Any]

Filtered = Callable[[Where, Any, date], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[T]):
    """A list of the API: where its items come from, what its filter means, how it is ordered."""

    source: Source[T]
    filtered: Filtered | None = None
    entity: Entity | None = None
    order: Order = BY_ID
    descending: bool = False
    tenant: str = "t.integration_id"
    # Whether the condition comes from a client's filter; others always hold.
    takes_filter: bool = True


def _listing(table: str, make: Callable[[Row], T], **options: Any) -> Listing[T]:
    return Listing(source=Source(table=f"{table} t", make=make), **options)


def _undated(filtered: Callable[[Where, Any], None]) -> Filtered:
    def apply(where: Where, given: Any, today: date) -> None:
        filtered(where, given)

    return apply


def _always(condition: str) -> Filtered:
    return lambda where, given, today: where.add(condition)


BY_PLACE = Order(name="number", sql="(t.kind || ' ' || lpad(t.number, 60, '0'))", alias="place")

INTEGRATIONS = _listing("integration", integration_type, tenant="t.id")
CUSTOMERS = _listing(
    "customer",
    customer_type,
    filtered=_undated(conditions.customers),
    entity=Entity.CUSTOMER,
)
PRODUCTS = _listing(
    "product", product_type, filtered=_undated(conditions.products), entity=Entity.PRODUCT
)
PROJECTS = _listing(
    "project", project_type, filtered=_undated(conditions.projects), entity=Entity.PROJECT
)
INVOICES = _listing("invoice", invoice_type, filtered=conditions.invoices, entity=Entity.INVOICE)
PAYMENTS = _listing(
    "payment", payment_type, filtered=_undated(conditions.payments), entity=Entity.PAYMENT
)
PROJECT_COSTS = _listing(
    "project_cost",
    project_cost_type,
    filtered=_undated(conditions.project_costs),
    entity=Entity.PROJECT_COST,
)
RUNS = _listing("sync_run", run_type, filtered=_undated(conditions.sync_runs), descending=True)
ISSUES = _listing("issue", issue_type, filtered=_undated(conditions.issues), descending=True)
CONFLICTS = _listing(
    "conflict",
    conflict_type,
    filtered=_always("t.resolved_at IS NULL"),
    takes_filter=False,
    descending=True,
)
WEBHOOKS = _listing(
    "webhook_event",
    webhook_type,
    filtered=_undated(conditions.webhook_events),
    descending=True,
)
ATTEMPTS = _listing(
    "attempt", attempt_type, filtered=_undated(conditions.attempts), descending=True
)
NUMBERS: Listing[NumberLedgerEntry] = Listing(
    source=Source(
        table="number_entry t", make=number_type, columns=f"t.*, {BY_PLACE.sql} AS place"
    ),
    order=BY_PLACE,
)
MATCHES = _listing(
    "match_candidate",
    match_type,
    filtered=_undated(lambda where, given: where.equal("t.entity", given.value)),
)
DEAD_LETTERS = _listing(
    "job",
    dead_letter_type,
    filtered=_always("t.state = 'DEAD'"),
    takes_filter=False,
    descending=True,
)
AUDIT = _listing("audit", audit_type, descending=True)
DELIVERIES: Source[Delivery] = Source(
    table="delivery t JOIN subscriber s ON s.id = t.subscriber_id", make=delivery_type
)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which items of a list are wanted, in which order."""

    where: Where
    order: Order
    descending: bool


def choose(
    context: Context,
    listing: Listing[Any],
    *,
    integration_id: str | None = None,
    given: Any = None,
    order_by: Any = None,
) -> Chosen:
    """Turn the arguments of a list into conditions and an order, as far as the caller may see."""
    where = Where()
    where.tenant(context.principal, integration_id, column=listing.tenant)
    if listing.filtered is not None and (given is not None or not listing.takes_filter):
        listing.filtered(where, given, context.services.clock().date())
    order, descending = listing.order, listing.descending
    if order_by is not None:
        order = ORDERS[order_by.field.value]
        descending = order_by.direction is OrderDirection.DESC
    return Chosen(where=where, order=order, descending=descending)


async def listed(
    context: Context,
    listing: Listing[T],
    *,
    page: Page,
    integration_id: str | None = None,
    given: Any = None,
    order_by: Any = None,
) -> Connection[T]:
    """Load a page of one of the lists, as far as the caller may see it."""
    chosen = choose(context, listing, integration_id=integration_id, given=given, order_by=order_by)
    return await load(
        listing.source,
        where=chosen.where,
        page=page,
        order=chosen.order,
        descending=chosen.descending,
        fresh=freshness(context, integration_id, listing.entity),
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
