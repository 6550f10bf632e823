"""Contacts and locations of business accounts."""

from __future__ import annotations

from . import address
from .door import compact, put
from .errors import Refused, unknown
from .rows import ContactRow, CustomerRow, LocationRow, SupplierRow
from .state import LedgerCompany
from .table import JSON
from .wrapped import Fields

DOING = "Error inserting the contact"
PLAIN = [
    "title",
    "firstName",
    "position",
    "email",
    "web",
    "phone1",
    "phone2",
    "phone3",
    "fax",
    "contactMethod",
    "sameAsAccount",
]
SWITCHES = ["doNotCall", "doNotFax", "doNotEmail", "doNotMail", "noMassMail", "noMarketing"]


def create(company: LedgerCompany, fields: Fields) -> ContactRow:
    """Create a contact; a last name is all that it needs."""
    if not fields.get("lastName"):
        raise Refused("'Last Name' cannot be empty.", doing=DOING)
    contact_id = company.next_id("contact", start=5001)
    place = address.new_address(company, {"countryId": company.country})
    dto: JSON = {
        "displayName": "",
        "active": True,
        "sameAsAccount": False,
        "address": place,
        "contactMethod": "Any",
        **dict.fromkeys(SWITCHES, False),
        "contactId": contact_id,
    }
    row = ContactRow(key=str(contact_id), dto=dto, internal_id=contact_id)
    _change(company, row, fields)
    company.fresh(row)
    return company.contacts.add(row)


def change(company: LedgerCompany, row: ContactRow, fields: Fields) -> None:
    """Change what was sent."""
    _change(company, row, fields)
    company.touch(company.contacts, row)
    if row.own:
        _tell_owner(company, row)


def _tell_owner(company: LedgerCompany, row: ContactRow) -> None:
    """Show a change of a customer's own contact on the customer."""
    owner = company.customers.get(row.dto["businessAccount"])
    if owner is None:
        return
    for part in ("mainContact", "invoiceContact", "deliveryContact"):
        if owner.dto[part]["contactId"] == row.internal_id:
            for name in ("email", "web", "phone1", "phone2"):
                put(owner.dto[part], name, row.dto.get(name))
    company.touch(company.customers, owner)


def _change(company: LedgerCompany, row: ContactRow, fields: Fields) -> None:
    dto = row.dto
    if fields.get("businessAccount") is not None:
        account = business_account(company, fields["businessAccount"])
        dto["businessAccount"] = account.key
        dto["businessAccountType"] = "Customer" if isinstance(account, CustomerRow) else "Supplier"
    for name in PLAIN:
        if name in fields:
            put(dto, name, fields[name])
    for name in ("active", "lastName", *SWITCHES):
        if fields.get(name) is not None:
            dto[name] = fields[name]
    if fields.get("address") is not None:
        address.change_address(company, dto["address"], fields["address"])
    names = [dto[name] for name in ("firstName", "lastName") if dto.get(name)]
    dto["displayName"] = " ".join(names)


def business_account(company: LedgerCompany, number: str) -> CustomerRow | SupplierRow:
    """Find a customer or supplier by its number.

    Raises `Refused` for an unknown one.
    """
    row = company.customers.get(number) or company.suppliers.get(number)
    if row is None:
        raise unknown("Business Account", number)
    return row


def create_location(company: LedgerCompany, fields: Fields) -> LocationRow:
    """Create a location of a business account."""
    account = business_account(company, fields.get("baccountId") or "")
    location_id = (fields.get("locationId") or "").strip().upper()
    if not location_id:
        raise Refused("'Location ID' cannot be empty.")
    if f"{account.key} {location_id}" in company.locations:
        raise Refused(f"Location '{location_id}' already exists.")
    own = {"name": account.dto["name"]}
    dto: JSON = {
        "baccount": {"internalId": account.internal_id, **_ref(account)},
        "locationId": location_id,
        "locationName": fields.get("locationName") or location_id,
        "active": True,
        "address": address.new_address(company, address.words_of(account.dto.get("mainAddress"))),
        "contact": address.new_details(company, own),
        "internalId": company.next_id("location", start=301),
    }
    row = LocationRow(key=f"{account.key} {location_id}", dto=dto, internal_id=dto["internalId"])
    _change_location(company, row, fields)
    company.fresh(row)
    return company.locations.add(row)


def change_location(company: LedgerCompany, row: LocationRow, fields: Fields) -> None:
    """Change what was sent."""
    _change_location(company, row, fields)
    company.touch(company.locations, row)


def _change_location(company: LedgerCompany, row: LocationRow, fields: Fields) -> None:
    dto = row.dto
    for name in ("vatRegistrationId", "ediCode", "gln", "corporateId"):
        if name in fields:
            put(dto, name, fields[name])
    for name in ("locationName", "active"):
        if fields.get(name) is not None:
            dto[name] = fields[name]
    if fields.get("vatZone") is not None:
        zone = company.vat_zones.get(fields["vatZone"])
        if zone is None:
            raise unknown("Tax Zone", fields["vatZone"])
        dto["vatZone"] = compact(id=zone["id"], description=zone["description"])
    if fields.get("address") is not None:
        address.change_address(company, dto["address"], fields["address"])
    if fields.get("contact") is not None:
        address.change_details(dto["contact"], fields["contact"])


def _ref(account: CustomerRow | SupplierRow) -> JSON:
    return {"number": account.key, "name": account.dto["name"]}
