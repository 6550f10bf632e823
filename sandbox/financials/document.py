"""Customer invoices and credit notes: how a draft comes into being and is changed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from . import address, lines, project, totals
from .errors import Refused, unknown
from .header import SWITCHES, write_dates, write_header
from .numbering import assigned
from .reference_number import payment_reference
from .rows import CREDIT_NOTE, INVOICE, AppliedNote, CustomerRow, DocumentRow, ProjectRow
from .state import LedgerCompany
from .table import JSON, norm
from .wrapped import Fields

SERIES = {INVOICE: "ARINVOICE", CREDIT_NOTE: "ARCREDIT"}
DOING_NEW = "Error creating document"
DOING_CHANGE = "Error updating the document"
AFTER_RELEASE = frozenset({"documentDueDate", "cashDiscountDate"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    """What a refused change must leave as it was."""

    dto: JSON
    lines: list[JSON]
    customer: CustomerRow
    project: ProjectRow
    rate: Decimal
    to_apply: list[AppliedNote]
    manual_amounts: dict[int, Decimal]

    @classmethod
    def of(cls, document: DocumentRow) -> _Before:
        return cls(
            dto=dict(document.dto),
            lines=[dict(line) for line in document.lines],
            customer=document.customer,
            project=document.project,
            rate=document.rate,
            to_apply=list(document.to_apply),
            manual_amounts=dict(document.manual_amounts),
        )

    def restore(self, document: DocumentRow) -> None:
        document.dto.clear()
        document.dto.update(self.dto)
        document.lines[:] = self.lines
        document.customer, document.project = self.customer, self.project
        document.rate, document.to_apply = self.rate, self.to_apply
        document.manual_amounts = self.manual_amounts


def create(
    company: LedgerCompany, kind: str, fields: Fields, *, by_hand: bool = False
) -> DocumentRow:
    """Create a draft; without `hold` the ledger preference decides."""
    try:
        document = _create(company, kind, fields)
    except Refused as refusal:
        raise Refused(*refusal.reasons, doing=DOING_NEW) from refusal
    document.by_hand = by_hand
    company.fresh(document)
    company.documents.add(document)
    company.documents_of.setdefault(document.customer.internal_id, []).append(document)
    ring(company, document, "AR Invoice: Changed")
    return document


def _create(company: LedgerCompany, kind: str, fields: Fields) -> DocumentRow:
    customer = _customer(company, fields.get("customerNumber"))
    document = DocumentRow(
        key="",
        kind=kind,
        number="",
        customer=customer,
        project=project.for_document(company, fields.get("project"), ledger="Ar"),
        dto=_blank(company, kind, customer),
    )
    document.attachments = document.dto["attachments"]
    write_header(company, document, fields)
    _rows(company, document, fields)
    document.tax_shift, company.next_shift = company.next_shift, Decimal(0)
    totals.recompute(company, document)
    _number(company, document, fields)
    return document


def _number(company: LedgerCompany, document: DocumentRow, fields: Fields) -> None:
    series = company.series[SERIES[document.kind]]
    number = assigned(
        series=series,
        given=fields.get("referenceNumber"),
        override=bool(fields.get("overrideNumberSeries")),
        length=15,
        what="Reference Nbr.",
        taken=lambda text: key_of(document.kind, text) in company.documents,
    )
    series.used.append(number)
    document.number = number
    document.key = key_of(document.kind, number)
    document.dto["referenceNumber"] = number
    if document.kind == INVOICE and company.assume.payment_reference_at == "creation":
        give_payment_reference(company, document)


def give_payment_reference(company: LedgerCompany, document: DocumentRow) -> None:
    """Give an invoice its payment reference, once."""
    if "paymentReference" not in document.dto:
        document.dto["paymentReference"] = payment_reference(company.country, document.number)


def key_of(kind: str, number: str) -> str:
    """Give the key of a document: numbers are unique per kind only."""
    return f"{kind} {norm(number)}"


def get(company: LedgerCompany, kind: str, number: str) -> DocumentRow | None:
    """Find a document."""
    return company.documents.get(key_of(kind, number))


def _customer(company: LedgerCompany, number: str | None) -> CustomerRow:
    if not number or not number.strip():
        raise Refused("'Customer' cannot be empty.")
    customer = company.customers.get(number)
    if customer is None:
        raise unknown("Customer", number)
    if customer.dto["status"] == "Inactive":
        raise Refused(f"The customer status is 'Inactive'. Customer '{customer.key}'.")
    return customer


def _blank(company: LedgerCompany, kind: str, customer: CustomerRow) -> JSON:
    main_branch = next(b for b in company.branches.values() if b["isMainBranch"])
    zone = customer.dto["vatZone"]
    dto: JSON = {
        "customer": customer.ref,
        "documentType": kind,
        "referenceNumber": "",
        "documentDate": company.today(),
        "status": "Hold" if company.assume.hold_on_entry else "Balanced",
        "hold": company.assume.hold_on_entry,
        "currencyId": customer.dto["currencyId"],
        "exchangeRate": Decimal(1),
        "customerVatZone": {"id": zone["id"], "description": zone["description"]},
        "branchNumber": {"number": main_branch["number"], "name": main_branch["name"]},
        "location": customer.dto["location"],
        "invoiceAddress": address.document_address(customer.dto["invoiceAddress"]),
        "invoiceContact": address.document_contact(
            customer.dto["invoiceContact"], customer.dto["name"]
        ),
        "account": company.organization["receivable"],
        "attachments": [],
        "applications": [],
        "taxDetails": [],
        "isRotRutDeductible": False,
        "cashDiscount": Decimal(0),
        "cashDiscountInCurrency": Decimal(0),
        "dunningLetterLevel": 0,
        **dict.fromkeys(SWITCHES, False),
        "timeStamp": "",
        "invoiceLines" if kind == INVOICE else "lines": [],
    }
    if kind == CREDIT_NOTE:
        del dto["excludeDebtCollection"]
    elif "creditTerms" in customer.dto:
        dto["creditTerms"] = customer.dto["creditTerms"]
    return dto


def change(company: LedgerCompany, document: DocumentRow, fields: Fields) -> None:
    """Change a draft; a released document keeps everything but its due and discount dates."""
    before = _Before.of(document)
    try:
        _change(company, document, fields)
    except Refused as refusal:
        before.restore(document)
        raise Refused(*refusal.reasons, doing=DOING_CHANGE) from refusal
    company.touch(company.documents, document)
    ring(company, document, "AR Invoice: Changed")


def _change(company: LedgerCompany, document: DocumentRow, fields: Fields) -> None:
    if document.releasing:
        raise Refused(f"Document '{document.number}' is being processed.")
    if document.status not in ("Hold", "Balanced"):
        if set(fields) - AFTER_RELEASE:
            raise Refused("The document is released. It cannot be changed.")
        write_dates(company, document, fields)
        return
    if fields.get("customerNumber") is not None:
        document.customer = _customer(company, fields["customerNumber"])
        document.dto["customer"] = document.customer.ref
    if "project" in fields:
        document.project = project.for_document(company, fields["project"], ledger="Ar")
    write_header(company, document, fields)
    _rows(company, document, fields)
    totals.recompute(company, document)


def _rows(company: LedgerCompany, document: DocumentRow, fields: Fields) -> None:
    is_invoice = document.kind == INVOICE
    lines.write(company, document, fields.get("invoiceLines" if is_invoice else "lines") or [])
    for tax in fields.get("taxDetailLines" if is_invoice else "taxDetails") or []:
        if tax.get("taxId") and tax.get("vatAmount") is not None:
            if tax["taxId"] not in company.vats:
                raise unknown("Tax ID", tax["taxId"])
            document.taxes_given[tax["taxId"]] = tax["vatAmount"]
    if not is_invoice:
        _applications(company, document, fields.get("applicationLines") or [])


def _applications(company: LedgerCompany, note: DocumentRow, rows: list[Fields]) -> None:
    """Note which invoices the credit note will be applied to at its release."""
    for fields in rows:
        number = (fields.get("refNbr") or "").strip()
        operation = fields.get("operation") or "Insert"
        note.to_apply = [line for line in note.to_apply if line.ref != number]
        if operation == "Delete":
            continue
        invoice = get(company, fields.get("documentType") or INVOICE, number)
        if invoice is None or invoice.customer is not note.customer:
            raise unknown("Reference Nbr.", number)
        if invoice.status != "Open":
            raise Refused(f"Invoice '{number}' is not open and cannot be applied to.")
        if invoice.dto["currencyId"] != note.dto["currencyId"]:
            raise Refused(f"Invoice '{number}' has another currency.")
        amount = fields.get("amountPaid")
        amount = invoice.balance if amount is None else amount
        if amount > invoice.balance:
            raise Refused(f"The amount applied exceeds the balance of invoice '{number}'.")
        line = _pending(invoice, amount)
        note.to_apply.append(AppliedNote(ref=number, amount=amount, line=line))
    note.dto["applications"] = [line.line for line in note.to_apply]


def _pending(invoice: DocumentRow, amount: Decimal) -> JSON:
    return {
        "docType": invoice.kind,
        "customerCD": invoice.customer.key,
        "refNbr": invoice.number,
        "amountPaid": amount,
        "cashDiscountTaken": Decimal(0),
        "balance": invoice.balance - amount,
        "pendingPPD": False,
        "released": False,
        "hold": False,
        "voided": False,
        "status": invoice.status,
    }


def delete(company: LedgerCompany, document: DocumentRow) -> None:
    """Delete a draft; its number is never given out again."""
    if document.status not in ("Hold", "Balanced"):
        raise Refused(
            f"Document '{document.number}' is released and cannot be deleted.",
            doing="Error deleting the document",
        )
    if document.releasing:
        raise Refused(
            f"Document '{document.number}' is being processed.", doing="Error deleting the document"
        )
    forget(company, document)


def forget(company: LedgerCompany, document: DocumentRow) -> None:
    """Take a document away, whatever its state."""
    company.documents.remove(document)
    company.documents_of[document.customer.internal_id].remove(document)
    company.deleted.append(document.number)
    ring(company, document, "AR Invoice: Changed")


def ring(company: LedgerCompany, document: DocumentRow, event: str) -> None:
    """Send a webhook about a document; credit notes are AR documents too."""
    company.ring(
        event,
        {"entity": "customerinvoice", "key": document.number, "documentType": document.kind},
    )
