"""The VAT ids, categories and zones of a sample company."""

from __future__ import annotations

from decimal import Decimal

from sandbox.samples import company as c

from .state import LedgerCompany
from .table import JSON

BEGINNING = "2015-01-01T00:00:00"
# Rates that the law changed: VAT id and country, with what was valid before.
EARLIER = {("FI", "1"): ("24", "2024-09-01T00:00:00")}


def fill_vat(company: LedgerCompany, sample: c.Company) -> None:
    """Fill the three layers of VAT."""
    rows = [(row.vat_id, row.description, row.percent) for row in sample.vat_categories]
    foreign = (sample.foreign_vat_id, "No VAT, customers abroad", Decimal(0))
    for vat_id, description, percent in (*rows, foreign):
        company.vats[vat_id] = _vat_dto(sample.country, vat_id, description, percent)
    domestic, abroad = c.DOMESTIC_ZONE, c.FOREIGN_ZONE
    company.zone_vats = {
        domestic: frozenset(vat_id for vat_id, _, _ in rows),
        abroad: frozenset({sample.foreign_vat_id}),
    }
    for category in sample.vat_categories:
        ids = (category.vat_id, sample.foreign_vat_id)
        company.vat_categories[category.id] = {
            "vatCategoryId": category.id,
            "description": category.description,
            "active": True,
            "excludeListedTaxes": False,
            "lastModifiedDateTime": BEGINNING,
            "vatCategoryLines": [_category_line(company.vats[vat_id]) for vat_id in ids],
        }
    first = sample.vat_categories[0]
    for zone, description in ((domestic, "Domestic"), (abroad, "Abroad")):
        company.vat_zones[zone] = {
            "id": zone,
            "description": description,
            "defaultVatCategory": first.id,
            "defaultTaxCategory": {"number": first.id, "description": first.description},
        }
    _cross_references(company)


def _vat_dto(country: str, vat_id: str, description: str, percent: Decimal) -> JSON:
    earlier = EARLIER.get((country, vat_id))
    schedules = [(BEGINNING, percent)]
    if earlier is not None:
        schedules = [(BEGINNING, Decimal(earlier[0])), (earlier[1], percent)]
    return {
        "vatId": vat_id,
        "description": description,
        "type": "Vat",
        "deductibleVat": False,
        "reverseVat": False,
        "statisticalVat": False,
        "pendingVat": False,
        "includeinVatExemptTotal": False,
        "includeinVatTotal": True,
        "enterFromVatInvoice": False,
        "calculateOn": "ItemAmount",
        "cashDiscount": "NoAdjust",
        "lastModifiedDateTime": BEGINNING,
        "schedules": [
            {"startDate": start, "vatRate": rate, "groupType": "Output"}
            for start, rate in schedules
        ],
        "categories": [],
        "zones": [],
    }


def _category_line(vat: JSON) -> JSON:
    return {
        "vatId": vat["vatId"],
        "description": vat["description"],
        "type": "Vat",
        "calculateOn": "ItemAmount",
        "cashDiscount": "NoAdjust",
        "vatRates": [
            {"revisionID": str(place), "vatRate": row["vatRate"], **_when(row)}
            for place, row in enumerate(vat["schedules"], start=1)
        ],
    }


def _when(row: JSON) -> JSON:
    return {"groupType": row["groupType"], "startDate": row["startDate"]}


def _cross_references(company: LedgerCompany) -> None:
    """Show on each VAT id the categories and zones that use it."""
    for vat_id, vat in company.vats.items():
        vat["categories"] = [
            {name: row[name] for name in ("vatCategoryId", "description", "active")}
            for row in company.vat_categories.values()
            if any(line["vatId"] == vat_id for line in row["vatCategoryLines"])
        ]
        vat["zones"] = [
            {name: row[name] for name in ("id", "description", "defaultVatCategory")}
            for zone, row in company.vat_zones.items()
            if vat_id in company.zone_vats[zone]
        ]
