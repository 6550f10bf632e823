"""The class of an item: a choice, a rule, or what is usual, of a type that fits (Q42, Q54)."""

from schema.words import ProductKind
from worker.context import Context
from worker.mapping.convert import CannotMap
from worker.mapping.product import KIND_OF_TYPE
from worker.sync.flow import Case

_TYPES = {
    ProductKind.PRODUCT: "NonStockItem",
    ProductKind.WORK_TYPE: "LaborItem",
    ProductKind.TRAVEL_EXPENSE: "ExpenseItem",
}
WORDS = {
    ProductKind.PRODUCT: "product",
    ProductKind.WORK_TYPE: "work type",
    ProductKind.TRAVEL_EXPENSE: "travel expense",
}


def require_fit(ctx: Context, kind: ProductKind, class_id: str) -> None:
    """Refuse a class whose type belongs to another register (Q54).

    Raises CannotMap.
    """
    found = ctx.references.item_classes.get(class_id)
    if found is None:
        raise CannotMap("class_missing", f"Financials has no item class {class_id}.")
    if KIND_OF_TYPE.get(found) is not kind:
        raise CannotMap(
            "class_type", f"The item class {class_id} is for {found}, not for a {WORDS[kind]}."
        )


def class_for(ctx: Context, case: Case, kind: ProductKind) -> str:
    """Choose the class of a new item: a person's choice, a rule, or what is usual (Q42)."""
    references = ctx.references
    wish = getattr(case.record, "class_id", None)
    chosen = wish or (references.options.get("item_classes") or {}).get(kind.value)
    if chosen is not None:
        require_fit(ctx, kind, str(chosen))
        return str(chosen)
    type_name = _TYPES[kind]
    if type_name in references.item_class_of:
        return references.item_class_of[type_name]
    for class_id, class_type in references.item_classes.items():
        if class_type == type_name:
            return class_id
    raise CannotMap("class_missing", f"Financials has no item class of type {type_name}.")
