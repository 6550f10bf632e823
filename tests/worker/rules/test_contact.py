"""The people at customers, in both systems (R44, R176 to R184, Q11, Q53)."""

from typing import Any

import pytest

from schema.models import Change, Conflict, Contact, Integration, Issue, Link, Sighting
from schema.words import SyncState
from tests.worker.pair import Pair
from tests.worker.rules.people import (
    FINANCIALS,
    SEVERA,
    ledger_customer,
    ledger_rows,
    ledger_writes,
    links,
    new_ledger_customer,
    quiet_sync,
    severa_rows,
    severa_writes,
    some_customer,
)
from worker.vendors.financials import operations, shapes
from worker.vendors.severa import operations as severa


async def in_severa(pair: Pair, customer: str, **fields: Any) -> str:
    """Create a contact person of a customer in Severa."""
    body = {"customer": {"guid": customer}, "firstName": "Ada", "lastName": "Berg"} | fields
    made = await severa_writes(pair, severa.CONTACT_CREATE, body)
    return str(made["guid"])


async def channel(pair: Pair, contact: str, kind: str, value: str, **fields: Any) -> str:
    """Give a contact person a phone or mail address."""
    [found] = severa_rows(pair, "communicationtypes", type=kind)[:1]
    body = {
        "contact": {"guid": contact},
        "communicationType": {"guid": found["guid"]},
        "value": value,
        "isForbiddenToUse": False,
    }
    made = await severa_writes(pair, severa.COMMUNICATION_CREATE, body | fields)
    return str(made["guid"])


async def in_financials(pair: Pair, number: str, **fields: Any) -> str:
    """Create a contact of a customer in Financials."""
    key = await ledger_writes(
        pair, operations.CONTACT_CREATE, shapes.CONTACT, businessAccount=number, **fields
    )
    return str(key)


def in_ledger(pair: Pair, **values: Any) -> dict[str, Any]:
    """Return the one contact of Financials with some values."""
    [found] = ledger_rows(pair, "contacts", **values)
    return found


def channels(pair: Pair, contact: str) -> dict[str, tuple[str, bool]]:
    """Return value and ban of the communications of a contact person by kind."""
    kinds = {row["guid"]: row["type"] for row in severa_rows(pair, "communicationtypes")}
    return {
        kinds[row["communicationType"]]: (row["value"], row["isForbiddenToUse"])
        for row in severa_rows(pair, "contactcommunications", contact=contact)
    }


class TestFirstSync:
    async def test_has_every_contact_on_both_sides(self, pair: Pair) -> None:
        """R44."""
        contacts = await Contact.all()

        assert len(contacts) >= 10
        assert {item.sync_state for item in contacts} == {SyncState.IN_SYNC}
        assert await Link.filter(entity="CONTACT").count() == 2 * len(contacts)

    async def test_comes_to_rest(self, pair: Pair) -> None:
        assert await quiet_sync(pair) == {}


class TestFromSevera:
    async def test_is_created_in_financials(self, pair: Pair) -> None:
        """R176 to R184, Q11: mobile in phone 1, phone in phone 2."""
        _, guid, number = await some_customer(pair)
        person = await in_severa(
            pair, guid, salutation="Ms.", jobTitle="Buyer", isEmailAllowed=True
        )
        await channel(pair, person, "MobilePhone", "+47 900")
        await channel(pair, person, "Phone", "+47 220")
        await channel(pair, person, "EmailAddress", "ada@berg.no")

        await pair.sync()

        made = in_ledger(pair, email="ada@berg.no")
        shown = {name: made.get(name) for name in ("title", "firstName", "lastName", "position")}
        assert shown == {
            "title": "Ms",
            "firstName": "Ada",
            "lastName": "Berg",
            "position": "Buyer",
        }
        assert (made["phone1"], made["phone2"], made.get("phone3")) == ("+47 900", "+47 220", None)
        assert (made["doNotEmail"], made["active"]) == (False, True)
        assert made["businessAccount"].strip() == number
        assert await quiet_sync(pair) == {}

    async def test_follows_every_change(self, pair: Pair) -> None:
        """R179 to R184."""
        _, guid, _ = await some_customer(pair)
        person = await in_severa(pair, guid, isEmailAllowed=True)
        mail = await channel(pair, person, "EmailAddress", "ada@berg.no")
        await pair.sync()
        await pair.edit(SEVERA, "contactpersons", person, jobTitle="CEO", isEmailAllowed=False)
        await pair.edit(SEVERA, "contactcommunications", mail, value="new@berg.no")

        await pair.sync()

        made = in_ledger(pair, email="new@berg.no")
        assert (made["position"], made["doNotEmail"]) == ("CEO", True)

    async def test_that_is_switched_off_is_switched_off_there(self, pair: Pair) -> None:
        """R184."""
        _, guid, _ = await some_customer(pair)
        person = await in_severa(pair, guid, lastName="Avslutt")
        await pair.sync()
        await pair.edit(SEVERA, "contactpersons", person, isActive=False)

        await pair.sync()

        assert in_ledger(pair, lastName="Avslutt")["active"] is False

    async def test_uses_the_phone_slots_of_the_settings(self, pair: Pair) -> None:
        """Q11: the third slot is neither read nor cleared."""
        pair.integration.options |= {"contact_mobile_slot": "phone3"}
        await Integration.filter(id=pair.integration.id).update(options=pair.integration.options)
        _, _, number = await some_customer(pair)
        key = await in_financials(
            pair, number, firstName="Siri", lastName="Slot", phone1="1", phone2="2", phone3="3"
        )
        await pair.sync()

        [person] = severa_rows(pair, "contactpersons", lastName="Slot")
        assert channels(pair, person["guid"]) == {
            "MobilePhone": ("3", False),
            "Phone": ("2", False),
        }
        assert in_ledger(pair, contactId=int(key))["phone1"] == "1"


class TestFromFinancials:
    async def test_is_created_in_severa_with_channels_that_may_be_used(self, pair: Pair) -> None:
        """R180 to R183, Q53: nothing is marked as forbidden, and mail is allowed."""
        _, guid, number = await some_customer(pair)
        await in_financials(
            pair,
            number,
            title="Mr",
            firstName="Odd",
            lastName="Vik",
            position="CFO",
            phone1="+47 911",
            phone2="+47 221",
            email="odd@vik.no",
            doNotEmail=False,
        )

        await pair.sync()

        [person] = severa_rows(pair, "contactpersons", lastName="Vik")
        assert person["customer"] == guid
        assert (person["firstName"], person["salutation"], person["jobTitle"]) == (
            "Odd",
            "Mr.",
            "CFO",
        )
        assert person["isEmailAllowed"] is True
        assert channels(pair, person["guid"]) == {
            "MobilePhone": ("+47 911", False),
            "Phone": ("+47 221", False),
            "EmailAddress": ("odd@vik.no", False),
        }
        assert await quiet_sync(pair) == {}

    async def test_with_one_name_gets_a_dash_that_never_travels_back(self, pair: Pair) -> None:
        """Q53."""
        _, _, number = await some_customer(pair)
        key = await in_financials(pair, number, lastName="Mottak")
        await pair.sync()

        [person] = severa_rows(pair, "contactpersons", lastName="Mottak")
        assert person["firstName"] == "-"
        await pair.edit(SEVERA, "contactpersons", person["guid"], jobTitle="Desk")
        await pair.sync()
        made = in_ledger(pair, contactId=int(key))
        assert (made.get("firstName"), made["position"]) == (None, "Desk")

    @pytest.mark.parametrize("title", ["Doctor", "Miss", "Prof"])
    async def test_keeps_a_salutation_that_severa_does_not_have(
        self, pair: Pair, title: str
    ) -> None:
        """R176, Q53: left empty there, and never overwritten."""
        _, _, number = await some_customer(pair)
        key = await in_financials(pair, number, title=title, firstName="Eva", lastName="Salutt")
        await pair.sync()

        [person] = severa_rows(pair, "contactpersons", lastName="Salutt")
        assert person.get("salutation") is None
        await pair.edit(SEVERA, "contactpersons", person["guid"], jobTitle="Doc")
        await pair.sync()
        assert in_ledger(pair, contactId=int(key))["title"] == title

    async def test_cleared_phone_is_not_used_any_more(self, pair: Pair) -> None:
        """R181: nothing is deleted in Severa."""
        _, _, number = await some_customer(pair)
        key = await in_financials(pair, number, firstName="Una", lastName="Lund", phone2="77")
        await pair.sync()
        await pair.edit(FINANCIALS, "contact", key, phone2=None)

        await pair.sync()

        [person] = severa_rows(pair, "contactpersons", lastName="Lund")
        assert channels(pair, person["guid"]) == {"Phone": ("77", True)}
        contact = await Contact.get(last_name="Lund")
        assert contact.phone is None
        assert await quiet_sync(pair) == {}

    async def test_is_not_the_customers_own_contact(self, pair: Pair) -> None:
        """Q53."""
        customer, _, number = await some_customer(pair)
        own = ledger_customer(pair, number)["mainContact"]["contactId"]

        await pair.sync(full=True)

        keys = await Link.filter(entity="CONTACT", side=FINANCIALS.value).values_list(
            "internal_id", flat=True
        )
        assert str(own) not in keys
        assert customer.name not in [row["lastName"] for row in severa_rows(pair, "contactpersons")]


class TestMatch:
    async def test_of_equal_names_at_one_customer_is_one_contact(self, pair: Pair) -> None:
        """Q44: account, names and mail."""
        customer, guid, number = await some_customer(pair)
        person = await in_severa(pair, guid, lastName="Felles")
        key = await in_financials(pair, number, firstName="Ada", lastName="Felles")

        await pair.sync()

        contact = await Contact.get(last_name="Felles")
        assert contact.customer_id == customer.id
        assert await links(contact) == {"SEVERA": person, "FINANCIALS": key}

    async def test_chooses_by_mail_among_equal_names(self, pair: Pair) -> None:
        _, guid, number = await some_customer(pair)
        person = await in_severa(pair, guid, lastName="Tvilling")
        await channel(pair, person, "EmailAddress", "b@x.no")
        await in_financials(pair, number, firstName="Ada", lastName="Tvilling", email="a@x.no")
        key = await in_financials(
            pair, number, firstName="Ada", lastName="Tvilling", email="b@x.no"
        )

        await pair.sync()

        found = await Contact.filter(last_name="Tvilling", email="b@x.no")
        assert [await links(item) for item in found] == [{"SEVERA": person, "FINANCIALS": key}]
        assert len(severa_rows(pair, "contactpersons", lastName="Tvilling")) == 2

    async def test_waits_for_a_customer_that_is_not_known_yet(self, pair: Pair) -> None:
        """R46: the contact of an inactive customer follows once that is active."""
        number = await new_ledger_customer(pair, "Sen AS", status="Inactive")
        await in_financials(pair, number, firstName="Per", lastName="Sen")
        await pair.sync()
        assert severa_rows(pair, "contactpersons", lastName="Sen") == []

        await pair.edit(FINANCIALS, "customer", number, status="Active")
        await pair.sync()

        [person] = severa_rows(pair, "contactpersons", lastName="Sen")
        [customer] = severa_rows(pair, "customers", name="Sen AS")
        assert person["customer"] == customer["guid"]


class TestEvidence:
    async def test_of_a_change_stands_at_the_customer(self, pair: Pair) -> None:
        customer, guid, _ = await some_customer(pair)
        person = await in_severa(pair, guid, lastName="Spor")
        await pair.sync()
        await pair.edit(SEVERA, "contactpersons", person, jobTitle="Owner")
        await pair.sync()

        last = await Change.filter(record_id=customer.id).order_by("-id").first()

        assert last is not None
        assert last.kind == "contact.changed"
        assert [item["field"] for item in last.fields_changed] == ["contacts.title"]

    async def test_creates_once_when_nobody_knows_whether_it_landed(self, pair: Pair) -> None:
        """Q44, J4."""
        _, guid, _ = await some_customer(pair)
        await in_severa(pair, guid, lastName="Tvil")
        await pair.fault("timeout_after_write", "POST /v1/contact")

        await pair.sync()
        await pair.sync()

        assert len(ledger_rows(pair, "contacts", lastName="Tvil")) == 1
        assert (await Contact.get(last_name="Tvil")).sync_state is SyncState.IN_SYNC


class TestConflict:
    async def test_of_a_contact_is_for_a_person_and_ends_with_the_choice(self, pair: Pair) -> None:
        """Q58."""
        customer, guid, _ = await some_customer(pair)
        person = await in_severa(pair, guid, lastName="Strid", jobTitle="A")
        await pair.sync()
        contact = await Contact.get(last_name="Strid")
        key = (await links(contact))["FINANCIALS"]
        await pair.edit(SEVERA, "contactpersons", person, jobTitle="B")
        await pair.edit(FINANCIALS, "contact", key, position="C")
        await pair.sync()

        conflict = await Conflict.get(record_id=customer.id, resolved_at=None)
        assert conflict.field == f"contacts.{contact.id}.title"
        assert (conflict.severa_value, conflict.financials_value) == ("B", "C")
        await Conflict.filter(id=conflict.id).update(chosen_side=FINANCIALS.value)
        await pair.sync(full=True)
        await Sighting.filter(external_id=key, resource="contact").update(dirty=True)
        await pair.sync()

        assert severa_rows(pair, "contactpersons", guid=person)[0]["jobTitle"] == "C"
        assert await Conflict.filter(resolved_at=None).count() == 0


class TestDisappeared:
    async def test_is_shown_at_the_customer_and_never_made_again(self, pair: Pair) -> None:
        """Q24."""
        _, guid, _ = await some_customer(pair)
        person = await in_severa(pair, guid, lastName="Sluttet")
        await pair.sync()
        await pair.control("/delete", {"side": "SEVERA", "entity": "contactpersons", "id": person})

        await pair.sync(full=True)

        issue = await Issue.get(code="missing_record", resolved_at=None)
        assert "Sluttet" in issue.cause
        assert len(ledger_rows(pair, "contacts", lastName="Sluttet")) == 1
        assert severa_rows(pair, "contactpersons", lastName="Sluttet") == []

    async def test_phone_that_was_deleted_is_gone_on_both_sides(self, pair: Pair) -> None:
        _, guid, _ = await some_customer(pair)
        person = await in_severa(pair, guid, lastName="Stille")
        phone = await channel(pair, person, "Phone", "123")
        await pair.sync()
        body = {"side": "SEVERA", "entity": "contactcommunications", "id": phone}
        await pair.control("/delete", body)

        await pair.sync(full=True)

        assert not in_ledger(pair, lastName="Stille").get("phone2")
        contact = await Contact.get(last_name="Stille")
        assert contact.phone is None
