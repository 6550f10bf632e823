"""Supplier invoices: drafts, release into the journal, voids and reversals."""

from __future__ import annotations

from decimal import Decimal

from . import period, posting, project
from .door import compact, put
from .errors import Refused, unknown
from .header import rate_of_day
from .moment import plus_days
from .numbering import assigned
from .rows import SupplierInvoiceRow, SupplierRow
from .state import LedgerCompany
from .supplier_line import ZERO, recompute, write_line
from .table import JSON, norm
from .totals import to_base
from .wrapped import Fields

DOING_NEW = "Error creating the supplier invoice"
DOING_CHANGE = "Error updating the supplier invoice"
KINDS = ("Invoice", "CreditAdj", "DebitAdj", "Prepayment")


def key_of(kind: str, number: str) -> str:
    """Give the key of a document: numbers are unique per kind only."""
    return f"{kind} {norm(number)}"


def get(company: LedgerCompany, kind: str, number: str) -> SupplierInvoiceRow | None:
    """Find a supplier document."""
    return company.supplier_invoices.get(key_of(kind, number))


def create(company: LedgerCompany, fields: Fields) -> SupplierInvoiceRow:
    """Create a draft of a supplier document."""
    try:
        row = _create(company, fields)
    except Refused as refusal:
        raise Refused(*refusal.reasons, doing=DOING_NEW) from refusal
    company.fresh(row)
    return company.supplier_invoices.add(row)


def _create(company: LedgerCompany, fields: Fields) -> SupplierInvoiceRow:
    number = fields.get("supplierNumber")
    supplier = company.suppliers.get(number) if number else None
    if supplier is None:
        raise unknown("Supplier", number)
    kind = fields.get("documentType") or "Invoice"
    row = SupplierInvoiceRow(
        key="",
        kind=kind,
        number="",
        supplier=supplier,
        dto=_blank(company, kind, supplier),
    )
    row.attachments = row.dto["attachments"]
    _write(company, row, fields)
    row.number = row.dto["referenceNumber"] = assigned(
        series=company.series["APINVOICE"],
        given=fields.get("referenceNumber"),
        override=bool(fields.get("overrideNumberSeries")),
        length=15,
        what="Reference Nbr.",
        taken=lambda text: key_of(kind, text) in company.supplier_invoices,
    )
    row.key = key_of(kind, row.number)
    return row


def _blank(company: LedgerCompany, kind: str, supplier: SupplierRow) -> JSON:
    main = next(iter(company.branches.values()))
    return {
        "supplier": supplier.ref,
        "documentType": kind,
        "referenceNumber": "",
        "status": "Hold" if company.assume.hold_on_entry else "Balanced",
        "hold": company.assume.hold_on_entry,
        "date": company.today(),
        "currencyId": supplier.dto["currencyId"],
        "exchangeRate": Decimal(1),
        "branchNumber": {"number": main["number"], "name": main["name"]},
        "location": {"countryId": company.country, "id": "MAIN", "name": "Primary Location"},
        "approvalStatus": "New",
        "retainageApply": False,
        "paySelected": False,
        "documentVersionNumber": 0,
        "taxCalculationMode": "TaxSetting",
        "attachments": [],
        "taxDetailLines": [],
        "invoiceLines": [],
        "landedCosts": [],
        "timeStamp": "",
    }


def change(company: LedgerCompany, row: SupplierInvoiceRow, fields: Fields) -> None:
    """Change a draft."""
    if row.dto["status"] not in ("Hold", "Balanced"):
        raise Refused("The document is released. It cannot be changed.", doing=DOING_CHANGE)
    _write(company, row, fields)
    company.touch(company.supplier_invoices, row)


def _write(company: LedgerCompany, row: SupplierInvoiceRow, fields: Fields) -> None:
    dto = row.dto
    if fields.get("date") is not None:
        dto["date"] = fields["date"][:10] + "T00:00:00"
    dto["financialPeriod"] = dto["postPeriod"] = period.of(
        company, fields, on=dto["date"], ledger=period.SUPPLIER_LEDGER
    )
    _codes(company, row, fields)
    for name in ("supplierReference", "description", "note", "paymentRefNo", "paymentMessage"):
        if name in fields:
            put(dto, name, fields[name])
    due = fields.get("dueDate")
    dto["dueDate"] = due or dto.get("dueDate") or plus_days(dto["date"], 30)
    if fields.get("hold") is not None:
        dto["hold"] = fields["hold"]
        dto["status"] = "Hold" if fields["hold"] else "Balanced"
    for line in fields.get("invoiceLines") or []:
        write_line(company, row, line)
    recompute(company, row)


def _codes(company: LedgerCompany, row: SupplierInvoiceRow, fields: Fields) -> None:
    dto = row.dto
    if fields.get("currencyId") is not None:
        if fields["currencyId"] not in company.currencies:
            raise unknown("Currency", fields["currencyId"])
        dto["currencyId"] = fields["currencyId"]
    if dto["currencyId"] != company.base_currency:
        given = fields.get("exchangeRate")
        rate = given or rate_of_day(company, dto["currencyId"], dto["date"])
        dto["exchangeRate"] = rate
    if fields.get("branchNumber") is not None:
        dto["branchNumber"] = project.branch_ref(company, fields["branchNumber"])
    if fields.get("creditTermsId") is not None:
        terms = company.terms.get(fields["creditTermsId"])
        if terms is None:
            raise unknown("Terms", fields["creditTermsId"])
        dto["creditTerms"] = {"id": terms["termsId"], "description": terms["description"]}


def delete(company: LedgerCompany, row: SupplierInvoiceRow) -> None:
    """Delete a draft."""
    if row.dto["status"] not in ("Hold", "Balanced"):
        raise Refused("The document is released. It cannot be deleted.")
    company.supplier_invoices.remove(row)


def release(company: LedgerCompany, row: SupplierInvoiceRow) -> None:
    """Release a balanced document and post it to the journal at once."""
    if row.dto["status"] != "Balanced":
        raise Refused("Document Status is invalid for processing.")
    period.require_open(company, row.dto["financialPeriod"], ledger=period.SUPPLIER_LEDGER)
    row.batch = posting.post_supplier_document(company, row)
    total = row.dto["detailTotalInCurrency"] + row.dto["vatTotalInCurrency"]
    row.dto["balanceInCurrency"] = total
    row.dto["balance"] = to_base(company, total, Decimal(row.dto["exchangeRate"]))
    row.dto["status"], row.dto["hold"] = "Open", False
    company.touch(company.supplier_invoices, row)


def void(company: LedgerCompany, row: SupplierInvoiceRow) -> None:
    """Void a released document: a batch takes everything back."""
    if row.dto["status"] != "Open":
        raise Refused("Only an open document can be voided.")
    back = posting.post_supplier_document(company, row, backwards=True)
    if row.batch is not None:
        back.dto["originalBatchNumber"] = row.batch.number
        back.dto["reversingEntry"] = True
    row.dto["status"] = "Voided"
    row.dto["balance"] = row.dto["balanceInCurrency"] = ZERO
    company.touch(company.supplier_invoices, row)


def reverse(company: LedgerCompany, row: SupplierInvoiceRow) -> SupplierInvoiceRow:
    """Make the debit adjustment that takes a released document back; it is a draft."""
    if row.dto["status"] not in ("Open", "Closed"):
        raise Refused("Only a released document can be reversed.")
    fields: Fields = {
        "supplierNumber": row.supplier.key,
        "documentType": "DebitAdj",
        "currencyId": row.dto["currencyId"],
        "exchangeRate": row.dto["exchangeRate"],
        "description": f"Reversal of {row.number}",
        "hold": False,
        "invoiceLines": [_mirrored(line) for line in row.dto["invoiceLines"]],
    }
    return create(company, fields)


def _mirrored(line: JSON) -> Fields:
    return compact(
        operation="Insert",
        transactionDescription=line.get("transactionDescription"),
        quantity=line["quantity"],
        unitCostInCurrency=line["unitCostInCurrency"],
        costInCurrency=line["costInCurrency"],
        accountNumber=line["account"]["number"],
        vatCodeId=line.get("vatCode", {}).get("id"),
        projectId=line["project"]["id"],
        projectTaskId=line.get("projectTask", {}).get("id"),
    )
