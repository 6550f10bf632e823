"""Keeps what people decide about the candidates of the take-over (Q14)."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from gateway.graphql.context import Context
from gateway.operations.base import Outcome, note, on_integration, refused, unknown
from schema import database
from schema.models import Integration, MatchCandidate
from schema.types.ids import key_of
from schema.types.inputs_setup import DecideMatchesInput
from schema.words import MatchDecision

MOST = 500

_ACCEPT = """
UPDATE match_candidate SET decision = proposal, decided_by = $2, decided_at = $3
WHERE integration_id = $1 AND decision IS NULL AND proposal IS NOT NULL
AND ($4::text IS NULL OR entity = $4)
"""


async def decide_matches(context: Context, given: DecideMatchesInput) -> Outcome:
    """Store decisions about candidates; the next sync acts on them."""

    async def change(integration: Integration) -> Outcome:
        if not given.decisions and not given.accept_proposals:
            return refused(
                "NOTHING_GIVEN", "No decision is given.", "Decide, or accept what is proposed."
            )
        if len(given.decisions or ()) > MOST:
            return refused(
                "BAD_COUNT",
                f"At most {MOST} decisions are taken at once.",
                "Split the wish into several.",
                path=("input", "decisions"),
            )
        problem = await _decide(context, integration, given)
        if problem is not None:
            return problem
        accepted = await _accept(context, integration, given)
        decided = accepted + len(given.decisions or ())
        await note(
            context, "matches.decide", integration_id=integration.id, subject=f"{decided} matches"
        )
        return Outcome(subject=integration.id, count=decided, ring=integration.id)

    return await on_integration(context, "decideMatches", given, change)


async def _decide(
    context: Context, integration: Integration, given: DecideMatchesInput
) -> Outcome | None:
    wanted: dict[UUID, MatchDecision] = {}
    for one in given.decisions or ():
        key = key_of(one.candidate_id, "MatchCandidate")
        if key is None:
            return unknown("candidate", "decisions")
        wanted[key] = one.decision
    found = await MatchCandidate.filter(integration_id=integration.id, id__in=list(wanted))
    if len(found) != len(wanted):
        return unknown("candidate", "decisions")
    for candidate in found:
        candidate.decision = wanted[candidate.id]
        candidate.decided_by = context.principal.id[:120]
        candidate.decided_at = context.services.clock()
    problem = await _contradiction(integration, found)
    if problem is not None:
        return problem
    for candidate in found:
        await candidate.save(update_fields=["decision", "decided_by", "decided_at"])
    return None


async def _contradiction(integration: Integration, decided: list[MatchCandidate]) -> Outcome | None:
    """Refuse a link of one object alone, and an object that would be linked twice."""
    linked = [one for one in decided if one.decision is MatchDecision.LINK]
    for one in linked:
        if not one.severa_key or not one.financials_key:
            return _refused("NO_TWIN", "An object without a twin cannot be linked.")
    ids = [one.id for one in decided]
    before = await MatchCandidate.filter(
        integration_id=integration.id, decision=MatchDecision.LINK
    ).exclude(id__in=ids or [integration.id])
    sides = [
        Counter((one.entity, one.severa_key) for one in (*linked, *before)),
        Counter((one.entity, one.financials_key) for one in (*linked, *before)),
    ]
    for counted in sides:
        twice = [key for (_, key), count in counted.items() if count > 1]
        if twice:
            return _refused("LINKED_TWICE", f"Object {twice[0]} would be linked twice.")
    return None


def _refused(code: str, message: str) -> Outcome:
    return refused(code, message, "Choose CREATE or LEAVE for it.", path=("input", "decisions"))


async def _accept(context: Context, integration: Integration, given: DecideMatchesInput) -> int:
    if not given.accept_proposals:
        return 0
    return await database.execute(
        _ACCEPT,
        integration.id,
        context.principal.id[:120],
        context.services.clock(),
        given.entity.value if given.entity else None,
    )
