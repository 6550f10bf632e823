"""Projects and sales cases (one entity), their phases and status history."""

from __future__ import annotations

from typing import Any

from sandbox.http import Call, Op, Query, Reply
from sandbox.severa import crud
from sandbox.severa.errors import invalid, not_allowed
from sandbox.severa.fields import Entity, Filter, show_record, show_ref
from sandbox.severa.kinds import (
    CURRENCY,
    SINCE,
    day,
    fixed,
    flag,
    guids,
    int32,
    int64,
    is_flag,
    money,
    numbers,
    own,
    ref,
    text,
    user,
)
from sandbox.severa.lists import selection, token_page, token_page_of
from sandbox.severa.phase import PHASE_STATE, drop_phases
from sandbox.severa.state import Organization
from sandbox.severa.table import Record

UNIT = (
    "code companyBusinessUnitGuid companyCountryGuid companyCurrencyGuid companyGuid companyName "
    "name"
)


def sales_state(org: Organization, record: Record) -> str:
    """Tell whether a project is InProgress, Won or Lost; without a sales status it is Won."""
    status = org.find("salesstatustypes", record.get("salesStatus"))
    return str(status["salesState"]) if status else "Won"


def _check(org: Organization, record: Record | None, values: Record) -> None:
    if record is None:
        _fill(org, values)
    else:
        _guard_change(org, record, values)
    if values.get("number") is not None:
        for other in org.tables["projects"].where("number", values["number"]):
            if record is None or other["guid"] != record["guid"]:
                raise invalid(f"Project number {values['number']} is in use.", name="number")
    if values.get("businessUnit") is not None:
        values["companyGuid"] = org.need("businessunits", values["businessUnit"])["companyGuid"]
    contact = org.find("contactpersons", values.get("customerContact"))
    customer = values.get("customer") or (record or {}).get("customer")
    if contact is not None and contact["customer"] != customer:
        raise invalid("The contact is not one of the customer.", name="customerContact")
    _follow_sales(org, record, values)
    _follow_closing(org, record, values)


def _fill(org: Organization, values: Record) -> None:
    if values.get("number") is None:
        values["number"] = org.settings.next_project_number
    if values["number"] >= org.settings.next_project_number:
        org.settings.next_project_number = values["number"] + 1
    customer = org.need("customers", values["customer"])
    if values.get("currency") is None:
        values["currency"] = customer["currency"]
    if values.get("paymentTerm") is None:
        values["paymentTerm"] = customer.get("paymentTerm")
    if values.get("businessUnit") is None:
        values["businessUnit"] = next(iter(org.tables["businessunits"]))["guid"]
    if values.get("salesStatus") is None:
        values["salesStatus"] = _status_of(org, "InProgress")
    if values.get("projectStatus") is None:
        values["projectStatus"] = next(iter(org.tables["projectstatustypes"]))["guid"]
    if values.get("startDate") is None:
        values["startDate"] = org.now().date()
    values["isInternal"] = bool(values.get("isInternal")) or bool(customer["isInternal"])


def _status_of(org: Organization, state: str) -> Any:
    return next(row["guid"] for row in org.tables["salesstatustypes"] if row["salesState"] == state)


def _guard_change(org: Organization, record: Record, values: Record) -> None:
    if "currency" in values and values["currency"] != record["currency"]:
        raise not_allowed("The currency of a project cannot be changed.")
    if values.get("isInternal") is False and record["isInternal"]:
        raise not_allowed("An internal project cannot become a customer project.")


def _follow_sales(org: Organization, record: Record | None, values: Record) -> None:
    """Won: open, probability 100, ordered today. Lost: a closed project."""
    if "salesStatus" not in values:
        return
    if record is not None and record.get("salesStatus") == values["salesStatus"]:
        return
    values["salesStatusAt"] = org.now()
    status = org.need("salesstatustypes", values["salesStatus"])
    if status["salesState"] == "Won":
        values["probability"] = 100
        values.setdefault("isClosed", False)
        if values.get("expectedOrderDate") is None:
            values["expectedOrderDate"] = org.now().date()
    elif status["salesState"] == "Lost":
        values["probability"] = 0
        values["isClosed"] = True
    elif values.get("probability") is None:
        values["probability"] = status.get("defaultProbability")


def _follow_closing(org: Organization, record: Record | None, values: Record) -> None:
    if "projectStatus" in values:
        values["projectStatusAt"] = org.now()
    if "isClosed" in values and values["isClosed"] != (record or {}).get("isClosed", False):
        values["closedDate"] = org.now().date() if values["isClosed"] else None


def _after(org: Organization, record: Record, values: Record) -> None:
    if record.get("rootPhase") is None:
        phase = org.insert(
            "phases",
            {"name": record["name"], "project": record["guid"], "sortOrder": 0, **PHASE_STATE},
        )
        org.tables["projects"].change(record, {"rootPhase": phase["guid"]})
    if "salesStatusAt" in values:
        org.insert(
            "salesstatushistory",
            {
                "project": record["guid"],
                "salesStatusType": record["salesStatus"],
                "timeStamp": values["salesStatusAt"],
            },
        )


def _guard(org: Organization, record: Record) -> None:
    for table in ("projectfees", "workhours", "projecttravelexpenses", "projectfiles"):
        if org.tables[table].where("project", record["guid"]):
            raise not_allowed("A project with hours, fees, invoices or files cannot be deleted.")
    drop_phases(org, record)


def _project_status(org: Organization, record: Record) -> dict[str, Any] | None:
    shown = show_ref(org, "projectstatustypes", record.get("projectStatus"), ("name",))
    if shown is None:
        return None
    return {
        "description": record.get("projectStatusDescription"),
        "guid": shown["guid"],
        "name": shown["name"],
        "projectStatusTypeGuid": shown["guid"],
    }


def _is_billable(org: Organization, record: Record, values: list[str]) -> bool:
    return (values[0].lower() == "true") == (not record["isInternal"])


PROJECT_FILTERS = (
    SINCE,
    Filter(name="salesStatusChangedSince", kind="since", on="salesStatusAt"),
    Filter(name="projectStatusChangedSince", kind="since", on="projectStatusAt"),
    is_flag("internal", "isInternal"),
    is_flag("isClosed", "isClosed"),
    own("isBillable", _is_billable),
    numbers("numbers"),
    guids("customerGuids", "customer"),
    guids("projectGuids", "guid"),
    guids("businessUnitGuids", "businessUnit"),
    guids("salesStatusTypeGuids", "salesStatus"),
    guids("projectStatusTypeGuids", "projectStatus"),
    guids("projectOwnerGuids", "projectOwner"),
    guids("salesPersonGuids", "salesPerson"),
    guids("currencyGuid", "currency"),
    guids("currencyGuids", "currency"),
)
PROJECTS = Entity(
    name="projects",
    scope="projects",
    paging="token",
    check=_check,
    after=_after,
    guard=_guard,
    filters=PROJECT_FILTERS,
    fields=(
        user("billingContact"),
        ref("businessUnit", "businessunits", UNIT),
        fixed("calculatedCompletionPercentage"),
        day("closedDate", read_only=True),
        int32("completionEstimatePercentage"),
        ref("costCenter", "costcenters", "identifier name"),
        ref("currency", "currencies", CURRENCY),
        ref("customer", "customers", "name number", required=True),
        ref("customerContact", "contactpersons", "firstName isDeleted lastName name"),
        day("deadline"),
        fixed("defaultWorkType"),
        text("description"),
        day("expectedOrderDate"),
        money("expectedValue"),
        text("internalName"),
        text("invoiceNotes"),
        ref("invoiceTemplate", "invoicetemplates", "name templateInvoiceGuid"),
        flag("isClosed"),
        fixed("isDailyAllowanceBillable", True),
        flag("isInternal"),
        flag("isJoiningAllowed", True),
        fixed("isMileageBillable", True),
        fixed("isOtherTravelExpensesBillable", True),
        fixed("keywords", []),
        ref("leadSource", "leadsources"),
        text("name", required=True),
        int64("number"),
        text("orderNumber"),
        text("ourReference"),
        int32("paymentTerm"),
        fixed("pricelist"),
        int32("probability"),
        user("projectOwner", required=True),
        ref(
            "projectStatus", "projectstatustypes", via="projectStatusTypeGuid", show=_project_status
        ),
        text("projectStatus/description", keep="projectStatusDescription", hidden=True),
        ref("rootPhase", "phases", read_only=True),
        user("salesPerson"),
        ref("salesStatus", "salesstatustypes", via="salesStatusTypeGuid"),
        day("startDate"),
        flag("useOvertimeMultipliers", True),
        flag("useProductsFromSetting", True),
        flag("useWorkTypesFromSetting", True),
        text("yourReference"),
    ),
)


HISTORY = Entity(
    name="salesstatushistory",
    scope="projects",
    fields=(ref("project", "projects"), ref("salesStatusType", "salesstatustypes")),
)


async def _projects(call: Call) -> Reply:
    keep_cases = call.world.assume.projects_include_sales_cases
    chosen = selection(call.company, PROJECTS, call.query)
    return crud.page(
        call,
        PROJECTS,
        lambda row: chosen(row) and (keep_cases or sales_state(call.company, row) != "InProgress"),
    )


async def _sales_cases(call: Call) -> Reply:
    org: Organization = call.company
    chosen = selection(org, PROJECTS, _without_since(call))
    return token_page(
        call,
        org.tables["projects"],
        test=lambda row: sales_state(org, row) == "InProgress" and chosen(row),
        show=lambda row: show_record(org, PROJECTS, row),
    )


def _without_since(call: Call) -> Query:
    """Sales cases have no changedSince: the parameter is unknown there and ignored."""
    return call.query.without("changedSince", "salesStatusChangedSince")


async def _projects_of(call: Call) -> Reply:
    org: Organization = call.company
    customer = crud.found(call, "customers", "customerGuid")
    chosen = selection(org, PROJECTS, _without_since(call))
    rows = org.tables["projects"].where("customer", customer["guid"])
    return token_page_of(
        call, [row for row in rows if chosen(row)], show=lambda row: show_record(org, PROJECTS, row)
    )


async def _history(call: Call) -> Reply:
    org: Organization = call.company
    project = crud.found(call, "projects", "projectGuid")
    rows = org.tables["salesstatushistory"].where("project", project["guid"])
    return Reply(
        body=[{**show_record(org, HISTORY, row), "timeStamp": row["timeStamp"]} for row in rows]
    )


def _read(path: str, handler: Any) -> Op:
    return Op(method="GET", path=path, handler=handler, scopes=("projects:read",))


OPS = (
    _read("/v1/projects", _projects),
    *crud.operations(PROJECTS, verbs="get post patch delete"),
    _read("/v1/salescases", _sales_cases),
    _read("/v1/customers/{customerGuid}/projects", _projects_of),
    _read("/v1/projects/{projectGuid}/salesstatushistory", _history),
)
