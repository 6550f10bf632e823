"""Edits and deletions without checks: a merge patch in the names of the read model."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.control.errors import ControlRefused

from . import customer, item, project, totals
from . import document as drafts
from . import payment as payments
from .rows import CREDIT_NOTE, INVOICE, CustomerRow, DocumentRow, ItemRow, ProjectRow
from .state import LedgerCompany
from .supplier import KINDS
from .supplier import get as get_supplier_document
from .table import JSON, Row, Table, norm

# Objects that belong to one record and are changed in place; others are shared between records.
OWN_PARTS = frozenset(
    {
        "mainAddress",
        "mainContact",
        "invoiceAddress",
        "invoiceContact",
        "deliveryAddress",
        "deliveryContact",
        "address",
        "visibility",
    }
)
TOTALS_FOLLOW = frozenset(
    {"invoiceLines", "lines", "exchangeRate", "customerVatZone", "documentDate", "currencyId"}
)
COMPUTED = frozenset({"detailTotalInCurrency", "vatTotalInCurrency", "roundingDiff"})
REGISTERS = {
    "branch": "branches",
    "currency": "currencies",
    "vat": "vats",
    "vatcategory": "vat_categories",
    "vatzone": "vat_zones",
    "creditterm": "terms",
    "customerclass": "customer_classes",
    "itemclass": "item_classes",
    "financialperiod": "periods",
    "dimension": "dimensions",
    "country": "countries",
}


def merge(target: JSON, fields: JSON) -> None:
    """Apply a merge patch; shared objects are copied, a record's own parts changed in place."""
    for name, value in fields.items():
        old = target.get(name)
        if value is None:
            target.pop(name, None)
        elif isinstance(value, dict) and isinstance(old, dict):
            part = old if name in OWN_PARTS else dict(old)
            merge(part, value)
            target[name] = part
        else:
            target[name] = value


def edit(company: LedgerCompany, *, entity: str, key: str, fields: JSON) -> JSON:
    """Change a record as it is read; timestamps and totals follow, webhooks are sent."""
    kind = entity.strip().lower()
    if kind == "organization":
        merge(company.organization, fields)
        return _organization(company)
    if kind == "numbersequence":
        return _edit_series(company, key, fields)
    if kind in REGISTERS:
        return _edit_register(company, kind, key, fields)
    row, table = _row(company, kind, key)
    if isinstance(row, CustomerRow):
        _edit_customer(company, row, fields)
    elif isinstance(row, ItemRow):
        _edit_item(company, row, fields)
    elif isinstance(row, ProjectRow):
        _edit_project(company, row, fields)
    elif isinstance(row, DocumentRow):
        merge_document(company, row, fields)
        company.touch(table, row)
        event = "Status Changed" if "status" in fields else "Changed"
        drafts.ring(company, row, f"AR Invoice: {event}")
    else:
        merge(row.dto, fields)
        company.touch(table, row)
    return row.dto


def _organization(company: LedgerCompany) -> JSON:
    company.organization["lastModifiedDateTime"] = company.now()
    company.organization["timeStamp"] = company.next_version()
    return company.organization


def _edit_series(company: LedgerCompany, key: str, fields: JSON) -> JSON:
    series = company.series.get(norm(key))
    if series is None:
        raise ControlRefused(f"There is no number series {key}.", status=404)
    if "manualNumbering" in fields:
        series.manual = bool(fields["manualNumbering"])
    if "startNbr" in fields:
        series.start = str(fields["startNbr"])
        series.last = int("".join(s for s in series.start if s.isdigit()) or "1") - 1
    if "nextNumber" in fields:
        series.last = int(fields["nextNumber"]) - 1
    return series.dto()


def _edit_register(company: LedgerCompany, kind: str, key: str, fields: JSON) -> JSON:
    register: dict[str, JSON] = getattr(company, REGISTERS[kind])
    for name, row in register.items():
        if norm(name) == norm(key):
            merge(row, fields)
            if "lastModifiedDateTime" in row:
                row["lastModifiedDateTime"] = company.now()
            return row
    raise ControlRefused(f"There is no {kind} {key}.", status=404)


def _edit_customer(company: LedgerCompany, row: CustomerRow, fields: JSON) -> None:
    number = fields.pop("number", None)
    for part in ("invoiceAddress", "invoiceContact", "deliveryAddress", "deliveryContact"):
        main = "mainAddress" if part.endswith("Address") else "mainContact"
        if part in fields and row.dto.get(part) is row.dto.get(main):
            row.dto[part] = {**row.dto[main], **_new_id(company, part)}
    merge(row.dto, fields)
    if "note" in fields:
        row.note = row.dto.pop("note", None)
    if number is not None and norm(str(number)) != row.key:
        customer.rename(company, row, str(number))
    else:
        customer.settled(company, row)


def _new_id(company: LedgerCompany, part: str) -> JSON:
    if part.endswith("Address"):
        return {"addressId": company.next_id("address", start=1001)}
    return {"contactId": company.next_id("contact", start=5001)}


def _edit_item(company: LedgerCompany, row: ItemRow, fields: JSON) -> None:
    number = fields.pop("inventoryNumber", None)
    merge(row.dto, fields)
    if number is not None and norm(str(number)) != row.key:
        item.rename(company, row, str(number))
    else:
        item.settled(company, row)


def _edit_project(company: LedgerCompany, row: ProjectRow, fields: JSON) -> None:
    number = fields.pop("projectID", None)
    owner = fields.pop("customer", None)
    if owner is not None:
        found = company.customers.get(str(owner["number"]))
        row.dto["customer"] = found.ref if found else owner
    for task in fields.pop("tasks", None) or []:
        found_task = row.tasks.get(norm(str(task.get("taskId"))))
        if found_task is not None:
            merge(found_task.dto, task)
            company.touch(company.tasks, found_task)
    merge(row.dto, fields)
    if number is not None and norm(str(number)) != row.key:
        project.rename(company, row, str(number))
    else:
        project.settled(company, row)


def merge_document(company: LedgerCompany, row: DocumentRow, fields: JSON) -> None:
    """Merge fields into a customer document; its totals follow its lines."""
    fields = dict(fields)
    owner = fields.pop("customer", None)
    if owner is not None:
        found = company.customers.get(str(owner["number"]))
        if found is not None:
            company.documents_of[row.customer.internal_id].remove(row)
            company.documents_of.setdefault(found.internal_id, []).append(row)
            row.customer = found
            row.dto["customer"] = found.ref
    before = row.total
    merge(row.dto, fields)
    if "exchangeRate" in fields:
        row.rate = Decimal(str(fields["exchangeRate"]))
    if TOTALS_FOLLOW & set(fields):
        row.manual_amounts.clear()
        totals.recompute(company, row)
    elif COMPUTED & set(fields):
        dto = row.dto
        row.total = sum((Decimal(str(dto[name])) for name in COMPUTED), Decimal(0))
    if row.released and row.total != before:
        open_now = row.balance + row.total - before
        totals.show_amount(company, row, row.total)
        totals.show_balance(company, row, open_now)


def _row(company: LedgerCompany, kind: str, key: str) -> tuple[Row, Table[Any]]:
    """Find a record by the first segment of its path and its key."""
    row, table = _find(company, kind, key)
    if row is None or table is None:
        raise ControlRefused(f"There is no {kind} {key}.", status=404)
    return row, table


def _find(company: LedgerCompany, kind: str, key: str) -> tuple[Row | None, Table[Any] | None]:
    simple: dict[str, Table[Any]] = {
        "customer": company.customers,
        "inventory": company.items,
        "project": company.projects,
        "supplier": company.suppliers,
        "account": company.accounts,
    }
    if kind in simple:
        return simple[kind].get(key), simple[kind]
    if kind == "contact":
        return company.contacts.get(key), company.contacts
    if kind == "projecttask":
        return (company.tasks.by_id(int(key)) if key.isdigit() else None), company.tasks
    if kind in ("customerinvoice", "customercreditnote"):
        document_kind = INVOICE if kind == "customerinvoice" else CREDIT_NOTE
        return drafts.get(company, document_kind, key), company.documents
    if kind == "customerpayment":
        return payments.get(company, key), company.payments
    if kind == "supplierinvoice":
        rows = (get_supplier_document(company, name, key) for name in KINDS)
        return next((row for row in rows if row), None), company.supplier_invoices
    if kind == "journaltransaction":
        batches = (row for row in company.batches if row.number == key.strip())
        return next(batches, None), company.batches
    return None, None


def delete(company: LedgerCompany, *, entity: str, key: str) -> JSON:
    """Take a record away, as no public operation could."""
    kind = entity.strip().lower()
    if kind in REGISTERS:
        register: dict[str, JSON] = getattr(company, REGISTERS[kind])
        register.pop(key, None)
        return {"id": key}
    row, table = _row(company, kind, key)
    if isinstance(row, DocumentRow):
        drafts.forget(company, row)
        return {"id": key}
    table.remove(row)
    if isinstance(row, CustomerRow):
        for contact in [c for c in company.contacts if c.dto.get("businessAccount") == row.key]:
            company.contacts.remove(contact)
    if isinstance(row, ProjectRow):
        for task in row.tasks.values():
            company.tasks.remove(task)
    return {"id": key}
