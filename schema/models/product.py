"""Items of the three Severa registers and the one item register of Financials."""

from tortoise import fields
from tortoise.indexes import Index

from schema.models.base import Record, money_field
from schema.words import ProductKind


class Product(Record):
    """A product, work type or travel expense; its code links the two sides (R40)."""

    code = fields.CharField(max_length=120)
    name = fields.TextField()
    kind = fields.CharEnumField(ProductKind, max_length=16)
    unit_price = money_field(null=True)
    is_active = fields.BooleanField(default=True)
    class_id = fields.CharField(max_length=60, null=True)
    unit = fields.TextField(null=True)
    severa_unit = fields.TextField(null=True)
    vat_category = fields.CharField(max_length=60, null=True)
    financials_type = fields.CharField(max_length=30, null=True)

    class Meta:
        table = "product"
        indexes = (Index(fields=("integration_id", "code", "id"), name="product_code"),)
