"""Routes of projects and project tasks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.http import Call, Op, Reply

from . import project, shapes, task
from .door import (
    Serve,
    body_of,
    changed,
    check_version,
    created,
    equal,
    fields_of,
    found,
    number_in,
    one,
    op,
    page,
    select,
)
from .rows import ProjectRow, TaskRow
from .serve_customer import done
from .state import LedgerCompany
from .table import JSON
from .wrapped import read

PAGE = 1000


def _tests(call: Call) -> list[Any]:
    query = call.query
    wanted = bool(query.flag("nonProject"))
    tests: list[Any] = [
        lambda row: row.non_project == wanted,
        equal(query, "status", lambda row: row.dto["status"]),
        equal(query, "publicId", lambda row: row.dto["publicId"]),
        equal(query, "visibleInAP", lambda row: row.dto["visibility"]["visibleInAp"]),
    ]
    if call.op.path == "/v1/projectbasic":
        return [
            *tests,
            equal(query, "projectId", lambda row: row.key),
            equal(query, "description", lambda row: row.dto["description"]),
        ]
    return [
        *tests,
        equal(query, "branch", lambda row: row.dto.get("branch", {}).get("number")),
        equal(query, "onHold", lambda row: row.dto["hold"]),
    ]


def _listing(show: Callable[[ProjectRow], JSON]) -> Serve:
    def serve(company: LedgerCompany, call: Call) -> Reply:
        if call.query.flag("systemTemplate"):
            templates = list(company.templates.values())
            return page(call, templates, show=show, largest=PAGE)
        return page(call, select(company.projects, call, _tests(call)), show=show, largest=PAGE)

    return serve


def _by_key(company: LedgerCompany, call: Call) -> ProjectRow:
    return found(company.projects.get(call.params["projectID"]))


def _by_id(company: LedgerCompany, call: Call, name: str = "internalID") -> ProjectRow:
    return found(company.projects.by_id(number_in(call, name)))


def _show(row: ProjectRow) -> Reply:
    return one(row, project.shown(row))


def create_project(company: LedgerCompany, call: Call) -> Reply:
    """Create a project."""
    row = project.create(company, fields_of(company, call, shapes.PROJECT))
    return created(call, "/v1/project", row.key, row)


def _change(company: LedgerCompany, call: Call, row: ProjectRow) -> Reply:
    check_version(call, row)
    project.change(company, row, fields_of(company, call, shapes.PROJECT))
    return changed(row)


def change_number(company: LedgerCompany, call: Call) -> Reply:
    """Change the visible project id."""
    row = _by_id(company, call, "internalId")
    check_version(call, row)
    fields = read(body_of(call), shapes.CHANGE_PROJECT, zone=company.zone)
    project.rename(company, row, fields.get("projectId") or "")
    return done()


def tasks(company: LedgerCompany, call: Call) -> Reply:
    """List tasks."""
    query = call.query
    wanted = query.one("projectId")
    chosen = company.projects.get(wanted) if wanted else None
    internal = chosen.internal_id if chosen else query.number("projectInternalId")
    tests: list[Any] = [
        equal(query, "status", lambda row: row.dto["status"]),
        equal(query, "taskCd", lambda row: row.dto["taskId"]),
        equal(query, "description", lambda row: row.dto["description"]),
    ]
    if wanted is not None or internal is not None:
        tests.append(lambda row: row.project_id == (internal or -1))
    rows = select(company.tasks, call, tests)
    return page(call, rows, show=lambda row: dict(row.dto), largest=PAGE)


def _task(company: LedgerCompany, call: Call) -> TaskRow:
    return found(company.tasks.by_id(number_in(call, "internalId")))


def create_task(company: LedgerCompany, call: Call) -> Reply:
    """Create a task; the path names the project's internal id."""
    owner = _by_id(company, call, "internalId")
    row = task.add_task(company, owner, fields_of(company, call, shapes.TASK))
    company.touch(company.projects, owner)
    return created(call, "/v1/projecttask", str(row.internal_id), row)


def change_task(company: LedgerCompany, call: Call) -> Reply:
    """Change a task; the path names the task's own internal id."""
    row = _task(company, call)
    check_version(call, row)
    task.change_task(company, row, fields_of(company, call, shapes.TASK))
    owner = company.projects.by_id(row.project_id)
    if owner is not None:
        company.ring("PM Project: PMTask Updated", project.payload(owner))
    return changed(row)


OPS: tuple[Op, ...] = (
    op("GET", "/v1/project", _listing(project.shown)),
    op("POST", "/v1/project", create_project),
    op("POST", "/v1/project/action/changeProjectId/{internalId}", change_number),
    op("GET", "/v1/project/internal/{internalID}", lambda c, call: _show(_by_id(c, call))),
    op(
        "PUT",
        "/v1/project/internal/{internalID}",
        lambda company, call: _change(company, call, _by_id(company, call)),
    ),
    op("GET", "/v1/project/tasks", tasks),
    op("GET", "/v1/project/{projectID}", lambda c, call: _show(_by_key(c, call))),
    op(
        "PUT",
        "/v1/project/{projectID}",
        lambda company, call: _change(company, call, _by_key(company, call)),
    ),
    op("GET", "/v1/projectbasic", _listing(project.basic)),
    op("GET", "/v1/projecttask", tasks),
    op("GET", "/v1/projecttask/{internalId}", lambda c, call: one(_task(c, call))),
    op("POST", "/v1/projecttask/{internalId}", create_task),
    op("PUT", "/v1/projecttask/{internalId}", change_task),
)
