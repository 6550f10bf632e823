"""Planning: the same pull and merge as a run, with every intended write listed instead of done.

Because a run and a plan share one engine, the preview and the real thing cannot disagree.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from schema.models import Invoice, Link, Plan, PlanItem
from schema.words import Entity, PlanAction, PlanState, Role, Side
from worker.context import Context
from worker.mapping.convert import CannotMap
from worker.sync import reference, store
from worker.sync.flow import Case, Flow
from worker.sync.gather import batch_of
from worker.sync.merge import Merged
from worker.sync.pull import pull
from worker.sync.rules import customer, product, project
from worker.sync.rules.invoice import intake, rows, transfer
from worker.sync.rules.invoice.check import check
from worker.sync.rules.invoice.errors import InvoiceRefused, InvoiceWaits
from worker.sync.rules.invoice.naming import name_of
from worker.sync.settle import merged_of
from worker.vendors.errors import RecordMissing
from worker.vendors.severa import SEVERA

FLOWS = (product.FLOW, customer.FLOW, project.FLOW)
SUCCEEDS = "will succeed"
FAILS = "will fail again"
THERE = "already there"
NOT_NOW = "not allowed now"


async def plan_sync(ctx: Context, plan: Plan) -> None:
    """List what the next sync would create, change and renumber on each side."""
    items: list[PlanItem] = []
    await reference.refresh(ctx)
    await reference.settle_roles(ctx)
    for flow in FLOWS:
        for source in flow.sources:
            await pull(ctx, source, count=_quiet)
        ctx.references = await reference.load(ctx)
        items += await _flow_items(ctx, plan, flow)
    items += await _invoice_items(ctx, plan)
    await _store(ctx, plan, items)


async def _quiet(rows: int, changed: int) -> None:
    """Count nothing."""


async def _flow_items(ctx: Context, plan: Plan, flow: Flow) -> list[PlanItem]:
    items: list[PlanItem] = []
    after = None
    while (batch := await batch_of(ctx, flow, after=after)) is not None:
        after = batch.last
        for item in batch.unclear:
            label = flow.label(Case(seen={item.seen.side: item.seen}))
            cause = f"It cannot be matched: {item.cause}."
            side = item.seen.side.other
            items.append(_item(plan, flow, label, side, PlanAction.REFUSE, cause=cause))
        for case in batch.cases:
            items += await _case_items(ctx, plan, flow, case)
    return items


async def _case_items(ctx: Context, plan: Plan, flow: Flow, case: Case) -> list[PlanItem]:
    if case.record is None and flow.skip(ctx, case) is not None:
        return []
    label = flow.label(case)
    record_id = None if case.record is None else case.record.id
    try:
        merged = await merged_of(ctx, flow, case)
    except CannotMap as error:
        return [_item(plan, flow, label, Side.SEVERA, PlanAction.REFUSE, cause=error.cause)]
    items = [
        _item(
            plan,
            flow,
            label,
            side,
            action,
            record_id=record_id,
            fields=_changes(flow, case, merged, side),
        )
        for side in Side
        if (action := _action(ctx, flow, case, merged, side)) is not None
    ]
    items += [
        _item(plan, flow, label, Side.FINANCIALS, PlanAction.REFUSE, cause=error.cause)
        for error in merged.failures
    ]
    return items


def _action(ctx: Context, flow: Flow, case: Case, merged: Merged, side: Side) -> PlanAction | None:
    if side not in case.seen:
        creates = side not in case.links and flow.skip(ctx, case) is None and not merged.failures
        return PlanAction.CREATE if creates else None
    wanted = merged.writes[side]
    if not wanted:
        return None
    if "number" in wanted:
        return PlanAction.RENUMBER
    inactive = wanted.get("status") in ("Completed", "Cancelled")
    if inactive or wanted.get("is_active") in (False, "Inactive"):
        return PlanAction.INACTIVATE
    return PlanAction.UPDATE


def _changes(flow: Flow, case: Case, merged: Merged, side: Side) -> list[dict[str, Any]]:
    there: Mapping[str, Any] = flow.form(case, side) or {}
    table = flow.model._meta.db_table
    return [
        {
            "field": store.shown_name(table, name),
            "before": store.text(there.get(name)),
            "after": store.text(value),
        }
        for name, value in merged.writes[side].items()
    ]


def _item(
    plan: Plan,
    flow: Flow,
    label: str,
    side: Side,
    action: PlanAction,
    *,
    record_id: UUID | None = None,
    fields: list[dict[str, Any]] | None = None,
    cause: str | None = None,
) -> PlanItem:
    return PlanItem(
        plan_id=plan.id,
        position=0,
        entity=flow.entity,
        record_id=record_id,
        label=label,
        side=side,
        action=action,
        fields_changed=fields or [],
        cause=cause,
    )


async def _invoice_items(ctx: Context, plan: Plan) -> list[PlanItem]:
    """List the invoices with the transfer status; their customers may not be there yet."""
    guids = [guid for guid, role in ctx.references.status_roles.items() if role is Role.TRANSFER]
    if not guids:
        return []
    items = []
    pages = ctx.severa.pages(SEVERA["invoices"], params={"invoiceStatusGuids": guids})
    async for page in pages:
        for body in page.rows:
            items.append(await _invoice_item(ctx, plan, body))
    return items


async def _invoice_item(ctx: Context, plan: Plan, body: dict[str, Any]) -> PlanItem:
    payer = body.get("billingCustomer") or body["customer"]
    linked = await Link.exists(
        integration_id=ctx.integration.id,
        side=Side.SEVERA.value,
        entity="CUSTOMER",
        internal_id=str(payer["guid"]),
    )
    total = body["totalIncludingTax"]
    item = PlanItem(
        plan_id=plan.id,
        position=0,
        entity=Entity.INVOICE,
        label=f"Invoice of {body['date']} to {payer.get('name')}",
        side=Side.FINANCIALS,
        action=PlanAction.CREATE,
        money=Decimal(str(total.get("amount") or 0)),
        currency=(body.get("currency") or {}).get("code") or total.get("currencyCode"),
        fields_changed=[],
    )
    if linked:
        invoice = await intake.absorb(ctx, body)
        item.record_id = invoice.id
        await _forecast(ctx, invoice, item)
    return item


async def plan_retry(ctx: Context, plan: Plan) -> None:
    """Forecast for each chosen invoice what a retry would do, and the money it concerns."""
    items = []
    for text in (plan.selection or {}).get("invoice_ids") or ():
        await ctx.breathe()
        invoice = await Invoice.get_or_none(id=UUID(text), integration_id=ctx.integration.id)
        if invoice is not None:
            items.append(await _retry_item(ctx, plan, invoice))
    await _store(ctx, plan, items)


async def _retry_item(ctx: Context, plan: Plan, invoice: Invoice) -> PlanItem:
    item = PlanItem(
        plan_id=plan.id,
        position=0,
        entity=Entity.INVOICE,
        record_id=invoice.id,
        label=name_of(invoice),
        side=Side.FINANCIALS,
        action=PlanAction.CREATE,
        money=invoice.total_including_vat,
        currency=invoice.currency,
        fields_changed=[],
    )
    try:
        await intake.absorb(ctx, await intake.read_header(ctx, invoice.severa_id))
    except RecordMissing as error:
        return _said(item, NOT_NOW, f"It is gone from Severa: {error.message}")
    await invoice.refresh_from_db()
    if invoice.numbered_at is not None or invoice.released_at is not None:
        item.action, item.forecast = PlanAction.NOTHING, THERE
        return item
    if invoice.severa_role not in (Role.FAILED, Role.TRANSFER):
        return _said(
            item, NOT_NOW, f"Severa shows the status {invoice.severa_status_name or 'none'}."
        )
    await _forecast(ctx, invoice, item)
    return item


async def _forecast(ctx: Context, invoice: Invoice, item: PlanItem) -> None:
    try:
        digest = await rows.read_rows(ctx, invoice)
        if digest == invoice.refused_digest:
            raise InvoiceRefused(
                "already_refused", f"{name_of(invoice)} is unchanged since it was refused."
            )
        await check(ctx, invoice)
    except InvoiceRefused as error:
        _said(item, FAILS, error.cause, error.next_step)
    except InvoiceWaits as error:
        _said(item, NOT_NOW, error.cause, error.next_step)
    else:
        item.forecast = SUCCEEDS


def _said(item: PlanItem, forecast: str, cause: str, next_step: str | None = None) -> PlanItem:
    said = {"forecast": forecast, "cause": cause, "next_step": next_step}
    return item.update_from_dict({"action": PlanAction.REFUSE, **said})


async def execute_retry(ctx: Context, plan: Plan) -> None:
    """Retry every invoice of a plan that may succeed; one failure does not stop the others."""
    for item in await PlanItem.filter(plan_id=plan.id, outcome=None).order_by("position"):
        await ctx.breathe()
        item.outcome = await _carry_out(ctx, item)
        async with ctx.transaction():
            await item.save(update_fields=["outcome"])


async def _carry_out(ctx: Context, item: PlanItem) -> str:
    if item.forecast in (THERE, NOT_NOW) or item.record_id is None:
        return item.forecast or NOT_NOW
    invoice = await Invoice.get(id=item.record_id)
    await intake.absorb(ctx, await intake.read_header(ctx, invoice.severa_id))
    await transfer.carry_one(ctx, invoice.id, wait=True, asked=True)
    await invoice.refresh_from_db()
    return str(invoice.state.value)


async def _store(ctx: Context, plan: Plan, items: list[PlanItem]) -> None:
    for position, item in enumerate(items):
        item.position = position
    async with ctx.transaction():
        await PlanItem.filter(plan_id=plan.id).delete()
        await PlanItem.bulk_create(items, batch_size=500)
        plan.state, plan.finished_at = PlanState.READY, ctx.clock()
        await plan.save()
