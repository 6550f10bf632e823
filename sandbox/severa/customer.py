"""Customers with their addresses, billing customers and country settings."""

from __future__ import annotations

from typing import Any

from sandbox.http import Call, Op, Reply
from sandbox.severa import crud
from sandbox.severa.contact import drop_contact_parts, touch_customer
from sandbox.severa.errors import invalid, not_allowed
from sandbox.severa.fields import Entity, fold, show_record
from sandbox.severa.kinds import (
    CURRENCY,
    SINCE,
    computed,
    flag,
    guids,
    int32,
    int64,
    is_flag,
    number,
    numbers,
    ref,
    text,
    texts,
    user,
)
from sandbox.severa.lists import offset_page
from sandbox.severa.state import Organization
from sandbox.severa.table import Record


def name_key(name: str) -> str:
    """Fold a name for the check that names are unique."""
    return name.strip().casefold()


def _check_customer(org: Organization, record: Record | None, values: Record) -> None:
    own_guid = record["guid"] if record else None
    if "name" in values:
        values["name_key"] = name_key(values["name"])
        for other in org.tables["customers"].where("name_key", values["name_key"]):
            if other["guid"] != own_guid:
                raise invalid(f"A customer named {values['name']} exists already.", name="name")
    if values.get("number") is not None:
        _check_number(org, own_guid, values["number"])
    head = org.find("addresses", values.get("headquarterAddress"))
    if head is not None and head["customer"] != own_guid:
        raise invalid("The headquarters must be an address of the customer.")
    if record is None:
        _fill_customer(org, values)


def _check_number(org: Organization, own_guid: str | None, wanted: int) -> None:
    for other in org.tables["customers"].where("number", wanted):
        if other["guid"] != own_guid:
            raise invalid(f"Customer number {wanted} is in use.", name="number")


def _fill_customer(org: Organization, values: Record) -> None:
    values.setdefault("isInternal", False)
    if values.get("number") is None:
        while org.tables["customers"].where("number", org.settings.next_customer_number):
            org.settings.next_customer_number += 1
        values["number"] = org.settings.next_customer_number
    if values["number"] >= org.settings.next_customer_number:
        org.settings.next_customer_number = values["number"] + 1
    if values.get("currency") is None:
        values["currency"] = org.tables["currencies"].where("code", org.home)[0]["guid"]
    if values.get("owner") is None:
        values["owner"] = org.api_user


def _guard_customer(org: Organization, record: Record) -> None:
    if record["isInternal"]:
        raise not_allowed("The internal customer cannot be deleted.")
    if org.tables["projects"].where("customer", record["guid"]):
        raise not_allowed("The customer has projects.")
    drop_customer_parts(org, record)


def drop_customer_parts(org: Organization, record: Record) -> None:
    """Delete what belongs to a customer."""
    for contact in org.tables["contactpersons"].where("customer", record["guid"]):
        drop_contact_parts(org, contact)
        org.tables["contactpersons"].remove(contact)
    for address in org.tables["addresses"].where("customer", record["guid"]):
        org.tables["addresses"].remove(address)


def _headquarters(org: Organization, record: Record) -> dict[str, Any] | None:
    address = org.find("addresses", record.get("headquarterAddress"))
    if address is None:
        return None
    country = org.find("countries", address.get("country"))
    return {
        "addressline": address.get("addressline"),
        "city": address.get("city"),
        "country": country["name"] if country else None,
        "guid": address["guid"],
        "postalCode": address.get("postalCode"),
    }


CUSTOMERS = Entity(
    name="customers",
    scope="customers",
    paging="token",
    check=_check_customer,
    guard=_guard_customer,
    filters=(
        is_flag("isActive"),
        is_flag("isInternal", "isInternal"),
        numbers("numbers"),
        texts("customerNames", "name"),
        texts("emailAddresses", "email"),
        texts("vatNumber", "vatNumber"),
        texts("kvkNumber", "kvkNumber"),
        guids("customerOwnerGuids", "owner"),
        SINCE,
    ),
    fields=(
        int64("annualRevenue"),
        ref("currency", "currencies", CURRENCY),
        text("eInvoiceAddress"),
        text("eInvoiceOperator"),
        text("email"),
        ref("headquarterAddress", "addresses", show=_headquarters),
        ref("industry", "industries"),
        ref("invoiceTemplate", "invoicetemplates"),
        ref("invoicingVat", "vatrates", "code percentage"),
        flag("isActive", True),
        flag("isInternal", read_only=True),
        text("kvkNumber"),
        ref("language", "languages", "code englishName name"),
        text("name", required=True),
        text("notes"),
        int64("number"),
        int32("numberOfEmployees"),
        number("overdueInterest"),
        user("owner"),
        int32("paymentTerm"),
        ref("pricelist", "pricelists"),
        ref("timezone", "timezones"),
        text("vatNumber"),
        text("website"),
        text("organizationUnitNumber"),
    ),
)


def _guard_address(org: Organization, record: Record) -> None:
    customer = org.find("customers", record["customer"])
    if customer is not None and customer.get("headquarterAddress") == record["guid"]:
        raise not_allowed("The headquarters address cannot be deleted.")


def _check_address(org: Organization, record: Record | None, values: Record) -> None:
    region = org.find("countryregions", values.get("countryRegion"))
    country = values.get("country") or (record or {}).get("country")
    if region is not None and region["country"] != country:
        raise invalid("The region is not one of the country.", name="countryRegion")


def _address_contacts(org: Organization, record: Record) -> list[dict[str, Any]]:
    contacts = org.tables["contactpersons"].where("customer", record["customer"])
    return [
        {"guid": contact["guid"], "name": contact["name"]}
        for contact in contacts
        if contact.get("addressGuid") == record["guid"]
    ]


ADDRESSES = Entity(
    name="addresses",
    scope="customers",
    filters=(SINCE,),
    check=_check_address,
    after=touch_customer,
    guard=_guard_address,
    fields=(
        text("addressline"),
        text("city"),
        computed("contacts", _address_contacts),
        ref("country", "countries", "englishName hasRegions name"),
        ref("countryRegion", "countryregions"),
        ref("customer", "customers", "name number", read_only=True),
        text("fax"),
        flag("isBillingAddress"),
        flag("isPostalAddress"),
        flag("isVisitAddress"),
        text("phone"),
        text("postalCode"),
    ),
)


BILLING_CUSTOMERS = Entity(
    name="projectbillingcustomers",
    scope="settings",
    paging="none",
    fields=(
        ref("billingCustomer", "customers", "name eInvoiceAddress eInvoiceOperator", required=True),
        computed("canBeDeleted", lambda org, record: True),
        flag("isDefault"),
        ref("project", "projects", "name", required=True),
    ),
)
COUNTRY_SETTINGS = Entity(
    name="customercountrysettings",
    scope="customers",
    paging="none",
    audit=False,
    fields=(
        ref("country", "countries", "englishName name", required=True),
        ref("customer", "customers", "", required=True),
        flag("isTaxFree"),
        text("taxFreeDescription"),
        ref("valueAddedTax", "vatrates", "percentage"),
        text("zeroVatCategoryCodeEn16931"),
    ),
)


async def _addresses_of(call: Call) -> Reply:
    customer = crud.found(call, "customers", "customerGuid")
    org: Organization = call.company
    rows = org.tables["addresses"].where("customer", customer["guid"])
    return offset_page(call, rows, show=lambda row: show_record(org, ADDRESSES, row))


async def _add_address(call: Call) -> Reply:
    customer = crud.found(call, "customers", "customerGuid")
    body = fold(crud.body_of(call))
    record = crud.create(call.company, ADDRESSES, body, customer=customer["guid"])
    return Reply(status=201, body=show_record(call.company, ADDRESSES, record))


async def _addresses_of_contact(call: Call) -> Reply:
    contact = crud.found(call, "contactpersons", "contactGuid")
    address = call.company.find("addresses", contact.get("addressGuid"))
    rows = [address] if address else []
    return offset_page(call, rows, show=lambda row: show_record(call.company, ADDRESSES, row))


async def _country_settings_of(call: Call) -> Reply:
    customer = crud.found(call, "customers", "customerGuid")
    org: Organization = call.company
    rows = org.tables["customercountrysettings"].where("customer", customer["guid"])
    return Reply(body=[show_record(org, COUNTRY_SETTINGS, row) for row in rows])


async def _billing_customers_of(call: Call) -> Reply:
    project = crud.found(call, "projects", "projectGuid")
    org: Organization = call.company
    rows = org.tables["projectbillingcustomers"].where("project", project["guid"])
    return Reply(body=[show_record(org, BILLING_CUSTOMERS, row) for row in rows])


def _read(path: str, handler: Any, scope: str = "customers:read") -> Op:
    return Op(method="GET", path=path, handler=handler, scopes=(scope,))


OPS = (
    *crud.operations(CUSTOMERS),
    *crud.operations(ADDRESSES, verbs="list get patch delete"),
    *crud.operations(BILLING_CUSTOMERS, verbs="get post patch delete"),
    *crud.operations(COUNTRY_SETTINGS, verbs="post patch delete"),
    _read("/v1/customers/{customerGuid}/addresses", _addresses_of),
    Op(
        method="POST",
        path="/v1/customers/{customerGuid}/addresses",
        handler=_add_address,
        scopes=("customers:write",),
        writes=True,
    ),
    _read("/v1/customers/{customerGuid}/customercountrysettings", _country_settings_of),
    _read("/v1/contactpersons/{contactGuid}/addresses", _addresses_of_contact),
    _read(
        "/v1/projects/{projectGuid}/projectbillingcustomers",
        _billing_customers_of,
        "projects:read",
    ),
)
