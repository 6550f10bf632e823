"""Products, work types and travel expenses, which are one item register in Financials."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

import strawberry

from schema.types.base import Row, SyncedRecord, shared
from schema.types.context import Info, loaders
from schema.types.reference import ReferenceValue
from schema.types.said import said
from schema.words import Entity, ProductKind


@strawberry.type
class Product(SyncedRecord):
    """An item that invoice rows name; its code links the two systems."""

    entity: ClassVar[Entity] = Entity.PRODUCT
    class_key: strawberry.Private[str | None]

    code: str = said("The code, called inventory id in Financials.")
    name: str = said("The name.")
    kind: ProductKind = said("The register of Severa that it belongs to.")
    unit_price: Decimal | None = said("The price of one unit; null if unknown.")
    unit: str | None = said("The unit of measure.")
    is_active: bool = said("Whether the item is active.")

    @strawberry.field
    async def inventory_class(self, info: Info) -> ReferenceValue | None:
        """The item class in Financials."""
        if self.class_key is None:
            return None
        wanted = (self.integration_key, "item_class", self.class_key)
        found = await loaders(info).reference.load(wanted)
        return found or ReferenceValue(id=self.class_key, name=self.class_key)


def product_type(row: Row) -> Product:
    """Make a product from its row."""
    return Product(
        **shared(row, "Product"),
        class_key=row["class_id"],
        code=row["code"],
        name=row["name"],
        kind=ProductKind(row["kind"]),
        unit_price=row["unit_price"],
        unit=row["unit"],
        is_active=row["is_active"],
    )
