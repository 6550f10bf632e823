"""Contact persons and their communications."""

from __future__ import annotations

from typing import Any

from sandbox.http import Call, Op, Reply
from sandbox.severa import crud
from sandbox.severa.errors import invalid
from sandbox.severa.fields import Entity, show_record
from sandbox.severa.kinds import SINCE, computed, day, flag, is_flag, link, ref, text
from sandbox.severa.lists import offset_page
from sandbox.severa.state import Organization
from sandbox.severa.table import Record

SALUTATIONS = ("Mr.", "Mrs.", "Ms.")
SATISFACTION = ("Unsatisfied", "Neutral", "Satisfied", "Unknown")


def touch_customer(org: Organization, record: Record, values: Record) -> None:
    customer = org.find("customers", record.get("customer"))
    if customer is not None and org.world.assume.children_touch_customer:
        org.update("customers", customer, {})


def drop_contact_parts(org: Organization, record: Record) -> None:
    """Delete the communications of a contact person."""
    for channel in org.tables["contactcommunications"].where("contact", record["guid"]):
        org.tables["contactcommunications"].remove(channel)


def _channels(org: Organization, record: Record, *, mail: bool) -> list[str]:
    types = org.tables["communicationtypes"]
    found = []
    for channel in org.tables["contactcommunications"].where("contact", record["guid"]):
        kind = types.get(channel["communicationType"])
        if kind is not None and (kind["type"] == "EmailAddress") == mail:
            found.append(channel["value"])
    return found


def _check_contact(org: Organization, record: Record | None, values: Record) -> None:
    merged = {**(record or {}), **values}
    values["name"] = f"{merged['firstName']} {merged['lastName']}"
    address = org.find("addresses", values.get("addressGuid"))
    if address is not None and address["customer"] != merged["customer"]:
        raise invalid("The address is not one of the customer.", name="addressGuid")
    values.setdefault("isDeleted", False)


def _guard_contact(org: Organization, record: Record) -> None:
    drop_contact_parts(org, record)


CONTACTS = Entity(
    name="contactpersons",
    scope="customers",
    filters=(is_flag("active"), SINCE),
    check=_check_contact,
    after=touch_customer,
    guard=_guard_contact,
    fields=(
        link("addressGuid", "addresses"),
        ref("customer", "customers", "name number", required=True),
        day("dateOfBirth"),
        text("description"),
        computed("emails", lambda org, record: _channels(org, record, mail=True)),
        text("firstName", required=True),
        flag("isActive", True),
        flag("isDeleted", read_only=True),
        flag("isEmailAllowed", False),
        text("jobTitle"),
        ref("language", "languages"),
        text("lastName", required=True),
        text("name", read_only=True),
        computed("phoneNumbers", lambda org, record: _channels(org, record, mail=False)),
        ref("role", "contactroles"),
        text("salutation", allowed=SALUTATIONS),
        text("satisfactionLevel", allowed=SATISFACTION),
        ref("timeZone", "timezones"),
    ),
)


def _touch_through_contact(org: Organization, record: Record, values: Record) -> None:
    contact = org.find("contactpersons", record["contact"])
    if contact is not None:
        touch_customer(org, contact, values)


COMMUNICATIONS = Entity(
    name="contactcommunications",
    scope="customers",
    patch_single=True,
    filters=(SINCE,),
    search=("value",),
    after=_touch_through_contact,
    fields=(
        ref("communicationType", "communicationtypes", "isActive name type", required=True),
        ref("contact", "contactpersons", required=True),
        flag("isForbiddenToUse", True),
        text("value", required=True),
    ),
)


async def _contacts_of(call: Call) -> Reply:
    customer = crud.found(call, "customers", "customerGuid")
    org: Organization = call.company
    rows = org.tables["contactpersons"].where("customer", customer["guid"])
    active = call.query.flag("active")
    chosen = [row for row in rows if active is None or row["isActive"] == active]
    return offset_page(call, chosen, show=lambda row: show_record(org, CONTACTS, row))


async def _channels_of_contact(call: Call) -> Reply:
    contact = crud.found(call, "contactpersons", "contactGuid")
    org: Organization = call.company
    rows = org.tables["contactcommunications"].where("contact", contact["guid"])
    return Reply(body=[show_record(org, COMMUNICATIONS, row) for row in rows])


def _read(path: str, handler: Any, scope: str = "customers:read") -> Op:
    return Op(method="GET", path=path, handler=handler, scopes=(scope,))


OPS = (
    *crud.operations(CONTACTS),
    *crud.operations(COMMUNICATIONS),
    _read("/v1/customers/{customerGuid}/contactpersons", _contacts_of),
    _read("/v1/contacts/{contactGuid}/contactcommunications", _channels_of_contact),
)
