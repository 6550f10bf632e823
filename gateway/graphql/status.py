"""How each kind of record stands, per integration, and sums over invoices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from gateway.graphql import conditions
from gateway.graphql.context import Context
from gateway.graphql.where import Where
from schema import database
from schema.types.filters import InvoiceFilter
from schema.types.status import (
    EntitySyncState,
    EntitySyncStatus,
    InvoiceGroup,
    InvoiceGroupSummary,
)
from schema.words import Entity, InvoiceState, SyncRunState

_TABLES = {entity: entity.value.lower() for entity in Entity}

_COUNTS = " UNION ALL ".join(
    f"SELECT integration_id, '{entity.value}' AS entity, sync_state, count(*) AS n FROM {table} t "
    "WHERE integration_id = ANY($1::uuid[]) GROUP BY integration_id, sync_state"
    for entity, table in _TABLES.items()
)
_LATEST = """
SELECT i.id AS integration_id, s.entity, s.state, s.started_at, s.finished_at, r.state AS run_state
FROM unnest($1::uuid[]) AS i(id)
CROSS JOIN LATERAL (
    SELECT id, state FROM sync_run WHERE integration_id = i.id AND state <> 'SKIPPED'
    ORDER BY id DESC LIMIT 20
) r
JOIN sync_step s ON s.run_id = r.id WHERE s.entity IS NOT NULL ORDER BY r.id DESC, s.position DESC
"""
_CHECKPOINTS = """
SELECT integration_id, side, resource, completed_at FROM checkpoint
WHERE integration_id = ANY($1::uuid[]) AND completed_at IS NOT NULL
"""
_GOOD = ("SUCCEEDED", "SUCCEEDED_WITH_ISSUES")
_PENDING = ("PENDING", "WAITING")
_BLOCKED = ("BLOCKED", "CONFLICT", "UNCERTAIN")
# How the lists of the vendors are named, by the kind of record that they bring.
_WORDS = (
    ("cost", Entity.PROJECT_COST),
    ("fee", Entity.PROJECT_COST),
    ("journal", Entity.PROJECT_COST),
    ("supplier", Entity.PROJECT_COST),
    ("payment", Entity.PAYMENT),
    ("invoice", Entity.INVOICE),
    ("creditnote", Entity.INVOICE),
    ("project", Entity.PROJECT),
    ("case", Entity.PROJECT),
    ("customer", Entity.CUSTOMER),
    ("contact", Entity.CUSTOMER),
    ("inventory", Entity.PRODUCT),
    ("product", Entity.PRODUCT),
    ("worktype", Entity.PRODUCT),
    ("travel", Entity.PRODUCT),
)


async def sync_status(context: Context, integration_id: str | None) -> list[EntitySyncStatus]:
    """Work out where every kind of record stands, in a number of statements that never grows."""
    where = Where()
    where.tenant(context.principal, integration_id, column="t.id")
    integrations = await database.rows(
        f"SELECT t.* FROM integration t WHERE {where.sql} ORDER BY t.id", *where.values
    )
    keys = [row["id"] for row in integrations]
    counts = await _counts(keys)
    steps = await _steps(keys)
    checkpoints = await _checkpoints(keys)
    return [
        await _status(context, row, entity, counts, steps, checkpoints)
        for row in integrations
        for entity in Entity
    ]


async def _counts(keys: list[UUID]) -> dict[tuple[UUID, str], dict[str, int]]:
    found: defaultdict[tuple[UUID, str], dict[str, int]] = defaultdict(dict)
    for row in await database.rows(_COUNTS, keys):
        found[(row["integration_id"], row["entity"])][row["sync_state"]] = row["n"]
    return found


async def _steps(keys: list[UUID]) -> dict[tuple[UUID, str], list[dict[str, Any]]]:
    found: defaultdict[tuple[UUID, str], list[dict[str, Any]]] = defaultdict(list)
    for row in await database.rows(_LATEST, keys):
        found[(row["integration_id"], row["entity"])].append(row)
    return found


async def _checkpoints(keys: list[UUID]) -> dict[tuple[UUID, str], datetime]:
    found: dict[tuple[UUID, str], datetime] = {}
    for row in await database.rows(_CHECKPOINTS, keys):
        name = row["resource"].lower().replace("_", "").replace("-", "")
        entity = next((entity for word, entity in _WORDS if word in name), None)
        if entity is not None:
            key = (row["integration_id"], entity.value)
            found[key] = max(found.get(key, row["completed_at"]), row["completed_at"])
    return found


async def _status(
    context: Context,
    row: dict[str, Any],
    entity: Entity,
    counts: dict[tuple[UUID, str], dict[str, int]],
    steps: dict[tuple[UUID, str], list[dict[str, Any]]],
    checkpoints: dict[tuple[UUID, str], datetime],
) -> EntitySyncStatus:
    key = (row["id"], entity.value)
    numbers = counts.get(key, {})
    mine = steps.get(key, [])
    good = [step["finished_at"] for step in mine if step["state"] in _GOOD and step["finished_at"]]
    paused = row["state"] != "ACTIVE"
    return EntitySyncStatus(
        integration_key=row["id"],
        entity=entity,
        state=EntitySyncState.PAUSED if row["state"] == "PAUSED" else _state(mine),
        last_success_at=max(good, default=None),
        checkpoint_at=checkpoints.get(key),
        next_run_at=None if paused else row["next_tick_at"],
        total=sum(numbers.values()),
        pending=sum(numbers.get(state, 0) for state in _PENDING),
        blocked=sum(numbers.get(state, 0) for state in _BLOCKED),
        freshness=await context.loaders.freshness.load((row["id"], entity)),
    )


def _state(steps: Sequence[dict[str, Any]]) -> EntitySyncState:
    """Return the state of the newest step; one that only waits does not hide what runs."""
    running = [step for step in steps if step["state"] == SyncRunState.RUNNING]
    if running:
        return EntitySyncState.RUNNING
    done = [step for step in steps if step["state"] in EntitySyncState.__members__]
    return EntitySyncState(done[0]["state"]) if done else EntitySyncState.NEVER_RUN


_GROUPS = {
    InvoiceGroup.STATE: "t.state",
    InvoiceGroup.CURRENCY: "t.currency",
    InvoiceGroup.MONTH: "date_trunc('month', t.date)::date",
    InvoiceGroup.CUSTOMER: "t.customer_id",
}
_NAMES = {
    InvoiceGroup.STATE: "state",
    InvoiceGroup.CURRENCY: "currency",
    InvoiceGroup.MONTH: "month",
    InvoiceGroup.CUSTOMER: "customer_id",
}
_SUMS = ("total_excluding_vat", "total_vat", "total_including_vat", "paid_amount", "balance")


async def invoice_summary(
    context: Context,
    *,
    integration_id: str | None,
    given: InvoiceFilter | None,
    group_by: Sequence[InvoiceGroup] | None,
) -> list[InvoiceGroupSummary]:
    """Count and sum invoices by group; amounts of two currencies are never added."""
    where = Where()
    where.tenant(context.principal, integration_id)
    if given is not None:
        conditions.invoices(where, given, context.services.clock().date())
    groups = [one for one in InvoiceGroup if one in (group_by or ()) or one == "CURRENCY"]
    columns = ", ".join(f"{_GROUPS[one]} AS {_NAMES[one]}" for one in groups)
    sums = ", ".join(
        f"sum(CASE WHEN t.kind = 'CREDIT_NOTE' THEN -abs(t.{one}) ELSE t.{one} END) AS {one}"
        for one in _SUMS
    )
    numbers = ", ".join(str(place + 1) for place in range(len(groups)))
    rows = await database.rows(
        f"SELECT {columns}, count(*) AS n, {sums} FROM invoice t WHERE {where.sql} "
        f"GROUP BY {numbers} ORDER BY {numbers}",
        *where.values,
    )
    return [_summary(row) for row in rows]


def _summary(row: dict[str, Any]) -> InvoiceGroupSummary:
    state = row.get("state")
    return InvoiceGroupSummary(
        customer_key=row.get("customer_id"),
        state=InvoiceState(state) if state else None,
        currency=row["currency"],
        month=row.get("month"),
        count=row["n"],
        **{name: row[name] for name in _SUMS},
    )
