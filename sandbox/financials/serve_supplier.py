"""Routes of supplier invoices."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from sandbox.http import Call, Op, Reply

from . import shapes, supplier
from .attachment import attach, files_of_line
from .door import (
    changed,
    check_version,
    created,
    dated,
    equal,
    fields_of,
    found,
    number_in,
    one,
    op,
    page,
    select,
    tag,
)
from .rows import SupplierInvoiceRow
from .serve_customer import done
from .state import LedgerCompany
from .table import JSON

PAGE = 1000


BASE = "/v1/supplierInvoice"


SUPPLIER_PARTS = {"expandAttachment": "attachments", "expandNote": "note"}


def supplier_invoices(company: LedgerCompany, call: Call) -> Reply:
    """List supplier documents."""
    query = call.query
    released, project_id = query.number("released"), query.one("project")
    owner = call.params.get("supplierNumber")
    tests: list[Any] = [
        equal(query, "supplier", lambda row: row.supplier.key),
        equal(query, "documentType", lambda row: row.kind),
        equal(query, "status", lambda row: row.dto["status"]),
        equal(query, "branch", lambda row: row.dto["branchNumber"]["number"]),
        equal(query, "financialPeriod", lambda row: row.dto["financialPeriod"]),
        dated(query, "docDate", lambda row: row.dto["date"]),
        dated(query, "dueDate", lambda row: row.dto["dueDate"]),
    ]
    if owner is not None:
        tests.append(lambda row: row.supplier.key == owner.strip())
    if released in (0, 1):
        tests.append(lambda row: (row.batch is not None) == bool(released))
    if project_id is not None:
        tests.append(
            lambda row: any(x["project"]["id"] == project_id for x in row.dto["invoiceLines"])
        )
    rows = select(company.supplier_invoices, call, tests)
    hidden = [part for flag, part in SUPPLIER_PARTS.items() if not query.flag(flag)]
    return page(call, rows, show=lambda row: _supplier_row(row, hidden), largest=PAGE)


def _supplier_row(row: SupplierInvoiceRow, hidden: list[str]) -> JSON:
    dto = {name: value for name, value in row.dto.items() if name not in hidden}
    if "attachments" in hidden:
        dto["invoiceLines"] = [
            {name: value for name, value in line.items() if name != "attachments"}
            for line in dto["invoiceLines"]
        ]
    return dto


def _supplier_invoice(company: LedgerCompany, call: Call) -> SupplierInvoiceRow:
    """The short path serves plain invoices only."""
    kind = call.params.get("documentType", "Invoice")
    known = next((name for name in supplier.KINDS if name.lower() == kind.strip().lower()), kind)
    return found(supplier.get(company, known, call.params["invoiceNumber"]))


def create_supplier_invoice(company: LedgerCompany, call: Call) -> Reply:
    """Create a supplier document."""
    row = supplier.create(company, fields_of(company, call, shapes.SUPPLIER_INVOICE))
    return created(call, f"{BASE}/{row.kind}", row.number, row)


def change_supplier_invoice(company: LedgerCompany, call: Call) -> Reply:
    """Change a draft."""
    row = _supplier_invoice(company, call)
    check_version(call, row)
    supplier.change(company, row, fields_of(company, call, shapes.SUPPLIER_INVOICE))
    return changed(row)


def delete_supplier_invoice(company: LedgerCompany, call: Call) -> Reply:
    """Delete a draft."""
    supplier.delete(company, _supplier_invoice(company, call))
    return Reply(status=204)


def release_supplier_invoice(company: LedgerCompany, call: Call) -> Reply:
    """Release a document into the journal."""
    row = _supplier_invoice(company, call)
    check_version(call, row)
    supplier.release(company, row)
    return Reply(body={"actionId": str(uuid4()), "actionResult": "Done"}, headers=tag(row))


def void_supplier_invoice(company: LedgerCompany, call: Call) -> Reply:
    """Void a released document."""
    row = _supplier_invoice(company, call)
    check_version(call, row)
    supplier.void(company, row)
    return done()


def reverse_supplier_invoice(company: LedgerCompany, call: Call) -> Reply:
    """Make the adjustment that takes a released document back."""
    row = _supplier_invoice(company, call)
    check_version(call, row)
    twin = supplier.reverse(company, row)
    location = created(call, f"{BASE}/{twin.kind}", twin.number, twin).headers
    return Reply(body={"actionId": str(uuid4()), "actionResult": "Done"}, headers=location)


def attach_to_supplier_invoice(company: LedgerCompany, call: Call) -> Reply:
    """Attach a file to a document or to one of its lines; the journal shows it too."""
    row = _supplier_invoice(company, call)
    check_version(call, row)
    shown = row.attachments
    if "lineNumber" in call.params:
        number = number_in(call, "lineNumber")
        shown = files_of_line(row.dto["invoiceLines"], number)
    file = attach(company, shown, call)
    company.touch(company.supplier_invoices, row)
    return created(call, "/v1/attachment", file.id, row)


TYPED = f"{BASE}/{{documentType}}/{{invoiceNumber}}"


SHORT = f"{BASE}/{{invoiceNumber}}"


FILES = f"{BASE}/documentType/{{documentType}}/{{invoiceNumber}}"


OPS: tuple[Op, ...] = (
    op("GET", BASE, supplier_invoices),
    op("GET", "/v1/supplier/{supplierNumber}/invoice", supplier_invoices),
    op("POST", BASE, create_supplier_invoice),
    op("GET", SHORT, lambda c, call: one(_supplier_invoice(c, call))),
    op("PUT", SHORT, change_supplier_invoice),
    op("DELETE", SHORT, delete_supplier_invoice),
    op("POST", f"{SHORT}/action/release", release_supplier_invoice),
    op("POST", f"{SHORT}/attachment", attach_to_supplier_invoice),
    op("POST", f"{SHORT}/{{lineNumber}}/attachment", attach_to_supplier_invoice),
    op("GET", TYPED, lambda c, call: one(_supplier_invoice(c, call))),
    op("PUT", TYPED, change_supplier_invoice),
    op("DELETE", TYPED, delete_supplier_invoice),
    op("POST", f"{TYPED}/action/release", release_supplier_invoice),
    op("POST", f"{TYPED}/action/reverse", reverse_supplier_invoice),
    op("POST", f"{TYPED}/action/voidinvoice", void_supplier_invoice),
    op("POST", f"{FILES}/attachment", attach_to_supplier_invoice),
    op("POST", f"{FILES}/{{lineNumber}}/attachment", attach_to_supplier_invoice),
)
