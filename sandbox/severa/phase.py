"""Phases (tasks) of projects, flat and with their hierarchy."""

from __future__ import annotations

from typing import Any

from sandbox.http import Call, Op, Reply
from sandbox.severa import crud
from sandbox.severa.fields import Entity, show_record, show_ref
from sandbox.severa.kinds import (
    SINCE,
    computed,
    day,
    fixed,
    flag,
    guids,
    int32,
    number,
    ref,
    text,
    texts,
)
from sandbox.severa.lists import token_page
from sandbox.severa.state import Organization
from sandbox.severa.table import Record

PHASE_STATE: Record = {
    "isCompleted": False,
    "isLocked": False,
    "parentPhase": None,
    "isClosed": False,
}


def drop_phases(org: Organization, record: Record) -> None:
    """Delete the phases of a project."""
    for phase in org.tables["phases"].where("project", record["guid"]):
        org.tables["phases"].remove(phase)


def _check_phase(org: Organization, record: Record | None, values: Record) -> None:
    if record is None:
        parent = org.need("phases", values["parentPhase"])
        values["project"] = parent["project"]
        values.setdefault("isClosed", False)


def _phase_currency(org: Organization, record: Record) -> dict[str, Any] | None:
    project = org.find("projects", record["project"])
    currency = project.get("currency") if project else None
    return show_ref(org, "currencies", currency, ("code", "name", "symbol"))


PHASES = Entity(
    name="phases",
    scope="projects",
    paging="token",
    check=_check_phase,
    filters=(guids("projectGuids", "project"), texts("code", "code"), SINCE),
    fields=(
        text("code"),
        computed("currencyCode", _phase_currency),
        day("deadline"),
        ref("defaultWorkType", "worktypes"),
        flag("isCompleted"),
        flag("isLocked"),
        flag("isClosed", hidden=True),
        text("name", required=True),
        day("originalDeadline"),
        day("originalStartDate"),
        number("originalWorkHoursEstimate"),
        ref("parentPhase", "phases", required=True),
        fixed("phaseStatus"),
        ref("project", "projects", "isClosed isInternal name number"),
        int32("sortOrder"),
        day("startDate"),
        number("workHoursEstimate"),
    ),
)


async def _hierarchy(call: Call) -> Reply:
    org: Organization = call.company
    project = crud.found(call, "projects")
    rows = org.tables["phases"].where("project", project["guid"])
    parents = {row["parentPhase"] for row in rows}
    return Reply(body=[_with_level(org, project, row, parents) for row in rows])


def _with_level(
    org: Organization, project: Record, row: Record, parents: set[str | None]
) -> dict[str, Any]:
    level = 0
    parent = org.find("phases", row["parentPhase"])
    while parent is not None:
        level += 1
        parent = org.find("phases", parent["parentPhase"])
    customer = show_ref(org, "customers", project["customer"], ("isInternal", "name", "number"))
    return {
        **show_record(org, PHASES, row),
        "customer": customer,
        "hasChildren": row["guid"] in parents,
        "level": level,
    }


async def _root_phases(call: Call) -> Reply:
    org: Organization = call.company
    wanted = {value.lower() for value in call.query.many("projectGuids")}
    return token_page(
        call,
        org.tables["phases"],
        test=lambda row: row["parentPhase"] is None and (not wanted or row["project"] in wanted),
        show=lambda row: show_record(org, PHASES, row),
    )


def _read(path: str, handler: Any) -> Op:
    return Op(method="GET", path=path, handler=handler, scopes=("projects:read",))


OPS = (
    *crud.operations(PHASES),
    _read("/v1/projects/{guid}/phaseswithhierarchy", _hierarchy),
    _read("/v1/rootphaseswithhierarchy", _root_phases),
)
