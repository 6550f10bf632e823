"""A document on a closed project opens it for the posting; it is closed again afterwards (Q55).

The closing is nobody's special task: the project counts as changed, Severa says that it is closed,
and the last step of a run inactivates what no document on its way needs any more.
"""

from uuid import UUID

from schema.models import Invoice, Link, Project
from schema.words import ProjectStatus, Side
from worker.context import Context
from worker.mapping.project import TASK
from worker.sync import push, sightings
from worker.sync.rules.invoice import facts
from worker.sync.rules.project_side import activation
from worker.vendors.financials import operations, shapes, wrap
from worker.vendors.records import Record

_OPEN = {Side.SEVERA: ProjectStatus.ACTIVE.value, Side.FINANCIALS: "Active"}
_LISTS = {Side.SEVERA: "projects", Side.FINANCIALS: "project"}


async def reopen(ctx: Context, invoice: Invoice, project_id: UUID | None) -> None:
    """Make the project of a document usable in Financials, when it is not.

    Raises VendorError.
    """
    if project_id is None:
        return
    link = await Link.get_or_none(record_id=project_id, side=Side.FINANCIALS.value)
    if link is None:
        return
    key = str(link.internal_id)
    seen = await sightings.find(ctx, side=Side.FINANCIALS, resource="project", key=key)
    if seen is not None and _usable(seen.body):
        return
    answer = await ctx.financials.read(operations.PROJECT_READ_INTERNAL, path={"internalID": key})
    body: Record = answer.body
    if _usable(body):
        return
    project = await Project.get(id=project_id)
    # Before the call, so that the closing cannot be forgotten, whatever becomes of us.
    async with ctx.transaction():
        await _agree(ctx, project, Side.SEVERA)
    await _activate(ctx, project, key, body, answer.etag)
    again = await ctx.financials.read(operations.PROJECT_READ_INTERNAL, path={"internalID": key})
    async with ctx.transaction():
        await sightings.keep(
            ctx,
            side=Side.FINANCIALS,
            resource="project",
            rows=[(key, None, again.body)],
            match=_number,
        )
        await _agree(ctx, project, Side.FINANCIALS)
        await facts.note(
            ctx,
            invoice,
            "project_reopened",
            f"Project {project.number} is opened in Financials for this document.",
        )


async def _agree(ctx: Context, project: Project, side: Side) -> None:
    """Remember that a side was open for this document: that Severa closed it is news again."""
    link = await Link.get_or_none(record_id=project.id, side=side.value)
    if link is None:
        return
    link.base = {**link.base, "status": _OPEN[side]}
    await link.save(update_fields=["base"])
    await sightings.mark(
        ctx, side=side, resource=_LISTS[side], keys=[str(link.internal_id)], dirty=True
    )


async def _activate(
    ctx: Context, project: Project, key: str, body: Record, etag: str | None
) -> None:
    # The document marks both as required, in every write.
    written = {name: body.get(name) for name in ("description", "startDate")}
    await push.push(
        ctx,
        push.Write(
            entity="PROJECT",
            record_id=project.id,
            side=Side.FINANCIALS,
            purpose="project.reopen",
            operation=operations.PROJECT_UPDATE_INTERNAL,
            path={"internalID": key},
            body=wrap(written | activation(body), shapes.PROJECT),
            if_match=etag,
            label=f"open project {project.number} in Financials for a document",
        ),
    )


def _usable(body: Record) -> bool:
    task = any(
        str(row.get("taskId")).strip() == TASK and row.get("status") == "Active"
        for row in body.get("tasks") or ()
    )
    return body.get("status") == "Active" and task


def _number(body: Record) -> str | None:
    return str(body.get("projectID") or "").strip() or None
