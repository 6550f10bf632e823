"""Setting an integration up: reports, their checks, and what still stands in the way."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from schema import setup
from schema.models import SetupCheck as CheckRow
from schema.money import dumps
from schema.setup_checks import CHECKS
from schema.types import enums as _enums  # noqa: F401  registers the enums
from schema.types.base import Node, Row
from schema.types.context import Info, loaders
from schema.types.ids import write_id
from schema.types.integration import Integration
from schema.types.said import said
from schema.words import SetupCheckState, SetupHow, SetupReportState


@strawberry.type
class SetupCheck(Node):
    """One precondition of an integration: how it is known, what was found, what to do."""

    code: str = said("The check, for programs.")
    title: str = said("What must hold, for people.")
    rules: list[str] = said("The rules that ask for it.")
    subject: str = said("The record that a finding is about; empty for the whole.")
    how: SetupHow = said("How it is known: read, told by an answer, or stated by a person.")
    state: SetupCheckState = said("What was found.")
    blocking: bool = said("Whether it can keep the integration from being activated.")
    in_the_way: bool = said("Whether it does so now: not passed, and not set aside.")
    cause: str | None = said("What exactly is wrong, or what was seen.")
    next_step: str | None = said("What a person can do about it.")
    checked_at: datetime | None = said("When it was last looked at.")
    answer: str | None = said("What an administrator stated, as JSON.")
    attested_by: str | None = said("Who stated it.")
    attested_at: datetime | None = said("When it was stated.")
    ask_again_at: datetime | None = said("When it is asked again.")
    set_aside_by: str | None = said("Who set the finding aside.")
    set_aside_at: datetime | None = said("When it was set aside.")
    set_aside_reason: str | None = said("Why it was set aside.")


@strawberry.type
class SetupObstacle:
    """What keeps an integration from being activated."""

    code: str = said("The check, for programs.")
    subject: str = said("The record that it is about; empty for the whole.")
    cause: str = said("What exactly is wrong.")
    next_step: str = said("What a person can do about it.")


@strawberry.type
class SetupReport(Node):
    """One test of an integration; it shows every check as it is known now."""

    integration_key: strawberry.Private[UUID]
    state: SetupReportState = said("How far the test is.")
    reason: str | None = said("Why it failed, if it did.")
    created_at: datetime = said("When it was asked for.")
    started_at: datetime | None = said("When the worker began.")
    finished_at: datetime | None = said("When the worker was done.")

    @strawberry.field
    async def integration(self, info: Info) -> Integration:
        """The integration that was tested."""
        found = await loaders(info).integration.load(self.integration_key)
        assert found is not None
        return found

    @strawberry.field
    async def checks(self, info: Info) -> list[SetupCheck]:
        """Every check, those that are in the way first."""
        return await loaders(info).setup_checks.load(self.integration_key)

    @strawberry.field
    async def obstacles(self, info: Info) -> list[SetupObstacle]:
        """What keeps the integration from being activated."""
        return await loaders(info).setup_obstacles.load(self.integration_key)


def setup_report_type(row: Row) -> SetupReport:
    """Make a report from its row."""
    return SetupReport(
        id=write_id("SetupReport", row["id"]),
        integration_key=row["integration_id"],
        state=SetupReportState(row["state"]),
        reason=row["reason"],
        created_at=row["created_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
    )


def setup_check_type(check: CheckRow, *, now: datetime) -> SetupCheck:
    """Make a check from its row and the catalogue; what was attested long ago is open again."""
    kind = CHECKS.get(check.code)
    return SetupCheck(
        id=write_id("SetupCheck", check.id),
        code=check.code,
        title=kind.title if kind else check.code.replace("_", " ").capitalize(),
        rules=list(kind.rules) if kind else [],
        subject=check.subject,
        how=check.how,
        state=setup.state_now(check, now=now),
        blocking=check.blocking,
        in_the_way=setup.in_the_way(check, now=now),
        cause=check.cause,
        next_step=check.next_step,
        checked_at=check.checked_at,
        answer=None if check.answer is None else dumps(check.answer),
        attested_by=check.attested_by,
        attested_at=check.attested_at,
        ask_again_at=check.ask_again_at,
        set_aside_by=check.set_aside_by,
        set_aside_at=check.set_aside_at,
        set_aside_reason=check.set_aside_reason,
    )


def setup_obstacle_type(found: setup.Obstacle) -> SetupObstacle:
    """Make an obstacle from what was found."""
    return SetupObstacle(
        code=found.code, subject=found.subject, cause=found.cause, next_step=found.next_step
    )
