"""Further queries: keys, audit, root causes, plans, what waits for a person."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Sequence
from decimal import Decimal
from typing import Any, TypeVar

import strawberry

from gateway.graphql import lists, nodes
from gateway.graphql.connection import Page, load
from gateway.graphql.context import Context
from gateway.graphql.explain import explain
from gateway.graphql.where import Where
from schema import database
from schema.money import loads
from schema.types.access import ApiKey, AuditConnection, AuditEntry, api_key_type
from schema.types.dead_letter import DeadLetter
from schema.types.explanation import Explanation
from schema.types.filters import DeliveryFilter
from schema.types.ids import key_of
from schema.types.issue import Issue, MoneyByCurrency, RootCause, issue_type
from schema.types.page import Connection
from schema.types.plan import Plan, plan_type
from schema.types.reference import StatusRole
from schema.types.scalars import plain
from schema.types.subscriber import Delivery, Subscriber, subscriber_type
from schema.words import Role

T = TypeVar("T")
Info = strawberry.Info[Context, None]


async def gathered(work: Sequence[Awaitable[T]]) -> list[T]:
    """Wait for several loads, so that their loaders share statements."""
    return list(await asyncio.gather(*work))


def parts(found: Connection[Any]) -> dict[str, Any]:
    """Return the fields of a connection, for one with a name of its own."""
    names = ("nodes", "cursors", "has_next", "has_previous", "count", "fresh")
    return {name: getattr(found, name) for name in names}


async def status_roles(context: Context, integration_id: str) -> list[StatusRole]:
    """Return the statuses of an integration in Severa's order, with their roles."""
    key = key_of(integration_id, "Integration")
    integration = await context.loaders.integration.load(key) if key else None
    if integration is None:
        return []
    row = (await database.rows("SELECT status_roles FROM integration WHERE id = $1", key))[0]
    roles = loads(row["status_roles"]) if isinstance(row["status_roles"], str) else {}
    found = await database.rows(
        "SELECT key, label, body FROM reference WHERE integration_id = $1 AND side = 'SEVERA' "
        "AND kind = 'invoicestatuses' ORDER BY (body->>'sortOrder')::numeric NULLS LAST, key",
        key,
    )
    named = {one["key"]: one["label"] for one in found}
    by_status = _by_status(roles or {})
    order = [*named, *(status for status in by_status if status not in named)]
    return [
        StatusRole(status_id=one, status_name=named.get(one), role=by_status.get(one))
        for one in order
    ]


def _by_status(roles: dict[str, Any]) -> dict[str, Role]:
    """Read the stored table in either direction: role to status, or status to role."""
    found: dict[str, Role] = {}
    for left, right in roles.items():
        if left in Role.__members__ and right:
            found[str(right)] = Role(left)
        elif isinstance(right, str) and right in Role.__members__:
            found[left] = Role(right)
    return found


@strawberry.type
class MoreQueries:
    """Queries about keys, audit, causes and plans."""

    @strawberry.field
    async def root_causes(
        self, info: Info, integration_id: strawberry.ID | None = None
    ) -> list[RootCause]:
        """One entry per cause of open issues, the one that frees the most records first."""
        return await _root_causes(info.context, integration_id)

    @strawberry.field
    async def plan(self, info: Info, id: strawberry.ID) -> Plan | None:
        """One plan."""
        found: Plan | None = await nodes.typed(info.context, id, "Plan")
        return found

    @strawberry.field
    async def plan_sync(self, info: Info, integration_id: strawberry.ID) -> Plan | None:
        """The newest plan of a sync, or null; starts nothing."""
        where = Where()
        where.tenant(info.context.principal, integration_id)
        rows = await database.rows(
            f"SELECT t.* FROM plan t WHERE {where.sql} AND t.kind = 'SYNC' "
            "ORDER BY t.id DESC LIMIT 1",
            *where.values,
        )
        return plan_type(rows[0]) if rows else None

    @strawberry.field
    async def explain(self, info: Info, id: strawberry.ID) -> Explanation:
        """Why a record is where it is, what it waits for, and what helps most."""
        return await explain(info.context, id)

    @strawberry.field
    async def dead_letters(
        self,
        info: Info,
        integration_id: strawberry.ID | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[DeadLetter]:
        """Work that was given up, newest first."""
        return await lists.listed(
            info.context,
            lists.DEAD_LETTERS,
            page=Page(first=first, after=after),
            integration_id=integration_id,
        )

    @strawberry.field
    async def subscribers(
        self, info: Info, integration_id: strawberry.ID | None = None
    ) -> list[Subscriber]:
        """The addresses that are told of changes."""
        where = Where()
        where.tenant(info.context.principal, integration_id)
        rows = await database.rows(
            f"SELECT t.* FROM subscriber t WHERE {where.sql} ORDER BY t.id", *where.values
        )
        return [subscriber_type(row) for row in rows]

    @strawberry.field
    async def deliveries(
        self,
        info: Info,
        subscriber_id: strawberry.ID,
        filter: DeliveryFilter | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[Delivery]:
        """What was sent to a subscriber, newest first."""
        where = Where()
        where.tenant(info.context.principal, column="s.integration_id")
        where.reference("t.subscriber_id", subscriber_id, "Subscriber")
        if filter is not None:
            where.one_of("t.state", filter.states)
            where.one_of("t.type", filter.types)
            where.at_least("t.created_at", filter.since)
        page = Page(first=first, after=after)
        return await load(lists.DELIVERIES, where=where, page=page, descending=True)

    @strawberry.field
    async def api_keys(self, info: Info) -> list[ApiKey]:
        """The API keys that reach no further than the caller, newest first."""
        rows = await database.rows("SELECT * FROM api_key ORDER BY id DESC")
        made = [api_key_type(row) for row in rows]
        return [key for key in made if nodes.within(info.context, key.integration_keys)]

    @strawberry.field
    async def audit_log(
        self,
        info: Info,
        integration_id: strawberry.ID | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> AuditConnection:
        """What people and keys did here, newest first."""
        found: Connection[AuditEntry] = await lists.listed(
            info.context,
            lists.AUDIT,
            page=Page(first=first, after=after),
            integration_id=integration_id,
        )
        return AuditConnection(**parts(found))


_CAUSES = """
SELECT t.*, coalesce(r.records, '{}') AS record_ids
FROM issue t
LEFT JOIN LATERAL (
    SELECT array_agg(record_id) AS records FROM issue_record WHERE issue_id = t.id
) r ON TRUE
WHERE t.resolved_at IS NULL AND
"""


async def _root_causes(context: Context, integration_id: str | None) -> list[RootCause]:
    where = Where()
    where.tenant(context.principal, integration_id)
    rows = await database.rows(f"{_CAUSES} {where.sql} ORDER BY t.opened_at, t.id", *where.values)
    ids = list({key for row in rows for key in row["record_ids"]})
    money = {
        row["id"]: (row["currency"], row["total_including_vat"])
        for row in await database.rows(
            "SELECT id, currency, total_including_vat FROM invoice WHERE id = ANY($1::uuid[])", ids
        )
    }
    grouped: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        grouped[(row["code"], row["cause"])].append(row)
    causes = [_cause(group, money) for group in grouped.values()]
    return sorted(causes, key=lambda cause: (-cause.records_freed, cause.oldest))


def _cause(rows: list[dict[str, Any]], money: dict[Any, tuple[str, Decimal]]) -> RootCause:
    issues: list[Issue] = [issue_type(row) for row in rows]
    records = {key for row in rows for key in row["record_ids"]}
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for key in records & money.keys():
        currency, amount = money[key]
        sums[currency] += amount
    first = issues[0]
    return RootCause(
        code=first.code,
        title=first.title,
        cause=first.cause,
        next_step=first.next_step,
        records_freed=len(records),
        money_freed=[
            MoneyByCurrency(currency=currency, amount=plain(amount))
            for currency, amount in sorted(sums.items())
        ],
        oldest=min(issue.opened_at for issue in issues),
        issues=issues,
    )
