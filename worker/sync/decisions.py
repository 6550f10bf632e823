"""What people decided about the candidates of the take-over, for objects without a link (Q14)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tortoise.expressions import Q

from schema.models import MatchCandidate
from schema.words import MatchDecision, MatchKind, Side
from worker.context import Context
from worker.sync.flow import Flow, Seen

Ident = tuple[Side, str]


@dataclass(slots=True, kw_only=True)
class Decisions:
    """Which objects are one record, which are not, which are left alone or still open."""

    twins: dict[Ident, str] = field(default_factory=dict)
    apart: set[tuple[str, str]] = field(default_factory=set)
    alone: set[Ident] = field(default_factory=set)
    left: set[Ident] = field(default_factory=set)
    doubts: dict[Ident, str] = field(default_factory=dict)

    def free(self, one: Seen, other: Seen) -> bool:
        """Tell whether an object may still be compared with another one of its match key."""
        ident, twin = (one.side, one.key), (other.side, other.key)
        if ident in self.alone or twin in self.alone or twin in self.left:
            return False
        keys = {one.side: one.key, other.side: other.key}
        pair = (keys.get(Side.SEVERA, ""), keys.get(Side.FINANCIALS, ""))
        return pair not in self.apart and (one.side is other.side or twin not in self.twins)


async def decisions(ctx: Context, flow: Flow, unlinked: Sequence[Seen]) -> Decisions:
    """Return the decisions about some objects."""
    found = Decisions()
    if flow.word:
        return found  # Parts of a record, such as contacts, are no candidates of their own.
    keys = {side: [seen.key for seen in unlinked if seen.side is side] for side in Side}
    rows = await MatchCandidate.filter(
        Q(severa_key__in=keys[Side.SEVERA]) | Q(financials_key__in=keys[Side.FINANCIALS]),
        integration_id=ctx.integration.id,
        entity=flow.entity,
    )
    for row in rows:
        _take(found, row)
    # A pair that was linked settles every other pair of its objects.
    found.doubts = {ident: why for ident, why in found.doubts.items() if ident not in found.twins}
    return found


def _take(found: Decisions, row: MatchCandidate) -> None:
    idents = [
        (side, key)
        for side, key in ((Side.SEVERA, row.severa_key), (Side.FINANCIALS, row.financials_key))
        if key
    ]
    if row.decision is MatchDecision.LINK and len(idents) == 2:
        found.twins[idents[0]] = row.financials_key
        found.twins[idents[1]] = row.severa_key
    elif row.decision is MatchDecision.LEAVE:
        found.left |= set(idents)
    elif row.decision is MatchDecision.CREATE and len(idents) == 2:
        found.apart.add((row.severa_key, row.financials_key))
    elif row.decision is MatchDecision.CREATE:
        found.alone |= set(idents)
    elif row.decision is None and row.proposal is None and row.kind is MatchKind.NUMBER:
        found.doubts |= dict.fromkeys(idents, row.reason)
