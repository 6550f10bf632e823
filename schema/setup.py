"""What blocks activation, and what an administrator may state about the set-up.

The worker finds out and stores (`worker/jobs/setup.py`); people attest and set aside here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from schema.errors import Refused
from schema.models import SetupCheck, SetupReport
from schema.setup_checks import CHECKS
from schema.words import SetupCheckState, SetupHow, SetupReportState

# What a person attested is asked again after this long.
ASK_AGAIN_AFTER = timedelta(days=365)
_STANDS_IN_THE_WAY = (SetupCheckState.FAILED, SetupCheckState.UNKNOWN, SetupCheckState.OPEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """What keeps an integration from being activated (Q46)."""

    code: str
    subject: str
    cause: str
    next_step: str


class NotAttestable(Refused):
    """Only checks that no API answers are a person's to attest."""

    code = "not_attestable"


class ReasonMissing(Refused):
    """Setting a check aside takes a reason, which is kept (Q46)."""

    code = "reason_missing"


def state_now(check: SetupCheck, *, now: datetime) -> SetupCheckState:
    """Return the state of a check; what was attested a year ago is open again."""
    if check.how is SetupHow.ATTEST and check.ask_again_at and check.ask_again_at <= now:
        return SetupCheckState.OPEN
    return check.state


def in_the_way(check: SetupCheck, *, now: datetime) -> bool:
    """Tell whether a check blocks activation: not passed, and not set aside (Q46)."""
    if not check.blocking or check.set_aside_at is not None:
        return False
    return state_now(check, now=now) in _STANDS_IN_THE_WAY


async def obstacles(*, integration_id: UUID, now: datetime) -> list[Obstacle]:
    """List what keeps an integration from being activated; an untested one cannot be (Q46)."""
    tested = await SetupReport.filter(
        integration_id=integration_id, state=SetupReportState.READY
    ).exists()
    if not tested:
        return [
            Obstacle(
                code="not_tested",
                subject="",
                cause="The integration was never tested.",
                next_step="Test it first.",
            )
        ]
    found = await SetupCheck.filter(integration_id=integration_id).order_by("code", "subject")
    return [
        Obstacle(
            code=check.code,
            subject=check.subject,
            cause=check.cause or CHECKS[check.code].title,
            next_step=check.next_step or CHECKS[check.code].next_step,
        )
        for check in found
        if in_the_way(check, now=now)
    ]


async def attest(
    *, integration_id: UUID, code: str, by: str, now: datetime, answer: Any = None
) -> SetupCheck:
    """Keep that an administrator confirms a check, who and when; asked again in a year.

    An `answer` that names a status is judged by the next test; until then the check is unknown.
    Raises NotAttestable.
    """
    kind = CHECKS.get(code)
    if kind is None or kind.how is not SetupHow.ATTEST:
        raise NotAttestable(f"{code} is not for people to attest.")
    check: Any
    check, _ = await SetupCheck.get_or_create(
        integration_id=integration_id,
        code=code,
        subject="",
        defaults={"how": kind.how, "state": SetupCheckState.OPEN, "blocking": kind.blocking},
    )
    judged = not (isinstance(answer, Mapping) and "status" in answer)
    check.state = SetupCheckState.PASSED if judged else SetupCheckState.UNKNOWN
    check.cause = None if judged else "It was stated since the last test, which judges it."
    check.next_step = None if judged else "Test again."
    check.answer, check.attested_by, check.attested_at = answer, by[:120], now
    check.ask_again_at = now + ASK_AGAIN_AFTER
    await check.save()
    found: SetupCheck = check
    return found


async def set_aside(*, check: SetupCheck, by: str, reason: str, now: datetime) -> None:
    """Let activation pass over one finding, with a reason that is kept (Q46).

    Raises ReasonMissing.
    """
    if not reason.strip():
        raise ReasonMissing("Setting a check aside takes a reason.")
    check.set_aside_by, check.set_aside_at = by[:120], now
    check.set_aside_reason = reason.strip()
    await check.save()
