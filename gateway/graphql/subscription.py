"""The subscriptions: what the hub sends, as the API shows it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from functools import partial
from typing import Any
from uuid import UUID

import strawberry

from gateway.graphql import conditions
from gateway.graphql.context import Context
from gateway.graphql.follow_issues import follow_issues
from gateway.graphql.hub import Event, Wanted
from gateway.graphql.journal import followed
from gateway.graphql.progress import follow_plan, follow_runs
from gateway.graphql.where import Where
from schema import database
from schema.journal import read_cursor
from schema.types import filters as f
from schema.types.change import SNAPSHOT, Change, mark
from schema.types.invoice import InvoiceChange, invoice_type
from schema.types.issue import IssueChange
from schema.types.plan import Plan
from schema.types.run import SyncRun
from schema.words import Entity, InvoiceState

Info = strawberry.Info[Context, None]


def _place(after: str | None) -> int | None:
    return None if after is None else read_cursor(after)


@strawberry.type
class Subscription:
    """What can be followed live."""

    @strawberry.subscription
    async def sync_progress(
        self, info: Info, integration_id: strawberry.ID | None = None
    ) -> AsyncGenerator[SyncRun, None]:
        """The running sync run, or the last one; then again with every step forward."""
        async for run in follow_runs(info.context, integration_id):
            yield run

    @strawberry.subscription
    async def plan_progress(self, info: Info, id: strawberry.ID) -> AsyncGenerator[Plan, None]:
        """A plan as it is; then again whenever its state changes."""
        async for plan in follow_plan(info.context, id):
            yield plan

    @strawberry.subscription
    async def invoice_changed(
        self,
        info: Info,
        integration_id: strawberry.ID | None = None,
        filter: f.InvoiceFilter | None = None,
        after: str | None = None,
    ) -> AsyncGenerator[InvoiceChange, None]:
        """Every change of an invoice that fits the filter now; `after` goes on from a cursor."""
        context = info.context
        wanted = Wanted(
            integrations=followed(context, integration_id), entities=frozenset({Entity.INVOICE})
        )
        async for event in context.services.hub.follow(wanted, after=_place(after)):
            if filter is not None and not await _fits(context, filter, event):
                continue
            change = await event.once("invoice", partial(_invoice_change, event))
            if change is not None:
                yield change

    @strawberry.subscription
    async def changes(
        self,
        info: Info,
        integration_id: strawberry.ID | None = None,
        entities: list[Entity] | None = None,
        after: str | None = None,
    ) -> AsyncGenerator[Change, None]:
        """A snapshot with the present cursor, then every change, and heartbeats at rest.

        With `after` it goes on right behind that cursor, without gap or repeat and without a
        snapshot.
        """
        context, hub = info.context, info.context.services.hub
        place = _place(after)
        if place is None:
            place = await hub.now()
            yield mark(SNAPSHOT, position=place, at=hub.clock())
        wanted = Wanted(
            integrations=followed(context, integration_id),
            entities=frozenset(entities) if entities else None,
            heartbeats=True,
        )
        async for event in hub.follow(wanted, after=place):
            event.change.memo = event.made
            yield event.change

    @strawberry.subscription
    async def issue_changed(
        self, info: Info, integration_id: strawberry.ID | None = None, after: str | None = None
    ) -> AsyncGenerator[IssueChange, None]:
        """Every issue that is opened, met again, closed or dismissed."""
        async for change in follow_issues(info.context, integration_id, after):
            yield change


async def _invoice_change(event: Event) -> InvoiceChange | None:
    rows = await database.rows("SELECT * FROM invoice WHERE id = $1", event.row["record_id"])
    if not rows:
        return None
    before = event.row["previous_state"]
    change = InvoiceChange(
        cursor=event.change.cursor,
        invoice=invoice_type(rows[0]),
        previous_state=InvoiceState(before) if before in InvoiceState.__members__ else None,
    )
    change.memo = event.made
    return change


async def _fits(context: Context, given: f.InvoiceFilter, event: Event) -> bool:
    key = ("fits", repr(given))

    async def look() -> bool:
        where = Where()
        where.add("t.id = ?", event.row["record_id"])
        conditions.invoices(where, given, context.services.clock().date())
        found = await database.rows(f"SELECT 1 FROM invoice t WHERE {where.sql}", *where.values)
        return bool(found)

    fits: bool = await event.once(key, look)
    return fits


Key = tuple[UUID, Any]
