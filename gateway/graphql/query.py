"""The queries: thin resolvers that ask a list, a loader or a sum."""

from __future__ import annotations

from typing import TypeVar

import strawberry

from gateway.graphql import lists, more, status
from gateway.graphql.connection import BadPage, Page
from gateway.graphql.context import Context
from gateway.graphql.journal import changes_after
from gateway.graphql.nodes import find, typed
from gateway.graphql.query_records import RecordQueries
from gateway.graphql.query_setup import SetupQueries
from schema.types import filters as f
from schema.types.access import Viewer
from schema.types.attempt import Attempt
from schema.types.base import Node, SyncedRecord
from schema.types.change import Change
from schema.types.conflict import Conflict
from schema.types.ids import write_id
from schema.types.integration import Integration
from schema.types.issue import Issue
from schema.types.number import NumberLedgerConnection, NumberLedgerEntry
from schema.types.page import Connection
from schema.types.reference import StatusRole
from schema.types.run import SyncRun
from schema.types.status import EntitySyncStatus, InvoiceGroup, InvoiceGroupSummary
from schema.types.webhook import WebhookEvent
from schema.words import Entity

Info = strawberry.Info[Context, None]
R = TypeVar("R", bound=SyncedRecord)

NODES = 100


@strawberry.type
class Query(RecordQueries, SetupQueries, more.MoreQueries):
    """Everything that can be read."""

    @strawberry.field
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:
        """Anything by its id; null if there is none or it is not for the caller."""
        return await find(info.context, id)

    @strawberry.field
    async def nodes(self, info: Info, ids: list[strawberry.ID]) -> list[Node | None]:
        """Up to 100 things by their ids, in order."""
        if len(ids) > NODES:
            raise BadPage(f"`ids` has {len(ids)} ids; at most {NODES} are allowed.")
        return list(await more.gathered([find(info.context, one) for one in ids]))

    @strawberry.field
    def viewer(self, info: Info) -> Viewer:
        """The caller."""
        who = info.context.principal
        return Viewer(
            id=write_id("Viewer", who.id),
            name=who.name,
            scopes=sorted(who.scopes),
            sees_all_integrations=who.integration_ids is None,
        )

    @strawberry.field
    async def integrations(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[Integration]:
        """The integrations that the caller may see."""
        page = Page(first=first, after=after)
        return await lists.listed(info.context, lists.INTEGRATIONS, page=page)

    @strawberry.field
    async def integration(self, info: Info, id: strawberry.ID) -> Integration | None:
        """One integration."""
        found: Integration | None = await typed(info.context, id, "Integration")
        return found

    @strawberry.field
    async def invoice_summary(
        self,
        info: Info,
        integration_id: strawberry.ID | None = None,
        filter: f.InvoiceFilter | None = None,
        group_by: list[InvoiceGroup] | None = None,
    ) -> list[InvoiceGroupSummary]:
        """Count and sums of invoices by group; the currency is always one of the groups."""
        return await status.invoice_summary(
            info.context, integration_id=integration_id, given=filter, group_by=group_by
        )

    @strawberry.field
    async def sync_status(
        self, info: Info, integration_id: strawberry.ID | None = None
    ) -> list[EntitySyncStatus]:
        """How every kind of record stands, integration by integration."""
        return await status.sync_status(info.context, integration_id)

    @strawberry.field
    async def sync_runs(
        self,
        info: Info,
        integration_id: strawberry.ID | None = None,
        filter: f.SyncRunFilter | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[SyncRun]:
        """Sync runs, newest first."""
        return await lists.listed(
            info.context,
            lists.RUNS,
            page=Page(first=first, after=after),
            integration_id=integration_id,
            given=filter,
        )

    @strawberry.field
    async def issues(
        self,
        info: Info,
        integration_id: strawberry.ID | None = None,
        filter: f.IssueFilter | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[Issue]:
        """Issues, newest first; solved ones stay in the list."""
        return await lists.listed(
            info.context,
            lists.ISSUES,
            page=Page(first=first, after=after),
            integration_id=integration_id,
            given=filter,
        )

    @strawberry.field
    async def conflicts(
        self,
        info: Info,
        integration_id: strawberry.ID | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[Conflict]:
        """Open conflicts, newest first."""
        return await lists.listed(
            info.context,
            lists.CONFLICTS,
            page=Page(first=first, after=after),
            integration_id=integration_id,
        )

    @strawberry.field
    async def webhook_events(
        self,
        info: Info,
        integration_id: strawberry.ID | None = None,
        filter: f.WebhookEventFilter | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[WebhookEvent]:
        """Received webhooks, newest first."""
        return await lists.listed(
            info.context,
            lists.WEBHOOKS,
            page=Page(first=first, after=after),
            integration_id=integration_id,
            given=filter,
        )

    @strawberry.field
    async def changes(
        self,
        info: Info,
        integration_id: strawberry.ID | None = None,
        entities: list[Entity] | None = None,
        after: str | None = None,
        first: int | None = None,
    ) -> Connection[Change]:
        """The journal, oldest first; the cursors are those of the subscriptions."""
        return await changes_after(
            info.context,
            integration_id=integration_id,
            entities=entities,
            page=Page(first=first, after=after),
        )

    @strawberry.field
    async def attempts(
        self,
        info: Info,
        integration_id: strawberry.ID | None = None,
        filter: f.AttemptFilter | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[Attempt]:
        """Writes to the outside, newest first."""
        return await lists.listed(
            info.context,
            lists.ATTEMPTS,
            page=Page(first=first, after=after),
            integration_id=integration_id,
            given=filter,
        )

    @strawberry.field
    async def status_roles(self, info: Info, integration_id: strawberry.ID) -> list[StatusRole]:
        """The invoice statuses of Severa and what they mean to the transfer."""
        return await more.status_roles(info.context, integration_id)

    @strawberry.field
    async def number_ledger(
        self,
        info: Info,
        integration_id: strawberry.ID,
        first: int | None = None,
        after: str | None = None,
    ) -> NumberLedgerConnection:
        """Document numbers of Financials in their order, and what became of them."""
        found: Connection[NumberLedgerEntry] = await lists.listed(
            info.context,
            lists.NUMBERS,
            page=Page(first=first, after=after),
            integration_id=integration_id,
        )
        return NumberLedgerConnection(**more.parts(found))
