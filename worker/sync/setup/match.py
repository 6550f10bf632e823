"""Candidates of the take-over: what both registers hold is laid side by side (R47, R52, Q14).

A name that is unique and equal on both sides is proposed as one record; an equal number with
another name, or a name that stands twice, waits for a person; what has no twin is created.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product as pairs
from typing import Any

from schema.models import Link, MatchCandidate, Sighting
from schema.words import IntegrationState, MatchDecision, MatchKind, Side
from worker.context import Context
from worker.sync import reference
from worker.sync.flow import Case, Flow, Seen
from worker.sync.gather import seen_of
from worker.sync.pull import pull
from worker.sync.rules import customer, product, project

FLOWS = (product.FLOW, customer.FLOW, project.FLOW)
BATCH = 500
# So many pairs of one name are laid out; the others are known by their issue.
MOST_PAIRS = 25
S, F = Side.SEVERA, Side.FINANCIALS


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """An object of one side, with what the comparison looks at; `why_not` says it is left out."""

    seen: Seen
    number: str | None
    name: str | None
    vat_number: str | None
    why_not: str | None

    @property
    def match_name(self) -> str:
        """The name as it is compared: trimmed and case-folded."""
        return " ".join((self.name or "").split()).casefold()


@dataclass(slots=True, kw_only=True)
class Group:
    """Everything that goes by one match key."""

    here: dict[Side, list[Thing]] = field(default_factory=lambda: {side: [] for side in Side})

    def counted(self, side: Side) -> list[Thing]:
        """Return what counts on a side: of several, only those in use (R53, Q29)."""
        used = [thing for thing in self.here[side] if thing.why_not is None]
        return used if len(self.here[side]) > 1 else self.here[side]


async def propose(ctx: Context) -> None:
    """Fill the table of candidates before activation; what people decided is kept.

    Raises VendorError.
    """
    if ctx.integration.state is not IntegrationState.SETUP:
        return
    for flow in FLOWS:
        for source in flow.sources:
            await pull(ctx, source, count=_quiet)
    ctx.references = await reference.load(ctx)
    for flow in FLOWS:
        await _propose(ctx, flow)


async def _quiet(rows: int, changed: int) -> None:
    """Count nothing."""


async def _propose(ctx: Context, flow: Flow) -> None:
    things = [thing async for thing in _things(ctx, flow)]
    now = ctx.clock()
    found = [
        MatchCandidate(integration_id=ctx.integration.id, entity=flow.entity, seen_at=now, **row)
        for row in compare(flow, things)
    ]
    async with ctx.transaction():
        if found:
            await MatchCandidate.bulk_create(
                found,
                batch_size=BATCH,
                on_conflict=["integration_id", "entity", "severa_key", "financials_key"],
                update_fields=_REFRESHED,
            )
        await _forget(ctx, flow, now)


# What a new look at both sides replaces; decisions stay.
_REFRESHED = [
    "kind",
    "reason",
    "proposal",
    "seen_at",
    *(f"{side}_{name}" for side in ("severa", "financials") for name in ("number", "name")),
    *(f"{side}_vat_number" for side in ("severa", "financials")),
]


async def _forget(ctx: Context, flow: Flow, now: datetime) -> None:
    """Drop candidates whose objects are not as they were; their decisions meant something else."""
    await MatchCandidate.filter(
        integration_id=ctx.integration.id, entity=flow.entity, seen_at__lt=now
    ).delete()


async def _things(ctx: Context, flow: Flow) -> AsyncIterator[Thing]:
    """Read every object that is not linked yet, batch by batch."""
    for side in Side:
        linked = {
            str(key)
            for key in await Link.filter(
                integration_id=ctx.integration.id, side=side.value, entity=flow.name
            ).values_list("internal_id", flat=True)
        }
        query = Sighting.filter(
            integration_id=ctx.integration.id,
            side=side.value,
            resource__in=list(flow.resources[side]),
            missing_since=None,
        ).order_by("id")
        after: Any = None
        while rows := await (query if after is None else query.filter(id__gt=after)).limit(BATCH):
            after = rows[-1].id
            free = [seen_of(row) for row in rows if row.external_id not in linked]
            for seen in await flow.compose(ctx, side, free):
                yield _thing(ctx, flow, seen)
            await ctx.breathe()


def _thing(ctx: Context, flow: Flow, seen: Seen) -> Thing:
    body = seen.body
    number = body.get("number") or body.get("code") or body.get("inventoryNumber")
    number = number or body.get("projectID")
    name = body.get("name") or body.get("description")
    vat = body.get("vatNumber") or body.get("vatRegistrationId")
    return Thing(
        seen=seen,
        number=str(number).strip()[:120] if number else None,
        name=str(name).strip() if name else None,
        vat_number=str(vat).strip()[:60] if vat else None,
        why_not=flow.skip(ctx, Case(seen={seen.side: seen})),
    )


def compare(flow: Flow, things: Iterable[Thing]) -> list[dict[str, Any]]:
    """Lay the objects of both sides side by side; returns the columns of the candidates."""
    groups: defaultdict[str, Group] = defaultdict(Group)
    loose: list[Thing] = []
    for thing in things:
        match = flow.match(thing.seen)
        key = match(thing.seen.body) if match is not None else None
        if key:
            groups[key].here[thing.seen.side].append(thing)
        else:
            loose.append(thing)
    rows: list[dict[str, Any]] = []
    for group in groups.values():
        found, alone = _group(flow, group)
        rows += found
        loose += alone
    return [*rows, *_by_number(loose)]


def _group(flow: Flow, group: Group) -> tuple[list[dict[str, Any]], list[Thing]]:
    """Return the candidates of a group, and the objects that have no twin in it."""
    severa, financials = group.counted(S), group.counted(F)
    if len(severa) > 1 or len(financials) > 1:
        told = _twice(flow, severa, financials)
        mine = {id(thing) for thing in (*severa, *financials)}
        rest = [one for side in Side for one in group.here[side] if id(one) not in mine]
        return told, rest
    if severa and financials:
        row = _pair(flow, severa[0], financials[0])
        mine = {id(severa[0]), id(financials[0])}
        return [row], [one for side in Side for one in group.here[side] if id(one) not in mine]
    return [], [one for side in Side for one in group.here[side]]


def _pair(flow: Flow, ours: Thing, theirs: Thing) -> dict[str, Any]:
    doubt = flow.pair(Case(seen={S: ours.seen, F: theirs.seen}))
    same_name = ours.match_name == theirs.match_name
    same_number = ours.number is not None and ours.number == theirs.number
    kind = MatchKind.NUMBER if same_number else MatchKind.NONE
    if same_name:
        kind = MatchKind.NUMBER_AND_NAME if same_number else MatchKind.NAME
    if doubt is not None:
        return _row(kind, None, doubt, ours, theirs)
    reason = "Number and name are equal." if same_name and same_number else (
        "The name is unique and equal on both sides." if same_name else "The code is equal."
    )  # fmt: skip
    return _row(kind, MatchDecision.LINK, reason, ours, theirs)


def _twice(
    flow: Flow, severa: Sequence[Thing], financials: Sequence[Thing]
) -> list[dict[str, Any]]:
    """Lay out every pair of what goes by one name or code; a person picks."""
    names = ", ".join(flow.told(thing.seen) for thing in (*severa, *financials)[:10])
    reason = f"It exists more than once: {names}."
    if severa and financials:
        laid = list(pairs(severa, financials))[:MOST_PAIRS]
        return [_row(MatchKind.TWICE, None, reason, ours, theirs) for ours, theirs in laid]
    return [_alone(thing, MatchKind.TWICE, None, reason) for thing in (*severa, *financials)]


def _by_number(loose: Sequence[Thing]) -> list[dict[str, Any]]:
    """Lay out objects of equal number and another name; the others have no twin."""
    numbers: dict[str, Thing] = {
        thing.number: thing
        for thing in loose
        if thing.seen.side is F and thing.number and thing.why_not is None
    }
    rows = []
    used: set[int] = set()
    for ours in loose:
        if ours.seen.side is not S or ours.why_not is not None:
            continue
        theirs = numbers.get(ours.number or "")
        if theirs is not None:
            reason = f"Number {ours.number} belongs to {theirs.name!r} in Financials."
            rows.append(_row(MatchKind.NUMBER, None, reason, ours, theirs))
            used |= {id(ours), id(theirs)}
    return [*rows, *(_single(thing) for thing in loose if id(thing) not in used)]


def _single(thing: Thing) -> dict[str, Any]:
    if thing.why_not is not None:
        return _alone(thing, MatchKind.NONE, MatchDecision.LEAVE, thing.why_not)
    other = thing.seen.side.other.value.capitalize()
    return _alone(thing, MatchKind.NONE, MatchDecision.CREATE, f"{other} has none like it.")


def _alone(
    thing: Thing, kind: MatchKind, proposal: MatchDecision | None, reason: str
) -> dict[str, Any]:
    ours = thing if thing.seen.side is S else None
    theirs = thing if thing.seen.side is F else None
    return _row(kind, proposal, reason, ours, theirs)


def _row(
    kind: MatchKind,
    proposal: MatchDecision | None,
    reason: str,
    ours: Thing | None,
    theirs: Thing | None,
) -> dict[str, Any]:
    return {
        "kind": kind,
        "proposal": proposal,
        "reason": reason,
        **_columns("severa", ours),
        **_columns("financials", theirs),
    }


def _columns(side: str, thing: Thing | None) -> dict[str, Any]:
    return {
        f"{side}_key": thing.seen.key[:120] if thing else "",
        f"{side}_number": thing.number if thing else None,
        f"{side}_name": thing.name if thing else None,
        f"{side}_vat_number": thing.vat_number if thing else None,
    }
