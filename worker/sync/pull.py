"""Pulling: read a list since its checkpoint, page by page, each page committed with it (J8)."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from schema.models import Checkpoint
from schema.words import Side
from worker.context import Context
from worker.sync import sightings
from worker.vendors.endpoints import Endpoint, Operation
from worker.vendors.records import Page, Record

Count = Callable[[int, int], Any]
# How far behind the newest time seen a list is read again (contract: boundaries repeat).
OVERLAP = {Side.SEVERA: timedelta(seconds=60), Side.FINANCIALS: timedelta(minutes=5)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A list to pull: where it is, and how its rows hang on other rows.

    A change of a row with a parent makes the parent's sighting due again.
    """

    side: Side
    endpoint: Endpoint
    parent: str | None = None
    parent_resource: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    path: Mapping[str, str] = field(default_factory=dict)
    match: Callable[[Record], str | None] | None = None
    # How one object of a child list is read, to know whether it is still there.
    read: Operation | None = None
    # Rows that this says no to are read and dropped.
    where: Callable[[Context, Record], bool] | None = None
    # Where a list starts that must always be asked for a time.
    earliest: Callable[[Context], str] | None = None

    @property
    def resource(self) -> str:
        """The name that its sightings carry."""
        return self.endpoint.name


async def pull(ctx: Context, source: Source, *, full: bool = False, count: Count) -> int:
    """Read what changed in a list; returns how many rows were new or changed.

    Raises VendorError; what was committed page by page stays, the next run goes on there.
    """
    checkpoint: Any
    checkpoint, _ = await Checkpoint.get_or_create(
        integration_id=ctx.integration.id, side=source.side.value, resource=source.resource
    )
    if full and checkpoint.resume is None:
        checkpoint.watermark = checkpoint.watermark_date = None
    newest = checkpoint.pending_watermark if checkpoint.resume else checkpoint.watermark
    changed = 0
    began = checkpoint.pending_date if checkpoint.resume else None
    since = _since(source, checkpoint) or (source.earliest and source.earliest(ctx))
    again = True
    while again:
        again = False
        pages = ctx.clients[source.side].pages(
            source.endpoint,
            path=source.path,
            since=since,
            params=source.params or None,
            resume=checkpoint.resume,
        )
        async with aclosing(_ahead(pages)) as ahead:
            async for page in ahead:
                began = began or page.date
                before, newest = newest, _newest(newest, page.rows)
                async with ctx.transaction():
                    changed += await _keep_page(ctx, source, page.rows, full)
                    checkpoint.resume = page.resume
                    checkpoint.pending_watermark, checkpoint.pending_date = newest, began
                    if newest != before:
                        checkpoint.watermark_date = page.date
                    await checkpoint.save()
                moved = await count(len(page.rows), changed)
                if moved and page.resume is not None:
                    again = True  # Urgent work may have changed what the next page said.
                    break
    async with ctx.transaction():
        checkpoint.resume = checkpoint.pending_watermark = checkpoint.pending_date = None
        checkpoint.watermark, checkpoint.began_date = newest, began
        checkpoint.completed_at = ctx.clock()
        await checkpoint.save()
    return changed


async def _ahead(pages: AsyncIterator[Page]) -> AsyncGenerator[Page, None]:
    """Fetch the next page while the one before is stored."""
    following = asyncio.ensure_future(anext(pages))
    try:
        while True:
            try:
                page = await following
            except StopAsyncIteration:
                return
            following = asyncio.ensure_future(anext(pages))
            yield page
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def _keep_page(ctx: Context, source: Source, rows: list[Record], full: bool) -> int:
    keyed = [
        (sightings.key_of(row, source.endpoint.key), _parent(source, row), row)
        for row in rows
        if source.where is None or source.where(ctx, row)
    ]
    changed = await sightings.keep(
        ctx,
        side=source.side,
        resource=source.resource,
        rows=keyed,
        dirty=source.parent is None,
        match=source.match,
        touch=full,
    )
    if source.parent_resource is not None:
        fresh = set(changed)
        parents = {parent for key, parent, _ in keyed if parent and key in fresh}
        await sightings.mark(
            ctx,
            side=source.side,
            resource=source.parent_resource,
            keys=sorted(parents),
            dirty=True,
        )
    return len(changed)


def _parent(source: Source, row: Record) -> str | None:
    if source.parent is None:
        return None
    found = sightings.key_of(row, (source.parent,))
    return None if found == "None" else found


def _newest(newest: str | None, rows: list[Record]) -> str | None:
    times = [stamp for row in rows if (stamp := sightings.vendor_time(row))]
    if newest is not None:
        times.append(newest)
    return max(times, key=_moment, default=None)


def _moment(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp).replace(tzinfo=None)


def _since(source: Source, checkpoint: Any) -> str | None:
    if checkpoint.watermark is None or source.endpoint.since is None:
        return None
    reached = datetime.fromisoformat(checkpoint.watermark) + _gone_on(checkpoint)
    moment = reached - _overlap(source.side, reached)
    if source.side is Side.SEVERA:
        return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds")


def _gone_on(checkpoint: Any) -> timedelta:
    """Return how far the vendor's time went on from its newest change to the last reading.

    The newest change is no later than the answer that held it, so adding the difference of the
    two Date headers never passes the moment when the last whole reading began.
    """
    if checkpoint.watermark_date is None or checkpoint.began_date is None:
        return timedelta(0)
    try:
        held = parsedate_to_datetime(checkpoint.watermark_date)
        began = parsedate_to_datetime(checkpoint.began_date)
    except ValueError:
        return timedelta(0)
    return max(began - held, timedelta(0))


def _overlap(side: Side, reached: datetime) -> timedelta:
    """Return the overlap; local times run twice through an hour when summer time ends."""
    doubled = side is Side.FINANCIALS and reached.month == 10 and reached.day >= 25
    return OVERLAP[side] + (timedelta(hours=1) if doubled else timedelta(0))
