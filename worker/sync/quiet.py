"""Records that need no outside write: saved many at a time."""

from collections.abc import Awaitable, Callable, Collection
from uuid import UUID

from schema import database
from worker.context import Context
from worker.sync import report, save
from worker.sync.flow import Case, Flow
from worker.sync.merged import guard, merge_case, vanished_side

Tally = Callable[[str], Awaitable[None]]


def keys_of(case: Case) -> set[str]:
    """Return the keys of what was seen of a case."""
    return {seen.key for seen in case.seen.values()}


async def save_quiet(
    ctx: Context, flow: Flow, cases: Collection[Case], handled: set[str], tally: Tally
) -> list[Case]:
    """Save the cases that need no outside write, all at once; returns the others."""
    doubtful = await _doubtful(ctx, cases)
    items: list[save.Item] = []
    skipped: list[Case] = []
    loud: list[Case] = []
    words: list[str] = []
    for case in cases:
        if case.record is None and flow.skip(ctx, case) is not None:
            skipped.append(case)
            words.append("unchanged")
            continue
        item = await _plain(ctx, flow, case, doubtful)
        if item is None:
            loud.append(case)
            continue
        items.append(item)
        words.append("unchanged" if case.record is not None else "created")
    if not words:
        return loud
    plain = [item.case for item in items]
    async with ctx.transaction():
        if items:
            shown = await save.save_many(ctx, flow, items)
            words = _told(words, items, shown)
        loose = [name for case in skipped for name in save.loose_subjects(flow, case)]
        await report.resolve_many(ctx, subjects=loose)
        await save.done(ctx, [*plain, *skipped])
    for case in (*plain, *skipped):
        handled |= keys_of(case)
    for word in words:
        await tally(word)
    return loud


def _told(words: list[str], items: list[save.Item], shown: list[bool]) -> list[str]:
    changed = sum(
        1 for item, seen in zip(items, shown, strict=True) if seen and len(item.case.links) > 0
    )
    rest = list(words)
    for place, word in enumerate(words):
        if changed and word == "unchanged":
            rest[place] = "updated"
            changed -= 1
    return rest


async def _doubtful(ctx: Context, cases: Collection[Case]) -> set[UUID]:
    """Return the records with a write whose outcome nobody knows, or with an open conflict."""
    records = [case.record for case in cases if case.record is not None]
    if not records:
        return set()
    found = await database.rows(
        "SELECT DISTINCT record_id FROM attempt WHERE record_id = ANY($1::uuid[]) "
        "AND state IN ('OPEN', 'UNCERTAIN')",
        [record.id for record in records],
    )
    return {UUID(str(row["record_id"])) for row in found} | set(await save.open_conflicts(records))


async def _plain(
    ctx: Context, flow: Flow, case: Case, doubtful: Collection[UUID]
) -> save.Item | None:
    """Return the merge of a case that only we have to hear of, or None for any other case."""
    if vanished_side(flow, case) is not None:
        return None
    if case.lost or (case.record is not None and case.record.id in doubtful):
        return None
    if len(case.seen) < 2 and flow.skip(ctx, case) is None:
        return None
    try:
        guard(flow, case)
        if await flow.wait(ctx, case) is not None:
            return None
        merged = merge_case(ctx, flow, case, {})
    except Exception:
        return None  # Whatever it is, the long way round meets it again and names it.
    if merged.clashes or merged.failures or any(merged.writes.values()):
        return None
    return save.Item(case=case, merged=merged)
