"""Files of costs: each goes to the projects that it concerns, once by its content (R106-R108).

Fees cannot carry files, so a file is attached to the project with the text of the cost (R232).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from schema import database
from schema.models import Attachment, Attempt, ProjectCost
from schema.words import AttemptState, Entity, Side
from worker.context import Context
from worker.mapping.project_cost import Line, batch_key, source_of, unique_files
from worker.sync import push, report, store
from worker.sync.rules import attachment
from worker.sync.rules.attachment import Content
from worker.sync.rules.project_cost.fee import Shelf
from worker.vendors.errors import OutcomeUnknown, VendorRefused
from worker.vendors.financials import operations
from worker.vendors.records import Answer, Record, Upload
from worker.vendors.severa import SEVERA
from worker.vendors.severa import operations as severa

ATTACH = "cost.attach"
_SAME = """
SELECT a.target_id FROM attachment a JOIN project_cost c ON c.id = a.record_id
WHERE a.integration_id = $1 AND a.entity = 'PROJECT_COST' AND c.project_id = $2
  AND a.content_hash = $3 AND a.copied_at IS NOT NULL LIMIT 1
"""
_TAKEN = """
SELECT target_id FROM attachment
WHERE integration_id = $1 AND entity = 'PROJECT_COST' AND target_id = ANY($2::text[])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A cost that stands in Severa, with its line and the guid of its project."""

    line: Line
    cost: ProjectCost
    guid: str


async def settle_files(
    ctx: Context, body: Mapping[str, Any], holders: list[Holder], shelf: Shelf, *, full: bool
) -> bool:
    """Bring the files of a batch to its projects; tells whether none is left to bring.

    Raises VendorError other than a refusal, which is an issue and holds nothing up.
    """
    finished, refused = True, []
    for holder, file in _wanted(body, holders):
        try:
            await _copy(ctx, holder, file, shelf, full=full)
        except VendorRefused as error:
            refused.append(f"{file.get('name')}: {error.message}")
        except (OutcomeUnknown, push.StillUncertain):
            finished = False
    await _say(ctx, body, holders, refused)
    return finished


def _wanted(
    body: Mapping[str, Any], holders: list[Holder]
) -> Iterable[tuple[Holder, Mapping[str, Any]]]:
    """List files: of a row for its project, of the document once for every project (R107, R108)."""
    for holder in holders:
        for file in unique_files(holder.line.attachments):
            yield holder, file
    first: dict[str, Holder] = {}
    for holder in holders:
        first.setdefault(holder.guid, holder)
    for holder in first.values():
        for file in unique_files(body.get("attachments") or ()):
            yield holder, file


async def _say(
    ctx: Context, body: Mapping[str, Any], holders: list[Holder], refused: list[str]
) -> None:
    subject = f"cost:{batch_key(body)}:files"
    async with ctx.transaction():
        if not refused:
            await report.resolve(ctx, subject=subject)
            return
        problem = report.Problem(
            code="file_refused",
            cause=f"Files of batch {batch_key(body)}: {'; '.join(refused)}",
            subject=subject,
            records=tuple((Entity.PROJECT_COST, holder.cost.id) for holder in holders),
        )
        await report.report(ctx, problem)


async def _copy(
    ctx: Context, holder: Holder, file: Mapping[str, Any], shelf: Shelf, *, full: bool
) -> None:
    """Attach one file to one project, unless its content is there.

    Raises StillUncertain, VendorError.
    """
    row = await attachment.row_of(
        ctx,
        entity=Entity.PROJECT_COST,
        record_id=holder.cost.id,
        source_id=source_of(file),
        name=str(file.get("name") or "file"),
        text=holder.cost.description,
    )
    if row.copied_at is not None or (not full and await _was_refused(row)):
        return
    attempts = await _open(holder.cost.id, row)
    push.require_due(ctx, attempts)
    path = {"attachmentId": str(file.get("id"))}
    answer = await ctx.financials.read(operations.ATTACHMENT_READ, path=path)
    content = attachment.content_of(answer)
    await attachment.note_content(ctx, row, content)
    target = await _same_content(ctx, holder.cost, content)
    if target is None:
        if attempts:
            shelf.files.pop(holder.guid, None)
        target = await _standing(ctx, holder.guid, row, content, shelf)
    if target is None:
        await _settled(ctx, attempts, None)
        await _upload(ctx, holder, row, content)
        return
    await _settled(ctx, attempts, target)
    async with ctx.transaction():
        await attachment.note_copied(ctx, row, target)


async def _open(cost_id: UUID, row: Attachment) -> list[Attempt]:
    return [
        item
        for item in await push.open_attempts(cost_id)
        if item.purpose == ATTACH and item.context.get("attachment") == str(row.id)
    ]


async def _was_refused(row: Attachment) -> bool:
    found = await Attempt.filter(
        record_id=row.record_id, purpose=ATTACH, state=AttemptState.REFUSED
    )
    return any(item.context.get("attachment") == str(row.id) for item in found)


async def _same_content(ctx: Context, cost: ProjectCost, content: Content) -> str | None:
    """Return the file of the project that has this content already (Q27)."""
    found = await database.rows(_SAME, ctx.integration.id, cost.project_id, content.digest)
    return str(found[0]["target_id"]) if found else None


async def _standing(
    ctx: Context, guid: str, row: Attachment, content: Content, shelf: Shelf
) -> str | None:
    """Find a file that stands at the project: of a write in doubt, or of the take-over."""
    if guid not in shelf.files:
        pages = ctx.severa.pages(SEVERA["project_files"], path={"projectGuid": guid})
        shelf.files[guid] = [item async for page in pages for item in page.rows]
    alike = [item for item in shelf.files[guid] if _alike(item, row)]
    taken = await database.rows(_TAKEN, ctx.integration.id, [str(item["guid"]) for item in alike])
    gone = {str(found["target_id"]) for found in taken}
    for item in alike:
        if str(item["guid"]) not in gone and await _has(ctx, item, content):
            return str(item["guid"])
    return None


def _alike(item: Record, row: Attachment) -> bool:
    size = item.get("size")
    return item.get("name") == row.name and (size is None or int(size) == row.size)


async def _has(ctx: Context, item: Record, content: Content) -> bool:
    answer = await ctx.severa.read(severa.FILE_DATA, path={"guid": str(item["fileGuid"])})
    return attachment.content_of(answer).digest == content.digest


async def _settled(ctx: Context, attempts: list[Attempt], target: str | None) -> None:
    state = AttemptState.NOT_DONE if target is None else AttemptState.SUCCEEDED
    words = "found nothing." if target is None else "found the file and adopted it."
    async with ctx.transaction():
        for item in attempts:
            evidence = f"Looked in Severa at {ctx.clock():%H:%M:%S}, {words}"
            await push.settle(ctx, item, state=state, evidence=evidence, key=target)


async def _upload(ctx: Context, holder: Holder, row: Attachment, content: Content) -> None:
    async def uploaded(answer: Answer, attempt: Attempt) -> None:
        guid = str(answer.body[0]["guid"])
        attempt.external_id = guid
        await attempt.save(update_fields=["external_id"])
        await attachment.note_copied(ctx, row, guid)
        shown = ({"field": "attachments", "before": None, "after": row.name},)
        why = store.Why(kind="project_cost.attached", reason="Attached in Severa.", extra=shown)
        await store.save(ctx, holder.cost, {}, why=why)

    upload = Upload(
        name=row.name,
        content=content.data,
        content_type=content.media_type,
        description=holder.cost.description,
    )
    write = push.Write(
        entity=Entity.PROJECT_COST.value,
        record_id=holder.cost.id,
        side=Side.SEVERA,
        purpose=ATTACH,
        operation=severa.PROJECT_FILE_CREATE,
        path={"projectGuid": holder.guid},
        files=(upload,),
        mark=content.digest,
        label=f"attach {row.name} to a project in Severa",
        context={"attachment": str(row.id)},
    )
    await push.push(ctx, write, after=uploaded)
