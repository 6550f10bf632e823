"""Lines and amounts of supplier documents."""

from __future__ import annotations

from decimal import Decimal

from . import project
from .door import put
from .errors import Refused, unknown
from .lines import account_ref
from .rows import SupplierInvoiceRow
from .state import LedgerCompany
from .table import JSON
from .task import task_for
from .totals import to_base
from .vat import HUNDRED, cents
from .wrapped import Fields

ZERO = Decimal("0.00")


def write_line(company: LedgerCompany, row: SupplierInvoiceRow, fields: Fields) -> None:
    """Insert, update or delete one line."""
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
    task = task_for(chosen, fields.get("projectTaskId"), ledger="Ap")
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


def recompute(company: LedgerCompany, row: SupplierInvoiceRow) -> None:
    """Work out the totals of a document."""
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
