"""What gets billed: project fees, travel expenses, work hours, flat rates; and their deletions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.http import Call, Handler, Op, Reply
from sandbox.severa import crud
from sandbox.severa.amounts import convert
from sandbox.severa.deleted import bury
from sandbox.severa.errors import not_allowed
from sandbox.severa.fields import Entity, Filter, show_record
from sandbox.severa.kinds import (
    SINCE,
    computed,
    day,
    fixed,
    flag,
    guids,
    link,
    moment,
    money,
    number,
    ref,
    text,
    user,
)
from sandbox.severa.lists import selection, token_page_of
from sandbox.severa.register import PRODUCT_TYPES
from sandbox.severa.state import Organization
from sandbox.severa.table import Record

SCHEDULES = ("Immediately", "OnDate", "WhenPhaseCompleted", "Recurring")
KEPT_WHEN_BILLED = frozenset({"invoice", "invoiceRow"})
ZERO = Decimal(0)


def default_vat(org: Organization, project: Record) -> Decimal | None:
    """Give the customer's invoicing VAT, None when the customer has none."""
    customer = org.find("customers", project["customer"])
    rate = org.find("vatrates", customer.get("invoicingVat")) if customer else None
    return rate["percentage"] if rate else None


def standard_vat(org: Organization) -> Decimal:
    """Give the organization's default VAT rate."""
    return next((row["percentage"] for row in org.tables["vatrates"] if row["isDefault"]), ZERO)


def currency_of(org: Organization, project: Record) -> str:
    """Name the currency of a project."""
    currency = org.find("currencies", project.get("currency"))
    return str(currency["code"]) if currency else org.home


def _guard_billed(org: Organization, record: Record | None, values: Record) -> None:
    if record is not None and record.get("invoice") and set(values) - KEPT_WHEN_BILLED:
        raise not_allowed("The entry is on an invoice and cannot be changed.")


def _owner(org: Organization, values: Record) -> Record:
    if values.get("project") is None:
        values["project"] = org.need("phases", values["phase"])["project"]
    project = org.need("projects", values["project"])
    values["customer"] = project["customer"]
    if values.get("phase") is None:
        values["phase"] = project.get("rootPhase")
    if values.get("user") is None:
        values["user"] = org.api_user
    if values.get("isBillable") is None:
        values["isBillable"] = True
    values.setdefault("invoice", None)
    values.setdefault("invoiceRow", None)
    return project


def _check_fee(org: Organization, record: Record | None, values: Record) -> None:
    _guard_billed(org, record, values)
    if record is not None:
        return
    project = _owner(org, values)
    product = org.find("products", values.get("product")) or {}
    code = currency_of(org, project)
    for name in ("unitPrice", "unitCost"):
        if values.get(name) is None and product.get(name) is not None:
            values[name] = convert(org, product[name], code)
    values["vatRate"] = _first(
        values.get("vatRate"), default_vat(org, project), product.get("vatRate"), standard_vat(org)
    )
    values["productType"] = values.get("productType") or product.get("type") or "Materials"
    for name in ("measurementUnit", "salesAccount", "name"):
        if values.get(name) is None:
            values[name] = product.get(name)
    if values.get("billingSchedule") is None:
        values["billingSchedule"] = "Immediately"
    if values.get("eventDate") is None:
        values["eventDate"] = org.now().date()


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _check_travel(org: Organization, record: Record | None, values: Record) -> None:
    _guard_billed(org, record, values)
    if record is not None:
        return
    project = _owner(org, values)
    kind = org.need("travelexpensetypes", values["travelExpense"])
    code = currency_of(org, project)
    if values.get("unitCost") is None and kind.get("unitCost") is not None:
        values["unitCost"] = convert(org, kind["unitCost"], code)
    if values.get("unitPrice") is None:
        values["unitPrice"] = values.get("unitCost")
    values["vatRate"] = _first(
        values.get("vatRate"), default_vat(org, project), kind.get("vatRate"), standard_vat(org)
    )
    if values.get("measurementUnit") is None:
        values["measurementUnit"] = kind.get("measurementUnit")
    if values.get("eventDate") is None:
        values["eventDate"] = org.now().date()


def _check_hours(org: Organization, record: Record | None, values: Record) -> None:
    _guard_billed(org, record, values)
    if record is not None:
        return
    project = _owner(org, values)
    if values.get("workType") is None:
        values["workType"] = next(iter(org.tables["worktypes"]))["guid"]
    if values.get("unitPrice") is None:
        kind = org.need("worktypes", values["workType"])
        values["unitPrice"] = convert(org, kind["hourCost"], currency_of(org, project))
    values.setdefault("isModifiable", True)


def _row_guid(org: Organization, record: Record) -> str | None:
    row: str | None = record.get("invoiceRow")
    return row


INVOICE = ref("invoice", "invoices", "date number")
USER = ref("user", "users", "code companyGuid name")
FEES = Entity(
    name="projectfees",
    scope="fees",
    paging="token",
    filters=(SINCE,),
    check=_check_fee,
    guard=lambda org, record: bury(org, "deletedprojectfees", record),
    fields=(
        ref("billingDependencyPhase", "phases", "isCompleted name"),
        text("billingSchedule", allowed=SCHEDULES),
        ref("costCenter", "costcenters", "identifier name"),
        ref("customer", "customers", "name number", read_only=True),
        text("description"),
        day("displayPeriodStartDate"),
        day("eventDate"),
        flag("hasVolumePricing"),
        INVOICE,
        number("invoiceQuantity"),
        text("invoiceRowComment"),
        text("invoiceRowDescription"),
        computed("invoiceRowGuid", _row_guid),
        flag("isBillable", True),
        fixed("isRecurrenceRule", False),
        text("measurementUnit"),
        text("name"),
        ref("phase", "phases"),
        day("plannedBillingDate"),
        ref("product", "products", "code name"),
        text("productType", allowed=PRODUCT_TYPES),
        ref("project", "projects", "companyGuid name", required=True),
        number("quantity", default=ZERO),
        fixed("recurrenceRuleGuid"),
        ref("salesAccount", "salesaccounts", "name number"),
        money("unitCost"),
        money("unitPrice"),
        USER,
        number("vatRate"),
    ),
)
TRAVELS = Entity(
    name="projecttravelexpenses",
    scope="travels",
    paging="token",
    filters=(SINCE,),
    check=_check_travel,
    guard=lambda org, record: bury(org, "deletedprojecttravelexpenses", record),
    fields=(
        fixed("attachmentCount", 0),
        ref("billingDependencyPhase", "phases"),
        text("billingSchedule", allowed=SCHEDULES[:3], default="Immediately"),
        ref("costAccount", "costaccounts"),
        ref("costCenter", "costcenters", "identifier name"),
        ref("customer", "customers", read_only=True),
        text("description"),
        day("eventDate"),
        INVOICE,
        number("invoiceQuantity"),
        text("invoiceRowComment"),
        text("invoiceRowDescription"),
        computed("invoiceRowGuid", _row_guid),
        flag("isBillable", True),
        text("measurementUnit"),
        ref("phase", "phases", required=True),
        day("plannedBillingDate"),
        ref("project", "projects", "companyGuid isInternal name number", required=True),
        number("purchaseVatRate"),
        number("quantity", required=True),
        ref("salesAccount", "salesaccounts"),
        moment("travelEndTime"),
        ref(
            "travelExpense",
            "travelexpensetypes",
            "code expenseClass includeTime name",
            required=True,
        ),
        fixed("travelReimbursement"),
        flag("travelReimbursementRequired", True),
        moment("travelStartTime"),
        money("unitCost"),
        computed("unitCostExcludingPurchaseVat", lambda org, row: row.get("unitCost")),
        money("unitPrice"),
        ref("user", "users", "code companyGuid name", required=True),
        number("vatRate"),
    ),
)


def _billable_status(org: Organization, record: Record) -> str:
    return "Billable" if record.get("isBillable") else "NotBillable"


def _has_status(org: Organization, record: Record, values: list[str]) -> bool:
    return _billable_status(org, record).lower() == values[0].lower()


HOURS = Entity(
    name="workhours",
    scope="hours",
    paging="token",
    filters=(
        SINCE,
        Filter(name="billableStatus", kind="own", test=_has_status),
        Filter(name="eventDateStart", kind="from_day", on="eventDate"),
        Filter(name="eventDateEnd", kind="to_day", on="eventDate"),
    ),
    check=_check_hours,
    guard=lambda org, record: bury(org, "deletedworkhours", record),
    fields=(
        computed("billableStatus", _billable_status),
        ref("customer", "customers", "name number", read_only=True),
        text("description"),
        moment("endTime"),
        day("eventDate", required=True),
        ref("invoice", "invoices", "date number"),
        number("invoiceQuantity"),
        text("invoiceRowComment"),
        text("invoiceRowDescription"),
        computed("invoiceRowGuid", _row_guid),
        flag("isApproved", True),
        flag("isBillable", True),
        flag("isModifiable", read_only=True),
        flag("isProductive", True),
        ref("overtime", "overtimes"),
        ref("phase", "phases", "isCompleted isLocked name", required=True),
        number("plannedInvoiceQuantity"),
        ref("project", "projects", "companyGuid isClosed name number"),
        number("quantity"),
        moment("startTime"),
        money("unitCost"),
        money("unitPrice"),
        user("user", required=True),
        ref("workType", "worktypes", "code name"),
    ),
)
FLAT_RATES = Entity(
    name="flatrates",
    scope="fees",
    paging="token",
    audit=False,
    filters=(SINCE, guids("invoiceGuid", "invoice")),
    fields=(
        flag("billAdditionalHours", True),
        text("billingSchedule", allowed=SCHEDULES[:3], default="Immediately"),
        number("includesHours", default=ZERO),
        link("invoiceGuid", "invoices", keep="invoice", read_only=True),
        ref("phase", "phases", "name", required=True),
        day("plannedBillingDate"),
        money("price"),
        money("pricePerAdditionalHour"),
        ref("project", "projects", "name number", read_only=True),
    ),
)


def of_project(entity: Entity) -> Handler:
    """Make the handler that lists the entries of one project."""

    async def handle(call: Call) -> Reply:
        org: Organization = call.company
        project = crud.found(call, "projects", "projectGuid")
        chosen = selection(org, entity, call.query)
        rows = [r for r in org.tables[entity.name].where("project", project["guid"]) if chosen(r)]
        return token_page_of(call, rows, show=lambda row: show_record(org, entity, row))

    return handle


def on_invoice(entity: Entity, *, table: str, key: str, param: str) -> Handler:
    """Make the handler that lists the entries behind an invoice or one of its rows."""

    async def handle(call: Call) -> Reply:
        org: Organization = call.company
        owner = crud.found(call, table, param)
        rows = org.tables[entity.name].where(key, owner["guid"])
        return token_page_of(call, rows, show=lambda row: show_record(org, entity, row))

    return handle


async def _flat_rate(call: Call) -> Reply:
    """The document says that this read of one answers an array."""
    record = crud.found(call, "flatrates")
    return Reply(body=[show_record(call.company, FLAT_RATES, record)])


def _op(path: str, handler: Handler, scope: str) -> Op:
    return Op(method="GET", path=path, handler=handler, scopes=(scope,))


def _entry_ops() -> list[Op]:
    rows = []
    for entity in (FEES, TRAVELS, HOURS):
        rows.append(
            _op(
                f"/v1/invoices/{{invoiceGuid}}/{entity.name}",
                on_invoice(entity, table="invoices", key="invoice", param="invoiceGuid"),
                "invoices:read",
            )
        )
        rows.append(
            _op(
                f"/v1/invoicerows/{{invoiceRowGuid}}/{entity.name}",
                on_invoice(entity, table="invoicerows", key="invoiceRow", param="invoiceRowGuid"),
                "invoices:read",
            )
        )
        path = f"/v1/projects/{{projectGuid}}/{entity.name}"
        rows.append(_op(path, of_project(entity), f"{entity.scope}:read"))
    return rows


OPS = (
    *crud.operations(FEES, verbs="list get patch delete"),
    Op(
        method="POST",
        path="/v1/projectfees",
        handler=crud.poster(FEES, as_list=True),
        scopes=("fees:write",),
        writes=True,
    ),
    *crud.operations(TRAVELS),
    *crud.operations(HOURS),
    *crud.operations(FLAT_RATES, verbs="list"),
    _op("/v1/flatrates/{guid}", _flat_rate, "fees:read"),
    _op("/v1/projects/{projectGuid}/flatrates", of_project(FLAT_RATES), "fees:read"),
    *_entry_ops(),
)
