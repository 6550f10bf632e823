"""Pushing: every outside write is bracketed by an attempt row, committed before and after (J4).

An outcome that nobody knows is no failure: the attempt stays UNCERTAIN until the vendor's longest
execution time is over, then it is looked up. Nothing is created beside an open attempt.
"""

import hashlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from schema import database
from schema.errors import Refused, Retryable
from schema.models import Attempt
from schema.money import dumps
from schema.words import AttemptState, Side
from worker import faultpoint
from worker.context import Context
from worker.lease import boot_time
from worker.vendors.endpoints import Operation
from worker.vendors.errors import OutcomeUnknown, VendorError
from worker.vendors.records import Answer, Upload

_NAMES = {Side.SEVERA: "Severa", Side.FINANCIALS: "Financials"}


class OnlyPlanning(Refused):
    """A plan is being made, and something tried to write."""

    code = "only_planning"


class StillUncertain(Retryable):
    """An earlier write may still land; it can be looked up only after `when`."""

    code = "outcome_unknown"

    def __init__(self, when: datetime) -> None:
        self.when = when
        super().__init__(f"An earlier write is looked up after {when:%H:%M:%S}.")


class CallTooLate(Retryable):
    """This process stood still between its intent and the call; nothing more may leave it."""

    code = "call_too_late"


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One intended write: who it is for, the call, and its purpose in one word."""

    entity: str
    record_id: UUID
    side: Side
    purpose: str
    operation: Operation
    path: dict[str, str] = field(default_factory=dict)
    body: Any = None
    if_match: str | None = None
    mark: str | None = None
    label: str = ""
    params: dict[str, Any] | None = None
    context: dict[str, Any] = field(default_factory=dict)
    files: tuple[Upload, ...] = ()


async def push(
    ctx: Context,
    write: Write,
    *,
    after: Callable[[Answer, Attempt], Awaitable[None]] | None = None,
) -> Answer:
    """Carry out a write with its evidence; `after` runs in the transaction of the outcome.

    Raises VendorError; for OutcomeUnknown the attempt is left UNCERTAIN. Raises StillUncertain when
    this process stood still before the call, LeaseLost when somebody else writes now.
    """
    if ctx.dry:
        raise OnlyPlanning(f"Only planning: {write.label or write.purpose}.")
    deadline = ctx.deadline()
    until = boot_time() + deadline

    def still_in_time() -> None:
        """Stop a request right before its bytes leave, however long ago it was prepared."""
        if ctx.lease.lost.is_set() or boot_time() >= until:
            raise CallTooLate(f"The time for {write.label or write.purpose} is over.")

    attempt = await _intend(ctx, write, deadline)
    await faultpoint.reach(f"{write.purpose}.before")
    try:
        answer = await ctx.clients[write.side].write(
            write.operation,
            path=write.path,
            body=write.body,
            params=write.params,
            if_match=write.if_match,
            files=write.files or None,
            deadline=max(until - boot_time(), 0.001),
            guard=still_in_time,
        )
    except CallTooLate as error:
        await _too_late(ctx, attempt, error)
        raise StillUncertain(attempt.look_after or ctx.clock()) from error
    except VendorError as error:
        await _failed(ctx, write, attempt, error)
        raise
    await faultpoint.reach(f"{write.purpose}.after")
    async with ctx.transaction():
        attempt.state = AttemptState.SUCCEEDED
        attempt.external_id = answer.location_key or attempt.external_id
        attempt.request_id = answer.request_id
        attempt.finished_at = ctx.clock()
        attempt.evidence += f" {_NAMES[write.side]} answered {answer.status}"
        attempt.evidence += f" and gave {answer.location_key}." if answer.location_key else "."
        await attempt.save()
        if after is not None:
            await after(answer, attempt)
    await faultpoint.reach(f"{write.purpose}.committed")
    return answer


async def _intend(ctx: Context, write: Write, deadline: float) -> Attempt:
    now = ctx.clock()
    attempt = Attempt(
        integration_id=ctx.integration.id,
        entity=write.entity,
        record_id=write.record_id,
        side=write.side,
        operation=write.operation.name,
        purpose=write.purpose,
        mark=write.mark,
        digest=digest_of(write.body),
        fence=ctx.lease.token,
        context={"path": write.path, **write.context},
        evidence=f"{now:%Y-%m-%d %H:%M:%S} UTC: {write.label or write.purpose}.",
        look_after=ctx.look_after(since=now, call=deadline),
    )
    async with ctx.transaction():
        await attempt.save()
    return attempt


async def _failed(ctx: Context, write: Write, attempt: Attempt, error: VendorError) -> None:
    uncertain = isinstance(error, OutcomeUnknown)
    refused = not uncertain and not isinstance(error, Retryable)
    if isinstance(error, OutcomeUnknown):
        attempt.state = AttemptState.UNCERTAIN
        attempt.look_after = ctx.look_after(since=error.last_byte_at)
        attempt.evidence += f" No usable answer: {error.message}"
    else:
        attempt.state = AttemptState.REFUSED if refused else AttemptState.NOT_DONE
        attempt.finished_at = ctx.clock()
        word = "refused" if refused else "did not do it"
        attempt.evidence += f" {_NAMES[write.side]} {word}: {error.message}"
    attempt.request_id = error.request_id
    async with ctx.transaction():
        await attempt.save()


async def _too_late(ctx: Context, attempt: Attempt, error: CallTooLate) -> None:
    """Leave a call that was cut off to the look-up: its first part may have been all of it."""
    attempt.state = AttemptState.UNCERTAIN
    attempt.look_after = ctx.look_after()
    attempt.evidence += f" Stopped at the last moment: {error}"
    async with ctx.transaction():
        await attempt.save()


def digest_of(body: Any) -> str:
    """Return the fingerprint of what was sent."""
    return hashlib.sha256(dumps(body).encode()).hexdigest()


async def open_attempts(record_id: UUID) -> list[Attempt]:
    """Return the attempts of a record whose outcome nobody knows, oldest first."""
    return await Attempt.filter(
        record_id=record_id, state__in=[AttemptState.OPEN, AttemptState.UNCERTAIN]
    ).order_by("id")


async def unlinked_creates(record_id: UUID, sides: Iterable[Side]) -> list[Attempt]:
    """Return the newest successful create of a record per side, for sides without its twin.

    The worker ended between the answer and the link: what was created is there, and is to be found.
    """
    found = await Attempt.filter(
        record_id=record_id,
        side__in=[side.value for side in sides],
        state=AttemptState.SUCCEEDED,
        purpose__endswith=".create",
    ).order_by("-id")
    newest = {Side(item.side): item for item in reversed(found)}
    return list(newest.values())


def require_due(ctx: Context, attempts: list[Attempt]) -> None:
    """Make sure that every open attempt may be looked up by now.

    Raises StillUncertain with the time from which "not found" is an answer.
    """
    latest = max((item.look_after for item in attempts if item.look_after), default=None)
    if latest is not None and latest > ctx.clock():
        raise StillUncertain(latest)


async def settle(
    ctx: Context, attempt: Attempt, *, state: AttemptState, evidence: str, key: str | None = None
) -> None:
    """Write down what a look-up found, inside the running transaction."""
    if attempt.state is AttemptState.OPEN:
        attempt.evidence += " Its outcome was not stored: the worker ended or lost its lease."
    attempt.state = state
    attempt.external_id = key or attempt.external_id
    attempt.finished_at = ctx.clock()
    attempt.evidence += f" {evidence}"
    await attempt.save()


async def uncertain_records(ctx: Context) -> set[UUID]:
    """Return the records of this integration with an attempt that may not be looked up yet."""
    found = await database.rows(
        "SELECT DISTINCT record_id FROM attempt WHERE integration_id = $1 "
        "AND state IN ('OPEN', 'UNCERTAIN') AND look_after > $2",
        ctx.integration.id,
        ctx.clock(),
    )
    return {UUID(str(row["record_id"])) for row in found}
