"""Taking in: the lines of a batch become unified records before anything is written outside."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tortoise.expressions import Q

from schema.models import Link, Project, ProjectCost
from schema.words import Entity, ProjectStatus, Side, SyncState
from worker.context import Context
from worker.mapping.project_cost import (
    VOID,
    Line,
    batch_key,
    date_of,
    description,
    journal_key,
    mode_of,
    percent_of,
    unit_price,
)
from worker.sync import report, store
from worker.sync.rules.project_cost import original, partner
from worker.sync.rules.project_cost.errors import CostWaits


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A project as costs need it: our record and its guid in Severa."""

    project: Project
    guid: str


async def places_of(ctx: Context, lines: Iterable[Line]) -> dict[str, Place]:
    """Return the projects of lines by their code in Financials; unknown ones are missing."""
    wanted = list(lines)
    links = await Link.filter(
        Q(internal_id__in=[line.project_id for line in wanted if line.project_id])
        | Q(external_id__in=[line.project for line in wanted if line.project]),
        integration_id=ctx.integration.id,
        side=Side.FINANCIALS.value,
        entity=Entity.PROJECT.value,
    )
    ids = [link.record_id for link in links]
    guids = {
        link.record_id: str(link.internal_id)
        for link in await Link.filter(record_id__in=ids, side=Side.SEVERA.value)
    }
    projects = {item.id: item for item in await Project.filter(id__in=ids)}
    by_id = {str(link.internal_id): link.record_id for link in links}
    by_code = {link.external_id: link.record_id for link in links}
    places: dict[str, Place] = {}
    for line in wanted:
        found: UUID | None = by_id.get(str(line.project_id)) or by_code.get(str(line.project))
        if found is not None and found in guids and found in projects:
            places[str(line.project)] = Place(project=projects[found], guid=guids[found])
    return places


async def absorb(ctx: Context, body: Mapping[str, Any], line: Line, place: Place) -> ProjectCost:
    """Store one line as a cost, once by its key in the journal.

    Raises CostWaits, VendorError.
    """
    key = journal_key(body, line.number)
    known = await ProjectCost.get_or_none(integration_id=ctx.integration.id, journal_key=key)
    if known is not None:
        return known
    name = await partner.name_of(ctx, line.business_account)
    earlier = await original.original_of(ctx, body, line, place.project)
    options = ctx.references.options
    price = unit_price(line.cost, mode=mode_of(options), percent=percent_of(options))
    values = {
        "project_id": place.project.id,
        "description": description(line, name=name),
        "date": date_of(body),
        "quantity": 1,
        "unit_price": price if earlier is None else -earlier.unit_price,
        "unit_cost": line.cost,
        "currency": _currency(ctx),
        "supplier_number": line.business_account or None,
        "supplier_name": name,
        "compensates_id": None if earlier is None else earlier.id,
    }
    return await _store(ctx, key, values)


def _currency(ctx: Context) -> str:
    """Return the currency of costs, which Severa must know too."""
    code = ctx.references.base_currency
    if code is None or code not in ctx.references.severa_currencies:
        raise CostWaits("unknown_currency", f"Severa does not know the currency {code}.")
    return code


async def _store(ctx: Context, key: str, values: dict[str, Any]) -> ProjectCost:
    cost = ProjectCost(integration_id=ctx.integration.id)
    async with ctx.transaction():
        why = store.Why(kind="project_cost.created", reason=f"Journal line {key} of Financials.")
        await store.save(ctx, cost, {"journal_key": key, **values}, why=why)
        tie = store.Tie(
            entity=Entity.PROJECT_COST.value,
            record_id=cost.id,
            side=Side.FINANCIALS,
            external_id=key,
            external_number=key.split("/")[1],
            internal_id=key,
        )
        await store.tie(ctx, [tie])
    return cost


_COPIED = ("project_id", "description", "date", "currency", "supplier_number", "supplier_name")


async def take_back(ctx: Context, body: Mapping[str, Any]) -> list[ProjectCost]:
    """Store what takes back the costs of a voided batch; what never left us just ends (Q25)."""
    made = []
    for earlier in await original.voided(ctx, body):
        if Side.SEVERA not in await store.links_of(earlier.id):
            await _ended(ctx, earlier)
            continue
        values = {name: getattr(earlier, name) for name in _COPIED} | {
            "quantity": 1,
            "unit_price": -earlier.unit_price,
            "unit_cost": -earlier.unit_cost,
            "compensates_id": earlier.id,
        }
        made.append(await _store(ctx, f"{earlier.journal_key}/{VOID}", values))
    stored = await ProjectCost.filter(
        integration_id=ctx.integration.id,
        journal_key__startswith=f"{batch_key(body)}/",
        journal_key__endswith=f"/{VOID}",
    ).order_by("id")
    return list({cost.id: cost for cost in [*stored, *made]}.values())


async def _ended(ctx: Context, cost: ProjectCost) -> None:
    reason = "Voided in Financials before it was transferred."
    async with ctx.transaction():
        await report.resolve(ctx, subject=report.subject_of(Entity.PROJECT_COST, cost.id))
        why = store.Why(kind="project_cost.voided", reason=reason)
        values = {"sync_state": SyncState.IN_SYNC, "waiting_reason": reason}
        await store.save(ctx, cost, values, why=why)


def require_open(place: Place) -> None:
    """Make sure that a project takes costs.

    Raises CostWaits for a closed or lost one.
    """
    if place.project.status is not ProjectStatus.ACTIVE:
        project = place.project
        raise CostWaits(
            "cost_project_closed",
            f"Project {project.number} {project.name} is {project.status.value.lower()} in Severa.",
        )


async def place_of(cost: ProjectCost) -> Place | None:
    """Return the project of a stored cost."""
    links = await store.links_of(cost.project_id)
    if Side.SEVERA not in links:
        return None
    project = await Project.get(id=cost.project_id)
    return Place(project=project, guid=str(links[Side.SEVERA].internal_id))
