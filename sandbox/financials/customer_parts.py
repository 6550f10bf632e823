"""What comes with a customer: its own contacts in the contact list, and its main location."""

from __future__ import annotations

from typing import Any

from .door import compact
from .rows import ContactRow, CustomerRow, LocationRow
from .state import LedgerCompany
from .table import JSON


def show_own_contacts(company: LedgerCompany, row: CustomerRow) -> None:
    """Keep the customer's own contacts in the contact list in step with it."""
    for name in ("main", "invoice", "delivery"):
        details = row.dto[f"{name}Contact"]
        found = company.contacts.by_id(details["contactId"])
        if found is None:
            found = _own_contact(row, details, row.dto[f"{name}Address"])
            company.fresh(found, at=row.modified)
            company.contacts.add(found)
            continue
        fresh = _own_contact(row, details, row.dto[f"{name}Address"]).dto
        if any(found.dto.get(key) != value for key, value in fresh.items()):
            found.dto.update(fresh)
            company.touch(company.contacts, found)


def _own_contact(row: CustomerRow, details: JSON, place: JSON) -> ContactRow:
    dto: dict[str, Any] = compact(
        displayName=details.get("name", row.dto["name"]),
        active=True,
        lastName=details.get("name", row.dto["name"]),
        businessAccount=row.key,
        businessAccountType="Customer",
        sameAsAccount=True,
        address=place,
        email=details.get("email"),
        web=details.get("web"),
        phone1=details.get("phone1"),
        phone2=details.get("phone2"),
        contactMethod="Any",
        doNotCall=False,
        doNotFax=False,
        doNotEmail=False,
        doNotMail=False,
        noMassMail=False,
        noMarketing=False,
        contactId=details["contactId"],
    )
    return ContactRow(
        key=str(details["contactId"]), dto=dto, internal_id=details["contactId"], own=True
    )


def add_location(company: LedgerCompany, row: CustomerRow) -> None:
    """Give a new customer its main location."""
    dto: JSON = {
        "baccount": {"internalId": row.internal_id, **row.ref},
        "locationId": "MAIN",
        "locationName": "Primary Location",
        "active": True,
        "address": row.dto["deliveryAddress"],
        "contact": row.dto["deliveryContact"],
        "vatZone": _ref(row.dto["vatZone"]),
        "internalId": company.next_id("location", start=301),
    }
    location = LocationRow(key=f"{row.key} MAIN", dto=dto, internal_id=dto["internalId"])
    company.fresh(location, at=row.modified)
    company.locations.add(location)
    code = row.dto["mainAddress"].get("country", {}).get("id", company.country)
    row.dto["location"] = {"countryId": code, "id": "MAIN", "name": "Primary Location"}


def _ref(zone: JSON) -> JSON:
    return {"id": zone["id"], "description": zone["description"]}
