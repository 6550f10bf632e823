"""The item registers: three in Severa, one in Financials (R152 to R156, Q7)."""

from schema.words import ProductKind, Side
from worker.mapping.convert import ACTIVE, CODE, MONEY
from worker.mapping.field import Field

# fmt: off
_CODE   = Field(name="code",      severa="code",     financials="inventoryNumber", convert=CODE, mandatory=True)
_NAME   = Field(name="name",      severa="name",     financials="description", mandatory=True)
_ACTIVE = Field(name="is_active", severa="isActive", financials="status", convert=ACTIVE)
# Kept in Financials; Severa has no place for it (R156, Q42).
CLASS   = Field(name="class_id",  financials="itemClass.id", financials_write="itemClass", owner=Side.FINANCIALS)

PRODUCT = (
    _NAME,
    _CODE,
    Field(name="unit_price", severa="unitPrice", financials="defaultPrice", convert=MONEY),
    _ACTIVE,
)
WORK_TYPE = (_NAME, _CODE, _ACTIVE)
TRAVEL_EXPENSE = (
    _NAME,
    _CODE,
    Field(name="unit_price", severa="unitCost", financials="defaultPrice", convert=MONEY),
    _ACTIVE,
)
# Work types carry a price only where a setting says so (Q7).
HOUR_PRICE = Field(name="unit_price", severa="hourCost", financials="defaultPrice", convert=MONEY)
# fmt: on
BY_KIND = {
    ProductKind.PRODUCT: PRODUCT,
    ProductKind.WORK_TYPE: WORK_TYPE,
    ProductKind.TRAVEL_EXPENSE: TRAVEL_EXPENSE,
}
RESOURCES = {
    ProductKind.PRODUCT: "products",
    ProductKind.WORK_TYPE: "worktypes",
    ProductKind.TRAVEL_EXPENSE: "travelexpensetypes",
}
# The types of a Financials item and the register each belongs to (R37 to R39).
KIND_OF_TYPE = {
    "NonStockItem": ProductKind.PRODUCT,
    "ServiceItem": ProductKind.PRODUCT,
    "LaborItem": ProductKind.WORK_TYPE,
    "ExpenseItem": ProductKind.TRAVEL_EXPENSE,
}
