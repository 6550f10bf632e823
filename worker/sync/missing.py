"""Records that disappeared: they are marked and shown, never deleted or made again (Q24)."""

from datetime import datetime

from schema import database
from schema.models import Link, Sighting
from schema.words import Side, SyncState
from worker.context import Context
from worker.sync import report, save, sightings, store
from worker.sync.flow import Case, Flow, Seen
from worker.sync.pull import Source
from worker.vendors.errors import RecordMissing

# How many objects that a full list left out are asked for one by one, and after how many that are
# all still there the list is taken for a short one.
MOST = 200
ENOUGH = 20


async def gone(ctx: Context, flow: Flow, case: Case, side: Side) -> None:
    """Stop keeping a record in step that one side does not have any more."""
    assert case.record is not None
    name = side.value.capitalize()
    async with ctx.transaction():
        await _mark(ctx, side, case.seen[side].resource, case.seen[side].key)
        await Link.filter(record_id=case.record.id, side=side.value).update(
            missing_since=ctx.clock()
        )
        entity, record_id = store.about(case.record)
        await store.change_of(
            ctx,
            entity=entity,
            record_id=record_id,
            fields=[],
            why=store.Why(kind=f"{flow.name.lower()}.missing", reason=f"It is gone from {name}."),
        ).save()
        await _report(ctx, flow, case, side)
        await save.done(ctx, [case])


async def remind(ctx: Context, flow: Flow, case: Case) -> None:
    """Say again that a record waits for a person, after its other side changed."""
    async with ctx.transaction():
        for side in case.lost:
            await _report(ctx, flow, case, side)


async def _report(ctx: Context, flow: Flow, case: Case, side: Side) -> None:
    assert case.record is not None
    case.record.sync_state = SyncState.BLOCKED
    await case.record.save(update_fields=["sync_state", "updated_at"])
    problem = report.Problem(
        code="missing_record",
        cause=f"{flow.label(case)} has disappeared from {side.value.capitalize()}.",
        subject=save.subject_of(flow, case),
        records=save.records_of(case),
    )
    await report.report(ctx, problem)


async def _mark(ctx: Context, side: Side, resource: str, key: str) -> None:
    await Sighting.filter(
        integration_id=ctx.integration.id, side=side.value, resource=resource, external_id=key
    ).update(missing_since=ctx.clock(), dirty=False)


async def compare(ctx: Context, flow: Flow, source: Source, *, since: datetime) -> None:
    """Ask for whatever a complete list has left out; only a clear no counts as gone.

    An empty or short list says nothing by itself.
    """
    rows = (
        await Sighting.filter(
            integration_id=ctx.integration.id,
            side=source.side.value,
            resource=source.resource,
            seen_at__lt=since,
            missing_since=None,
        )
        .order_by("id")
        .limit(MOST)
    )
    still_there = 0
    for place, row in enumerate(rows):
        if place >= ENOUGH and still_there == place:
            return
        await ctx.breathe()
        still_there += await _look(ctx, flow, source, row)


async def _look(ctx: Context, flow: Flow, source: Source, row: Sighting) -> bool:
    """Read one object again; tells whether it is still there."""
    seen = Seen(side=source.side, resource=row.resource, key=row.external_id, body=row.body)
    case = Case(seen={source.side: seen})
    try:
        if source.read is not None:
            await ctx.clients[source.side].read(source.read, path={"guid": row.external_id})
        else:
            await flow.halves[source.side].read(ctx, case)
    except RecordMissing:
        await _lose(ctx, flow, source, row, case)
        return False
    await database.execute("UPDATE sighting SET seen_at = $2 WHERE id = $1", row.id, ctx.clock())
    return True


async def _lose(ctx: Context, flow: Flow, source: Source, row: Sighting, case: Case) -> None:
    side = source.side
    link = None
    if source.parent is None:
        link = await Link.get_or_none(
            integration_id=ctx.integration.id,
            side=side.value,
            entity=flow.name,
            internal_id=row.external_id,
        )
    if link is not None:
        case.record = await flow.model.get_or_none(id=link.record_id)
    if case.record is not None:
        await gone(ctx, flow, case, side)
        return
    async with ctx.transaction():
        await _mark(ctx, side, row.resource, row.external_id)
        if source.parent_resource is not None and row.parent_id is not None:
            await sightings.mark(
                ctx,
                side=side,
                resource=source.parent_resource,
                keys=[str(row.parent_id)],
                dirty=True,
            )
