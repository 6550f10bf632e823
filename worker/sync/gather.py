"""Gathering: which due sightings belong to one record, by link or by match (R20, R40, R52, Q14)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from schema import database
from schema.models import Attempt, Link, Sighting
from schema.money import loads
from schema.words import AttemptState, Side
from worker.context import Context
from worker.sync import sightings
from worker.sync.decisions import Decisions, Ident, decisions
from worker.sync.flow import Case, Flow, Seen

BATCH = 500
_IN_DOUBT = (AttemptState.OPEN, AttemptState.UNCERTAIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    """An object whose twin is not clear: the issue it makes, and why."""

    seen: Seen
    code: str
    cause: str


@dataclass(slots=True, kw_only=True)
class Batch:
    """A batch of cases, the objects whose match is not clear, and those that are left alone."""

    cases: list[Case] = field(default_factory=list)
    unclear: list[Unclear] = field(default_factory=list)
    left: list[Seen] = field(default_factory=list)
    last: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Twin:
    seen: Seen
    linked: bool


async def batch_of(ctx: Context, flow: Flow, *, after: UUID | None) -> Batch | None:
    """Return the next due cases of a flow, or None at the end."""
    due = await _due(ctx, flow, after)
    if not due:
        return None
    batch = Batch(last=due[-1].id)
    await _fill(ctx, flow, batch, due)
    if batch.left:
        await _leave(ctx, batch.left)
    return batch


async def _leave(ctx: Context, left: Sequence[Seen]) -> None:
    """Look no more at objects that a person left alone, until they change."""
    async with ctx.transaction():
        for seen in left:
            await sightings.mark(
                ctx, side=seen.side, resource=seen.resource, keys=[seen.key], dirty=False
            )


async def case_of(ctx: Context, flow: Flow, *, side: Side, resource: str, key: str) -> Case | None:
    """Return the case of one sighting, whether it is due or not; None where its twin is unclear."""
    row = await Sighting.get_or_none(
        integration_id=ctx.integration.id, side=side.value, resource=resource, external_id=key
    )
    if row is None:
        return None
    batch = Batch()
    await _fill(ctx, flow, batch, [row])
    return batch.cases[0] if batch.cases else None


async def _fill(ctx: Context, flow: Flow, batch: Batch, rows: Sequence[Sighting]) -> None:
    linked, unlinked = await _by_link(ctx, flow, [seen_of(row) for row in rows])
    records = {}
    if linked:
        records = {row.id: row for row in await flow.model.filter(id__in=list(linked))}
    cases = [Case(seen=found, record=records.get(one)) for one, found in linked.items()]
    await _add_links(flow, cases)
    single = await _singles(flow, cases)
    kept = {id(case) for case in single.values()}
    batch.cases += [case for case in cases if id(case) not in kept]
    keys = {(Side(row.side), row.external_id): row.match_key for row in rows}
    await _by_match(ctx, flow, unlinked, batch, keys, single)
    await _complete(ctx, flow, batch.cases)


async def _singles(flow: Flow, cases: Sequence[Case]) -> dict[Ident, Case]:
    """Return the records that were never on the other side; their twins are looked for by match.

    One with a create in doubt is left to the lookup of that attempt (Q44).
    """
    found = {_ident(seen): case for case in cases if (seen := _single(case)) is not None}
    if flow.word or not found:
        return {}  # Parts of a record, such as contacts, are matched within it.
    ids = [case.record.id for case in found.values() if case.record is not None]
    doubtful = set(
        await Attempt.filter(record_id__in=ids, state__in=_IN_DOUBT).values_list(
            "record_id", flat=True
        )
    )
    return {
        ident: case
        for ident, case in found.items()
        if case.record is not None and case.record.id not in doubtful
    }


def _single(case: Case) -> Seen | None:
    if case.record is None or len(case.links) != 1 or len(case.seen) != 1:
        return None
    [seen] = case.seen.values()
    return seen if seen.side in case.links else None


async def _due(ctx: Context, flow: Flow, after: UUID | None) -> list[Sighting]:
    resources = [name for names in flow.resources.values() for name in names]
    query = Sighting.filter(
        integration_id=ctx.integration.id,
        resource__in=resources,
        dirty=True,
        missing_since__isnull=True,
    )
    if after is not None:
        query = query.filter(id__gt=after)
    rows = await query.order_by("id").limit(BATCH)
    return [row for row in rows if row.resource in flow.resources[Side(row.side)]]


def seen_of(row: Sighting) -> Seen:
    """Return what a sighting says."""
    return Seen(side=Side(row.side), resource=row.resource, key=row.external_id, body=row.body)


async def _by_link(
    ctx: Context, flow: Flow, seen: list[Seen]
) -> tuple[dict[UUID, dict[Side, Seen]], list[Seen]]:
    linked: dict[UUID, dict[Side, Seen]] = {}
    unlinked: list[Seen] = []
    for side in Side:
        here = {item.key: item for item in seen if item.side is side}
        if not here:
            continue
        links = await Link.filter(
            integration_id=ctx.integration.id,
            side=side.value,
            entity=flow.name,
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
    keys: Mapping[Ident, str | None],
    single: Mapping[Ident, Case],
) -> None:
    unlinked = [*(seen for case in single.values() for seen in case.seen.values()), *unlinked]
    wanted = sorted({key for item in unlinked if (key := keys.get(_ident(item)))})
    groups = await _groups(ctx, flow, wanted)
    decided = await decisions(ctx, flow, unlinked) if unlinked else Decisions()
    chosen = await _chosen(ctx, flow, decided)
    done: set[Ident] = set()
    for item in unlinked:
        if _ident(item) in done:
            continue
        if _ident(item) in decided.left:
            batch.left.append(item)
            continue
        group = groups.get(keys.get(_ident(item)) or "", [])
        found = _by_person(item, decided, chosen) or _matched(
            ctx, flow, item, [twin for twin in group if decided.free(item, twin.seen)], done
        )
        if isinstance(found, Unclear):
            batch.unclear.append(found)
            continue
        known = next((single[_ident(seen)] for seen in found if _ident(seen) in single), Case())
        batch.cases.append(
            Case(seen={seen.side: seen for seen in found}, record=known.record, links=known.links)
        )
        done |= {_ident(seen) for seen in found}


def _by_person(
    item: Seen, decided: Decisions, chosen: Mapping[Ident, Seen]
) -> list[Seen] | Unclear | None:
    """Return what a person decided of an object at take-over, or that one must (Q14)."""
    ident = _ident(item)
    if ident in chosen:
        return [item, chosen[ident]]
    doubt = decided.doubts.get(ident)
    if doubt is None:
        return None
    cause = f"{doubt.rstrip('.')}; decide whether they are one record"
    return Unclear(seen=item, code="match_unclear", cause=cause)


async def _chosen(ctx: Context, flow: Flow, decided: Decisions) -> dict[Ident, Seen]:
    """Read the twins that a person chose, as far as they are still free."""
    chosen: dict[Ident, Seen] = {}
    for side in Side:
        keys = {
            key: (own_side, own)
            for (own_side, own), key in decided.twins.items()
            if own_side is not side
        }
        if not keys:
            continue
        rows = await Sighting.filter(
            integration_id=ctx.integration.id,
            side=side.value,
            resource__in=list(flow.resources[side]),
            external_id__in=list(keys),
            missing_since__isnull=True,
        )
        _, free = await _by_link(ctx, flow, [seen_of(row) for row in rows])
        chosen |= {keys[seen.key]: seen for seen in free}
    return chosen


def _ident(seen: Seen) -> Ident:
    return seen.side, seen.key


def _matched(
    ctx: Context, flow: Flow, item: Seen, group: Sequence[_Twin], done: set[Ident]
) -> list[Seen] | Unclear:
    """Return an object with its twin, alone, or say why that is not clear."""
    others = [twin for twin in group if _ident(twin.seen) != _ident(item)]
    if not others:
        return [item]
    free = [
        twin.seen
        for twin in others
        if twin.seen.side is not item.side and not twin.linked and _ident(twin.seen) not in done
    ]
    if flow.choose is not None:
        return [item, flow.choose(item, free)] if free else [item]
    return _only_match(ctx, flow, item, others, free)


def _only_match(
    ctx: Context, flow: Flow, item: Seen, others: Sequence[_Twin], free: list[Seen]
) -> list[Seen] | Unclear:
    def used(seen: Seen) -> bool:
        return flow.skip(ctx, Case(seen={seen.side: seen})) is None

    # Several of one name on a side count only where they are in use (R53, Q29).
    rivals = [twin.seen for twin in others if twin.seen.side is item.side and used(twin.seen)]
    if rivals:
        return _twice(flow, [item, *rivals, *free]) if used(item) else [item]
    if len(free) > 1:
        free = [seen for seen in free if used(seen)]
    if len(free) > 1:
        return _twice(flow, [item, *free])
    if free:
        reason = flow.pair(Case(seen={item.side: item, free[0].side: free[0]}))
        if reason is not None:
            return Unclear(seen=item, code=flow.mismatch, cause=reason)
        return [item, free[0]]
    taken = [
        twin.seen
        for twin in others
        if twin.seen.side is not item.side
        and twin.linked
        and (twin.seen.side is Side.SEVERA or used(twin.seen))
    ]
    if taken and used(item):
        return _twice(flow, [item, *taken], why="the latter is linked with another record")
    return [item]


def _twice(flow: Flow, seen: Iterable[Seen], *, why: str = "") -> Unclear:
    found = list(seen)
    names = ", ".join(sorted(flow.told(item) for item in found))
    cause = f"it exists more than once: {names}" + (f"; {why}" if why else "")
    return Unclear(seen=found[0], code=flow.twice, cause=cause)


_TWINS = """
SELECT s.resource, s.external_id, s.match_key, s.body,
       EXISTS (SELECT 1 FROM link l WHERE l.integration_id = s.integration_id
               AND l.side = s.side AND l.entity = $5 AND l.internal_id = s.external_id) AS linked
FROM sighting s
WHERE s.integration_id = $1 AND s.side = $2 AND s.resource = ANY($3::text[])
  AND s.match_key = ANY($4::text[]) AND s.missing_since IS NULL
ORDER BY s.id
"""


async def _groups(ctx: Context, flow: Flow, keys: list[str]) -> dict[str, list[_Twin]]:
    """Return everything that carries one of the match keys, on both sides."""
    groups: dict[str, list[_Twin]] = {}
    if not keys:
        return groups
    for side in Side:
        resources = list(flow.resources[side])
        found = await database.rows(
            _TWINS, ctx.integration.id, side.value, resources, keys, flow.name
        )
        for row in found:
            seen = Seen(
                side=side, resource=row["resource"], key=row["external_id"], body=_body(row["body"])
            )
            groups.setdefault(row["match_key"], []).append(_Twin(seen=seen, linked=row["linked"]))
    return groups


def _body(raw: object) -> dict[str, object]:
    found = loads(raw) if isinstance(raw, str | bytes) else raw
    assert isinstance(found, dict)
    return found


async def _complete(ctx: Context, flow: Flow, cases: list[Case]) -> None:
    await _add_links(flow, cases)
    await _add_twins(ctx, flow, cases)
    for side in Side:
        here = [case for case in cases if side in case.seen]
        if not here:
            continue
        composed = await flow.compose(ctx, side, [case.seen[side] for case in here])
        for case, seen in zip(here, composed, strict=True):
            case.seen[side] = seen


async def _add_links(flow: Flow, cases: list[Case]) -> None:
    by_id = {case.record.id: case for case in cases if case.record is not None}
    if not by_id:
        return
    for link in await Link.filter(record_id__in=list(by_id)):
        by_id[link.record_id].links[Side(link.side)] = link


async def _add_twins(ctx: Context, flow: Flow, cases: list[Case]) -> None:
    for side in Side:
        missing = {
            str(case.links[side].internal_id): case
            for case in cases
            if side in case.links and side not in case.seen
        }
        if not missing:
            continue
        rows = await Sighting.filter(
            integration_id=ctx.integration.id,
            side=side.value,
            resource__in=list(flow.resources[side]),
            external_id__in=list(missing),
            missing_since__isnull=True,
        )
        for row in rows:
            missing[row.external_id].seen[side] = seen_of(row)
