"""Keeps the verdicts: one row per check and subject; what people stated and set aside stays."""

from collections.abc import Sequence
from typing import Any

from schema.models import SetupCheck
from schema.setup_checks import CHECKS
from schema.words import SetupCheckState
from worker.checks.verdict import Verdict
from worker.context import Context

# So many findings of one check are kept by record; the rest is counted.
MOST = 200
_TROUBLE = (SetupCheckState.FAILED, SetupCheckState.WARNING)


async def keep(ctx: Context, verdicts: Sequence[Verdict]) -> None:
    """Store the verdicts of a test inside the running transaction; older ones disappear.

    A set-aside ends when the cause changes or the check passes (Q46).
    """
    known = {
        (row.code, row.subject): row
        for row in await SetupCheck.filter(integration_id=ctx.integration.id)
    }
    wanted = {(verdict.code, verdict.subject[:200]): verdict for verdict in _few(verdicts)}
    for key, verdict in wanted.items():
        await _save(ctx, known.get(key), verdict)
    gone = [row.id for key, row in known.items() if key not in wanted]
    if gone:
        await SetupCheck.filter(id__in=gone).delete()


def _few(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Cut what would flood a reader; the first rows of a check say how many more there are."""
    counts: dict[str, int] = {}
    kept = []
    for verdict in verdicts:
        counts[verdict.code] = counts.get(verdict.code, 0) + 1
        if counts[verdict.code] <= MOST:
            kept.append(verdict)
    for code, count in counts.items():
        if count > MOST:
            kept.append(
                Verdict(
                    code=code,
                    state=next(v.state for v in verdicts if v.code == code),
                    subject="more",
                    cause=f"There are {count - MOST} more like these.",
                )
            )
    return kept


async def _save(ctx: Context, row: SetupCheck | None, verdict: Verdict) -> None:
    kind = CHECKS[verdict.code]
    found: Any = row or SetupCheck(
        integration_id=ctx.integration.id, code=kind.code, subject=verdict.subject[:200]
    )
    if found.set_aside_at is not None and found.cause != verdict.cause:
        found.set_aside_at = found.set_aside_by = found.set_aside_reason = None
    trouble = verdict.state is not SetupCheckState.PASSED
    found.how = verdict.how or kind.how
    found.state = verdict.state
    found.blocking = kind.blocking and verdict.state is not SetupCheckState.WARNING
    found.cause = verdict.cause
    found.next_step = (verdict.next_step or kind.next_step) if trouble else None
    found.details = dict(verdict.details)
    found.checked_at = ctx.clock()
    await found.save()
