"""The transfer of many invoices: take in what Severa shows and carry each one on."""

import logging
from typing import Any

from tortoise.expressions import Q

from schema import database
from schema.errors import Retryable
from schema.models import Invoice, Sighting
from schema.words import Entity, InvoiceState, Role, Side
from worker.context import Context
from worker.lease import LeaseLost
from worker.sync import report, sightings
from worker.sync.progress import Progress
from worker.sync.pull import Source, pull
from worker.sync.rules.invoice.adopt import PAST
from worker.sync.rules.invoice.advance import advance
from worker.sync.rules.invoice.intake import absorb
from worker.sync.settle import Tally
from worker.vendors.errors import VendorBusy, VendorDenied, VendorDown
from worker.vendors.severa import SEVERA

log = logging.getLogger(__name__)

SOURCE = Source(side=Side.SEVERA, endpoint=SEVERA["invoices"])
# States in which an invoice still has a way to go by itself.
ON_THE_WAY = (
    InvoiceState.READY,
    InvoiceState.WAITING,
    InvoiceState.CHECKED,
    InvoiceState.CREATED,
    InvoiceState.COMPARED,
    InvoiceState.RELEASED,
    InvoiceState.UNCERTAIN,
    InvoiceState.ORPHANED,
)


async def take_in(ctx: Context, *, full: bool, progress: Progress) -> None:
    """Read the invoices to transfer by their status, and whatever else changed since."""
    await take_in_transfer(ctx)
    await pull(ctx, SOURCE, full=full, count=progress.page)
    await absorb_due(ctx)


async def take_in_transfer(ctx: Context) -> None:
    """Read every invoice with the transfer status; times say nothing sure of statuses."""
    guids = [guid for guid, role in ctx.references.status_roles.items() if role is Role.TRANSFER]
    if not guids:
        return
    pages = ctx.severa.pages(SOURCE.endpoint, params={"invoiceStatusGuids": guids})
    async for page in pages:
        rows: list[tuple[str, str | None, dict[str, Any]]] = [
            (row["guid"], None, row) for row in page.rows
        ]
        async with ctx.transaction():
            await sightings.keep(ctx, side=Side.SEVERA, resource=SOURCE.resource, rows=rows)
        await ctx.breathe()


async def absorb_due(ctx: Context) -> None:
    """Store the headers of all due invoices; one that cannot be stored stays due."""
    after = None
    while True:
        query = Sighting.filter(
            integration_id=ctx.integration.id,
            side=Side.SEVERA.value,
            resource=SOURCE.resource,
            dirty=True,
        )
        if after is not None:
            query = query.filter(id__gt=after)
        rows = await query.order_by("id").limit(200)
        if not rows:
            return
        after = rows[-1].id
        for row in rows:
            if await ctx.breathe():
                await row.refresh_from_db()
            if not row.dirty:
                continue
            try:
                await absorb(ctx, row.body)
            except (VendorDenied, LeaseLost, VendorDown, VendorBusy):
                raise
            except Exception as error:
                if database.lost(error):
                    raise
                log.exception("invoice.not_absorbed")
                await _surprise(ctx, f"invoice:{row.external_id}", error)


async def carry(ctx: Context, *, tally: Tally, wait: bool) -> None:
    """Take every invoice that is on its way one stretch further, invoices first."""
    waiting = Q(state__in=ON_THE_WAY) | Q(state=InvoiceState.FAILED, severa_role=Role.TRANSFER)
    # Past the transfer, and not by us: to be adopted, or an alert (Q45, Q51).
    waiting |= Q(state=InvoiceState.DRAFT, severa_role__in=PAST)
    # Invoices go before the credit notes that credit them.
    query = Invoice.filter(waiting, integration_id=ctx.integration.id).order_by("-kind", "id")
    for invoice_id in await query.values_list("id", flat=True):
        await ctx.breathe()
        await tally(await carry_one(ctx, invoice_id, wait=wait))


async def carry_one(ctx: Context, invoice_id: Any, *, wait: bool, asked: bool = False) -> str:
    """Carry one invoice on; a surprise is recorded and does not stop the others.

    Raises VendorDenied, LeaseLost, and VendorDown or VendorBusy, which would meet every invoice.
    """
    invoice = await Invoice.get(id=invoice_id)
    try:
        return await advance(ctx, invoice, asked=asked, wait=wait)
    except (VendorDenied, LeaseLost, VendorDown, VendorBusy):
        raise
    except Retryable as error:
        log.warning("invoice.later invoice=%s why=%s", invoice_id, error)
        return "waiting"
    except Exception as error:
        if database.lost(error):
            raise
        log.exception("invoice.surprise invoice=%s", invoice_id)
        await _surprise(ctx, report.subject_of(Entity.INVOICE, invoice_id), error, invoice_id)
        return "failed"


async def carry_released(ctx: Context, *, tally: Tally) -> None:
    """Number every invoice whose release has been asked for."""
    ids = (
        await Invoice.filter(
            integration_id=ctx.integration.id,
            release_asked_at__isnull=False,
            numbered_at=None,
            cancelled_at=None,
            failed_at=None,
        )
        .order_by("id")
        .values_list("id", flat=True)
    )
    for invoice_id in ids:
        await ctx.breathe()
        await tally(await carry_one(ctx, invoice_id, wait=True))


async def _surprise(ctx: Context, subject: str, error: Exception, invoice_id: Any = None) -> None:
    records = ((Entity.INVOICE, invoice_id),) if invoice_id is not None else ()
    async with ctx.transaction():
        problem = report.Problem(
            code="surprise",
            cause=f"{type(error).__name__}: {error}",
            subject=subject,
            records=records,
        )
        await report.report(ctx, problem)
