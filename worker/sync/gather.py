"""Gathering: which due sightings belong to one record, by link or by match (R40, R52, Q14)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from schema import database
from schema.models import Link, Sighting
from schema.words import Side
from worker.context import Context
from worker.sync.flow import Case, Flow, Seen

BATCH = 200


@dataclass(slots=True, kw_only=True)
class Batch:
    """A batch of cases, and the keys of sightings whose match is not clear."""

    cases: list[Case] = field(default_factory=list)
    unclear: list[tuple[Seen, str]] = field(default_factory=list)
    last: UUID | None = None


async def batch_of(ctx: Context, flow: Flow, *, after: UUID | None) -> Batch | None:
    """Return the next due cases of a flow, or None at the end."""
    due = await _due(ctx, flow, after)
    if not due:
        return None
    batch = Batch(last=due[-1].id)
    linked, unlinked = await _by_link(ctx, flow, [_seen(row) for row in due])
    records = await flow.model.filter(id__in=list(linked)).in_bulk(list(linked), "id")
    for record_id, found in linked.items():
        batch.cases.append(Case(seen=found, record=records.get(record_id)))
    await _by_match(ctx, flow, unlinked, batch, {row.external_id: row.match_key for row in due})
    await _complete(ctx, flow, batch.cases)
    return batch


async def case_of(ctx: Context, flow: Flow, *, side: Side, resource: str, key: str) -> Case | None:
    """Return the case of one sighting, whether it is due or not."""
    row = await Sighting.get_or_none(
        integration_id=ctx.integration.id, side=side.value, resource=resource, external_id=key
    )
    if row is None:
        return None
    batch = Batch()
    linked, unlinked = await _by_link(ctx, flow, [_seen(row)])
    for record_id, found in linked.items():
        batch.cases.append(Case(seen=found, record=await flow.model.get_or_none(id=record_id)))
    await _by_match(ctx, flow, unlinked, batch, {row.external_id: row.match_key})
    await _complete(ctx, flow, batch.cases)
    return batch.cases[0] if batch.cases else None


async def _due(ctx: Context, flow: Flow, after: UUID | None) -> list[Sighting]:
    resources = [name for names in flow.resources.values() for name in names]
    query = Sighting.filter(integration_id=ctx.integration.id, resource__in=resources, dirty=True)
    if after is not None:
        query = query.filter(id__gt=after)
    rows = await query.order_by("id").limit(BATCH)
    return [row for row in rows if row.resource in flow.resources[Side(row.side)]]


def _seen(row: Sighting) -> Seen:
    return Seen(side=Side(row.side), resource=row.resource, key=row.external_id, body=row.body)


async def _by_link(
    ctx: Context, flow: Flow, seen: list[Seen]
) -> tuple[dict[UUID, dict[Side, Seen]], list[Seen]]:
    linked: dict[UUID, dict[Side, Seen]] = {}
    unlinked: list[Seen] = []
    for side in Side:
        here = {item.key: item for item in seen if item.side is side}
        links = await Link.filter(
            integration_id=ctx.integration.id,
            side=side.value,
            entity=flow.entity.value,
            internal_id__in=list(here),
        )
        for link in links:
            linked.setdefault(link.record_id, {})[side] = here.pop(str(link.internal_id))
        unlinked += here.values()
    return linked, unlinked


async def _by_match(
    ctx: Context,
    flow: Flow,
    unlinked: list[Seen],
    batch: Batch,
    keys: dict[str, str | None],
) -> None:
    wanted = sorted({key for item in unlinked if (key := keys.get(item.key))})
    twins = await _unlinked_twins(ctx, flow, wanted)
    done: set[str] = set()
    for item in unlinked:
        if item.key in done:
            continue
        key = keys.get(item.key)
        mates = twins.get(key, []) if key else []
        counts = Counter(mate.side for mate in mates)
        if any(count > 1 for count in counts.values()):
            batch.unclear.append((item, _names(flow, mates)))
            continue
        case = Case(seen={item.side: item})
        for mate in mates:
            case.seen[mate.side] = mate
        reason = flow.pair(case) if len(case.seen) == 2 else None
        if reason is not None:
            batch.unclear.append((item, reason))
            continue
        done |= {mate.key for mate in case.seen.values()}
        batch.cases.append(case)


def _names(flow: Flow, mates: Iterable[Seen]) -> str:
    return ", ".join(
        f"{flow.number(mate) or mate.key} in {mate.side.value.capitalize()}" for mate in mates
    )


_TWINS = """
SELECT s.side, s.resource, s.external_id, s.match_key FROM sighting s
WHERE s.integration_id = $1 AND s.match_key = ANY($2::text[]) AND s.resource = ANY($3::text[])
  AND s.missing_since IS NULL
  AND NOT EXISTS (SELECT 1 FROM link l WHERE l.integration_id = s.integration_id
                  AND l.side = s.side AND l.entity = $4 AND l.internal_id = s.external_id)
"""


async def _unlinked_twins(ctx: Context, flow: Flow, keys: list[str]) -> dict[str, list[Seen]]:
    if not keys:
        return {}
    resources = [name for names in flow.resources.values() for name in names]
    found = await database.rows(_TWINS, ctx.integration.id, keys, resources, flow.entity.value)
    rows = {(row["side"], row["resource"], row["external_id"]): row["match_key"] for row in found}
    bodies = await Sighting.filter(
        integration_id=ctx.integration.id,
        resource__in=resources,
        external_id__in=[row["external_id"] for row in found],
    ).order_by("id")
    twins: dict[str, list[Seen]] = {}
    for body in bodies:
        key = rows.get((body.side, body.resource, body.external_id))
        if key is not None:
            twins.setdefault(key, []).append(_seen(body))
    return {key: _in_use(ctx, flow, mates) for key, mates in twins.items()}


def _in_use(ctx: Context, flow: Flow, mates: list[Seen]) -> list[Seen]:
    """Where a side has several of one name, leave out those that would not travel (R53)."""
    counts = Counter(mate.side for mate in mates)
    return [
        mate
        for mate in mates
        if counts[mate.side] == 1 or flow.skip(ctx, Case(seen={mate.side: mate})) is None
    ]


async def _complete(ctx: Context, flow: Flow, cases: list[Case]) -> None:
    await _add_links(flow, cases)
    await _add_twins(ctx, flow, cases)
    for side in Side:
        here = [case for case in cases if side in case.seen]
        composed = await flow.compose(ctx, side, [case.seen[side] for case in here])
        for case, seen in zip(here, composed, strict=True):
            case.seen[side] = seen


async def _add_links(flow: Flow, cases: list[Case]) -> None:
    by_id = {case.record.id: case for case in cases if case.record is not None}
    for link in await Link.filter(record_id__in=list(by_id)):
        by_id[link.record_id].links[Side(link.side)] = link


async def _add_twins(ctx: Context, flow: Flow, cases: list[Case]) -> None:
    for side in Side:
        missing = {
            str(case.links[side].internal_id): case
            for case in cases
            if side in case.links and side not in case.seen
        }
        rows = await Sighting.filter(
            integration_id=ctx.integration.id,
            side=side.value,
            resource__in=list(flow.resources[side]),
            external_id__in=list(missing),
        )
        for row in rows:
            missing[row.external_id].seen[side] = _seen(row)
