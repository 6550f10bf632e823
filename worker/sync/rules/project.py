"""Projects and sales cases (R54 to R58, Q18): which of them travel, and how they are stored."""

from collections.abc import Mapping
from typing import Any

from schema.models import Project
from schema.words import Entity, ProjectStatus, Side
from worker.context import Context
from worker.mapping.field import Form
from worker.sync.flow import Case, Flow
from worker.sync.pull import Source
from worker.sync.rules import underway
from worker.sync.rules.project_side import (
    FIELDS,
    FinancialsHalf,
    SeveraHalf,
    compose,
    label,
    plain,
    status_of,
)
from worker.vendors.financials import FINANCIALS
from worker.vendors.severa import SEVERA


def _skip(ctx: Context, case: Case) -> str | None:
    """Leave out internal projects (R57), projects of Financials only, and closed ones."""
    if Side.SEVERA not in case.seen:
        return "Projects go from Severa to Financials only (R54)."
    body = case.seen[Side.SEVERA].body
    if body.get("isInternal"):
        return "Internal projects are not transferred (R57)."
    if case.needed or len(case.seen) == 2 or len(case.links) == 2:
        return None
    if status_of(body, ctx.references.sales_states) is not ProjectStatus.ACTIVE:
        return "A closed project that was never transferred is left alone until it is used."
    return None


def _pair(case: Case) -> str | None:
    """Adopt a project of equal number only when its name and customer fit (Q44)."""
    ours, theirs = case.seen[Side.SEVERA].body, case.seen[Side.FINANCIALS].body
    number = theirs.get("projectID")
    if plain(ours.get("name")) != plain(theirs.get("description")):
        return f"project {number} has another name in Financials: {theirs.get('description')}"
    customer, other = ours.get("customer") or {}, theirs.get("customer") or {}
    fits = not other or customer.get("guid") is None
    fits = fits or str(customer.get("number")) == str(other.get("number")).strip()
    if not fits and plain(customer.get("name")) != plain(other.get("name")):
        return f"project {number} has another customer in Financials: {other.get('name')}"
    return None


async def _wait(ctx: Context, case: Case) -> str | None:
    if Side.SEVERA in case.seen and case.seen[Side.SEVERA].body["_customerNumber"] is None:
        return "The customer is not in Financials yet."
    return None


def _columns(case: Case, values: Mapping[str, Any]) -> dict[str, Any]:
    names = ("name", "start_date")
    columns = {name: values[name] for name in names if name in values}
    body = case.bodies.get(Side.SEVERA)
    if body is not None:
        columns["number"] = str(body.get("number"))
        columns["status"] = ProjectStatus(body["_status"])
        columns["customer_id"] = body["_customer"]
        columns["is_internal"] = bool(body.get("isInternal"))
        columns["is_sales_case"] = body["_in_progress"]
        unit = body.get("businessUnit") or {}
        columns["company_unit_id"] = unit.get("companyBusinessUnitGuid")
    return columns


def _defer(wanted: Form) -> frozenset[str]:
    """Carry out an inactivation last: a project is closed together with its last invoice."""
    return frozenset({"status"}) if wanted.get("status", "Active") != "Active" else frozenset()


def _number(name: str) -> Any:
    return lambda row: str(row[name]).strip() if row.get(name) is not None else None


FLOW = Flow(
    entity=Entity.PROJECT,
    model=Project,
    sources=(
        Source(side=Side.SEVERA, endpoint=SEVERA["projects"], match=_number("number")),
        Source(side=Side.FINANCIALS, endpoint=FINANCIALS["project"], match=_number("projectID")),
    ),
    resources={Side.SEVERA: ("projects",), Side.FINANCIALS: ("project",)},
    halves={Side.SEVERA: SeveraHalf(), Side.FINANCIALS: FinancialsHalf()},
    fields=lambda case: FIELDS,
    compose=compose,
    columns=_columns,
    number=lambda seen: (
        str(seen.body.get("number") or seen.body.get("projectID") or "").strip() or None
    ),
    label=label,
    skip=_skip,
    wait=_wait,
    pair=_pair,
    defer=_defer,
    later=frozenset({"status"}),
    key="number",
    twice="number_taken",
    mismatch="number_taken",
    busy=underway.projects,
)
