"""Loaders of one operation: each relation of a whole page is one statement (P5, P6)."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

from strawberry.dataloader import DataLoader

from gateway.graphql import fresh, history, origin
from gateway.graphql.row_loaders import RowLoaders, loader
from gateway.graphql.setup_loaders import SetupLoaders
from schema import database
from schema.types.attempt import Attempt, attempt_type
from schema.types.base import Link, SyncedRecord, link_type
from schema.types.change import Change
from schema.types.conflict import Conflict, conflict_type
from schema.types.customer import Address, Contact, address_type, contact_type
from schema.types.invoice import (
    Attachment,
    InvoiceRow,
    attachment_type,
    invoice_row_type,
)
from schema.types.issue import Issue, issue_type
from schema.types.page import Connection, Freshness
from schema.types.payment import Payment, PaymentApplication, application_type, payment_type
from schema.types.plan import PlanCount, PlanItem, plan_count_type
from schema.types.project import Project, project_type
from schema.types.provenance import FieldProvenance
from schema.types.reference import ReferenceValue, reference_type
from schema.types.run import SyncStep, step_type
from schema.words import Entity


class RecordLoader:
    """Loads records of any kind by asking the loader of their kind."""

    def __init__(self, loaders: Loaders) -> None:
        self._loaders = loaders

    async def load(self, key: tuple[Entity, UUID]) -> SyncedRecord | None:
        """Load one record; None if it is gone or not for the caller."""
        entity, row_id = key
        loader: DataLoader[UUID, Any] = getattr(self._loaders, entity.value.lower())
        found: SyncedRecord | None = await loader.load(row_id)
        return found


class Loaders(SetupLoaders, RowLoaders):
    """The loaders of one operation, each filtered by what the caller may see (S10)."""

    @cached_property
    def record(self) -> RecordLoader:
        """Records of any kind by kind and id."""
        return RecordLoader(self)

    @cached_property
    def addresses(self) -> DataLoader[UUID, list[Address]]:
        """Addresses by customer."""
        return self._many(
            "SELECT *, customer_id AS parent FROM address WHERE customer_id = ANY($1::uuid[]) "
            "ORDER BY kind",
            address_type,
        )

    @cached_property
    def contacts(self) -> DataLoader[UUID, list[Contact]]:
        """Contacts by customer."""
        return self._many(
            "SELECT *, customer_id AS parent FROM contact WHERE customer_id = ANY($1::uuid[]) "
            "ORDER BY id",
            contact_type,
        )

    @cached_property
    def rows(self) -> DataLoader[UUID, list[InvoiceRow]]:
        """Rows by invoice."""
        return self._many(
            "SELECT *, invoice_id AS parent FROM invoice_row WHERE invoice_id = ANY($1::uuid[]) "
            "ORDER BY position, id",
            invoice_row_type,
        )

    @cached_property
    def attachments(self) -> DataLoader[UUID, list[Attachment]]:
        """Files by record."""
        return self._many(
            "SELECT *, record_id AS parent FROM attachment WHERE record_id = ANY($1::uuid[]) "
            "ORDER BY id",
            attachment_type,
        )

    @cached_property
    def payments(self) -> DataLoader[UUID, list[Payment]]:
        """Payments by invoice."""
        return self._many(
            "SELECT p.*, a.invoice_id AS parent FROM payment_application a "
            "JOIN payment p ON p.id = a.payment_id WHERE a.invoice_id = ANY($1::uuid[]) "
            "ORDER BY p.date, p.id",
            payment_type,
        )

    @cached_property
    def applications(self) -> DataLoader[UUID, list[PaymentApplication]]:
        """Settled invoices by payment."""
        return self._many(
            "SELECT *, payment_id AS parent FROM payment_application "
            "WHERE payment_id = ANY($1::uuid[]) ORDER BY id",
            application_type,
        )

    @cached_property
    def projects_of_invoice(self) -> DataLoader[UUID, list[Project]]:
        """Projects of the header and the rows by invoice."""
        return self._many(
            "SELECT p.*, u.parent FROM ("
            " SELECT id AS parent, project_id FROM invoice WHERE id = ANY($1::uuid[]) "
            " UNION SELECT invoice_id, project_id FROM invoice_row "
            " WHERE invoice_id = ANY($1::uuid[])) u "
            "JOIN project p ON p.id = u.project_id ORDER BY p.number, p.id",
            project_type,
        )

    @cached_property
    def attempts(self) -> DataLoader[UUID, list[Attempt]]:
        """Attempts by record."""
        return self._many(
            "SELECT *, record_id AS parent FROM attempt WHERE record_id = ANY($1::uuid[]) "
            "ORDER BY id",
            attempt_type,
        )

    @cached_property
    def issues(self) -> DataLoader[UUID, list[Issue]]:
        """Issues by record."""
        return self._many(
            "SELECT i.*, r.record_id AS parent FROM issue_record r "
            "JOIN issue i ON i.id = r.issue_id WHERE r.record_id = ANY($1::uuid[]) "
            "ORDER BY i.id DESC",
            issue_type,
        )

    @cached_property
    def conflicts(self) -> DataLoader[UUID, list[Conflict]]:
        """Open conflicts by record."""
        return self._many(
            "SELECT *, record_id AS parent FROM conflict WHERE record_id = ANY($1::uuid[]) "
            "AND resolved_at IS NULL ORDER BY id",
            conflict_type,
        )

    @cached_property
    def links(self) -> DataLoader[UUID, list[Link]]:
        """Links by record."""
        return self._many(
            "SELECT *, record_id AS parent FROM link WHERE record_id = ANY($1::uuid[]) "
            "ORDER BY side DESC",
            link_type,
        )

    @cached_property
    def steps(self) -> DataLoader[UUID, list[SyncStep]]:
        """Steps by run."""
        return self._many(
            "SELECT *, run_id AS parent FROM sync_step WHERE run_id = ANY($1::uuid[]) "
            "ORDER BY position",
            step_type,
        )

    @cached_property
    def plan_counts(self) -> DataLoader[UUID, list[PlanCount]]:
        """Counts of intended writes by plan."""
        return self._many(
            "SELECT plan_id AS parent, entity, side, action, currency, count(*) AS count, "
            "sum(money) AS money FROM plan_item WHERE plan_id = ANY($1::uuid[]) "
            "GROUP BY plan_id, entity, side, action, currency "
            "ORDER BY entity, side, action, currency",
            plan_count_type,
        )

    @cached_property
    def plan_items(self) -> DataLoader[tuple[UUID, int | None, str | None], Connection[PlanItem]]:
        """Pages of intended writes by plan."""
        return loader(history.plan_pages)

    @cached_property
    def issue_records(self) -> DataLoader[UUID, list[SyncedRecord]]:
        """Records by issue."""

        async def load(keys: list[UUID]) -> list[list[SyncedRecord]]:
            rows = await database.rows(
                "SELECT issue_id, entity, record_id FROM issue_record "
                "WHERE issue_id = ANY($1::uuid[]) ORDER BY id",
                keys,
            )
            found = await self._records([(Entity(row["entity"]), row["record_id"]) for row in rows])
            grouped: defaultdict[UUID, list[SyncedRecord]] = defaultdict(list)
            for row, record in zip(rows, found, strict=True):
                if record is not None:
                    grouped[row["issue_id"]].append(record)
            return [grouped.get(key, []) for key in keys]

        return loader(load)

    async def _records(self, keys: Sequence[tuple[Entity, UUID]]) -> list[SyncedRecord | None]:
        return list(await asyncio.gather(*(self.record.load(key) for key in keys)))

    @cached_property
    def reference(self) -> DataLoader[tuple[UUID, str, str], ReferenceValue | None]:
        """Values of Financials' reference data by integration, kind and key."""

        async def load(keys: list[tuple[UUID, str, str]]) -> list[ReferenceValue | None]:
            rows = await database.rows(
                "SELECT integration_id, kind, key, label FROM reference "
                "WHERE side = 'FINANCIALS' AND (integration_id, kind, key) IN "
                "(SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[]))",
                *map(list, zip(*keys, strict=True)),
            )
            found = {
                (row["integration_id"], row["kind"], row["key"]): reference_type(row)
                for row in rows
            }
            return [found.get(key) for key in keys]

        return loader(load)

    @cached_property
    def history(self) -> DataLoader[tuple[UUID, int | None, str | None], Connection[Change]]:
        """Pages of the journal by record."""
        return loader(history.pages)

    @cached_property
    def provenance(self) -> DataLoader[tuple[Entity, UUID], list[FieldProvenance]]:
        """Where the value of each field comes from, by record."""
        return loader(origin.provenance)

    @cached_property
    def freshness(self) -> DataLoader[tuple[UUID | None, Entity], Freshness]:
        """How old data can be, by integration (None for all) and kind of record."""

        async def load(keys: list[tuple[UUID | None, Entity]]) -> list[Freshness]:
            return await fresh.load(
                keys,
                allowed=self.allowed,
                now=self.services.clock(),
                interval=self.services.settings.sync_interval_seconds,
            )

        return loader(load)
