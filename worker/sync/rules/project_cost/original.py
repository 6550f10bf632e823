"""Corrections: which earlier cost a line takes back, and whether it was re-invoiced (Q25)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tortoise.expressions import Q

from schema.models import Project, ProjectCost
from schema.words import Side
from worker.context import Context
from worker.mapping.project_cost import Line, batch_key, date_of, plain, words
from worker.sync import store
from worker.vendors.errors import RecordMissing
from worker.vendors.severa import operations as severa

# The type of a debit adjustment, by which Financials reverses a supplier invoice.
_ADJUSTMENT = "ADR"


async def original_of(
    ctx: Context, body: Mapping[str, Any], line: Line, project: Project
) -> ProjectCost | None:
    """Return the cost that a line takes back in full, if there is one."""
    alike = ProjectCost.filter(
        integration_id=ctx.integration.id,
        project_id=project.id,
        unit_cost=-line.cost,
        compensates_id=None,
    ).order_by("id")
    number = str(body.get("originalBatchNumber") or "").strip()
    if number:
        module = batch_key(body).split("/")[0]
        same = await _free(await alike.filter(journal_key__startswith=f"{module}/{number}/"))
        other = same or await _free(await alike.filter(journal_key__contains=f"/{number}/"))
        return _by_line(other, line)
    if line.cost >= 0 or not line.business_account:
        return None
    found = await _free(
        await alike.filter(
            ~Q(journal_key__startswith=f"{batch_key(body)}/"),
            supplier_number=line.business_account,
            date__lte=date_of(body),
        )
    )
    return _by_text(found, body, line)


async def _free(found: list[ProjectCost]) -> list[ProjectCost]:
    """Leave out costs that were taken back already."""
    taken = await ProjectCost.filter(compensates_id__in=[item.id for item in found])
    gone = {item.compensates_id for item in taken}
    return [item for item in found if item.id not in gone]


def _by_line(found: list[ProjectCost], line: Line) -> ProjectCost | None:
    same = [item for item in found if item.journal_key.endswith(f"/{line.number}")]
    return next(iter(same or found), None)


def _by_text(found: list[ProjectCost], body: Mapping[str, Any], line: Line) -> ProjectCost | None:
    """Prefer the document that the reversal names, then the same text, then the only one."""
    named = words(body.get("description")) - {line.reference}
    by_name = [item for item in found if named & words(item.description)]
    if by_name:
        return by_name[0]
    if line.kind != _ADJUSTMENT:
        return None
    same = [item for item in found if _begins(item, line.text)]
    return same[0] if same else (found[0] if len(found) == 1 else None)


def _begins(item: ProjectCost, text: str) -> bool:
    return bool(text) and plain(item.description).startswith(plain(text))


async def reinvoiced(ctx: Context, original_id: UUID | None) -> str | None:
    """Tell by which invoice of Severa a corrected cost was billed, if it was.

    Raises VendorError other than a missing fee.
    """
    if original_id is None:
        return None
    links = await store.links_of(original_id)
    if Side.SEVERA not in links:
        return None
    try:
        answer = await ctx.severa.read(
            severa.PROJECT_FEE_READ, path={"guid": links[Side.SEVERA].external_id}
        )
    except RecordMissing:
        return None
    invoice = answer.body.get("invoice") or {}
    if not invoice.get("guid"):
        return None
    return str(invoice.get("number") or invoice["guid"])


async def voided(ctx: Context, body: Mapping[str, Any]) -> list[ProjectCost]:
    """Return the costs of a voided batch that nothing has taken back yet."""
    return await _free(
        await ProjectCost.filter(
            integration_id=ctx.integration.id,
            journal_key__startswith=f"{batch_key(body)}/",
            compensates_id=None,
        ).order_by("id")
    )
