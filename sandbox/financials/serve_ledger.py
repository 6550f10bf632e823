"""Routes of payments, supplier invoices, journal transactions, attachments and background calls."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import Any
from uuid import uuid4

from sandbox.http import Call, Op, Reply

from . import background, journal, payment, shapes, supplier
from .attachment import about, attach
from .door import (
    body_of,
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
from .errors import Refused
from .moment import filter_value
from .rows import BatchRow, PaymentRow, SupplierInvoiceRow
from .serve_customer import done
from .state import File, LedgerCompany
from .table import JSON, Bound
from .wrapped import read

PAGE = 1000
JOURNAL_PAGE = 1000
BASE = "/v1/supplierInvoice"


def payments(company: LedgerCompany, call: Call) -> Reply:
    """List customer payments and their voids."""
    query = call.query
    wanted = query.one("invoiceRefNbr")
    tests: list[Any] = [
        equal(query, "paymentNbr", lambda row: row.number),
        equal(query, "paymentType", lambda row: row.kind),
        equal(query, "customer", lambda row: row.customer.key),
        equal(query, "status", lambda row: row.dto["status"]),
        equal(query, "branch", lambda row: row.dto["branch"]),
        equal(query, "financialPeriod", lambda row: row.dto["applicationPeriod"]),
        dated(query, "docDate", lambda row: row.dto["applicationDate"]),
    ]
    if wanted is not None:
        tests.append(lambda row: any(line["refNbr"] == wanted for line in row.dto["paymentLines"]))
    rows = select(company.payments, call, tests)
    return page(call, rows, show=lambda row: dict(row.dto), largest=PAGE)


def _payment(company: LedgerCompany, call: Call) -> PaymentRow:
    return found(payment.get(company, call.params["paymentNumber"]))


def create_payment(company: LedgerCompany, call: Call) -> Reply:
    """Create a payment."""
    row = payment.create(company, fields_of(company, call, shapes.PAYMENT))
    return created(call, "/v1/customerPayment", row.number, row)


def change_payment(company: LedgerCompany, call: Call) -> Reply:
    """Change a payment."""
    row = _payment(company, call)
    check_version(call, row)
    payment.change(company, row, fields_of(company, call, shapes.PAYMENT))
    return changed(row)


def release_payment(company: LedgerCompany, call: Call) -> Reply:
    """Release a payment."""
    row = _payment(company, call)
    check_version(call, row)
    payment.release(company, row)
    return Reply(body={"actionId": str(uuid4()), "actionResult": "Done"}, headers=tag(row))


def void_payment(company: LedgerCompany, call: Call) -> Reply:
    """Void a released payment."""
    row = _payment(company, call)
    check_version(call, row)
    fields = (
        read(body_of(call), shapes.VOID_PAYMENT, zone=company.zone) if call.body.strip() else {}
    )
    twin = payment.void(company, row)
    if fields.get("returnVoidPayment"):
        return Reply(body=twin.dto, headers=tag(twin))
    return Reply(body={"actionId": str(uuid4()), "actionResult": "Done"})


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


def _lines_of(row: SupplierInvoiceRow | BatchRow, call: Call) -> JSON:
    wanted = number_in(call, "lineNumber")
    name = "journalTransactionLines" if isinstance(row, BatchRow) else "invoiceLines"
    line: JSON | None = next((x for x in row.dto[name] if x["lineNumber"] == wanted), None)
    return found(line)


def attach_to_supplier_invoice(company: LedgerCompany, call: Call) -> Reply:
    """Attach a file to a document or to one of its lines; the journal shows it too."""
    row = _supplier_invoice(company, call)
    check_version(call, row)
    shown = _lines_of(row, call)["attachments"] if "lineNumber" in call.params else row.attachments
    file = attach(company, shown, call)
    company.touch(company.supplier_invoices, row)
    return created(call, "/v1/attachment", file.id, row)


def transactions(company: LedgerCompany, call: Call) -> Reply:
    """List journal transactions; lines are paged, so a batch may come in two parts."""
    query = call.query
    since, period_id = query.one("lastModifiedDateTime"), query.one("periodId")
    if since is None and period_id is None:
        raise Refused("Either periodId or lastModifiedDateTime must be specified.")
    module = query.one("module")
    tests: list[Any] = [
        equal(query, "periodId", lambda row: row.dto["financialPeriod"]),
        equal(query, "status", lambda row: _status_filter(row)),
        equal(query, "branch", lambda row: row.dto["branch"]),
    ]
    if module is not None:
        wanted = module.removeprefix("Module").upper()
        tests.append(lambda row: row.module == f"Module{wanted}")
    rows = _since(company, call, tests, since)
    return Reply(body=_line_page(call, rows, attachments=bool(query.flag("expandAttachments"))))


def _status_filter(row: BatchRow) -> str:
    return str(row.dto["status"])


def _since(
    company: LedgerCompany, call: Call, tests: list[Any], since: str | None
) -> list[BatchRow]:
    asked = [test for test in tests if test is not None]
    limit = None
    if since is not None:
        limit = Bound(operator=">=", value=filter_value("lastModifiedDateTime", since))
    names = ("periodid", "lastmodifieddatetime", "module", "status", "branch")
    return company.batches.select(
        modified=limit,
        test=(lambda row: all(test(row) for test in asked)) if asked else None,
        cache=("journal", *(call.query.one(name) for name in names)),
    )


def _line_page(call: Call, rows: list[BatchRow], *, attachments: bool) -> list[JSON]:
    size = call.query.number("pageSize") or JOURNAL_PAGE
    size = min(size, JOURNAL_PAGE) if size > 0 else JOURNAL_PAGE
    first = (max(call.query.number("pageNumber") or 1, 1) - 1) * size
    ends = list(accumulate(len(row.lines) for row in rows))
    about_page = {"totalCount": ends[-1] if ends else 0, "maxPageSize": JOURNAL_PAGE}
    answer = []
    for index in range(bisect_right(ends, first), len(rows)):
        begin = ends[index] - len(rows[index].lines)
        if begin >= first + size:
            break
        lines = rows[index].lines[max(first - begin, 0) : first + size - begin]
        dto = _batch(rows[index], lines, attachments=attachments)
        dto["metadata"] = about_page
        answer.append(dto)
    return answer


def _batch(row: BatchRow, lines: list[JSON], *, attachments: bool) -> JSON:
    dto = {**row.dto, "journalTransactionLines": lines}
    if attachments:
        dto["attachments"] = row.attachments
    else:
        dto["journalTransactionLines"] = [
            {name: value for name, value in line.items() if name != "attachments"} for line in lines
        ]
    return dto


def _by_number(company: LedgerCompany, call: Call) -> BatchRow:
    return found(journal.by_number(company, call.params["journalTransactionNumber"]))


def _in_module(company: LedgerCompany, call: Call) -> BatchRow:
    module = call.params["module"].strip()
    module = module.upper() if len(module) == 2 else module.removeprefix("Module").upper()
    key = journal.key_of(f"Module{module}", call.params["journalTransactionNumber"])
    return found(company.batches.get(key))


def transaction(company: LedgerCompany, call: Call) -> Reply:
    """Show a batch."""
    row = _by_number(company, call)
    return one(row, _batch(row, row.lines, attachments=True))


def create_transaction(company: LedgerCompany, call: Call) -> Reply:
    """Create a batch; date-times with a zone are refused here."""
    fields = fields_of(company, call, shapes.JOURNAL, zones_refused=True)
    row = journal.create(company, fields)
    return created(call, "/v2/journaltransaction", row.number, row)


def change_transaction(company: LedgerCompany, call: Call) -> Reply:
    """Change a batch that is not posted."""
    row = _by_number(company, call)
    check_version(call, row)
    journal.change(company, row, fields_of(company, call, shapes.JOURNAL, zones_refused=True))
    return changed(row)


def release_transaction(company: LedgerCompany, call: Call) -> Reply:
    """Release and post a batch."""
    row = _by_number(company, call)
    check_version(call, row)
    journal.release(company, row)
    return Reply(body={"actionId": str(uuid4()), "actionResult": "Done"}, headers=tag(row))


def attach_to_transaction(company: LedgerCompany, call: Call) -> Reply:
    """Attach a file to a batch or to one of its lines."""
    row = _in_module(company, call)
    shown = _lines_of(row, call)["attachments"] if "lineNumber" in call.params else row.attachments
    file = attach(company, shown, call)
    company.touch(company.batches, row)
    return created(call, "/v1/attachment", file.id)


def _file(company: LedgerCompany, call: Call, name: str) -> File:
    return found(company.files.get(call.params[name].strip().lower()))


def download(company: LedgerCompany, call: Call) -> Reply:
    """Give the newest revision of a file."""
    file = _file(company, call, "attachmentId" if "attachmentId" in call.params else "blobId")
    headers = {"Content-Disposition": f'attachment; filename="{_ascii(file.name)}"'}
    return Reply(body=file.revisions[-1], headers=headers, media_type=file.media_type)


def _ascii(name: str) -> str:
    return name.encode("ascii", "replace").decode().replace('"', "'")


def change_attachment(company: LedgerCompany, call: Call) -> Reply:
    """Choose whether a file goes along to AutoInvoice."""
    file = _file(company, call, "attachmentId")
    fields = fields_of(company, call, shapes.ATTACHMENT)
    if fields.get("sendToAutoinvoice") is not None:
        file.to_autoinvoice = fields["sendToAutoinvoice"]
    return Reply(status=204)


def blob_metadata(company: LedgerCompany, call: Call) -> Reply:
    """Describe a file."""
    return Reply(body=about(_file(company, call, "blobId")))


def presigned_url(company: LedgerCompany, call: Call) -> Reply:
    """Give an address from which the file can be had."""
    file = found(company.files.get((call.query.one("blobId") or "").lower()))
    body: JSON = {"preSignedUrl": f"{call.base}/v1/blob/download/{file.id}"}
    if call.query.flag("includeMetadata"):
        body["metadata"] = about(file)
    return Reply(body=body)


TYPED = f"{BASE}/{{documentType}}/{{invoiceNumber}}"
SHORT = f"{BASE}/{{invoiceNumber}}"
FILES = f"{BASE}/documentType/{{documentType}}/{{invoiceNumber}}"
JOURNAL = "/v2/journaltransaction"
ENTRY = f"{JOURNAL}/{{journalTransactionNumber}}"
IN_MODULE = f"{JOURNAL}/module/{{module}}/{{journalTransactionNumber}}"

OPS: tuple[Op, ...] = (
    op("POST", "/v1/customerPayment", create_payment),
    op("GET", "/v1/customerPayment", payments),
    op("GET", "/v1/customerPayment/{paymentNumber}", lambda c, call: one(_payment(c, call))),
    op("PUT", "/v1/customerPayment/{paymentNumber}", change_payment),
    op("POST", "/v1/customerPayment/{paymentNumber}/action/release", release_payment),
    op("POST", "/v1/customerPayment/{paymentNumber}/action/void", void_payment),
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
    op("GET", JOURNAL, transactions),
    op("POST", JOURNAL, create_transaction),
    op("GET", ENTRY, transaction),
    op("PUT", ENTRY, change_transaction),
    op("POST", f"{ENTRY}/action/release", release_transaction),
    op("POST", f"{IN_MODULE}/attachment", attach_to_transaction),
    op("POST", f"{IN_MODULE}/{{lineNumber}}/attachment", attach_to_transaction),
    op("GET", "/v1/attachment/{attachmentId}", download),
    op("PUT", "/v1/attachment/{attachmentId}", change_attachment),
    op("GET", "/v1/blob/download/{blobId}", download),
    op("GET", "/v1/blob/metadata/{blobId}", blob_metadata),
    op("GET", "/v1/blob/presignedurl", presigned_url),
    op("GET", "/v1/background/{requestId}", background.state),
    op("GET", "/v1/background/{requestId}/content", background.content),
)
