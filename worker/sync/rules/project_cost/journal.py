"""The journal of Financials: what is read of it, from when, and whether a batch is whole."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal

from schema.models import Reference, Sighting
from schema.words import Side
from worker.checks.cost import Scope, chosen_accounts, has_project, is_due
from worker.context import Context
from worker.mapping.project_cost import amount, batch_key
from worker.sync import sightings
from worker.sync.pull import Source
from worker.vendors.financials import FINANCIALS, operations
from worker.vendors.records import Record

# Batches may be entered before the date that they are for, but hardly longer.
AHEAD = timedelta(days=92)
_LINES = "journalTransactionLines"


def start_of(ctx: Context) -> date:
    """Return the first transaction date that is transferred (Q45)."""
    integration = ctx.integration
    chosen = (integration.options or {}).get("cost_start_from")
    if chosen:
        return date.fromisoformat(str(chosen)[:10])
    if integration.start_from is not None:
        return integration.start_from
    return (integration.activated_at or integration.created_at).date()


def _earliest(ctx: Context) -> str:
    """The journal is always asked since a time; the first time it is one before the start."""
    return f"{start_of(ctx) - AHEAD:%Y-%m-%d}T00:00:00.000"


def _wanted(ctx: Context, row: Record) -> bool:
    return is_due(row) and has_project(row, ctx.references.non_project)


SOURCE = Source(
    side=Side.FINANCIALS,
    endpoint=FINANCIALS["journaltransaction"],
    params={"expandAttachments": True},
    where=_wanted,
    earliest=_earliest,
)


async def scope_of(ctx: Context) -> Scope:
    """Return what the integration takes from the journal (Q6)."""
    rows = await Reference.filter(
        integration_id=ctx.integration.id, side=Side.FINANCIALS.value, kind="account"
    )
    expense = [
        str(row.body.get("accountCD")).strip() for row in rows if row.body.get("type") == "Expense"
    ]
    options = ctx.references.options
    return Scope(
        accounts=chosen_accounts(expense, options.get("cost_accounts")),
        non_project=ctx.references.non_project,
        start=start_of(ctx),
    )


async def due(ctx: Context) -> AsyncIterator[Sighting]:
    """Give the batches that have to be looked at, oldest first."""
    after = None
    while True:
        query = Sighting.filter(
            integration_id=ctx.integration.id,
            side=Side.FINANCIALS.value,
            resource=SOURCE.resource,
            dirty=True,
        )
        if after is not None:
            query = query.filter(id__gt=after)
        rows = await query.order_by("id").limit(100)
        if not rows:
            return
        for row in rows:
            await ctx.breathe()
            yield row
        after = rows[-1].id


async def done(ctx: Context, row: Sighting) -> None:
    """Say that a batch needs nothing more until it changes."""
    async with ctx.transaction():
        await sightings.mark(
            ctx,
            side=Side.FINANCIALS,
            resource=SOURCE.resource,
            keys=[row.external_id],
            dirty=False,
        )


async def look_at_all(ctx: Context) -> None:
    """Make every batch due again: the scope may have changed."""
    async with ctx.transaction():
        await Sighting.filter(
            integration_id=ctx.integration.id,
            side=Side.FINANCIALS.value,
            resource=SOURCE.resource,
        ).update(dirty=True)


async def whole(ctx: Context, body: Record) -> Record:
    """Return a batch with all its lines: pages of the journal count lines and may split one."""
    if _adds_up(body):
        return body
    answer = await ctx.financials.read(
        operations.JOURNAL_READ, path={"journalTransactionNumber": str(body["batchNumber"])}
    )
    # The path knows no module, so another batch of that number may come back.
    if batch_key(answer.body) != batch_key(body):
        return body
    lines = {row.get("lineNumber"): row for row in body.get(_LINES) or ()}
    lines |= {row.get("lineNumber"): row for row in answer.body.get(_LINES) or ()}
    return {**body, _LINES: list(lines.values())}


def _adds_up(body: Record) -> bool:
    rows = body.get(_LINES) or ()
    for side in ("debit", "credit"):
        total = body.get(f"{side}Total")
        found = sum((amount(row, f"{side}Amount") for row in rows), Decimal(0))
        if total is not None and Decimal(str(total)) != found:
            return False
    return True
