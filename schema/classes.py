"""Which item types of Financials belong to which register of Severa (R37 to R39)."""

from schema.words import ProductKind

KIND_OF_TYPE = {
    "NonStockItem": ProductKind.PRODUCT,
    "ServiceItem": ProductKind.PRODUCT,
    "LaborItem": ProductKind.WORK_TYPE,
    "ExpenseItem": ProductKind.TRAVEL_EXPENSE,
}


def fits(item_type: str, kind: ProductKind) -> bool:
    """Tell whether a class of an item type may be given to an item of a register (Q54)."""
    return KIND_OF_TYPE.get(item_type) is kind
