"""Needing: bring in one record at once because another one depends on it."""

from schema.models import Link
from schema.words import Side
from worker.context import Context
from worker.sync import sightings
from worker.sync.flow import Case, Flow, Seen
from worker.sync.gather import case_of
from worker.sync.merged import merged_of
from worker.sync.pull import pull
from worker.sync.settle import save_local, settle_one
from worker.vendors.errors import RecordMissing
from worker.vendors.severa import SEVERA
from worker.vendors.severa import operations as severa


class NeededMissing(RecordMissing):
    """A record that another one depends on is gone."""

    code = "missing_record"


async def need(ctx: Context, flow: Flow, *, side: Side, resource: str, key: str) -> Case:
    """Return the case of a Severa record with its unified record, reading it when it is new.

    A record without a twin is made on the other side, but only after a look at everything that is
    there now: a webhook may come long before the next run, or before the very first one. Where the
    twin is unclear the record stands on its own here, until a person decides (Q14, Q29).
    Raises VendorError when it cannot be read.
    """
    case = await case_of(ctx, flow, side=side, resource=resource, key=key)
    if case is None and await sightings.find(ctx, side=side, resource=resource, key=key) is None:
        await _read(ctx, flow, resource, key)
        case = await case_of(ctx, flow, side=side, resource=resource, key=key)
    if (case is None or _alone(case)) and not ctx.dry:
        await _look_around(ctx, flow, side)
        case = await case_of(ctx, flow, side=side, resource=resource, key=key)
    if case is None:
        case = await _unclear(ctx, flow, side=side, resource=resource, key=key)
    elif (case.record is None or _alone(case)) and not ctx.dry:
        case.needed = True
        await settle_one(ctx, flow, case)
    if case.record is None:
        await save_local(ctx, flow, case, await merged_of(ctx, flow, case))
    return case


def _alone(case: Case) -> bool:
    return len(case.seen) == 1 and len(case.links) < 2


async def _look_around(ctx: Context, flow: Flow, side: Side) -> None:
    """Read what changed in the register of the other side, all of it the first time."""
    for source in flow.sources:
        if source.side is not side and source.parent is None:
            await pull(ctx, source, count=_no_page)


async def _no_page(rows: int, changed: int) -> bool:
    return False


async def _read(ctx: Context, flow: Flow, resource: str, key: str) -> None:
    operation = {"customers": severa.CUSTOMER_READ, "projects": severa.PROJECT_READ}[resource]
    answer = await ctx.severa.read(operation, path={"guid": key})
    seen = Seen(side=Side.SEVERA, resource=resource, key=key, body=answer.body)
    children = []
    if resource == "customers":
        pages = ctx.severa.pages(SEVERA["customer_addresses"], path={"customerGuid": key})
        children = [(row["guid"], key, row) async for page in pages for row in page.rows]
    async with ctx.transaction():
        await sightings.keep(
            ctx,
            side=Side.SEVERA,
            resource=resource,
            rows=[(key, None, answer.body)],
            match=flow.match(seen),
        )
        await sightings.keep(
            ctx, side=Side.SEVERA, resource="addresses", rows=children, dirty=False
        )


async def _unclear(ctx: Context, flow: Flow, *, side: Side, resource: str, key: str) -> Case:
    """Return the case of a record whose twin is not clear: it stands on its own."""
    row = await sightings.find(ctx, side=side, resource=resource, key=key)
    if row is None:
        raise LookupError(f"{resource} {key} was read but not kept")
    seen = Seen(side=side, resource=resource, key=key, body=row.body)
    composed = await flow.compose(ctx, side, [seen])
    link = await Link.get_or_none(
        integration_id=ctx.integration.id, side=side.value, entity=flow.name, internal_id=key
    )
    record = None if link is None else await flow.model.get(id=link.record_id)
    return Case(seen={side: composed[0]}, record=record)
