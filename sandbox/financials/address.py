"""Addresses and contact details as several records carry them."""

from __future__ import annotations

from typing import Any

from .door import compact, put
from .errors import unknown
from .state import LedgerCompany
from .table import JSON
from .wrapped import Fields

LINES = ("addressLine1", "addressLine2", "addressLine3", "postalCode", "city")
DETAILS = ("name", "attention", "email", "web", "phone1", "phone2", "fax")


def country(company: LedgerCompany, code: str) -> JSON:
    """Find a country.

    Raises `Refused` for a code that is not known.
    """
    row = company.countries.get(code.strip().upper())
    if row is None:
        raise unknown("Country", code)
    return row


def new_address(company: LedgerCompany, fields: Fields) -> JSON:
    """Make an address with an id of its own."""
    address: JSON = {"addressId": company.next_id("address", start=1001)}
    change_address(company, address, fields)
    return address


def change_address(company: LedgerCompany, address: JSON, fields: Fields) -> None:
    """Write the members that were sent."""
    for name in LINES:
        if name in fields:
            put(address, name, fields[name])
    if "countryId" in fields:
        code = fields["countryId"]
        put(address, "country", None if code is None else country(company, code))
    if "county" in fields:
        county = fields["county"]
        put(address, "county", None if county is None else {"id": county, "name": county})


def new_details(company: LedgerCompany, fields: Fields) -> JSON:
    """Make contact details with a contact id of their own."""
    details: JSON = {"contactId": company.next_id("contact", start=5001)}
    change_details(details, fields)
    return details


def change_details(details: JSON, fields: Fields) -> None:
    """Write the members that were sent."""
    for name in DETAILS:
        if name in fields:
            put(details, name, fields[name])


def document_address(address: JSON) -> JSON:
    """Copy an address for a document."""
    return {**address, "overrideAddress": False}


def document_contact(details: JSON, business_name: str) -> JSON:
    """Copy contact details for a document."""
    return compact(
        contactId=details.get("contactId"),
        businessName=details.get("name", business_name),
        attention=details.get("attention"),
        email=details.get("email"),
        phone1=details.get("phone1"),
        overrideContact=False,
    )


def words_of(address: JSON | None) -> Fields:
    """Give the written form of a read address."""
    if address is None:
        return {}
    fields: dict[str, Any] = {name: address[name] for name in LINES if name in address}
    if "country" in address:
        fields["countryId"] = address["country"]["id"]
    if "county" in address:
        fields["county"] = address["county"]["name"]
    return fields
