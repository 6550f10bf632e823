"""Projects and their tasks: templates, planned and active, and what may be used on documents."""

from __future__ import annotations

from uuid import uuid4

from .door import put
from .errors import Refused, unknown
from .numbering import new_key
from .rows import ProjectRow, TaskRow
from .state import LedgerCompany
from .table import JSON, norm
from .task import VISIBLE, add_task, change_task, task_of
from .wrapped import Fields

DOING_NEW = "Error inserting the project"
DOING_CHANGE = "Error updating the project"


def create(company: LedgerCompany, fields: Fields) -> ProjectRow:
    """Create a project; on hold it is planned, and a template brings its tasks as planned ones."""
    try:
        row = _create(company, fields)
    except Refused as refusal:
        raise Refused(*refusal.reasons, doing=DOING_NEW) from refusal
    company.ring("PM Project: Created", payload(row))
    return row


def _create(company: LedgerCompany, fields: Fields) -> ProjectRow:
    key = new_key(
        fields.get("projectID") or "",
        length=company.length("PROJECT"),
        what="Project ID",
        taken=lambda key: key in company.projects or key in company.templates,
    )
    for name, label in (("description", "Description"), ("startDate", "Start Date")):
        if not fields.get(name):
            raise Refused(f"'{label}' cannot be empty.")
    template = _template(company, fields.get("template"))
    row = blank(company, key, str(fields["description"]))
    if template is not None:
        row.dto["template"] = {
            "status": "Active",
            "number": template.key,
            "description": template.dto["description"],
        }
    _change(company, row, {**fields, "status": None, "hold": None})
    held = bool(fields.get("hold"))
    row.dto["hold"] = held
    row.dto["status"] = "Planned" if held else fields.get("status") or "Active"
    company.fresh(row)
    company.projects.add(row)
    for task in template.tasks.values() if template else ():
        add_task(company, row, {"taskId": task.ref["id"], "description": task.dto["description"]})
    _change_tasks(company, row, fields)
    return row


def _template(company: LedgerCompany, template_id: str | None) -> ProjectRow | None:
    if not template_id:
        return None
    template = company.templates.get(norm(template_id))
    if template is None:
        raise unknown("Template ID", template_id)
    if template.dto["status"] != "Active":
        raise Refused(f"Template '{template_id}' is not active.")
    return template


def blank(company: LedgerCompany, key: str, description: str) -> ProjectRow:
    """Make a project with nothing but a key and a description."""
    internal_id = company.next_id("project", start=501)
    dto: JSON = {
        "internalID": internal_id,
        "projectID": key,
        "hold": False,
        "status": "Active",
        "description": description,
        "assets": 0,
        "liability": 0,
        "income": 0,
        "expenses": 0,
        "restrictEmployees": False,
        "restrictEquipment": False,
        "visibility": dict.fromkeys(VISIBLE, True),
        "billingPeriod": "OnDemand",
        "autoAllocate": False,
        "automaticReleaseAr": False,
        "employees": [],
        "publicId": str(uuid4()),
        "systemTemplate": False,
        "timeStamp": "",
        "attributes": [],
    }
    ref = {"internalId": internal_id, "id": key, "description": description}
    return ProjectRow(key=key, dto=dto, internal_id=internal_id, ref=ref)


def change(company: LedgerCompany, row: ProjectRow, fields: Fields) -> None:
    """Change what was sent; `hold` and `status` both move the state, `status` last."""
    before = {**row.dto, "visibility": dict(row.dto["visibility"])}
    try:
        number = fields.get("projectID")
        if number is not None and norm(number) != row.key:
            raise Refused("The project ID cannot be changed by an update.")
        _change(company, row, fields)
        _change_tasks(company, row, fields)
    except Refused as refusal:
        row.dto.clear()
        row.dto.update(before)
        raise Refused(*refusal.reasons, doing=DOING_CHANGE) from refusal
    settled(company, row)


def settled(company: LedgerCompany, row: ProjectRow) -> None:
    """Stamp a changed project and ring."""
    row.ref["description"] = row.dto["description"]
    company.touch(company.projects, row)
    company.ring("PM Project: Updated", payload(row))


def _change(company: LedgerCompany, row: ProjectRow, fields: Fields) -> None:
    dto = row.dto
    if fields.get("customer") is not None:
        _change_customer(company, row, fields["customer"])
    for name in ("description", "startDate", "billingPeriod", "autoAllocate"):
        if fields.get(name) is not None:
            dto[name] = fields[name]
    for name in ("endDate", "note"):
        if name in fields:
            put(dto, name, fields[name])
    for written, read in (
        ("automaticReleaseArDoc", "automaticReleaseAr"),
        ("restricEmployees", "restrictEmployees"),
        ("restricEquipment", "restrictEquipment"),
    ):
        if fields.get(written) is not None:
            dto[read] = fields[written]
    if fields.get("branch") is not None:
        dto["branch"] = branch_ref(company, fields["branch"])
    for name, value in (fields.get("visibility") or {}).items():
        if value is not None:
            dto["visibility"][name] = value
    _change_state(dto, fields)


def _change_state(dto: JSON, fields: Fields) -> None:
    if fields.get("hold") is not None:
        dto["hold"] = fields["hold"]
        if fields["hold"]:
            dto["status"] = "Planned"
        elif dto["status"] == "Planned":
            dto["status"] = "Active"
    if fields.get("status") is not None:
        dto["status"] = fields["status"]
        dto["hold"] = fields["status"] == "Planned"


def _change_customer(company: LedgerCompany, row: ProjectRow, number: str) -> None:
    customer = company.customers.get(number)
    if customer is None:
        raise unknown("Customer", number)
    if row.dto.get("customer") is not customer.ref and _used(company, row):
        raise Refused("The customer cannot be changed: the project has transactions.")
    row.dto["customer"] = customer.ref


def _used(company: LedgerCompany, row: ProjectRow) -> bool:
    return any(document.project is row for document in company.documents)


def branch_ref(company: LedgerCompany, number: str) -> JSON:
    """Find an active branch.

    Raises `Refused` for an unknown one.
    """
    branch = company.branches.get(norm(number))
    if branch is None or not branch["isActive"]:
        raise unknown("Branch", number)
    return {"number": branch["number"], "name": branch["name"]}


def _change_tasks(company: LedgerCompany, row: ProjectRow, fields: Fields) -> None:
    for task_fields in fields.get("tasks") or []:
        key = norm(task_fields.get("taskId") or "")
        match task_fields.get("operation") or "Insert":
            case "Insert":
                add_task(company, row, task_fields)
            case "Update":
                change_task(company, task_of(row, key), task_fields)
            case _:
                task = task_of(row, key)
                company.tasks.remove(task)
                del row.tasks[task.ref["id"]]


def shown(row: ProjectRow) -> JSON:
    """Show a project with its tasks."""
    return {**row.dto, "tasks": [_short(task) for task in row.tasks.values()]}


def _short(task: TaskRow) -> JSON:
    hidden = ("internalId", "projectInternalId", "createdDateTime", "lastModifiedDateTime")
    return {name: value for name, value in task.dto.items() if name not in hidden}


def basic(row: ProjectRow) -> JSON:
    """Show a project without its tasks."""
    names = [
        "internalID",
        "projectID",
        "customer",
        "hold",
        "status",
        "description",
        "startDate",
        "endDate",
        "autoAllocate",
        "automaticReleaseAr",
        "lastModifiedDateTime",
        "publicId",
        "timeStamp",
        "visibility",
    ]
    return {name: row.dto[name] for name in names if name in row.dto}


def for_document(company: LedgerCompany, number: str | None, *, ledger: str) -> ProjectRow:
    """Find the project of a document, which must be active and visible there; none is the code X.

    Raises `Refused` for one that cannot be chosen.
    """
    row = company.projects.get(number) if number and number.strip() else non_project(company)
    if row is None:
        raise unknown("Project", number)
    if row.dto["status"] != "Active":
        state = "in planning" if row.dto["status"] == "Planned" else row.dto["status"].lower()
        raise Refused(f"Project '{row.key}' is {state}. Only an active project can be chosen.")
    if not row.dto["visibility"][f"visibleIn{ledger}"]:
        raise Refused(f"Project '{row.key}' is not visible in this module.")
    return row


def non_project(company: LedgerCompany) -> ProjectRow:
    """Give the reserved project that means none."""
    return next(row for row in company.projects if row.non_project)


def rename(company: LedgerCompany, row: ProjectRow, number: str) -> None:
    """Change the visible project id."""
    key = new_key(
        number,
        length=company.length("PROJECT"),
        what="Project ID",
        taken=lambda key: key in company.projects,
    )
    company.projects.rename(row, key)
    row.dto["projectID"] = row.ref["id"] = key
    settled(company, row)


def payload(row: ProjectRow) -> JSON:
    """Give the body of a project webhook."""
    return {"entity": "project", "key": row.key, "internalId": row.internal_id}
