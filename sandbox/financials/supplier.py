"""Supplier invoices: drafts, release into the journal, voids and reversals."""

from __future__ import annotations

from decimal import Decimal

from . import document as drafts
from . import journal, period, project
from .door import compact, put
from .errors import Refused, unknown
from .lines import account_ref
from .moment import plus_days
from .numbering import assigned
from .rows import SupplierInvoiceRow, SupplierRow
from .state import LedgerCompany
from .table import JSON, norm
from .totals import to_base
from .vat import HUNDRED, cents
from .wrapped import Fields

ZERO = Decimal("0.00")
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
        _line(company, row, line)
    _recompute(company, row)


def _codes(company: LedgerCompany, row: SupplierInvoiceRow, fields: Fields) -> None:
    dto = row.dto
    if fields.get("currencyId") is not None:
        if fields["currencyId"] not in company.currencies:
            raise unknown("Currency", fields["currencyId"])
        dto["currencyId"] = fields["currencyId"]
    if dto["currencyId"] != company.base_currency:
        given = fields.get("exchangeRate")
        rate = given or drafts.rate_of_day(company, dto["currencyId"], dto["date"])
        dto["exchangeRate"] = rate
    if fields.get("branchNumber") is not None:
        dto["branchNumber"] = project.branch_ref(company, fields["branchNumber"])
    if fields.get("creditTermsId") is not None:
        terms = company.terms.get(fields["creditTermsId"])
        if terms is None:
            raise unknown("Terms", fields["creditTermsId"])
        dto["creditTerms"] = {"id": terms["termsId"], "description": terms["description"]}


def _line(company: LedgerCompany, row: SupplierInvoiceRow, fields: Fields) -> None:
    lines = row.dto["invoiceLines"]
    operation = fields.get("operation") or "Insert"
    old = next((x for x in lines if x["lineNumber"] == fields.get("lineNumber")), None)
    if operation != "Insert" and old is None:
        raise Refused(f"Line number '{fields.get('lineNumber')}' cannot be found.")
    if operation == "Delete":
        lines.remove(old)
        return
    if operation == "Insert" or old is None:
        number = max((line["lineNumber"] for line in lines), default=0) + 1
        old = _blank_line(row, number)
        lines.append(old)
    _fill(company, row, old, fields)


def _blank_line(row: SupplierInvoiceRow, number: int) -> JSON:
    return {
        "lineNumber": number,
        "stockItem": False,
        "quantity": Decimal(1),
        "unitCost": ZERO,
        "unitCostInCurrency": ZERO,
        "cost": ZERO,
        "costInCurrency": ZERO,
        "discountPercent": ZERO,
        "discountAmount": ZERO,
        "discountAmountInCurrency": ZERO,
        "manualDiscount": False,
        "branchNumber": row.dto["branchNumber"],
        "attachments": [],
    }


def _fill(company: LedgerCompany, row: SupplierInvoiceRow, line: JSON, fields: Fields) -> None:
    _fill_project(company, line, fields)
    if fields.get("inventoryNumber") is not None:
        item = company.items.get(fields["inventoryNumber"])
        if item is None:
            raise unknown("Inventory ID", fields["inventoryNumber"])
        line["inventoryNumber"] = item.key
        line["vatCode"] = item.dto["vatCode"]
        expense = item.dto["accountInformation"]["expenseAccount"]["number"]
        line["account"] = account_ref(company, expense)
    if fields.get("accountNumber") is not None:
        line["account"] = account_ref(company, fields["accountNumber"])
    if "account" not in line:
        raise Refused("'Account' cannot be empty.")
    for name in ("transactionDescription", "uom", "note"):
        if name in fields:
            put(line, name, fields[name])
    if fields.get("vatCodeId") is not None:
        category = company.vat_categories.get(fields["vatCodeId"])
        if category is None:
            raise unknown("TaxCategoryID", fields["vatCodeId"])
        line["vatCode"] = {"id": fields["vatCodeId"], "description": category["description"]}
    _fill_amounts(company, row, line, fields)


def _fill_project(company: LedgerCompany, line: JSON, fields: Fields) -> None:
    given = fields.get("projectId")
    internal = fields.get("projectInternalId")
    if given is None and internal is not None:
        found = company.projects.by_id(internal)
        if found is None:
            raise unknown("Project", internal)
        given = found.key
    if given is None and "project" in line and "projectTaskId" not in fields:
        return
    if given is None and "project" in line:
        given = line["project"]["id"]
    chosen = project.for_document(company, given, ledger="Ap")
    task = project.task_for(chosen, fields.get("projectTaskId"), ledger="Ap")
    line["project"] = chosen.ref
    put(line, "projectTask", task.ref if task else None)


def _fill_amounts(
    company: LedgerCompany, row: SupplierInvoiceRow, line: JSON, fields: Fields
) -> None:
    rate = Decimal(row.dto["exchangeRate"])
    if fields.get("quantity") is not None:
        line["quantity"] = fields["quantity"]
    if fields.get("unitCostInCurrency") is not None:
        line["unitCostInCurrency"] = fields["unitCostInCurrency"]
    cost = fields.get("costInCurrency")
    if cost is None:
        cost = cents(Decimal(line["quantity"]) * Decimal(line["unitCostInCurrency"]))
    line["costInCurrency"] = cost
    line["cost"] = to_base(company, cost, rate)
    line["unitCost"] = to_base(company, Decimal(line["unitCostInCurrency"]), rate)


def _recompute(company: LedgerCompany, row: SupplierInvoiceRow) -> None:
    dto = row.dto
    rate = Decimal(dto["exchangeRate"])
    detail = sum((line["costInCurrency"] for line in dto["invoiceLines"]), ZERO)
    vat = sum((_vat(company, line, dto["date"]) for line in dto["invoiceLines"]), ZERO)
    for name, amount in (
        ("detailTotal", detail),
        ("discountTotal", ZERO),
        ("vatTaxableTotal", detail),
        ("vatExemptTotal", ZERO),
        ("vatTotal", vat),
        ("withholdingTax", ZERO),
        ("roundingDiff", ZERO),
        ("cashDiscount", ZERO),
        ("balance", detail + vat if company.assume.totals_on_entry else ZERO),
    ):
        dto[f"{name}InCurrency"] = amount
        dto[name] = to_base(company, amount, rate)
    dto["amount"] = to_base(company, detail + vat, rate)
    dto["vatAmount"] = to_base(company, vat, rate)


def _vat(company: LedgerCompany, line: JSON, on: str) -> Decimal:
    category = line.get("vatCode", {}).get("id")
    if category is None:
        return ZERO
    for row in company.vat_categories[category]["vatCategoryLines"]:
        for rate in row.get("vatRates", []):
            if rate["startDate"][:10] <= on[:10]:
                return cents(line["costInCurrency"] * rate["vatRate"] / HUNDRED)
    return ZERO


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
    row.batch = journal.post_supplier_document(company, row)
    total = row.dto["detailTotalInCurrency"] + row.dto["vatTotalInCurrency"]
    row.dto["balanceInCurrency"] = total
    row.dto["balance"] = to_base(company, total, Decimal(row.dto["exchangeRate"]))
    row.dto["status"], row.dto["hold"] = "Open", False
    company.touch(company.supplier_invoices, row)


def void(company: LedgerCompany, row: SupplierInvoiceRow) -> None:
    """Void a released document: a batch takes everything back."""
    if row.dto["status"] != "Open":
        raise Refused("Only an open document can be voided.")
    back = journal.post_supplier_document(company, row, backwards=True)
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
