"""Project tasks: planned, active, and which of them a document line may use."""

from __future__ import annotations

from .door import put
from .errors import Refused, unknown
from .numbering import new_key
from .rows import ProjectRow, TaskRow
from .state import LedgerCompany
from .table import norm
from .wrapped import Fields

VISIBLE = [
    "visibleInGl",
    "visibleInAp",
    "visibleInAr",
    "visibleInSo",
    "visibleInPo",
    "visibleInEa",
    "visibleInTa",
    "visibleInIn",
    "visibleInCa",
    "visibleInCr",
]


def task_of(row: ProjectRow, key: str) -> TaskRow:
    """Find a task of a project.

    Raises `Refused` for an unknown one.
    """
    task = row.tasks.get(key)
    if task is None:
        raise unknown("Project Task", key)
    return task


def add_task(company: LedgerCompany, project: ProjectRow, fields: Fields) -> TaskRow:
    """Add a task to a project; it begins as planned."""
    key = new_key(
        fields.get("taskId") or "",
        length=company.length("PROTASK"),
        what="Project Task",
        taken=lambda key: key in project.tasks,
    )
    internal_id = company.next_id("task", start=2001)
    text = str(fields.get("description") or key)
    row = TaskRow(
        key=f"{project.internal_id} {key}",
        internal_id=internal_id,
        project_id=project.internal_id,
        ref={"internalId": internal_id, "id": key, "description": text},
        dto={
            "internalId": internal_id,
            "projectInternalId": project.internal_id,
            "taskId": key,
            "description": text,
            "status": "Planned",
            "restrictEmployees": False,
            "visibility": dict.fromkeys(VISIBLE, True),
            "timeStamp": "",
            "employees": [],
            "attributes": [],
        },
    )
    _write_task(row, fields)
    company.fresh(row)
    company.tasks.add(row)
    project.tasks[key] = row
    return row


def change_task(company: LedgerCompany, row: TaskRow, fields: Fields) -> None:
    """Change what was sent of a task."""
    _write_task(row, fields)
    company.touch(company.tasks, row)


def _write_task(row: TaskRow, fields: Fields) -> None:
    for name in ("plannedStart", "plannedEnd", "startDate"):
        if name in fields:
            put(row.dto, name, fields[name])
    for name in ("description", "status", "restrictEmployees"):
        if fields.get(name) is not None:
            row.dto[name] = fields[name]
    for name, value in (fields.get("visibility") or {}).items():
        if value is not None:
            row.dto["visibility"][name] = value
    row.ref["description"] = row.dto["description"]


def task_for(project: ProjectRow, task_id: str | None, *, ledger: str) -> TaskRow | None:
    """Find the task of a document line, which must be active in its project.

    Raises `Refused` for one that cannot be used.
    """
    if project.non_project:
        if task_id and task_id.strip():
            raise unknown("Project Task", task_id)
        return None
    if not task_id or not task_id.strip():
        raise Refused("'Project Task' cannot be empty.")
    task = task_of(project, norm(task_id))
    if task.dto["status"] != "Active":
        raise Refused(f"Project Task '{task.ref['id']}' of '{project.key}' is not active.")
    if not task.dto["visibility"][f"visibleIn{ledger}"]:
        raise Refused(f"Project Task '{task.ref['id']}' is not visible in this module.")
    return task
