"""Loaders of single rows by id, and the two ways in which all loaders are made (P5, P6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID

from strawberry.dataloader import DataLoader

from gateway.auth import Principal
from gateway.graphql.where import visible
from gateway.services import Services
from schema import database
from schema.types.access import AuditEntry, audit_type
from schema.types.attempt import Attempt, attempt_type
from schema.types.conflict import Conflict, conflict_type
from schema.types.customer import Customer, customer_type
from schema.types.dead_letter import DeadLetter, dead_letter_type
from schema.types.integration import Integration, integration_type
from schema.types.invoice import Invoice, invoice_type
from schema.types.issue import Issue, issue_type
from schema.types.match import MatchCandidate, match_type
from schema.types.payment import Payment, payment_type
from schema.types.plan import Plan, plan_type
from schema.types.product import Product, product_type
from schema.types.project import Project, project_type
from schema.types.project_cost import ProjectCost, project_cost_type
from schema.types.run import SyncRun, run_type
from schema.types.setup import SetupReport, setup_report_type
from schema.types.subscriber import Delivery, Subscriber, delivery_type, subscriber_type
from schema.types.webhook import WebhookEvent, webhook_type

T = TypeVar("T")
K = TypeVar("K")
Make = Callable[[Mapping[str, Any]], T]

BATCH = 5000


def loader(load: Callable[[list[K]], Awaitable[Sequence[T]]]) -> DataLoader[K, T]:
    """Build a loader that shares one statement between calls in the same turn of the loop."""
    return DataLoader(load_fn=load, max_batch_size=BATCH)


class RowLoaders:
    """Loads rows by id, each filtered by what the caller may see (S10)."""

    def __init__(self, *, principal: Principal, services: Services) -> None:
        self.principal = principal
        self.services = services
        self.allowed = visible(principal)

    def _one(
        self, table: str, make: Make[T], *, column: str = "integration_id"
    ) -> DataLoader[UUID, T | None]:
        async def load(keys: list[UUID]) -> list[T | None]:
            sql = f"SELECT * FROM {table} WHERE id = ANY($1::uuid[])"
            values: list[Any] = [keys]
            if self.allowed is not None:
                sql += f" AND {column} = ANY($2::uuid[])"
                values.append(self.allowed)
            found = {row["id"]: make(row) for row in await database.rows(sql, *values)}
            return [found.get(key) for key in keys]

        return loader(load)

    def _many(self, sql: str, make: Make[T], *, key: str = "parent") -> DataLoader[UUID, list[T]]:
        """Group rows by a key. The parents were filtered by tenant when they were loaded."""

        async def load(keys: list[UUID]) -> list[list[T]]:
            grouped: defaultdict[UUID, list[T]] = defaultdict(list)
            for row in await database.rows(sql, keys):
                grouped[row[key]].append(make(row))
            return [grouped.get(key, []) for key in keys]

        return loader(load)

    @cached_property
    def integration(self) -> DataLoader[UUID, Integration | None]:
        """Integrations by id."""
        return self._one("integration", integration_type, column="id")

    @cached_property
    def customer(self) -> DataLoader[UUID, Customer | None]:
        """Customers by id."""
        return self._one("customer", customer_type)

    @cached_property
    def product(self) -> DataLoader[UUID, Product | None]:
        """Products by id."""
        return self._one("product", product_type)

    @cached_property
    def project(self) -> DataLoader[UUID, Project | None]:
        """Projects by id."""
        return self._one("project", project_type)

    @cached_property
    def invoice(self) -> DataLoader[UUID, Invoice | None]:
        """Invoices by id."""
        return self._one("invoice", invoice_type)

    @cached_property
    def payment(self) -> DataLoader[UUID, Payment | None]:
        """Payments by id."""
        return self._one("payment", payment_type)

    @cached_property
    def project_cost(self) -> DataLoader[UUID, ProjectCost | None]:
        """Project costs by id."""
        return self._one("project_cost", project_cost_type)

    @cached_property
    def run(self) -> DataLoader[UUID, SyncRun | None]:
        """Sync runs by id."""
        return self._one("sync_run", run_type)

    @cached_property
    def plan(self) -> DataLoader[UUID, Plan | None]:
        """Plans by id."""
        return self._one("plan", plan_type)

    @cached_property
    def issue(self) -> DataLoader[UUID, Issue | None]:
        """Issues by id."""
        return self._one("issue", issue_type)

    @cached_property
    def conflict(self) -> DataLoader[UUID, Conflict | None]:
        """Conflicts by id."""
        return self._one("conflict", conflict_type)

    @cached_property
    def attempt(self) -> DataLoader[UUID, Attempt | None]:
        """Attempts by id."""
        return self._one("attempt", attempt_type)

    @cached_property
    def webhook_event(self) -> DataLoader[UUID, WebhookEvent | None]:
        """Webhooks by id."""
        return self._one("webhook_event", webhook_type)

    @cached_property
    def dead_letter(self) -> DataLoader[UUID, DeadLetter | None]:
        """Given-up work by id."""
        return self._one("(SELECT * FROM job WHERE state = 'DEAD') dead", dead_letter_type)

    @cached_property
    def subscriber(self) -> DataLoader[UUID, Subscriber | None]:
        """Subscribers by id."""
        return self._one("subscriber", subscriber_type)

    @cached_property
    def delivery(self) -> DataLoader[UUID, Delivery | None]:
        """Deliveries by id."""
        joined = (
            "(SELECT d.*, s.integration_id FROM delivery d "
            "JOIN subscriber s ON s.id = d.subscriber_id) sent"
        )
        return self._one(joined, delivery_type)

    @cached_property
    def audit_entry(self) -> DataLoader[UUID, AuditEntry | None]:
        """Entries of the audit log by id."""
        return self._one("audit", audit_type)

    @cached_property
    def setup_report(self) -> DataLoader[UUID, SetupReport | None]:
        """Reports of set-ups by id."""
        return self._one("setup_report", setup_report_type)

    @cached_property
    def match_candidate(self) -> DataLoader[UUID, MatchCandidate | None]:
        """Candidates of the take-over by id."""
        return self._one("match_candidate", match_type)
