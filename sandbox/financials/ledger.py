"""The customer ledger: releasing, applying payments and credit notes, reversing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from . import document as drafts
from . import period, posting, totals
from .errors import Refused
from .rows import CREDIT_NOTE, INVOICE, DocumentRow
from .state import LedgerCompany
from .table import JSON
from .wrapped import Fields

ZERO = Decimal("0.00")
OVERDUE = timedelta(seconds=5)
RELEASE = {
    "Invoice": "POST /v1/customerinvoice/{invoiceNumber}/action/release",
    "CreditNote": "POST /v1/customerCreditNote/{creditNoteNumber}/action/release",
}


def start_release(company: LedgerCompany, document: DocumentRow, *, wait: bool = False) -> str:
    """Begin a release, which works in the background; tell the action's result.

    Raises `Refused` for a document that is not balanced.
    """
    if document.status != "Balanced":
        raise Refused(
            f"Document Status is invalid for processing. Document '{document.number}' has the "
            f"status {document.status}."
        )
    if document.releasing:
        return "InProcess"
    failing = company.fault(RELEASE[document.kind], "release_fails")
    if wait:
        if failing:
            return "Failed"
        _require_bookable(company, document)
        book(company, document)
        return "Done"
    document.releasing = True
    document.release_due = company.utc() + timedelta(seconds=company.assume.release_delay)

    def take_effect() -> None:
        if document.releasing:
            document.releasing = False
            if not failing:
                _book_if_still_possible(company, document)

    company.later(company.assume.release_delay, take_effect)
    return "Queued" if document.order % 2 else "InProcess"


def catch_up(company: LedgerCompany, document: DocumentRow) -> None:
    """Book a document whose time came while the sandbox was not running."""
    due = document.release_due
    if document.releasing and due is not None and company.utc() > due + OVERDUE:
        document.releasing = False
        _book_if_still_possible(company, document)


def _book_if_still_possible(company: LedgerCompany, document: DocumentRow) -> None:
    """Book a document whose release was accepted; what went wrong since shows nowhere."""
    if company.documents.get(document.key) is not document or document.status != "Balanced":
        return
    try:
        _require_bookable(company, document)
    except Refused:
        return
    book(company, document)


def _require_bookable(company: LedgerCompany, document: DocumentRow) -> None:
    period.require_open(company, document.dto["financialPeriod"], ledger=period.CUSTOMER_LEDGER)
    if not document.project.non_project and document.project.dto["status"] != "Active":
        raise Refused(f"Project '{document.project.key}' is not active.")


def book(company: LedgerCompany, document: DocumentRow) -> None:
    """Book a document: amounts are filled, it is open, and a credit note is applied."""
    dto = document.dto
    dto["status"], dto["hold"] = "Open", False
    totals.show_amount(company, document, document.total)
    totals.show_balance(company, document, document.total)
    if document.kind == INVOICE:
        drafts.give_payment_reference(company, document)
    if not (dto["dontPrint"] and dto["dontEmail"]):
        document.sent = True
    posting.post_customer_document(company, document)
    _apply_notes(company, document)
    _close_if_settled(document)
    company.touch(company.documents, document)
    drafts.ring(company, document, "AR Invoice: Status Changed")


def _apply_notes(company: LedgerCompany, note: DocumentRow) -> None:
    planned, note.to_apply = note.to_apply, []
    if planned:
        note.dto["applications"] = []
    for line in planned:
        invoice = drafts.get(company, INVOICE, line.ref)
        if invoice is None or invoice.status != "Open":
            continue
        amount = min(line.amount, invoice.balance, note.balance)
        if amount > 0:
            apply(
                company,
                invoice,
                amount=amount,
                kind="CreditNote",
                number=note.number,
                on=note.dto["documentDate"],
            )
            totals.show_balance(company, note, note.balance - amount)
            note.dto["applications"].append(
                application(note, invoice.kind, invoice.number, amount, note.dto["documentDate"])
            )


def application(
    document: DocumentRow, kind: str, number: str, amount: Decimal, on: str, **more: Any
) -> JSON:
    """Make a row of `applications`."""
    return {
        "docType": kind,
        "customerCD": document.customer.key,
        "refNbr": number,
        "amountPaid": amount,
        "cashDiscountTaken": ZERO,
        "balance": document.balance,
        "pendingPPD": False,
        "released": True,
        "hold": False,
        "voided": False,
        "status": "Closed",
        "applicationDate": on,
        "applicationPeriod": on[:4] + on[5:7],
        **more,
    }


def apply(
    company: LedgerCompany,
    document: DocumentRow,
    *,
    amount: Decimal,
    kind: str,
    number: str,
    on: str,
    written_off: Decimal = ZERO,
    **more: Any,
) -> None:
    """Apply a payment or credit note to a released document; at zero it is closed."""
    totals.show_balance(company, document, document.balance - amount - written_off)
    row = application(document, kind, number, amount, on, **more)
    document.dto["applications"] = [*document.dto["applications"], row]
    _close_if_settled(document)
    _touch_paid(company, document)


def unapply(
    company: LedgerCompany, document: DocumentRow, *, number: str, on: str, restored: Decimal
) -> None:
    """Take a voided payment back: the document is open again."""
    rows = []
    for row in document.dto["applications"]:
        if row["docType"] == "Payment" and row["refNbr"] == number and not row["voided"]:
            back = {
                **row,
                "docType": "VoidPayment",
                "amountPaid": -row["amountPaid"],
                "voided": True,
                "applicationDate": on,
                "status": "Closed",
            }
            rows += [{**row, "voided": True, "status": "Voided"}, back]
        else:
            rows.append(row)
    document.dto["applications"] = rows
    totals.show_balance(company, document, document.balance + restored)
    if document.balance > 0:
        document.dto["status"] = "Open"
        document.dto.pop("closedFinancialPeriod", None)
    _touch_paid(company, document)


def _touch_paid(company: LedgerCompany, document: DocumentRow) -> None:
    if company.assume.payment_touches_invoice:
        company.touch(company.documents, document)
    else:
        company.documents.revision += 1
    drafts.ring(company, document, "AR Invoice: Changed")


def _close_if_settled(document: DocumentRow) -> None:
    if document.balance == 0:
        document.dto["status"] = "Closed"
        document.dto["closedFinancialPeriod"] = document.dto["financialPeriod"]


def reverse(company: LedgerCompany, invoice: DocumentRow, *, applied: bool) -> DocumentRow:
    """Make a credit note of a released invoice; `applied` books and applies it at once.

    Raises `Refused` for an invoice that is not released.
    """
    if not invoice.released:
        raise Refused("Only a released document can be reversed.")
    fields = _mirrored(invoice)
    if applied and invoice.status == "Open":
        fields["applicationLines"] = [
            {"documentType": "Invoice", "refNbr": invoice.number, "amountPaid": invoice.balance}
        ]
    note = _with_open_project(
        invoice, lambda: drafts.create(company, CREDIT_NOTE, fields, by_hand=True)
    )
    if applied:
        book(company, note)
    return note


def _with_open_project(invoice: DocumentRow, make: Callable[[], DocumentRow]) -> DocumentRow:
    """A reversal goes through on a project that was closed since."""
    dto = invoice.project.dto
    status, dto["status"] = dto["status"], "Active"
    try:
        return make()
    finally:
        dto["status"] = status


def _mirrored(invoice: DocumentRow) -> Fields:
    dto = invoice.dto
    return {
        "customerNumber": invoice.customer.key,
        "currencyId": dto["currencyId"],
        "exchangeRate": invoice.rate,
        "hold": False,
        "project": invoice.project.key,
        "branchNumber": dto["branchNumber"]["number"],
        "customerVatZoneId": dto["customerVatZone"]["id"],
        "invoiceText": f"Reversal of {invoice.number}",
        "dontPrint": True,
        "dontEmail": True,
        "lines": [_mirrored_line(line) for line in invoice.lines],
    }


def _mirrored_line(line: JSON) -> Fields:
    return {
        "operation": "Insert",
        "inventoryNumber": line.get("inventoryNumber"),
        "description": line.get("description"),
        "quantity": line["quantity"],
        "unitPriceInCurrency": line["unitPriceInCurrency"],
        "manualAmountInCurrency": line["amountInCurrency"],
        "manualDiscount": True,
        "uom": line.get("uom"),
        "accountNumber": line["account"]["number"],
        "vatCodeId": line.get("vatCode", {}).get("id"),
        "taskId": line.get("projectTask", {}).get("id"),
    }


def copy_of(company: LedgerCompany, invoice: DocumentRow) -> DocumentRow:
    """Make a new draft with the content of an invoice, for a correction."""
    fields = _mirrored(invoice)
    fields["invoiceLines"] = fields.pop("lines")
    fields["invoiceText"] = invoice.dto.get("invoiceText")
    fields["hold"] = True
    return _with_open_project(
        invoice, lambda: drafts.create(company, INVOICE, fields, by_hand=True)
    )
