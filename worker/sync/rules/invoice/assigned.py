"""Where an invoice belongs: its project on the header, and branches (R210, R211, Q41, Q48)."""

from collections.abc import Sequence
from uuid import UUID

from schema.models import Invoice, InvoiceRow, Project
from schema.words import SeveralProjects
from worker.context import Context
from worker.sync.rules.invoice.errors import InvoiceRefused, InvoiceWaits
from worker.sync.rules.invoice.intake import financials_number
from worker.sync.rules.invoice.rows import project_of


async def header_project(
    ctx: Context, invoice: Invoice, rows: Sequence[InvoiceRow], *, name: str
) -> tuple[str | None, UUID | None]:
    """Choose the project of the header; with a real one lines carry its task (R211, R221).

    Raises InvoiceRefused for several projects, InvoiceWaits for one that is not there yet.
    """
    found = await _projects(ctx, invoice, rows)
    if len(found) > 1:
        mode = ctx.references.options.get("several_projects", SeveralProjects.REFUSE.value)
        if mode == SeveralProjects.NONE.value:
            return ctx.references.non_project, None
        if mode != SeveralProjects.FIRST.value:
            numbers = ", ".join(sorted(item.number for item in found))
            raise InvoiceRefused("several_projects", f"{name} has rows of the projects {numbers}.")
    if not found:
        return None, None
    project = found[0]
    number = await financials_number(project.id)
    if number is None:
        raise InvoiceWaits("project_waiting", f"Project {project.number} is not in Financials yet.")
    return number, UUID(str(project.id))


async def _projects(ctx: Context, invoice: Invoice, rows: Sequence[InvoiceRow]) -> list[Project]:
    """Return the projects of the rows in their order; the header fills what rows do not say."""
    ids: list[UUID] = [row.project_id for row in rows if row.project_id is not None]
    if not ids or any(row.project_id is None for row in rows):
        found = [await project_of(ctx, guid) for guid in invoice.texts.get("projects") or ()]
        ids += [item.id for item in found if item is not None]
    chosen = list(dict.fromkeys(ids))
    by_id = {item.id: item for item in await Project.filter(id__in=chosen)}
    return [by_id[item] for item in chosen if item in by_id]


async def branches(
    ctx: Context, invoice: Invoice, rows: Sequence[InvoiceRow], *, name: str
) -> tuple[str | None, dict[UUID, str]]:
    """Choose the branch of the header, and those of the rows by their project.

    Raises InvoiceRefused for projects of two companies.
    """
    known = ctx.references.branches
    if not known:
        return None, {}
    found = await _projects(ctx, invoice, rows)
    units = {item.company_unit_id for item in found if item.company_unit_id}
    if len(units) > 1:
        raise InvoiceRefused("several_companies", f"{name} has projects of several companies.")
    unit = units.pop() if units else invoice.texts.get("companyUnit")
    of_rows = {
        item.id: branch for item in found if (branch := known.get(str(item.company_unit_id)))
    }
    return known.get(str(unit)), of_rows
