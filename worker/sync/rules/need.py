"""Needing: bring in one record at once because another one depends on it."""

from schema.words import Side
from worker.context import Context
from worker.sync import sightings
from worker.sync.flow import Case, Flow, Seen
from worker.sync.gather import case_of
from worker.sync.merge import Merged
from worker.sync.settle import save_local, settle_one
from worker.vendors.errors import RecordMissing
from worker.vendors.severa import SEVERA
from worker.vendors.severa import operations as severa


class NeededMissing(RecordMissing):
    """A record that another one depends on is gone."""

    code = "missing_record"


async def need(ctx: Context, flow: Flow, *, side: Side, resource: str, key: str) -> Case:
    """Return the case of a Severa record with its unified record, reading it when it is new.

    Raises VendorError when it cannot be read.
    """
    case = await case_of(ctx, flow, side=side, resource=resource, key=key)
    if case is None:
        await _read(ctx, flow, resource, key)
        case = await case_of(ctx, flow, side=side, resource=resource, key=key)
    if case is None:
        case = await _alone(ctx, flow, side=side, resource=resource, key=key)
    alone = case.record is None or (len(case.seen) == 1 and len(case.links) < 2)
    if alone and not ctx.dry:
        case.needed = True
        await settle_one(ctx, flow, case)
    if case.record is None:
        await save_local(ctx, flow, case, Merged())
    return case


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


async def _alone(ctx: Context, flow: Flow, *, side: Side, resource: str, key: str) -> Case:
    """Return the case of a record whose match is not clear: it stands on its own."""
    row = await sightings.find(ctx, side=side, resource=resource, key=key)
    if row is None:
        raise LookupError(f"{resource} {key} was read but not kept")
    seen = Seen(side=side, resource=resource, key=key, body=row.body)
    composed = await flow.compose(ctx, side, [seen])
    return Case(seen={side: composed[0]})
