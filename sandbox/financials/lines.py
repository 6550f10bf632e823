"""Lines of invoices and credit notes: item, unit, task, VAT category, account and branch."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from . import project
from .door import put
from .errors import Refused, unknown
from .rows import DocumentRow, ItemRow
from .state import LedgerCompany
from .table import JSON
from .task import task_for
from .wrapped import Fields

ZERO = Decimal(0)
TEXTS = ("description", "note", "salesperson", "deferralCode", "discountCode")
DATES = ("startDate", "endDate", "termStartDate", "termEndDate")
NOT_SOLD = ("Inactive", "NoSales", "MarkedForDeletion")


def write(company: LedgerCompany, document: DocumentRow, rows: list[Fields]) -> None:
    """Insert, update and delete lines; the reasons of all bad lines are told together."""
    reasons: list[str] = []
    for fields in rows:
        try:
            _write_one(company, document, fields)
        except Refused as refusal:
            reasons.extend(refusal.reasons)
    if reasons:
        raise Refused(*dict.fromkeys(reasons))


def _write_one(company: LedgerCompany, document: DocumentRow, fields: Fields) -> None:
    match fields.get("operation") or "Insert":
        case "Insert":
            line = _blank(document)
            _fill(company, document, line, fields)
            document.lines.append(line)
        case "Update":
            line = _line(document, fields)
            _fill(company, document, line, fields)
        case _:
            document.lines.remove(_line(document, fields))


def _line(document: DocumentRow, fields: Fields) -> JSON:
    for line in document.lines:
        if line["lineNumber"] == fields.get("lineNumber"):
            return line
    raise Refused(f"Line number '{fields.get('lineNumber')}' cannot be found on the document.")


def _blank(document: DocumentRow) -> JSON:
    number = max((line["lineNumber"] for line in document.lines), default=0) + 1
    line: JSON = {
        "lineNumber": number,
        "quantity": ZERO,
        "unitPrice": ZERO,
        "unitPriceInCurrency": ZERO,
        "discountPercent": ZERO,
        "discountAmount": ZERO,
        "discountAmountInCurrency": ZERO,
        "manualDiscount": False,
        "isRotRutDeductible": False,
        "deductableAmount": ZERO,
        "attachments": [],
        "branchNumber": document.dto["branchNumber"],
    }
    if document.kind == "Invoice":
        line["lineType"] = "MI"
    return line


def _fill(company: LedgerCompany, document: DocumentRow, line: JSON, fields: Fields) -> None:
    item = _item(company, line, fields)
    if item is not None and document.kind == "Invoice":
        line["lineType"] = "GI" if item.dto["stockItem"] else "GN"
    _fill_unit(company, line, fields, item)
    _fill_task(document, line, fields)
    _fill_vat(company, document, line, fields, item)
    _fill_account(company, line, fields, item)
    _fill_amounts(company, document, line, fields, item)
    for name in (*TEXTS, *DATES):
        if name in fields:
            put(line, name, fields[name])
    if "description" not in line and item is not None:
        put(line, "description", item.dto.get("description"))
    if fields.get("branchNumber") is not None:
        line["branchNumber"] = project.branch_ref(company, fields["branchNumber"])
    if fields.get("itemType") is not None:
        line["itemType"] = fields["itemType"]


def _item(company: LedgerCompany, line: JSON, fields: Fields) -> ItemRow | None:
    number = fields.get("inventoryNumber", line.get("inventoryNumber"))
    if number is None or not number.strip():
        return None
    item = company.items.get(number)
    if item is None:
        raise unknown("Inventory ID", number)
    if item.dto["status"] in NOT_SOLD:
        raise Refused(f"The inventory item '{item.key}' is {item.dto['status']}.")
    line["inventoryNumber"] = item.key
    return item


def _fill_unit(company: LedgerCompany, line: JSON, fields: Fields, item: ItemRow | None) -> None:
    uom = fields.get("uom")
    if uom is None:
        if "uom" not in line and item is not None:
            line["uom"] = item.dto["salesUnit"]
        return
    known = {unit["fromUnit"] for unit in company.units} if item is None else item.units
    if uom not in known:
        raise unknown("UOM", uom)
    line["uom"] = uom


def _fill_task(document: DocumentRow, line: JSON, fields: Fields) -> None:
    given = fields.get("taskId", line.get("projectTask", {}).get("id"))
    task = task_for(document.project, given, ledger="Ar")
    put(line, "projectTask", task.ref if task else None)


def _fill_vat(
    company: LedgerCompany,
    document: DocumentRow,
    line: JSON,
    fields: Fields,
    item: ItemRow | None,
) -> None:
    category: Any = fields.get("vatCodeId")
    if category is None and "vatCode" in line and "inventoryNumber" not in fields:
        return
    if category is None:
        zone = document.dto["customerVatZone"]["id"]
        category = (
            item.dto["vatCode"]["id"] if item else company.vat_zones[zone]["defaultVatCategory"]
        )
    found = company.vat_categories.get(category)
    if found is None:
        raise unknown("TaxCategoryID", category)
    line["vatCode"] = {"id": category, "description": found["description"]}


def _fill_account(company: LedgerCompany, line: JSON, fields: Fields, item: ItemRow | None) -> None:
    number = fields.get("accountNumber")
    if number is None:
        if "account" in line:
            return
        sales = item.dto["accountInformation"]["salesAccount"]["number"] if item else None
        number = sales or next(row.key for row in company.accounts if row.dto["type"] == "Income")
    line["account"] = account_ref(company, number)


def account_ref(company: LedgerCompany, number: str) -> JSON:
    """Show an account on a line.

    Raises `Refused` for an unknown one.
    """
    row = company.accounts.get(number)
    if row is None:
        raise unknown("Account", number)
    return {
        "type": row.dto["type"],
        "active": True,
        "number": row.key,
        "description": row.dto["description"],
    }


def _fill_amounts(
    company: LedgerCompany,
    document: DocumentRow,
    line: JSON,
    fields: Fields,
    item: ItemRow | None,
) -> None:
    number = line["lineNumber"]
    for name in ("quantity", "discountPercent", "discountAmountInCurrency"):
        if fields.get(name) is not None:
            line[name] = fields[name]
    if fields.get("manualDiscount") is not None:
        line["manualDiscount"] = fields["manualDiscount"]
    if fields.get("unitPriceInCurrency") is not None:
        line["unitPriceInCurrency"] = fields["unitPriceInCurrency"]
    elif item is not None and not line["unitPriceInCurrency"] and "inventoryNumber" in fields:
        line["unitPriceInCurrency"] = _default_price(company, document, item)
    if fields.get("manualAmountInCurrency") is not None:
        document.manual_amounts[number] = fields["manualAmountInCurrency"]
    elif {"quantity", "unitPriceInCurrency"} & set(fields):
        document.manual_amounts.pop(number, None)


def _default_price(company: LedgerCompany, document: DocumentRow, item: ItemRow) -> Decimal:
    price = Decimal(item.dto["defaultPrice"])
    home = company.assume.rate_is_home_per_unit
    price = price / document.rate if home else price * document.rate
    return price.quantize(Decimal("0.000001")).normalize() + ZERO
