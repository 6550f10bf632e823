"""Operations on invoices and rows."""

from __future__ import annotations

from typing import Any

from sandbox.http import Call, Handler, Op, Reply
from sandbox.severa import crud
from sandbox.severa import invoice as rules
from sandbox.severa.entry import FEES, HOURS, TRAVELS
from sandbox.severa.errors import invalid, missing, no_addon, not_allowed
from sandbox.severa.fields import Entity, fold, read_value, show_record
from sandbox.severa.invoice_model import INVOICES, ROWS, SETTINGS, show_reimbursed
from sandbox.severa.lists import offset_page, token_page_of
from sandbox.severa.state import Organization
from sandbox.severa.table import Record

REIMBURSED = {
    "reimbursedworkhours": "workhours",
    "reimbursedprojectfees": "projectfees",
    "reimbursedprojecttravelexpenses": "projecttravelexpenses",
}


async def _create(call: Call) -> Reply:
    """Bill the open fees of the projects: one invoice per project, or per customer if grouped."""
    org: Organization = call.company
    body = fold(crud.body_of(call))
    projects = _projects_of(org, body.get("projects"))
    status = body.get("invoicestatusguid")
    if status is not None and org.find("invoicestatuses", status) is None:
        raise invalid("invoiceStatusGuid points to nothing known.", name="invoiceStatusGuid")
    more = _given(org, body)
    made = []
    for group in _groups(projects, grouped=body.get("groupprojects") is True):
        invoice = rules.bill(org, group, status=status, more=more)
        if invoice is not None:
            made.append(invoice)
    for invoice in made:
        if status is not None:
            rules.ring(org, invoice)
    return Reply(status=201, body=[show_record(org, INVOICES, row) for row in made])


def _projects_of(org: Organization, given: Any) -> list[Record]:
    if not isinstance(given, list) or not given:
        raise invalid("projects is required.", name="projects")
    found = [org.find("projects", fold(row).get("guid")) for row in given]
    if any(row is None for row in found):
        raise invalid("projects names an unknown project.", name="projects")
    return [row for row in found if row is not None]


def _given(org: Organization, body: dict[str, Any]) -> Record:
    more: Record = {}
    if body.get("billingcustomerguid") is not None:
        customer = org.find("customers", body["billingcustomerguid"])
        if customer is None:
            raise invalid("billingCustomerGuid points to nothing known.")
        more["billingCustomer"] = customer["guid"]
    if body.get("date") is not None:
        spec = INVOICES.field_named("date")
        assert spec is not None
        more["date"] = read_value(org, spec, body["date"])
    return more


def _groups(projects: list[Record], *, grouped: bool) -> list[list[Record]]:
    if not grouped:
        return [[project] for project in projects]
    by_owner: dict[tuple[str, str], list[Record]] = {}
    for project in projects:
        by_owner.setdefault((project["customer"], project["currency"]), []).append(project)
    return list(by_owner.values())


async def _drop_project(call: Call) -> Reply:
    """Take one project off an invoice; its entries become open again."""
    org: Organization = call.company
    invoice = crud.found(call, "invoices")
    guid = call.params["projectGuid"].lower()
    if guid not in invoice["projects"]:
        raise missing()
    if rules.status_of(org, invoice)["isReadOnly"]:
        raise not_allowed("The status of the invoice does not allow editing it.")
    for table in ("projectfees", "projecttravelexpenses", "workhours"):
        for entry in org.tables[table].where("invoice", invoice["guid"]):
            if entry["project"] == guid:
                row = org.find("invoicerows", entry["invoiceRow"])
                if row is not None:
                    org.tables["invoicerows"].remove(row)
                org.update(table, entry, {"invoice": None, "invoiceRow": None})
    left = [project for project in invoice["projects"] if project != guid]
    org.update("invoices", invoice, {"projects": left})
    rules.recount(org, invoice)
    return Reply(status=204)


async def _rows(call: Call) -> Reply:
    org: Organization = call.company
    invoice = crud.found(call, "invoices", "invoiceGuid")
    rows = rules.rows_of(org, invoice)
    return token_page_of(call, rows, show=lambda row: show_record(org, ROWS, row))


async def _delete_row(call: Call) -> Reply:
    org: Organization = call.company
    row = crud.found(call, "invoicerows")
    invoice = org.need("invoices", row["invoice"])
    assert ROWS.guard is not None
    ROWS.guard(org, row)
    org.tables["invoicerows"].remove(row)
    rules.recount(org, invoice)
    org.update("invoices", invoice, {})
    return Reply(status=204)


async def _settings(call: Call) -> Reply:
    org: Organization = call.company
    invoice = crud.found(call, "invoices", "invoiceGuid")
    rows = org.tables["invoicesettings"].where("invoice", invoice["guid"])
    return Reply(body=show_record(org, SETTINGS, rows[0]))


async def _finvoice(call: Call) -> Reply:
    raise no_addon("The Finvoice add-on is not active.")


def _reimbursed(name: str, *, table: str, key: str, param: str) -> Handler:
    async def handle(call: Call) -> Reply:
        org: Organization = call.company
        owner = crud.found(call, table, param)
        rows = [
            row
            for row in org.tables["reimbursed"].where(key, owner["guid"])
            if row["table"] == REIMBURSED[name]
        ]
        if table == "invoices" and name != "reimbursedprojectfees":
            return offset_page(call, rows, show=lambda row: show_reimbursed(org, row))
        return token_page_of(call, rows, show=lambda row: show_reimbursed(org, row))

    return handle


def _uninvoiced(entity: Entity) -> Handler:
    """List the open entries of an invoice's projects."""

    async def handle(call: Call) -> Reply:
        org: Organization = call.company
        invoice = crud.found(call, "invoices", "invoiceGuid")
        rows = [
            row
            for project in invoice["projects"]
            for row in org.tables[entity.name].where("project", project)
            if row["invoice"] is None
        ]
        return token_page_of(call, rows, show=lambda row: show_record(org, entity, row))

    return handle


def _read(path: str, handler: Handler) -> Op:
    return Op(method="GET", path=path, handler=handler, scopes=("invoices:read",))


def _reads() -> list[Op]:
    rows = []
    for name in REIMBURSED:
        behind = _reimbursed(name, table="invoices", key="invoice", param="invoiceGuid")
        rows.append(_read(f"/v1/invoices/{{invoiceGuid}}/{name}", behind))
        under = _reimbursed(name, table="invoicerows", key="invoiceRow", param="invoiceRowGuid")
        rows.append(_read(f"/v1/invoicerows/{{invoiceRowGuid}}/{name}", under))
    for entity in (FEES, TRAVELS, HOURS):
        rows.append(
            _read(f"/v1/invoices/{{invoiceGuid}}/uninvoiced{entity.name}", _uninvoiced(entity))
        )
    return rows


OPS = (
    *crud.operations(INVOICES, verbs="list get patch delete"),
    Op(
        method="POST",
        path="/v1/invoices",
        handler=_create,
        scopes=("invoices:write",),
        writes=True,
    ),
    Op(
        method="DELETE",
        path="/v1/invoices/{guid}/projects/{projectGuid}",
        handler=_drop_project,
        scopes=("invoices:delete",),
        writes=True,
    ),
    *crud.operations(ROWS, verbs="list get patch"),
    Op(
        method="DELETE",
        path="/v1/invoicerows/{guid}",
        handler=_delete_row,
        scopes=("invoices:delete",),
        writes=True,
    ),
    _read("/v1/invoices/{invoiceGuid}/invoicerows", _rows),
    _read("/v1/invoices/{invoiceGuid}/invoicesettings", _settings),
    *crud.operations(SETTINGS, verbs="patch"),
    _read("/v1/invoices/{invoiceGuid}/finvoice", _finvoice),
    _read("/v1/invoicestatuses/{invoiceStatusGuid}/finvoices", _finvoice),
    *_reads(),
)
