"""Customer invoices and credit notes: how a draft comes into being and is changed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from . import address, lines, period, project, totals
from .door import put
from .errors import Refused, unknown
from .moment import plus_days
from .numbering import assigned
from .reference_number import payment_reference
from .rows import AppliedNote, CustomerRow, DocumentRow, ProjectRow
from .state import LedgerCompany, as_date
from .table import JSON, norm
from .wrapped import Fields

INVOICE, CREDIT_NOTE = "Invoice", "CreditNote"
SERIES = {INVOICE: "ARINVOICE", CREDIT_NOTE: "ARCREDIT"}
DOING_NEW = "Error creating document"
DOING_CHANGE = "Error updating the document"
TEXTS = [
    "customerRefNumber",
    "externalReference",
    "invoiceText",
    "note",
    "customerProject",
    "accountingCostRef",
    "originatorDocRef",
    "contractDocRef",
    "cashAccount",
    "startDate",
    "endDate",
    "cashDiscountDate",
]
SWITCHES = ("sendToAutoInvoice", "dontPrint", "dontEmail", "revoked", "excludeDebtCollection")
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
    _header(company, document, fields)
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
        _dates(company, document, fields)
        return
    if fields.get("customerNumber") is not None:
        document.customer = _customer(company, fields["customerNumber"])
        document.dto["customer"] = document.customer.ref
    if "project" in fields:
        document.project = project.for_document(company, fields["project"], ledger="Ar")
    _header(company, document, fields)
    _rows(company, document, fields)
    totals.recompute(company, document)


def _header(company: LedgerCompany, document: DocumentRow, fields: Fields) -> None:
    dto = document.dto
    dto["project"] = document.project.ref
    _codes(company, document, fields)
    _dates(company, document, fields)
    _currency(company, document, fields)
    for name in TEXTS:
        if name in fields:
            put(dto, name, fields[name] or None)
    for name in SWITCHES:
        if fields.get(name) is not None:
            dto[name] = fields[name]
    if fields.get("hold") is not None:
        dto["hold"] = fields["hold"]
        dto["status"] = "Hold" if fields["hold"] else "Balanced"
    if document.kind == INVOICE and fields.get("paymentReference"):
        dto["paymentReference"] = fields["paymentReference"]
    _places(company, document, fields)


def _codes(company: LedgerCompany, document: DocumentRow, fields: Fields) -> None:
    dto = document.dto
    if document.kind == INVOICE and fields.get("creditTermsId") is not None:
        terms = company.terms.get(fields["creditTermsId"])
        if terms is None:
            raise unknown("Terms", fields["creditTermsId"])
        dto["creditTerms"] = {"id": terms["termsId"], "description": terms["description"]}
    if fields.get("branchNumber") is not None:
        dto["branchNumber"] = project.branch_ref(company, fields["branchNumber"])
    if fields.get("customerVatZoneId") is not None:
        zone = company.vat_zones.get(fields["customerVatZoneId"])
        if zone is None:
            raise unknown("Tax Zone", fields["customerVatZoneId"])
        dto["customerVatZone"] = {"id": zone["id"], "description": zone["description"]}
    if fields.get("contact") is not None:
        contact = company.contacts.by_id(fields["contact"])
        if contact is None:
            raise unknown("Contact", fields["contact"])
        dto["contact"] = {"id": contact.internal_id, "name": contact.dto["displayName"]}
    if fields.get("locationId") is not None:
        location = company.locations.get(f"{document.customer.key} {fields['locationId'].strip()}")
        if location is None:
            raise unknown("Location", fields["locationId"])
        dto["location"] = {
            **dto["location"],
            "id": location.dto["locationId"],
            "name": location.dto["locationName"],
        }


def _dates(company: LedgerCompany, document: DocumentRow, fields: Fields) -> None:
    dto = document.dto
    if fields.get("documentDate") is not None:
        dto["documentDate"] = fields["documentDate"][:10] + "T00:00:00"
    if not document.released:
        given = {"documentDate", "financialPeriod", "postPeriod"} & set(fields)
        if given or "financialPeriod" not in dto:
            dto["financialPeriod"] = dto["postPeriod"] = period.of(
                company, fields, on=dto["documentDate"], ledger=period.CUSTOMER_LEDGER
            )
    if fields.get("origInvoiceDate") is not None:
        dto["origInvoiceDate"] = fields["origInvoiceDate"]
    if "cashDiscountDate" in fields:
        put(dto, "cashDiscountDate", fields["cashDiscountDate"])
    if document.kind != INVOICE:
        return
    if fields.get("documentDueDate") is not None:
        dto["documentDueDate"] = fields["documentDueDate"][:10] + "T00:00:00"
    elif {"documentDate", "creditTermsId"} & set(fields) or "documentDueDate" not in dto:
        terms = company.terms.get(dto.get("creditTerms", {}).get("id", ""), {})
        dto["documentDueDate"] = plus_days(dto["documentDate"], int(terms.get("dueDay1", 0)))


def _currency(company: LedgerCompany, document: DocumentRow, fields: Fields) -> None:
    dto = document.dto
    if fields.get("currencyId") is not None:
        if fields["currencyId"] not in company.currencies:
            raise unknown("Currency", fields["currencyId"])
        dto["currencyId"] = fields["currencyId"]
    if dto["currencyId"] == company.base_currency:
        document.rate = Decimal(1)
    elif fields.get("exchangeRate"):
        document.rate = fields["exchangeRate"]
    elif "currencyId" in fields or document.rate == 1:
        document.rate = rate_of_day(company, dto["currencyId"], dto["documentDate"])
    dto["exchangeRate"] = document.rate


def rate_of_day(company: LedgerCompany, currency: str, on: str) -> Decimal:
    """Find the ERP's own rate.

    Raises `Refused` when there is none.
    """
    rows = [
        row
        for row in company.rates
        if row["fromCurrencyId"] == currency
        and row["toCurrencyId"] == company.base_currency
        and as_date(row["effectiveDate"]) <= as_date(on)
    ]
    if not rows:
        raise Refused(f"The currency rate is not defined for currency '{currency}'.")
    newest = max(rows, key=lambda row: str(row["effectiveDate"]))
    divided = newest["multDiv"] == "Divide"
    home: Decimal = newest["rateReciprocal"] if divided else newest["rate"]
    return home if company.assume.rate_is_home_per_unit else (1 / home).quantize(Decimal("1e-8"))


def _places(company: LedgerCompany, document: DocumentRow, fields: Fields) -> None:
    written = "billingAddress" if document.kind == INVOICE else "invoiceAddress"
    place = fields.get(written)
    if place is not None and place.get("overrideAddress"):
        own = address.new_address(company, place)
        document.dto["invoiceAddress"] = {**own, "overrideAddress": True}
    contact = fields.get("invoiceContact")
    if contact is not None and contact.get("overrideContact"):
        shown = document.dto["invoiceContact"]
        put(shown, "businessName", contact.get("name", shown.get("businessName")))
        for name in ("attention", "email", "phone1"):
            put(shown, name, contact.get(name, shown.get(name)))
        shown["overrideContact"] = True


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
