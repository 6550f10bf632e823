"""How an integration transfers what it transfers, and the choices that belong to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

import strawberry

from schema.types import enums as _enums  # noqa: F401  registers the enums
from schema.types.said import said
from schema.words import CostMode, ProductKind, ReleaseMode, SeveralProjects


@strawberry.enum
class ContactSlot(StrEnum):
    """One of the three phone fields of a contact in Financials (Q11)."""

    PHONE1 = "phone1"
    PHONE2 = "phone2"
    PHONE3 = "phone3"


@strawberry.type
class SettingEntry:
    """One choice of a table of choices."""

    key: str = said("What the choice is for.")
    value: str = said("What was chosen.")


# The tables of choices by option, and what key and value of an entry are.
TABLES: dict[str, str] = {
    "units": "unit of Severa, unit code of Financials",
    "terms": "number of days, id of the payment terms in Financials",
    "branches": "guid of the business unit in Severa, branch number of Financials",
    "customer_classes": "country code or `*`, customer class of Financials",
    "item_classes": "register (PRODUCT, WORK_TYPE, TRAVEL_EXPENSE), item class of Financials",
    "fallback_items": "row type of Severa, item code used where a row has none",
    "project_constants": "billingPeriod, template or hold, and its value",
    "invoice_series": "any name, number series of Financials",
}


def table_said(name: str) -> Any:
    """Return the field of a table of choices."""
    return said(f"Choices: {TABLES[name]}.")


@strawberry.type
class IntegrationSettings:
    """How an integration transfers what it transfers."""

    cost_mode: CostMode = said("Whether supplier costs become costs only, or costs and fees.")
    cost_multiplier: Decimal = said("In percent: 150 means times 1.5.")
    cost_start_from: date | None = said(
        "Costs before this date are not transferred; null: the start date of invoices counts."
    )
    cost_accounts: list[str] = said(
        "The accounts whose rows become costs, `41*` for a beginning; empty: all expense accounts."
    )
    cost_accounts_excluded: list[str] = said("Expense accounts whose rows do not become costs.")
    several_projects: SeveralProjects = said(
        "What happens to an invoice whose rows belong to several projects."
    )
    release: ReleaseMode = said("Whether the gateway releases documents, or a bookkeeper does.")
    apply_credit_notes: bool = said("Whether a credit note is applied to the invoice it credits.")
    attachments: bool = said("Whether files of invoices are copied along.")
    pdf_after_release: bool = said("Whether the invoice as PDF is attached once it has its number.")
    contact_mobile_slot: ContactSlot = said("Where Financials keeps mobile numbers.")
    contact_phone_slot: ContactSlot = said("Where Financials keeps phone numbers.")
    prices: list[ProductKind] = said("The registers whose price is kept in step.")
    units: list[SettingEntry] = table_said("units")
    terms: list[SettingEntry] = table_said("terms")
    branches: list[SettingEntry] = table_said("branches")
    customer_classes: list[SettingEntry] = table_said("customer_classes")
    item_classes: list[SettingEntry] = table_said("item_classes")
    fallback_items: list[SettingEntry] = table_said("fallback_items")
    project_constants: list[SettingEntry] = table_said("project_constants")
    invoice_series: list[SettingEntry] = table_said("invoice_series")
    field_owners: list[SettingEntry] = said(
        "Fields with a side that wins when both changed: rules made of resolved conflicts."
    )


# Which registers keep a price in step where nobody chose (Q7).
PRICED = {
    ProductKind.PRODUCT: True,
    ProductKind.TRAVEL_EXPENSE: True,
    ProductKind.WORK_TYPE: False,
}


def settings_type(options: Mapping[str, Any]) -> IntegrationSettings:
    """Make the settings from the stored options of an integration."""
    start = options.get("cost_start_from")
    return IntegrationSettings(
        cost_mode=CostMode(options.get("cost_mode") or CostMode.COSTS_ONLY),
        cost_multiplier=Decimal(str(options.get("cost_multiplier") or 100)),
        cost_start_from=date.fromisoformat(str(start)) if start else None,
        cost_accounts=_accounts(options.get("cost_accounts"), "include"),
        cost_accounts_excluded=_accounts(options.get("cost_accounts"), "exclude"),
        several_projects=SeveralProjects(options.get("several_projects") or SeveralProjects.REFUSE),
        release=ReleaseMode(options.get("release") or ReleaseMode.AUTOMATIC),
        apply_credit_notes=options.get("apply_credit_notes") is not False,
        attachments=bool(options.get("attachments")),
        pdf_after_release=bool(options.get("pdf_after_release")),
        contact_mobile_slot=ContactSlot(options.get("contact_mobile_slot") or ContactSlot.PHONE1),
        contact_phone_slot=ContactSlot(options.get("contact_phone_slot") or ContactSlot.PHONE2),
        prices=[
            kind
            for kind, usual in PRICED.items()
            if bool((options.get("prices") or {}).get(kind.value, usual))
        ],
        field_owners=_entries(options.get("field_owners")),
        **{name: _entries(options.get(name)) for name in TABLES},
    )


def _entries(table: Mapping[str, Any] | None) -> list[SettingEntry]:
    return [SettingEntry(key=key, value=str(value)) for key, value in sorted((table or {}).items())]


def _accounts(chosen: Any, word: str) -> list[str]:
    """Read one part of the accounts: a list replaces all, an object includes and excludes."""
    if isinstance(chosen, Mapping):
        return [str(item) for item in chosen.get(word) or ()]
    return [str(item) for item in chosen or ()] if word == "include" else []
