"""The fee in Severa: found before it is created, created once, and linked (Q44, Q45)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from schema import database
from schema.models import Attempt, Link, ProjectCost
from schema.words import AttemptState, CostMode, Entity, Side, SyncState
from worker.context import Context
from worker.mapping.project_cost import Fee, fee_body, mode_of, same_fee
from worker.sync import push, report, store
from worker.sync.rules.project_cost import original
from worker.sync.rules.project_cost.errors import CostWaits
from worker.vendors.records import Answer, Record
from worker.vendors.severa import SEVERA, find_amount
from worker.vendors.severa import operations as severa

CREATE = "cost.create"
_TWIN = """
SELECT 1 FROM attempt a JOIN project_cost c ON c.id = a.record_id
WHERE a.integration_id = $1 AND a.purpose = 'cost.create' AND a.state IN ('OPEN', 'UNCERTAIN')
  AND c.id <> $2 AND c.project_id = $3 AND c.date = $4 AND c.unit_cost = $5
  AND c.description = $6 LIMIT 1
"""


@dataclass(slots=True, kw_only=True)
class Shelf:
    """What this step has read of Severa's projects, and what it met on projects unknown there."""

    fees: dict[str, list[Record]] = field(default_factory=dict)
    files: dict[str, list[Record]] = field(default_factory=dict)
    unknown: dict[str, list[Decimal]] = field(default_factory=dict)


def fee_of(ctx: Context, cost: ProjectCost, project_guid: str) -> Fee:
    """Return the fee that a cost becomes; the currency is the base currency (Q6)."""
    return Fee(
        project_guid=project_guid,
        day=cost.date,
        text=cost.description,
        cost=cost.unit_cost,
        price=cost.unit_price,
        currency=cost.currency,
        billable=bool(cost.unit_price)
        or mode_of(ctx.references.options) is CostMode.COSTS_AND_FEES,
    )


async def carry(ctx: Context, cost: ProjectCost, project_guid: str, shelf: Shelf) -> str:
    """Bring one cost to Severa, once; returns what became of it in one word.

    Raises StillUncertain, CostWaits, VendorError.
    """
    fee = fee_of(ctx, cost, project_guid)
    attempts = await _open(cost)
    if attempts:
        push.require_due(ctx, attempts)
        shelf.fees.pop(project_guid, None)
    elif await _twin_in_doubt(ctx, cost):
        raise CostWaits("outcome_unknown", "An equal cost is on its way; they go one at a time.")
    billed = await original.reinvoiced(ctx, cost.compensates_id)
    found = await _unlinked(ctx, fee, await fees_of(ctx, project_guid, shelf))
    if found:
        await _adopt(ctx, cost, found[0], attempts, billed)
        return "updated"
    if attempts:
        await _not_done(ctx, attempts)
    await _create(ctx, cost, fee, billed)
    return "created"


async def _open(cost: ProjectCost) -> list[Attempt]:
    return [item for item in await push.open_attempts(cost.id) if item.purpose == CREATE]


async def _twin_in_doubt(ctx: Context, cost: ProjectCost) -> bool:
    """Two equal taxi receipts are two costs: matching by count needs one in doubt at most."""
    found = await database.rows(
        _TWIN,
        ctx.integration.id,
        cost.id,
        cost.project_id,
        cost.date,
        cost.unit_cost,
        cost.description,
    )
    return bool(found)


async def fees_of(ctx: Context, project_guid: str, shelf: Shelf) -> list[Record]:
    """Return every fee of a project, read once per step."""
    if project_guid not in shelf.fees:
        pages = ctx.severa.pages(SEVERA["project_projectfees"], path={"projectGuid": project_guid})
        shelf.fees[project_guid] = [row async for page in pages for row in page.rows]
    return shelf.fees[project_guid]


async def _unlinked(ctx: Context, fee: Fee, rows: Iterable[Record]) -> list[Record]:
    """Return the equal fees that belong to no cost yet, oldest first."""
    alike = [row for row in rows if same_fee(row, fee)]
    if not alike:
        return []
    links = await Link.filter(
        integration_id=ctx.integration.id,
        side=Side.SEVERA.value,
        entity=Entity.PROJECT_COST.value,
        external_id__in=[str(row["guid"]) for row in alike],
    )
    taken = {link.external_id for link in links}
    free = [row for row in alike if str(row["guid"]) not in taken]
    return sorted(free, key=lambda row: str(row.get("createdDateTime") or ""))


async def _adopt(
    ctx: Context, cost: ProjectCost, body: Record, attempts: list[Attempt], billed: str | None
) -> None:
    """Link a fee that stands there already: ours of a write in doubt, or of the take-over."""
    when = f"{ctx.clock():%H:%M:%S}"
    async with ctx.transaction():
        for attempt in attempts:
            await push.settle(
                ctx,
                attempt,
                state=AttemptState.SUCCEEDED,
                evidence=f"Looked in Severa at {when}, found an equal fee and adopted it.",
                key=str(body["guid"]),
            )
        why = "Found in Severa after doubt." if attempts else "It stood in Severa already."
        await _linked(ctx, cost, body, why, billed)


async def _not_done(ctx: Context, attempts: list[Attempt]) -> None:
    when = f"{ctx.clock():%H:%M:%S}"
    async with ctx.transaction():
        for attempt in attempts:
            await push.settle(
                ctx,
                attempt,
                state=AttemptState.NOT_DONE,
                evidence=f"Looked in Severa at {when}, found nothing.",
            )


async def _create(ctx: Context, cost: ProjectCost, fee: Fee, billed: str | None) -> None:
    async def created(answer: Answer, attempt: Attempt) -> None:
        body = answer.body[0]
        attempt.external_id = str(body["guid"])
        await attempt.save(update_fields=["external_id"])
        await _linked(ctx, cost, body, "Created in Severa.", billed)

    write = push.Write(
        entity=Entity.PROJECT_COST.value,
        record_id=cost.id,
        side=Side.SEVERA,
        purpose=CREATE,
        operation=severa.PROJECT_FEE_CREATE,
        body=fee_body(fee),
        mark=cost.journal_key,
        label=f"create a fee of {fee.cost:f} {fee.currency} in Severa for {cost.journal_key}",
    )
    await push.push(ctx, write, after=created)


async def _linked(
    ctx: Context, cost: ProjectCost, body: Record, reason: str, billed: str | None
) -> None:
    """Bind a cost to its fee, inside the running transaction."""
    guid = str(body["guid"])
    tie = store.Tie(
        entity=Entity.PROJECT_COST.value,
        record_id=cost.id,
        side=Side.SEVERA,
        external_id=guid,
        internal_id=guid,
    )
    await store.tie(ctx, [tie])
    price = find_amount(body.get("unitPrice"), cost.currency)
    values: dict[str, Any] = {
        "unit_price": cost.unit_price if price is None else price,
        "sync_state": SyncState.IN_SYNC,
        "waiting_reason": None,
        "last_synced_at": ctx.clock(),
    }
    shown = ({"field": "severa.externalId", "before": None, "after": guid},)
    why = store.Why(kind="project_cost.transferred", reason=reason, extra=shown)
    await store.save(ctx, cost, values, why=why)
    await report.resolve(ctx, subject=report.subject_of(Entity.PROJECT_COST, cost.id))
    if billed is not None:
        await _warn(ctx, cost, billed)


async def _warn(ctx: Context, cost: ProjectCost, invoice: str) -> None:
    """Say that the corrected cost stands on an invoice already (Q25)."""
    earlier = await ProjectCost.get(id=cost.compensates_id)
    problem = report.Problem(
        code="cost_reinvoiced",
        cause=f"{earlier.description} ({earlier.unit_cost:f} {earlier.currency}) was taken back in "
        f"Financials, but invoice {invoice} of Severa bills it.",
        subject=report.subject_of(Entity.PROJECT_COST, cost.id),
        records=((Entity.PROJECT_COST, cost.id), (Entity.PROJECT_COST, earlier.id)),
    )
    await report.report(ctx, problem)
