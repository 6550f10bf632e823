"""Candidates of the take-over: objects of both systems that may be one record."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from schema.types import enums as _enums  # noqa: F401  registers the enums
from schema.types.base import Node, Row
from schema.types.ids import write_id
from schema.types.page import Connection
from schema.types.said import said
from schema.words import Entity, MatchDecision, MatchKind


@strawberry.type
class MatchObject:
    """An object of one system, as it is there."""

    key: str = said("Its key there, which never changes.")
    number: str | None = said("The number or code that people use for it there.")
    name: str | None = said("Its name there.")
    vat_number: str | None = said("Its VAT number there.")


@strawberry.type
class MatchCandidate(Node):
    """Two objects that may be one record, or one that has no twin."""

    key: strawberry.Private[UUID]
    entity: Entity = said("The kind of record.")
    kind: MatchKind = said("What the two have in common.")
    severa: MatchObject | None = said("The object in Severa.")
    financials: MatchObject | None = said("The object in Financials.")
    reason: str = said("Why this is proposed, or why a person must look.")
    proposal: MatchDecision | None = said("What is proposed; null if a person must decide.")
    decision: MatchDecision | None = said("What a person decided; null: the proposal counts.")
    needs_decision: bool = said("Whether a person must decide.")
    decided_by: str | None = said("Who decided.")
    decided_at: datetime | None = said("When it was decided.")


@strawberry.type(name="MatchCandidateConnection")
class MatchCandidateConnection(Connection[MatchCandidate]):
    """A page of candidates."""


def match_type(row: Row) -> MatchCandidate:
    """Make a candidate from its row."""
    proposal = MatchDecision(row["proposal"]) if row["proposal"] else None
    decision = MatchDecision(row["decision"]) if row["decision"] else None
    return MatchCandidate(
        id=write_id("MatchCandidate", row["id"]),
        key=row["id"],
        entity=Entity(row["entity"]),
        kind=MatchKind(row["kind"]),
        severa=_object(row, "severa"),
        financials=_object(row, "financials"),
        reason=row["reason"],
        proposal=proposal,
        decision=decision,
        needs_decision=proposal is None and decision is None,
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
    )


def _object(row: Row, side: str) -> MatchObject | None:
    if not row[f"{side}_key"]:
        return None
    return MatchObject(
        key=row[f"{side}_key"],
        number=row[f"{side}_number"],
        name=row[f"{side}_name"],
        vat_number=row[f"{side}_vat_number"],
    )
