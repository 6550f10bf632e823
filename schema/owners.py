"""Who owns each field of a record: one side, or both by last change (R152 to R211)."""

from dataclasses import dataclass

from schema.words import Entity, Side

SEVERA, FINANCIALS = Side.SEVERA, Side.FINANCIALS


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """A field as the API names it, the name of its agreed value, and its owner if it has one."""

    field: str
    name: str
    owner: Side | None = None


def _rows(owner: Side | None, *pairs: tuple[str, str]) -> tuple[Owned, ...]:
    return tuple(Owned(field=field, name=name, owner=owner) for field, name in pairs)


# fmt: off
OWNERS: dict[Entity, tuple[Owned, ...]] = {
    Entity.CUSTOMER: (
        *_rows(None, ("name", "name")),
        *_rows(FINANCIALS, ("number", "number")),
        *_rows(None,
            ("vatNumber", "vat_number"), ("currency", "currency"),
            ("paymentTermDays", "payment_term_days"), ("email", "email"), ("website", "website"),
            ("notes", "notes"), ("isActive", "is_active"), ("customerClass", "class_id"),
            ("addresses.office", "office"), ("addresses.billing", "billing"),
            ("addresses.postal", "postal")),
    ),
    Entity.PRODUCT: _rows(None,
        ("name", "name"), ("code", "code"), ("unitPrice", "unit_price"),
        ("isActive", "is_active"), ("inventoryClass", "class_id")),
    Entity.PROJECT: _rows(SEVERA,
        ("number", "number"), ("name", "name"), ("customer", "customer"),
        ("startDate", "start_date"), ("status", "status")),
    Entity.INVOICE: (
        *_rows(SEVERA, ("customer", "customer")),
        *_rows(FINANCIALS, ("number", "number"), ("referenceNumber", "reference_number")),
        *_rows(SEVERA,
            ("date", "date"), ("dueDate", "due_date"), ("ourReference", "our_reference"),
            ("yourReference", "your_reference"), ("orderNumber", "order_number"),
            ("currency", "currency"), ("exchangeRate", "exchange_rate"), ("project", "project"),
            ("totalExcludingVat", "total_excluding_vat"), ("totalVat", "total_vat"),
            ("totalIncludingVat", "total_including_vat")),
        *_rows(FINANCIALS,
            ("financialsTotalIncludingVat", "financials_total"), ("paidAmount", "paid_amount"),
            ("creditedAmount", "credited_amount"), ("writtenOffAmount", "written_off_amount"),
            ("balance", "balance"), ("paymentDate", "payment_date")),
    ),
    Entity.PAYMENT: _rows(FINANCIALS,
        ("number", "number"), ("date", "date"), ("amount", "amount"), ("voided", "voided")),
    Entity.PROJECT_COST: _rows(FINANCIALS,
        ("description", "description"), ("date", "date"), ("quantity", "quantity"),
        ("unitCost", "unit_cost"), ("supplierNumber", "supplier_number")),
}
# fmt: on
