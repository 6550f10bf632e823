"""Customers: names, numbers, addresses, holds, classes and what disappears (R44 to R53)."""

from typing import Any

import pytest

from schema.models import Address, Conflict, Customer, Integration, Issue, Link
from schema.words import AddressKind, SyncState
from tests.worker.pair import Pair
from tests.worker.rules.people import (
    FINANCIALS,
    SEVERA,
    ledger_customer,
    ledger_rows,
    links,
    new_ledger_customer,
    quiet_sync,
    severa_rows,
    severa_writes,
    some_customer,
)
from worker import faultpoint
from worker.sync.rules.customer_number import renumber_csv, renumberings
from worker.vendors.severa import operations as severa


async def new_severa_customer(pair: Pair, name: str, **fields: Any) -> dict[str, Any]:
    """Create a customer in Severa."""
    made: dict[str, Any] = await severa_writes(
        pair, severa.CUSTOMER_CREATE, {"name": name} | fields
    )
    return made


async def new_address(pair: Pair, customer: str, **fields: Any) -> str:
    """Give a customer of Severa an address."""
    path = {"customerGuid": customer}
    made = await severa_writes(pair, severa.ADDRESS_CREATE, fields, path)
    return str(made["guid"])


async def causes(code: str) -> list[str]:
    """Return the causes of the open issues with a code."""
    return [issue.cause for issue in await Issue.filter(code=code, resolved_at=None)]


def uses(pair: Pair, customer: str) -> list[tuple[str, list[str]]]:
    """Return each address of a customer in Severa with its uses."""
    flags = {"isVisitAddress": "office", "isBillingAddress": "billing", "isPostalAddress": "postal"}
    return sorted(
        (row["addressline"], [use for flag, use in flags.items() if row.get(flag)])
        for row in severa_rows(pair, "addresses", customer=customer)
    )


class TestNameTwice:
    """R53, Q29."""

    async def test_in_financials_is_reported_with_every_number(self, pair: Pair) -> None:
        first = await new_ledger_customer(pair, "Dobbel AS")
        second = await new_ledger_customer(pair, "Dobbel AS")

        await pair.sync()

        assert severa_rows(pair, "customers", name="Dobbel AS") == []
        [cause] = await causes("name_twice")
        assert first in cause
        assert second in cause

    async def test_is_not_reported_again_and_again(self, pair: Pair) -> None:
        for _ in range(2):
            await new_ledger_customer(pair, "Dobbel AS")
        await pair.sync()
        await pair.sync()

        issue = await Issue.get(code="name_twice", resolved_at=None)
        assert issue.occurrences == 1

    async def test_ends_when_only_one_is_active(self, pair: Pair) -> None:
        first = await new_ledger_customer(pair, "Dobbel AS")
        second = await new_ledger_customer(pair, "Dobbel AS")
        await pair.sync()
        await pair.edit(FINANCIALS, "customer", first, status="Inactive")

        await pair.sync()

        [made] = severa_rows(pair, "customers", name="Dobbel AS")
        assert str(made["number"]) == second
        assert await causes("name_twice") == []

    async def test_keeps_an_existing_link_working(self, pair: Pair) -> None:
        customer, guid, number = await some_customer(pair)
        other = await new_ledger_customer(pair, customer.name)
        await pair.edit(FINANCIALS, "customer", number, mainContact={"email": "still@works.no"})

        await pair.sync()

        [row] = severa_rows(pair, "customers", guid=guid)
        assert row["email"] == "still@works.no"
        [cause] = await causes("name_twice")
        assert number in cause
        assert other in cause
        assert len(severa_rows(pair, "customers", name=customer.name)) == 1

    async def test_with_a_contradicting_vat_number_is_not_matched(self, pair: Pair) -> None:
        """R52, Q14."""
        number = await new_ledger_customer(pair, "Lik AS", vatRegistrationId="NO111111111MVA")
        await new_severa_customer(pair, "Lik AS", vatNumber="NO222222222MVA")

        await pair.sync()

        [cause] = await causes("match_unclear")
        assert number in cause
        assert await Customer.filter(name="Lik AS").count() == 0

    async def test_matches_trimmed_and_in_any_case(self, pair: Pair) -> None:
        """R52, Q14."""
        number = await new_ledger_customer(pair, "Stor og Liten AS ")
        made = await new_severa_customer(pair, "STOR OG LITEN AS")

        await pair.sync()

        customer = await Customer.get(number=number)
        assert await links(customer) == {"SEVERA": made["guid"], "FINANCIALS": number}


class TestNumber:
    async def test_with_letters_is_an_issue_that_names_it(self, pair: Pair) -> None:
        """Q15."""
        company = next(iter(pair.world.financials.companies.values()))
        series = company.series["CUSTOMER"]
        series.manual = True
        await new_ledger_customer(pair, "Bokstav AS", number="K0042")

        await pair.sync()

        [cause] = await causes("number_does_not_fit")
        assert "K0042" in cause
        assert severa_rows(pair, "customers", name="Bokstav AS") == []
        customer = await Customer.get(name="Bokstav AS")
        assert (customer.number, customer.sync_state) == ("K0042", SyncState.BLOCKED)

    async def test_that_another_customer_holds_is_freed_over_a_temporary_one(
        self, pair: Pair
    ) -> None:
        """R7, R47, Q14: 100 to 200 while 200 is taken."""
        number = await new_ledger_customer(pair, "Får AS")
        holder = await new_severa_customer(pair, "Holder AS", number=int(number))

        await pair.sync()

        [made] = severa_rows(pair, "customers", name="Får AS")
        assert str(made["number"]) == number
        customer = await Customer.get(name="Holder AS")
        [moved] = severa_rows(pair, "customers", guid=holder["guid"])
        assert str(moved["number"]) == customer.number != number
        assert customer.sync_state is SyncState.IN_SYNC
        told = await renumberings(pair.integration.id)
        assert ("Holder AS", number, customer.number) in told
        csv = await renumber_csv(pair.integration.id)
        assert f"Holder AS,{number},{customer.number}" in csv

    async def test_that_somebody_took_meanwhile_is_freed_too(self, pair: Pair) -> None:
        """R7, Q14: Severa says no, we look who has it."""
        number = await new_ledger_customer(pair, "Sein AS")

        async def be_quicker() -> None:
            await new_severa_customer(pair, "Rask AS", number=int(number))

        faultpoint.once("customer.create.before", be_quicker)

        await pair.sync()
        await pair.sync()

        [made] = severa_rows(pair, "customers", name="Sein AS")
        assert str(made["number"]) == number
        quick = await Customer.get(name="Rask AS")
        assert quick.sync_state is SyncState.IN_SYNC

    async def test_for_good_is_not_taken_from_a_linked_customer(self, pair: Pair) -> None:
        """R18: renumbering belongs to the take-over only."""
        customer, guid, number = await some_customer(pair)
        other = await new_ledger_customer(pair, "Ny AS")
        await pair.edit(FINANCIALS, "customer", other, number="77777")
        await pair.edit(SEVERA, "customers", guid, number=77777)

        await pair.sync()

        [row] = severa_rows(pair, "customers", guid=guid)
        assert row["number"] == 77777
        found = await causes("number_changed")
        assert any(customer.name in cause and number in cause for cause in found)

    async def test_goes_on_when_it_is_changed_back(self, pair: Pair) -> None:
        """R18, R19."""
        customer, guid, number = await some_customer(pair)
        await pair.edit(SEVERA, "customers", guid, number=88888, website="https://x.no")
        await pair.sync()
        assert ledger_customer(pair, number)["mainContact"].get("web") != "https://x.no"

        await pair.edit(SEVERA, "customers", guid, number=int(number))
        await pair.sync()

        assert ledger_customer(pair, number)["mainContact"]["web"] == "https://x.no"
        assert await causes("number_changed") == []
        await customer.refresh_from_db()
        assert customer.sync_state is SyncState.IN_SYNC


class TestAddress:
    async def test_with_several_uses_goes_to_each_address_there(self, pair: Pair) -> None:
        """R165, R173 to R175, Q8."""
        made = await new_severa_customer(pair, "Adresse AS")
        await new_address(
            pair,
            made["guid"],
            addressline="Gate 1\nBakgård",
            city="Oslo",
            postalCode="0150",
            isVisitAddress=True,
        )
        await new_address(
            pair,
            made["guid"],
            addressline="Boks 9",
            city="Oslo",
            postalCode="0151",
            isBillingAddress=True,
            isPostalAddress=True,
        )

        await pair.sync()

        [shown] = ledger_rows(pair, "customers", name="Adresse AS")
        assert shown["mainAddress"]["addressLine1"] == "Gate 1"
        assert shown["mainAddress"]["addressLine2"] == "Bakgård"
        assert shown["invoiceAddress"]["addressLine1"] == "Boks 9"
        assert shown["deliveryAddress"]["addressLine1"] == "Boks 9"
        assert await quiet_sync(pair) == {}

    async def test_that_comes_back_different_is_split_with_a_warning(self, pair: Pair) -> None:
        """Q8."""
        made = await new_severa_customer(pair, "Deling AS")
        everything = {"isVisitAddress": True, "isBillingAddress": True, "isPostalAddress": True}
        await new_address(pair, made["guid"], addressline="Felles 1", city="Bergen", **everything)
        await pair.sync()
        customer = await Customer.get(name="Deling AS")
        assert customer.number is not None
        [row] = [r for r in ledger_rows(pair, "customers", name="Deling AS")]
        own = dict(row["mainAddress"], addressId=987654, addressLine1="Faktura 2")
        row["invoiceAddress"] = own
        await pair.edit(FINANCIALS, "customer", customer.number, note="moved")

        await pair.sync()

        assert uses(pair, made["guid"]) == [
            ("Faktura 2", ["billing"]),
            ("Felles 1", ["office", "postal"]),
        ]
        [cause] = await causes("address_split")
        assert "Deling AS" in cause
        kinds = {item.kind: item.lines for item in await Address.filter(customer_id=customer.id)}
        assert kinds[AddressKind.BILLING] == "Faktura 2"
        assert kinds[AddressKind.OFFICE] == "Felles 1"
        assert await quiet_sync(pair) == {}

    async def test_of_the_headquarters_stays_where_it_is(self, pair: Pair) -> None:
        """Q8: from Financials only the headquarters record is written."""
        made = await new_severa_customer(pair, "Hoved AS")
        everything = {"isVisitAddress": True, "isBillingAddress": True, "isPostalAddress": True}
        head = await new_address(pair, made["guid"], addressline="Gammel 1", **everything)
        await pair.sync()
        [row] = ledger_rows(pair, "customers", name="Hoved AS")
        row["invoiceAddress"] = dict(row["mainAddress"], addressId=11)
        row["deliveryAddress"] = dict(row["mainAddress"], addressId=12)
        number = str(row["number"]).strip()
        await pair.edit(FINANCIALS, "customer", number, mainAddress={"addressLine1": "Ny 7"})

        await pair.sync()

        [kept] = severa_rows(pair, "addresses", guid=head)
        assert (kept["addressline"], kept["isVisitAddress"]) == ("Ny 7", True)
        assert uses(pair, made["guid"]) == [
            ("Gammel 1", ["billing", "postal"]),
            ("Ny 7", ["office"]),
        ]
        assert await quiet_sync(pair) == {}

    async def test_of_more_than_three_lines_is_stable(self, pair: Pair) -> None:
        """R168, Q10."""
        made = await new_severa_customer(pair, "Linjer AS")
        lines = "A\nB\nC\nD"
        await new_address(pair, made["guid"], addressline=lines, isVisitAddress=True)

        await pair.sync()

        [row] = ledger_rows(pair, "customers", name="Linjer AS")
        assert row["mainAddress"]["addressLine3"] == "C, D"
        assert await quiet_sync(pair) == {}
        assert uses(pair, made["guid"])[0][0] == lines

    async def test_of_a_new_customer_becomes_the_headquarters(self, pair: Pair) -> None:
        """R165."""
        await new_ledger_customer(
            pair, "Nytt Hode AS", mainAddress={"addressLine1": "Torget 3", "city": "Oslo"}
        )

        await pair.sync()

        [made] = severa_rows(pair, "customers", name="Nytt Hode AS")
        [address] = severa_rows(pair, "addresses", customer=made["guid"])
        assert made["headquarterAddress"] == address["guid"]
        assert await quiet_sync(pair) == {}


class TestNotes:
    async def test_that_had_to_be_cut_are_never_written_back(self, pair: Pair) -> None:
        """R164, Q12."""
        _, guid, number = await some_customer(pair)
        long = "x" * 300
        await pair.edit(SEVERA, "customers", guid, notes=long)
        await pair.sync()
        assert len(ledger_customer(pair, number)["mainContact"]["attention"]) == 255

        await pair.edit(FINANCIALS, "customer", number, mainContact={"attention": "short"})
        await pair.sync()

        [row] = severa_rows(pair, "customers", guid=guid)
        assert row["notes"] == long
        assert await Conflict.filter(resolved_at=None).count() == 0
        assert await quiet_sync(pair) == {}


class TestStatus:
    @pytest.mark.parametrize("hold", ["OnHold", "CreditHold"])
    async def test_on_hold_is_active_with_a_warning_and_stays(self, pair: Pair, hold: str) -> None:
        """R166, Q28."""
        customer, guid, number = await some_customer(pair)
        await pair.edit(FINANCIALS, "customer", number, status=hold)
        await pair.edit(SEVERA, "customers", guid, website="https://hold.no")

        await pair.sync()

        shown = ledger_customer(pair, number)
        assert (shown["status"], shown["mainContact"]["web"]) == (hold, "https://hold.no")
        [row] = severa_rows(pair, "customers", guid=guid)
        assert row["isActive"] is True
        [cause] = await causes("on_hold")
        assert customer.name in cause
        await customer.refresh_from_db()
        assert customer.sync_state is SyncState.IN_SYNC

    async def test_warning_ends_with_the_hold(self, pair: Pair) -> None:
        _, _, number = await some_customer(pair)
        await pair.edit(FINANCIALS, "customer", number, status="OnHold")
        await pair.sync()
        await pair.edit(FINANCIALS, "customer", number, status="Active")

        await pair.sync()

        assert await causes("on_hold") == []

    async def test_waits_while_an_invoice_is_on_its_way(self, pair: Pair) -> None:
        """Q55: the invoice goes first, in the same run."""
        [guid] = await pair.bill()
        row = pair.severa_invoice(guid)
        await pair.edit(SEVERA, "customers", row["customer"], isActive=False)

        await pair.sync()

        invoice = await pair.invoice(guid)
        assert invoice.numbered_at is not None
        link = await Link.get(record_id=invoice.customer_id, side=FINANCIALS.value)
        await pair.sync()
        assert ledger_customer(pair, link.external_id)["status"] == "Inactive"

    async def test_inactive_at_take_over_follows_once_it_is_active(self, pair: Pair) -> None:
        """R46, Q36."""
        number = await new_ledger_customer(pair, "Senere AS", status="Inactive")
        await pair.sync()
        assert severa_rows(pair, "customers", name="Senere AS") == []

        await pair.edit(FINANCIALS, "customer", number, status="Active")
        await pair.sync()

        [made] = severa_rows(pair, "customers", name="Senere AS")
        assert str(made["number"]) == number


class TestClass:
    async def test_is_kept_from_financials(self, pair: Pair) -> None:
        """R48, R50, R167, Q42."""
        customer, _, number = await some_customer(pair)

        assert customer.class_id == ledger_customer(pair, number)["customerClass"]["id"]

    async def test_of_a_new_customer_follows_the_rule_of_its_country(self, pair: Pair) -> None:
        """R48, R50, Q42."""
        async with pair.context() as ctx:
            chosen = sorted(ctx.references.customer_classes)[-1]
        home = pair.world.companies[0].country
        pair.integration.options |= {"customer_classes": {home: chosen}}
        await Integration.filter(id=pair.integration.id).update(options=pair.integration.options)
        await new_severa_customer(pair, "Klasse AS")

        await pair.sync()

        [row] = ledger_rows(pair, "customers", name="Klasse AS")
        assert row["customerClass"]["id"] == chosen


class TestDisappeared:
    async def test_is_shown_and_never_made_again(self, pair: Pair) -> None:
        """Q24: found by a full compare."""
        made = await new_severa_customer(pair, "Borte AS")
        await pair.sync()
        customer = await Customer.get(name="Borte AS")
        await pair.control("/delete", {"side": "SEVERA", "entity": "customers", "id": made["guid"]})

        await pair.sync(full=True)

        [cause] = await causes("missing_record")
        assert "Borte AS" in cause
        await customer.refresh_from_db()
        assert customer.sync_state is SyncState.BLOCKED
        assert customer.number is not None
        await pair.edit(FINANCIALS, "customer", customer.number, status="OnHold")
        await pair.sync()
        assert severa_rows(pair, "customers", name="Borte AS") == []
        assert len(ledger_rows(pair, "customers", name="Borte AS")) == 1

    async def test_empty_list_makes_nothing_disappear(self, pair: Pair) -> None:
        await pair.sync(full=True)

        assert await causes("missing_record") == []
        assert await Link.filter(missing_since__isnull=False).count() == 0
