"""What all operations share: one transaction, idempotency keys, audit, the doorbell (J1, J5)."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from strawberry import UNSET

from gateway.graphql.context import Context
from schema import bell, database
from schema.ids import new_id
from schema.models import Audit, Integration
from schema.money import dumps, loads
from schema.types.ids import key_of

KEPT = timedelta(hours=48)
KEY_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A refusal that a person can act on."""

    code: str
    message: str
    next_step: str
    path: tuple[str, ...] = ("input",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an operation did: the row that it is about, or why it was refused."""

    subject: UUID | None = None
    refusals: tuple[Refusal, ...] = ()
    # A text that is shown once and stored nowhere.
    secret: str | None = None
    # How many things were changed, where that is told.
    count: int = 0
    # The integration whose worker should look for new rows.
    ring: UUID | None = field(default=None, compare=False)


Work = Callable[[], Awaitable[Outcome]]


class _Undo(Exception):
    """Rolls a refused operation back, so that nothing of it stays."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        super().__init__("refused")


def refused(
    code: str, message: str, next_step: str, *, path: tuple[str, ...] = ("input",)
) -> Outcome:
    """Return a refusal as an outcome."""
    refusal = Refusal(code=code, message=message, next_step=next_step, path=path)
    return Outcome(refusals=(refusal,))


def unknown(thing: str, field_name: str) -> Outcome:
    """Refuse an id that is unknown or not for the caller; both look alike (H12)."""
    return refused(
        "NOT_FOUND",
        f"There is no such {thing}.",
        "Check the id; the key must be allowed to see it.",
        path=("input", field_name),
    )


async def perform(context: Context, name: str, given: Any, work: Work) -> Outcome:
    """Run an operation in one transaction; with a key that was used before, answer again.

    A refusal leaves nothing behind, not even the key: the same wish may succeed later.
    """
    try:
        async with database.transaction():
            outcome = await _once(context, name, given, work)
            if outcome.refusals:
                raise _Undo(outcome)
    except _Undo as undo:
        return undo.outcome
    if outcome.ring is not None:
        context.services.knocker.knock(outcome.ring)
        await bell.ring(context.services.redis)
    return outcome


async def _once(context: Context, name: str, given: Any, work: Work) -> Outcome:
    key = given.idempotency_key
    if key is None:
        return await work()
    if not 1 <= len(key) <= KEY_LENGTH:
        return refused(
            "BAD_IDEMPOTENCY_KEY",
            f"An idempotency key has 1 to {KEY_LENGTH} characters.",
            "Give a shorter key, for example a UUID.",
            path=("input", "idempotencyKey"),
        )
    digest = _digest(name, given)
    known = await _claim(context, name, key, digest)
    if known is not None:
        return _again(known, digest)
    outcome = await work()
    if not outcome.refusals:
        await database.execute(
            "UPDATE idempotency_key SET answer = $3 WHERE principal = $1 AND key = $2",
            context.principal.id,
            key,
            dumps({"subject": str(outcome.subject) if outcome.subject else None}),
        )
    return outcome


async def _claim(context: Context, name: str, key: str, digest: str) -> dict[str, Any] | None:
    """Take the key, or return its first use. A use under way is waited for: its row is locked."""
    now = context.services.clock()
    who = context.principal.id
    await database.execute(
        "DELETE FROM idempotency_key WHERE principal = $1 AND key = $2 AND expires_at < $3",
        who,
        key,
        now,
    )
    taken = await database.rows(
        "INSERT INTO idempotency_key (id, created_at, principal, key, mutation, digest, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (principal, key) DO NOTHING RETURNING id",
        new_id(),
        now,
        who,
        key,
        name,
        digest,
        now + KEPT,
    )
    if taken:
        return None
    found = await database.rows(
        "SELECT digest, answer FROM idempotency_key WHERE principal = $1 AND key = $2", who, key
    )
    return found[0]


def _again(known: dict[str, Any], digest: str) -> Outcome:
    if known["digest"] != digest:
        return refused(
            "IDEMPOTENCY_KEY_REUSED",
            "This idempotency key was used with another input.",
            "Use a new key for a new wish.",
            path=("input", "idempotencyKey"),
        )
    answer = loads(known["answer"]) if known["answer"] else {}
    subject = answer.get("subject")
    return Outcome(subject=UUID(subject) if subject else None)


def _digest(name: str, given: Any) -> str:
    return hashlib.sha256(dumps([name, _plain(given)]).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Return an input as JSON; what a client left out is left out."""
    if dataclasses.is_dataclass(value):
        named = {item.name: getattr(value, item.name) for item in dataclasses.fields(value)}
        return {
            name: _plain(one)
            for name, one in named.items()
            if name != "idempotency_key" and one is not UNSET
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


async def on_integration(
    context: Context,
    name: str,
    given: Any,
    change: Callable[[Integration], Awaitable[Outcome]],
) -> Outcome:
    """Run an operation on the integration that its input names, with its row locked."""
    key = key_of(given.integration_id, "Integration")
    if key is None or not context.principal.may_see(key):
        return unknown("integration", "integrationId")

    async def work() -> Outcome:
        integration = await Integration.filter(id=key).select_for_update().first()
        if integration is None:
            return unknown("integration", "integrationId")
        return await change(integration)

    return await perform(context, name, given, work)


async def note(
    context: Context, action: str, *, integration_id: UUID | None, subject: str, **details: Any
) -> None:
    """Write down who did what."""
    await Audit.create(
        integration_id=integration_id,
        actor=context.principal.id,
        action=action,
        subject=subject,
        details=details,
    )
