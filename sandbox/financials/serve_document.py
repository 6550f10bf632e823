"""Routes of customer invoices, credit notes and customer documents, with their actions."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from sandbox.http import Call, Op, Reply

from . import document as drafts
from . import ledger, shapes
from .attachment import attach
from .background import runs_in_background
from .door import (
    changed,
    check_version,
    created,
    fields_of,
    found,
    number_in,
    one,
    op,
    tag,
)
from .errors import Refused
from .rows import CREDIT_NOTE, INVOICE, DocumentRow
from .serve_document_list import documents, listing
from .state import LedgerCompany
from .table import JSON, norm
from .wrapped import Fields, read

PATHS = {INVOICE: "/v1/customerinvoice", CREDIT_NOTE: "/v1/customerCreditNote"}
NUMBER = {INVOICE: "invoiceNumber", CREDIT_NOTE: "creditNoteNumber"}
SHAPES = {INVOICE: shapes.INVOICE, CREDIT_NOTE: shapes.CREDIT_NOTE}


def _get(company: LedgerCompany, call: Call, kind: str, name: str | None = None) -> DocumentRow:
    row = found(drafts.get(company, kind, call.params[name or NUMBER[kind]]))
    ledger.catch_up(company, row)
    return row


def _reading(kind: str) -> Any:
    return lambda company, call: one(_get(company, call, kind))


def _creating(kind: str) -> Any:
    def serve(company: LedgerCompany, call: Call) -> Reply:
        row = drafts.create(company, kind, fields_of(company, call, SHAPES[kind]))
        return created(call, PATHS[kind], row.number, row)

    return serve


def _changing(kind: str) -> Any:
    def serve(company: LedgerCompany, call: Call) -> Reply:
        row = _get(company, call, kind)
        check_version(call, row)
        drafts.change(company, row, fields_of(company, call, SHAPES[kind]))
        return changed(row)

    return serve


def _deleting(kind: str) -> Any:
    def serve(company: LedgerCompany, call: Call) -> Reply:
        row = _get(company, call, kind)
        check_version(call, row)
        drafts.delete(company, row)
        return Reply(status=204)

    return serve


def _releasing(kind: str) -> Any:
    def serve(company: LedgerCompany, call: Call) -> Reply:
        row = _get(company, call, kind)
        check_version(call, row)
        result = ledger.start_release(company, row, wait=runs_in_background(call))
        body: JSON = {"actionId": str(uuid4()), "actionResult": result}
        if result == "Failed":
            body["errorInfo"] = "The document could not be released."
        return Reply(body=body, headers=tag(row))

    return serve


def _body(company: LedgerCompany, call: Call) -> Fields:
    return read(call.json(), shapes.REVERSE, zone=company.zone) if call.body.strip() else {}


def reverse(company: LedgerCompany, call: Call) -> Reply:
    """Make a credit note draft of a released invoice."""
    row = _get(company, call, INVOICE)
    check_version(call, row)
    note = ledger.reverse(company, row, applied=False)
    body = {"actionId": str(uuid4()), "actionResult": "Done"}
    if _body(company, call).get("returnCreditNote"):
        return Reply(body=note.dto, headers=tag(note))
    return Reply(body=body)


def reverse_and_apply(company: LedgerCompany, call: Call) -> Reply:
    """Reverse a released invoice and apply the credit note to it."""
    row = _get(company, call, INVOICE)
    check_version(call, row)
    note = ledger.reverse(company, row, applied=True)
    if _body(company, call).get("returnCreditNote"):
        return Reply(body=note.dto, headers=tag(note))
    return Reply(body={"actionId": str(uuid4()), "actionResult": "Done"})


def correct(company: LedgerCompany, call: Call) -> Reply:
    """Reverse a released invoice and make a new draft of it."""
    row = _get(company, call, INVOICE)
    check_version(call, row)
    ledger.reverse(company, row, applied=True)
    copy = ledger.copy_of(company, row)
    return Reply(body={"actionId": str(uuid4()), "actionResult": "Done"}, headers=tag(copy))


def _sending(kind: str) -> Any:
    def serve(company: LedgerCompany, call: Call) -> Reply:
        row = _get(company, call, kind)
        check_version(call, row)
        if not row.released:
            raise Refused("Only a released document can be sent to AutoInvoice.")
        row.sent = True
        row.dto["sendToAutoInvoice"] = True
        company.touch(company.documents, row)
        return Reply(body={"actionId": str(uuid4()), "actionResult": "Done"}, headers=tag(row))

    return serve


def _attaching(kind: str, *, to_line: bool = False) -> Any:
    def serve(company: LedgerCompany, call: Call) -> Reply:
        row = _get(company, call, kind)
        check_version(call, row)
        if row.released and not company.assume.attach_after_release:
            raise Refused("The document is released. It cannot be changed.")
        shown = _line(row, call)["attachments"] if to_line else row.dto["attachments"]
        file = attach(company, shown, call)
        company.documents.revision += 1
        return created(call, "/v1/attachment", file.id, row)

    return serve


def _line(row: DocumentRow, call: Call) -> JSON:
    wanted = number_in(call, "lineNumber")
    line: JSON | None = next((x for x in row.lines if x["lineNumber"] == wanted), None)
    return found(line)


def _printing(kind: str, name: str) -> Any:
    def serve(company: LedgerCompany, call: Call) -> Reply:
        row = _get(company, call, kind, name)
        text = f"{kind} {row.number} of {norm(row.customer.ref['name'])}"
        pdf = f"%PDF-1.4\n% {text}\n%%EOF\n".encode()
        return Reply(body=pdf, media_type="application/pdf")

    return serve


OPS: tuple[Op, ...] = (
    op("POST", "/v1/customerinvoice", _creating(INVOICE)),
    op("POST", "/v2/customerinvoice", _creating(INVOICE)),
    op("GET", "/v1/customerinvoice", listing(INVOICE)),
    op("GET", "/v1/customerinvoice/{invoiceNumber}", _reading(INVOICE)),
    op("PUT", "/v1/customerinvoice/{invoiceNumber}", _changing(INVOICE)),
    op("DELETE", "/v1/customerinvoice/{invoiceNumber}", _deleting(INVOICE)),
    op("POST", "/v1/customerinvoice/{invoiceNumber}/action/release", _releasing(INVOICE)),
    op("POST", "/v1/customerinvoice/{invoiceNumber}/action/reverse", reverse),
    op(
        "POST",
        "/v1/customerinvoice/{invoiceNumber}/action/reverseandapplytonote",
        reverse_and_apply,
    ),
    op("POST", "/v1/customerinvoice/{invoiceNumber}/action/correct", correct),
    op("POST", "/v1/customerinvoice/{invoiceNumber}/action/sendToAutoInvoice", _sending(INVOICE)),
    op("POST", "/v1/customerinvoice/{invoiceNumber}/attachment", _attaching(INVOICE)),
    op(
        "POST",
        "/v1/customerinvoice/{invoiceNumber}/{lineNumber}/attachment",
        _attaching(INVOICE, to_line=True),
    ),
    op("GET", "/v1/customerinvoice/{refNbr}/print", _printing(INVOICE, "refNbr")),
    op("POST", "/v1/customerCreditNote", _creating(CREDIT_NOTE)),
    op("POST", "/v2/customerCreditNote", _creating(CREDIT_NOTE)),
    op("GET", "/v1/customerCreditNote", listing(CREDIT_NOTE)),
    op("GET", "/v1/customerCreditNote/{creditNoteNumber}", _reading(CREDIT_NOTE)),
    op("PUT", "/v1/customerCreditNote/{creditNoteNumber}", _changing(CREDIT_NOTE)),
    op("DELETE", "/v1/customerCreditNote/{creditNoteNumber}", _deleting(CREDIT_NOTE)),
    op(
        "POST",
        "/v1/customerCreditNote/{creditNoteNumber}/action/release",
        _releasing(CREDIT_NOTE),
    ),
    op(
        "POST",
        "/v1/customerCreditNote/{creditNoteNumber}/action/sendToAutoInvoice",
        _sending(CREDIT_NOTE),
    ),
    op("POST", "/v1/customerCreditNote/{creditNoteNumber}/attachment", _attaching(CREDIT_NOTE)),
    op(
        "POST",
        "/v1/customerCreditNote/{creditNoteNumber}/{lineNumber}/attachment",
        _attaching(CREDIT_NOTE, to_line=True),
    ),
    op(
        "GET",
        "/v1/customerCreditNote/{creditNoteNumber}/print",
        _printing(CREDIT_NOTE, "creditNoteNumber"),
    ),
    op("GET", "/v1/customerdocument", documents()),
    op("GET", "/v1/customer/{customerNumber}/document", documents("customerNumber")),
    op("GET", "/v1/customer/{customerNumber}/invoice", listing(INVOICE, owner="customerNumber")),
)
