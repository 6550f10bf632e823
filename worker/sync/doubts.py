"""Doubts: every attempt whose outcome nobody knows is looked up in the end, whoever left it.

A record on its way looks up its own attempts before it writes again. This step finds those that no
record would come across: of invoices that are numbered, and of registers that rest.
"""

from uuid import UUID

from schema import database
from schema.models import Attempt, Invoice, Link
from schema.words import AttemptState, Entity, Side
from worker.context import Context
from worker.sync import push
from worker.sync.flow import Flow
from worker.sync.rules import contact, customer, payment, product, project
from worker.sync.rules.invoice import draft, intake, transfer
from worker.sync.settle import Tally
from worker.vendors.errors import OutcomeUnknown, RecordMissing

_FLOWS = {flow.name: flow for flow in (customer.FLOW, contact.FLOW, product.FLOW, project.FLOW)}
_DUE = """
SELECT DISTINCT entity, record_id FROM attempt
WHERE integration_id = $1 AND state IN ('OPEN', 'UNCERTAIN') AND look_after <= $2
ORDER BY record_id
"""
_WAKE = """
UPDATE sighting SET dirty = true
WHERE integration_id = $1 AND side = $2 AND resource = ANY($3::text[]) AND external_id = $4
"""


async def settle_left(ctx: Context, *, tally: Tally) -> None:
    """Look up what is due, or wake the record that does it."""
    for row in await database.rows(_DUE, ctx.integration.id, ctx.clock()):
        await ctx.breathe()
        record_id = UUID(str(row["record_id"]))
        if row["entity"] == Entity.INVOICE.value:
            await tally(await _invoice(ctx, record_id))
        elif row["entity"] in _FLOWS:
            await _wake(ctx, _FLOWS[row["entity"]], record_id)


async def _invoice(ctx: Context, record_id: UUID) -> str:
    invoice = await Invoice.get_or_none(id=record_id)
    if invoice is None:
        await _close(ctx, record_id, "its invoice is gone")
        return "unchanged"
    resting = invoice.numbered_at or invoice.cancelled_at or invoice.out_of_scope
    if not resting:
        return await transfer.carry_one(ctx, record_id, wait=False)
    attempts = await push.open_attempts(record_id)
    try:
        await intake.absorb(ctx, await intake.read_header(ctx, invoice.severa_id))
    except RecordMissing:
        pass
    await invoice.refresh_from_db()
    await draft.look_up(ctx, invoice, attempts)
    if invoice.numbered_at is None or invoice.cancelled_at is not None:
        return "updated"
    try:
        await payment.settle_invoice(ctx, invoice)
    except (OutcomeUnknown, push.StillUncertain):
        return "waiting"
    return "updated"


async def _wake(ctx: Context, flow: Flow, record_id: UUID) -> None:
    """Make a record of a register due: its next settling begins with its doubts."""
    links = await Link.filter(record_id=record_id)
    if not links:
        await _close(ctx, record_id, "nothing is linked to it")
        return
    async with ctx.transaction():
        for link in links:
            resources = list(flow.resources[Side(link.side)])
            await database.execute(
                _WAKE, ctx.integration.id, link.side, resources, str(link.internal_id)
            )


async def _close(ctx: Context, record_id: UUID, why: str) -> None:
    attempts: list[Attempt] = await push.open_attempts(record_id)
    evidence = f"Looked again at {ctx.clock():%H:%M:%S}: {why}."
    async with ctx.transaction():
        for attempt in attempts:
            await push.settle(ctx, attempt, state=AttemptState.NOT_DONE, evidence=evidence)
