"""Routes of inventory items, units and item classes."""

from __future__ import annotations

from typing import Any

from sandbox.http import Call, Op, Reply

from . import item, shapes
from .attachment import attach
from .door import (
    body_of,
    changed,
    created,
    equal,
    fields_of,
    found,
    number_in,
    one,
    op,
    page,
    select,
    whole,
    without,
)
from .errors import NotFound
from .rows import ItemRow
from .serve_customer import done
from .state import LedgerCompany
from .table import norm
from .wrapped import read

PAGE = 5000
PARTS = {
    "expandCrossReference": "crossReferences",
    "expandAttachment": "attachments",
    "expandAttribute": "attributes",
    "expandWarehouseDetail": "warehouseDetails",
    "expandAccountInformation": "accountInformation",
    "expandInventoryUnits": "inventoryUnits",
    "expandSupplierDetails": "supplierDetails",
    "expandSalesCategories": "salesCategories",
}


def items(company: LedgerCompany, call: Call) -> Reply:
    """List items; the note is shown unless it is asked away."""
    query = call.query
    hidden = [part for flag, part in PARTS.items() if not query.flag(flag)]
    if query.flag("expandNote") is False:
        hidden.append("note")
    kinds = frozenset(query.many("inventoryTypes"))
    tests: list[Any] = [
        (lambda row: row.dto["type"] in kinds) if kinds else None,
        equal(query, "status", lambda row: row.dto["status"]),
        equal(query, "inventoryNumber", lambda row: row.key),
        equal(query, "description", lambda row: row.dto.get("description")),
    ]
    rows = select(company.items, call, tests)
    return page(call, rows, show=lambda row: without(row, hidden), largest=PAGE)


def _by_key(company: LedgerCompany, call: Call) -> ItemRow:
    return found(company.items.get(call.params["inventoryNumber"]))


def _by_id(company: LedgerCompany, call: Call, name: str = "inventoryId") -> ItemRow:
    return found(company.items.by_id(number_in(call, name)))


def create_item(company: LedgerCompany, call: Call) -> Reply:
    """Create an item."""
    row = item.create(company, fields_of(company, call, shapes.INVENTORY))
    return created(call, "/v1/inventory", row.key, row)


def _change(company: LedgerCompany, call: Call, row: ItemRow) -> Reply:
    item.change(company, row, fields_of(company, call, shapes.INVENTORY))
    return changed(row)


def change_number(company: LedgerCompany, call: Call) -> Reply:
    """Change the visible item number."""
    row = _by_id(company, call, "internalId")
    fields = read(body_of(call), shapes.CHANGE_ITEM, zone=company.zone)
    item.rename(company, row, fields.get("inventoryNbr") or "")
    return done()


def update_cost(company: LedgerCompany, call: Call) -> Reply:
    """Make the pending cost the current one."""
    row = found(company.items.get(call.params["inventoryCd"]))
    row.dto["lastCost"], row.dto["currentCost"] = row.dto["currentCost"], row.dto["pendingCost"]
    item.settled(company, row)
    return done()


def attach_to_item(company: LedgerCompany, call: Call) -> Reply:
    """Attach a file to an item."""
    row = _by_key(company, call)
    file = attach(company, row.dto["attachments"], call)
    company.touch(company.items, row)
    return created(call, "/v1/attachment", file.id)


def classes(company: LedgerCompany, call: Call) -> Reply:
    """List the item classes."""
    return page(call, list(company.item_classes.values()), show=dict, largest=1000)


def one_class(company: LedgerCompany, call: Call) -> Reply:
    """Show an item class."""
    wanted = norm(call.params["itemClassNumber"])
    for key, row in company.item_classes.items():
        if norm(key) == wanted:
            return Reply(body=row)
    raise NotFound


def posting_classes(company: LedgerCompany, call: Call) -> Reply:
    """List the posting classes."""
    return page(call, list(company.posting_classes.values()), show=dict, largest=1000)


def units(company: LedgerCompany, call: Call) -> Reply:
    """List the unit conversions."""
    return whole(call, company.units, show=dict)


OPS: tuple[Op, ...] = (
    op("GET", "/v1/inventory", items),
    op("POST", "/v1/inventory", create_item),
    op("POST", "/v1/inventory/action/changeInventoryNbr/{internalId}", change_number),
    op("GET", "/v1/inventory/internal/{inventoryId}", lambda c, call: one(_by_id(c, call))),
    op(
        "PUT",
        "/v1/inventory/internal/{inventoryId}",
        lambda company, call: _change(company, call, _by_id(company, call)),
    ),
    op("GET", "/v1/inventory/itemClass", classes),
    op("GET", "/v1/inventory/itemclass/{itemClassNumber}", one_class),
    op("GET", "/v1/inventory/itemPostClass", posting_classes),
    op("POST", "/v1/inventory/{inventoryCd}/action/updateCost", update_cost),
    op("GET", "/v1/inventory/{inventoryNumber}", lambda c, call: one(_by_key(c, call))),
    op(
        "PUT",
        "/v1/inventory/{inventoryNumber}",
        lambda company, call: _change(company, call, _by_key(company, call)),
    ),
    op("POST", "/v1/inventory/{inventoryNumber}/attachment", attach_to_item),
    op("GET", "/v1/unitofmeasure", units),
)
