"""Issues: opened in plain words, counted, and closed by themselves when a later run succeeds."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from schema import database
from schema.ids import new_id
from schema.issues import CATALOGUE
from schema.models import Issue, IssueRecord
from schema.words import Entity
from worker.context import Context

log = logging.getLogger(__name__)

_OPEN = """
INSERT INTO issue (id, created_at, integration_id, code, subject, cause, next_step, occurrences,
                   opened_at, last_seen_at)
VALUES ($1, now(), $2, $3, $4, $5, $6, 1, $7, $7)
ON CONFLICT (integration_id, code, subject) WHERE resolved_at IS NULL
DO UPDATE SET cause = excluded.cause, next_step = excluded.next_step,
              occurrences = issue.occurrences + 1, last_seen_at = excluded.last_seen_at
RETURNING id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A problem to report: catalogue code, cause in one sentence, and the records it touches."""

    code: str
    cause: str
    subject: str
    next_step: str | None = None
    records: tuple[tuple[Entity, UUID], ...] = ()


async def report(ctx: Context, problem: Problem) -> None:
    """Open an issue, or count one more occurrence, inside the running transaction."""
    kind = CATALOGUE[problem.code]
    found = await database.rows(
        _OPEN,
        new_id(),
        ctx.integration.id,
        kind.code,
        problem.subject[:200],
        problem.cause,
        problem.next_step or kind.next_step,
        ctx.clock(),
    )
    issue_id = found[0]["id"]
    for entity, record_id in problem.records:
        await IssueRecord.get_or_create(
            issue_id=issue_id, record_id=record_id, defaults={"entity": entity}
        )
    log.info("issue.seen code=%s subject=%s", kind.code, problem.subject)


async def resolve(ctx: Context, *, subject: str, keep: tuple[str, ...] = ()) -> int:
    """Close the open issues of a subject, inside the running transaction."""
    return await database.execute(
        "UPDATE issue SET resolved_at = $3 WHERE integration_id = $1 AND subject = $2 "
        "AND resolved_at IS NULL AND NOT code = ANY($4::text[])",
        ctx.integration.id,
        subject,
        ctx.clock(),
        list(keep),
    )


async def resolve_many(ctx: Context, *, subjects: Sequence[str]) -> int:
    """Close every open issue of many subjects, inside the running transaction."""
    if not subjects:
        return 0
    return await database.execute(
        "UPDATE issue SET resolved_at = $3 WHERE integration_id = $1 AND subject = ANY($2::text[]) "
        "AND resolved_at IS NULL",
        ctx.integration.id,
        list(subjects),
        ctx.clock(),
    )


async def known(ctx: Context, problem: Problem) -> bool:
    """Tell whether an open issue says exactly this already."""
    return await Issue.filter(
        integration_id=ctx.integration.id,
        code=problem.code,
        subject=problem.subject[:200],
        cause=problem.cause,
        resolved_at=None,
    ).exists()


def subject_of(entity: Entity, record_id: UUID) -> str:
    """Return the subject of an issue about one record."""
    return f"{entity}:{record_id}"
