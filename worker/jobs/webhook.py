"""Handling received webhooks: a doorbell says where to look; the truth is read from the vendor.

All waiting events of an integration are handled together, so that many about one record are one
look (W10), in whatever order they came.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from schema import database
from schema.models import WebhookEvent
from schema.words import Side, WebhookEventState
from worker.context import Context, Stopping
from worker.lease import LeaseLost
from worker.sync import reference, registers
from worker.sync.flow import Flow
from worker.sync.pull import pull
from worker.sync.rules import customer, payment, product, project
from worker.sync.rules.invoice import intake, transfer
from worker.sync.settle import settle
from worker.vendors.errors import RecordMissing, VendorDenied

_WAITING = (WebhookEventState.RECEIVED, WebhookEventState.QUEUED)
STATUS_CHANGED = "invoice.status_changed"
Wake = Callable[[Context], Awaitable[None]]


async def handle(ctx: Context, *, event_id: UUID) -> None:
    """Handle one event together with everything else that waits for this integration."""
    event = await WebhookEvent.get_or_none(id=event_id)
    if event is None:
        return
    # An event of no known company has one job per integration, and each of them looks.
    if event.state not in _WAITING and event.integration_id is not None:
        return
    query = WebhookEvent.filter(state__in=_WAITING, side=event.side)
    if event.integration_id is None:
        events = [event]
    else:
        events = await query.filter(integration_id=ctx.integration.id).order_by("id").limit(500)
    ctx.actor = "webhook"
    if not await registers.read_once(ctx):
        await _leave_to_the_first_run(ctx, events)
        return
    for target, group in _grouped(events).items():
        await ctx.breathe()
        await _handle_group(ctx, target, group)


async def _leave_to_the_first_run(ctx: Context, events: list[WebhookEvent]) -> None:
    """Ask for a run: before the registers were read once, nobody can say what is already there.

    It reads every invoice that waits, so nothing of what the events told is lost.
    """
    async with ctx.transaction():
        await registers.ask_for_a_run(ctx)
        await WebhookEvent.filter(id__in=[event.id for event in events]).update(
            state=WebhookEventState.PROCESSED,
            handled_at=ctx.clock(),
            reason="Left to the first sync, which reads everything.",
        )


def _grouped(events: list[WebhookEvent]) -> dict[tuple[str, str], list[WebhookEvent]]:
    groups: dict[tuple[str, str], list[WebhookEvent]] = {}
    for event in events:
        groups.setdefault(_target(event), []).append(event)
    return groups


def _target(event: WebhookEvent) -> tuple[str, str]:
    """Return what an event points to: one Severa invoice, or a register to poll."""
    if event.side is Side.FINANCIALS:
        return ("poll", _register(event.type))
    guid = _body(event).get("data", {}).get("invoiceGuid")
    if event.type == STATUS_CHANGED and isinstance(guid, str) and guid:
        return ("invoice", guid)
    return ("poll", "transfer")


def _body(event: WebhookEvent) -> dict[str, Any]:
    try:
        body = json.loads(event.body)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(body, dict):
        return {}
    if not isinstance(body.get("data"), dict):
        body["data"] = {}
    return body


def _register(kind: str) -> str:
    word = kind.casefold()
    for name in ("customer", "inventory", "project"):
        if word.startswith(name) or f" {name}" in word or word.startswith(f"pm {name}"):
            return name
    return "documents" if word.startswith(("ar ", "background")) else "nothing"


async def _handle_group(ctx: Context, target: tuple[str, str], events: list[WebhookEvent]) -> None:
    kind, name = target
    try:
        reason = await (_invoice(ctx, name) if kind == "invoice" else _poll(ctx, name))
    except (LeaseLost, Stopping, VendorDenied):
        raise
    except RecordMissing as error:
        await _close(ctx, events, WebhookEventState.FAILED, error.message)
        return
    except Exception as error:
        if database.lost(error):
            raise
        await WebhookEvent.filter(id__in=[event.id for event in events]).update(
            state=WebhookEventState.QUEUED
        )
        raise
    ignored = kind == "poll" and events[0].side is Side.SEVERA
    state = WebhookEventState.IGNORED if ignored else WebhookEventState.PROCESSED
    await _close(ctx, events, state, reason)


async def _close(
    ctx: Context, events: list[WebhookEvent], state: WebhookEventState, reason: str | None
) -> None:
    # A reason that the intake gave, as for a conflict, stays unless there is a newer one (W9).
    told = {} if reason is None else {"reason": reason}
    async with ctx.transaction():
        await WebhookEvent.filter(id__in=[event.id for event in events]).update(
            state=state, handled_at=ctx.clock(), **told
        )


async def _invoice(ctx: Context, guid: str) -> str | None:
    await _roles(ctx)
    record = await intake.absorb(ctx, await intake.read_header(ctx, guid))
    await transfer.carry_one(ctx, record.id, wait=True)
    return None


async def _roles(ctx: Context) -> None:
    if not ctx.references.status_roles:
        await reference.refresh(ctx)
        await reference.settle_roles(ctx)
        ctx.references = await reference.load(ctx)


async def _poll(ctx: Context, name: str) -> str | None:
    work = _POLLS.get(name)
    if work is None:
        return "This kind of event concerns nothing that is kept in step."
    await _roles(ctx)
    await work(ctx)
    return f"Polled: {name}."


async def _transfer(ctx: Context) -> None:
    await transfer.take_in_transfer(ctx)
    await transfer.absorb_due(ctx)
    await transfer.carry(ctx, tally=_nobody, wait=True)


async def _documents(ctx: Context) -> None:
    await pull(ctx, payment.DOCUMENTS, count=_no_page)
    await pull(ctx, payment.PAYMENTS, count=_no_page)
    await payment.settle_payments(ctx, tally=_nobody)
    await payment.settle_documents(ctx, tally=_nobody)
    await transfer.carry_released(ctx, tally=_nobody)


def _settles(flow: Flow) -> Wake:
    async def work(ctx: Context) -> None:
        for source in flow.sources:
            if source.side is Side.FINANCIALS:
                await pull(ctx, source, count=_no_page)
        await settle(ctx, flow, tally=_nobody)

    return work


async def _nobody(word: str) -> None:
    """Count nothing: a webhook has no run."""


async def _no_page(rows: int, changed: int) -> None:
    """Count nothing: a webhook has no run."""


_POLLS: dict[str, Wake] = {
    "transfer": _transfer,
    "documents": _documents,
    "customer": _settles(customer.FLOW),
    "inventory": _settles(product.FLOW),
    "project": _settles(project.FLOW),
}
