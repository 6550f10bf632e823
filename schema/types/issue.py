"""Issues: what is wrong, in plain words, and what helps."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from schema.issues import CATALOGUE
from schema.types.base import Node, Row, SyncedRecord
from schema.types.context import Info, loaders
from schema.types.ids import write_id
from schema.types.integration import Integration
from schema.types.said import said


@strawberry.type
class Issue(Node):
    """A problem that one or more records have."""

    key: strawberry.Private[UUID]
    integration_key: strawberry.Private[UUID]
    code: str = said("The kind of problem, for programs.")
    title: str = said("The kind of problem, for people.")
    cause: str = said("What exactly is wrong.")
    next_step: str = said("What a person can do about it.")
    fixable_by: str = said("Who can fix it.")
    retryable: bool = said("Whether trying again can help.")
    occurrences: int = said("How often it has been met.")
    opened_at: datetime = said("When it was first met.")
    last_seen_at: datetime = said("When it was last met.")
    resolved_at: datetime | None = said("When it was found gone, or dismissed.")
    dismissed_reason: str | None = said("Why a person dismissed it, if one did.")
    dismissed_by: str | None = said("Who dismissed it.")

    @strawberry.field
    async def records(self, info: Info) -> list[SyncedRecord]:
        """The records that have the problem."""
        return await loaders(info).issue_records.load(self.key)

    @strawberry.field
    async def integration(self, info: Info) -> Integration:
        """The integration that it belongs to."""
        found = await loaders(info).integration.load(self.integration_key)
        assert found is not None
        return found


@strawberry.type
class IssueChange:
    """A change of an issue."""

    cursor: str = said("The place of the change; give it as `after` to go on from here.")
    issue: Issue = said("The issue as it is now.")


@strawberry.type
class RootCause:
    """One cause of open issues, and what fixing it would free."""

    code: str = said("The kind of problem.")
    title: str = said("The kind of problem, for people.")
    cause: str = said("What exactly is wrong.")
    next_step: str = said("What a person can do about it.")
    records_freed: int = said("How many records wait for it.")
    money_freed: list[MoneyByCurrency] = said("Totals with VAT of the invoices that wait for it.")
    oldest: datetime = said("Since when it has been open.")
    issues: list[Issue] = said("The open issues with this cause.")


@strawberry.type
class MoneyByCurrency:
    """An amount in one currency."""

    currency: str = said("The currency.")
    amount: str = said("The amount, a decimal as text.")


def issue_type(row: Row) -> Issue:
    """Make an issue from its row and the catalogue."""
    known = CATALOGUE.get(row["code"])
    return Issue(
        id=write_id("Issue", row["id"]),
        key=row["id"],
        integration_key=row["integration_id"],
        code=row["code"],
        title=known.title if known else row["code"].replace("_", " ").capitalize(),
        cause=row["cause"],
        next_step=row["next_step"],
        fixable_by=str(known.fixable_by) if known else "SUPPORT",
        retryable=known.retryable if known else False,
        occurrences=row["occurrences"],
        opened_at=row["opened_at"],
        last_seen_at=row["last_seen_at"],
        resolved_at=row["resolved_at"],
        dismissed_reason=row["dismissed_reason"],
        dismissed_by=row["dismissed_by"],
    )
