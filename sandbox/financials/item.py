"""Inventory items: class, units, VAT category, and the key in upper case."""

from __future__ import annotations

from decimal import Decimal

from .door import compact, put
from .errors import Refused, unknown
from .numbering import new_key
from .rows import ItemRow
from .state import LedgerCompany
from .table import JSON, norm
from .wrapped import Fields

DOING_NEW = "Error inserting the inventory item"
DOING_CHANGE = "Error updating the inventory item"
STOCK = ("FinishedGoodItem", "ComponentPartItem", "SubassemblyItem")
ACCOUNTS = [
    "expenseAccrualAccount",
    "inventoryAccount",
    "expenseAccount",
    "cogsAccount",
    "salesAccount",
    "salesNonTaxableAccount",
    "salesEuAccount",
    "salesExportAccount",
]
UNITS = ("baseUnit", "salesUnit", "purchaseUnit")


def create(company: LedgerCompany, fields: Fields) -> ItemRow:
    """Create an item of a class of the right type."""
    try:
        row = _create(company, fields)
    except Refused as refusal:
        raise Refused(*refusal.reasons, doing=DOING_NEW) from refusal
    company.fresh(row)
    company.items.add(row)
    company.ring("Inventory Item: Created", payload(row))
    return row


def _create(company: LedgerCompany, fields: Fields) -> ItemRow:
    key = new_key(
        fields.get("inventoryNumber") or "",
        length=company.length("INVENTORY"),
        what="Inventory ID",
        taken=lambda key: key in company.items,
    )
    if not fields.get("itemClass"):
        raise Refused("'Item Class' cannot be empty.")
    item_class = _item_class(company, fields["itemClass"])
    kind = fields.get("type") or item_class["type"]
    if kind != item_class["type"]:
        raise Refused(
            f"The item class '{item_class['id']}' of type {item_class['type']} does not fit an "
            f"item of type {kind}."
        )
    row = ItemRow(
        key=key,
        dto=_blank(company, key, item_class),
        internal_id=company.next_id("item", start=10001),
    )
    row.dto["inventoryId"] = row.internal_id
    _change(company, row, fields)
    return row


def _blank(company: LedgerCompany, key: str, item_class: JSON) -> JSON:
    defaults = company.class_items[item_class["id"]]
    unit = defaults["unit"]
    dto: JSON = {
        "inventoryId": 0,
        "inventoryNumber": key,
        "status": "Active",
        "type": item_class["type"],
        "itemClass": item_class,
        "postingClass": company.posting_classes[defaults["posting"]],
        "vatCode": _category(company, defaults["category"]),
        "defaultPrice": Decimal(0),
        "pendingCost": Decimal(0),
        "currentCost": Decimal(0),
        "lastCost": Decimal(0),
        **dict.fromkeys(UNITS, unit),
        "stockItem": item_class["type"] in STOCK,
        "kitItem": False,
        "accountInformation": {
            "salesAccount": _account(company, defaults["sales"], "Income"),
            "expenseAccount": _account(company, defaults["expense"], "Expense"),
        },
        "crossReferences": [],
        "attachments": [],
        "attributes": [],
        "inventoryUnits": [],
        "supplierDetails": [],
        "salesCategories": [],
        "timestamp": "",
    }
    return dto


def change(company: LedgerCompany, row: ItemRow, fields: Fields) -> None:
    """Change what was sent; the number stays, whatever was sent."""
    before = dict(row.dto)
    try:
        number = fields.get("inventoryNumber")
        if number is not None and norm(number) != row.key:
            raise Refused("The inventory number cannot be changed by an update.")
        _change(company, row, fields)
    except Refused as refusal:
        row.dto.clear()
        row.dto.update(before)
        raise Refused(*refusal.reasons, doing=DOING_CHANGE) from refusal
    settled(company, row)


def settled(company: LedgerCompany, row: ItemRow) -> None:
    """Stamp a changed item and ring."""
    row.units = known_units(company, row)
    company.touch(company.items, row)
    company.ring("Inventory Item: Updated", payload(row))


def _change(company: LedgerCompany, row: ItemRow, fields: Fields) -> None:
    dto = row.dto
    for name in ("description", "body", "note"):
        if name in fields:
            put(dto, name, fields[name])
    for name in ("status", "kitItem", "defaultPrice"):
        if fields.get(name) is not None:
            dto[name] = fields[name]
    if fields.get("itemClass") is not None:
        item_class = _item_class(company, fields["itemClass"])
        if item_class["type"] != dto["type"]:
            raise Refused(f"The item class '{item_class['id']}' does not fit type {dto['type']}.")
        dto["itemClass"] = item_class
    if fields.get("type") is not None and fields["type"] != dto["type"]:
        raise Refused("The type of an item cannot be changed.")
    if fields.get("vatCode") is not None:
        dto["vatCode"] = _category(company, fields["vatCode"])
    if fields.get("postingClass") is not None:
        if fields["postingClass"] not in company.posting_classes:
            raise unknown("Posting Class", fields["postingClass"])
        dto["postingClass"] = company.posting_classes[fields["postingClass"]]
    _change_units(company, dto, fields)
    _change_accounts(company, dto, fields)
    for line in fields.get("attributeLines") or []:
        dto["attributes"] = [a for a in dto["attributes"] if a["id"] != line.get("attributeId")]
        dto["attributes"].append(
            compact(id=line.get("attributeId"), value=line.get("attributeValue"))
        )
    row.units = known_units(company, row)


def _change_units(company: LedgerCompany, dto: JSON, fields: Fields) -> None:
    base = fields.get("baseUnit")
    if base is not None:
        for name in UNITS:
            dto[name] = base
    known = {unit["fromUnit"] for unit in company.units}
    for name in UNITS:
        if fields.get(name) is not None:
            if fields[name] not in known:
                raise unknown("UOM", fields[name])
            dto[name] = fields[name]


def _change_accounts(company: LedgerCompany, dto: JSON, fields: Fields) -> None:
    for name in ACCOUNTS:
        number = fields.get(name)
        if number is not None:
            account = company.accounts.get(number)
            if account is None:
                raise unknown("Account", number)
            dto["accountInformation"] = {
                **dto["accountInformation"],
                name: _account(company, account.key, account.dto["type"]),
            }


def known_units(company: LedgerCompany, row: ItemRow) -> set[str]:
    """Give the units that an item knows: its own three, and what converts to its base unit."""
    base = row.dto["baseUnit"]
    units = {row.dto[name] for name in UNITS}
    return units | {unit["fromUnit"] for unit in company.units if unit["toUnit"] == base}


def rename(company: LedgerCompany, row: ItemRow, number: str) -> None:
    """Change the visible number, on document lines too."""
    key = new_key(
        number,
        length=company.length("INVENTORY"),
        what="Inventory ID",
        taken=lambda key: key in company.items,
    )
    old = row.key
    company.items.rename(row, key)
    row.dto["inventoryNumber"] = key
    for document in company.documents:
        for line in document.lines:
            if line.get("inventoryNumber") == old:
                line["inventoryNumber"] = key
    settled(company, row)


def payload(row: ItemRow) -> JSON:
    """Give the body of an item webhook."""
    return {"entity": "inventory", "key": row.key, "internalId": row.internal_id}


def _item_class(company: LedgerCompany, class_id: str) -> JSON:
    found = company.item_classes.get(class_id)
    if found is None:
        raise unknown("Item Class", class_id)
    return found


def _category(company: LedgerCompany, category: str) -> JSON:
    found = company.vat_categories.get(category)
    if found is None:
        raise unknown("TaxCategoryID", category)
    return {"id": found["vatCategoryId"], "description": found["description"]}


def _account(company: LedgerCompany, number: str, kind: str) -> JSON:
    row = company.accounts.get(number)
    text = row.dto["description"] if row else number
    return {"type": kind, "number": number, "description": text}
