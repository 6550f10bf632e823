"""Whole companies through running processes, judged by a reader of the vendors' APIs alone."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from tests.journeys.books import Books, at
from tests.journeys.conftest import Town, town

SEVERA = ("customers", "products", "worktypes", "travelexpensetypes", "projects")
FINANCIALS = ("customer", "inventory", "project", "customerinvoice", "contact")
CENT = Decimal("0.01")
TRANSFER = "Approved, ready for Financials"
PARTIAL, CREDITED, VOIDED = 3, 5, 8
SETTINGS = """
mutation Settings($input: UpdateIntegrationSettingsInput!) {
  updateIntegrationSettings(input: $input) { userErrors { code message } }
}
"""
STATES = """
query States($in: ID!, $numbers: [String!]) {
  invoices(integrationId: $in, first: 100, filter: {numbers: $numbers, kinds: [INVOICE]}) {
    nodes { number state }
  }
}
"""
LOOSE = """
query Loose($in: ID!) {
  customers(integrationId: $in, first: 100) { nodes { name links { side } } }
  products(integrationId: $in, first: 100) { nodes { name links { side } } }
  projects(integrationId: $in, first: 100) { nodes { name links { side } } }
}
"""


@pytest.fixture
async def home(tmp_path: Path, database: str, redis_url: str) -> AsyncIterator[Town]:
    """Two companies that nothing has synced yet; syncs are asked for."""
    async with town(
        tmp_path, DATABASE_URL=database, REDIS_URL=redis_url, SYNC_INTERVAL_SECONDS="0"
    ) as made:
        yield made


async def loose(home: Town) -> list[str]:
    """Name every record that is not linked on both sides."""
    data = await home.scene.story.api.ask(LOOSE, **{"in": home.scene.story.integration})
    return [
        f"{kind} {node['name']}: {node['links']}"
        for kind, page in data.items()
        for node in page["nodes"]
        if len(node["links"]) != 2
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Somebody who bills one project of Severa every month."""

    home: Town
    books: Books
    project: str
    product: str
    transfer: str

    @classmethod
    async def open(cls, home: Town, books: Books) -> "Desk":
        """Choose a domestic project that can be billed, a product, and the transfer status."""
        sample = await home.turn("/sample", method="GET")
        billed = await home.control.bill(count=1, mismatched=0, credit_notes=0)
        await home.watch(billed["invoices"], lambda one: one.numbered, limit=30)
        [first] = [r for r in await books.severa("invoices") if r["guid"] in billed["invoices"]]
        rows = await books.severa(f"invoices/{first['guid']}/projectfees")
        names = {row["name"]: row["guid"] for row in sample["companies"][0]["invoiceStatuses"]}
        return cls(
            home=home,
            books=books,
            project=rows[0]["project"]["guid"],
            product=rows[0]["product"]["guid"],
            transfer=names[TRANSFER],
        )

    async def bill(self, month: int) -> str:
        """Bill one fee; returns the invoice's guid."""
        fee = {
            "project": {"guid": self.project},
            "product": {"guid": self.product},
            "quantity": 1 + month % 3,
            "unitPrice": {"amount": 1000 + 100 * month, "currencyCode": "NOK"},
            "name": f"Month {month + 1}",
            "invoiceRowDescription": f"Month {month + 1}",
        }
        await self.books.do_in_severa("POST", "projectfees", fee)
        body = {"projects": [{"guid": self.project}], "invoiceStatusGuid": self.transfer}
        [made] = await self.books.do_in_severa("POST", "invoices", body)
        return str(made["guid"])

    async def numbered(self, invoice: str) -> str:
        """Sync until Severa shows the number, and return it."""
        await self.home.first_sync()
        [seen] = await self.home.watch([invoice], lambda one: one.numbered, limit=30)
        assert seen.number is not None
        return seen.number

    async def pay(self, number: str, month: int) -> None:
        """The customer pays: mostly all of it, every third month in two parts."""
        if month in (PARTIAL, CREDITED):
            shares = [0.4] if month == PARTIAL else []
        else:
            shares = [0.5, 0.5] if month % 3 == 0 else [1]
        for share in shares:
            body = {"referenceNumber": number, "share": share}
            await self.home.turn("/financials/pay", body)

    async def states(self, numbers: list[str]) -> dict[str, str]:
        """Return the state of each invoice by its number."""
        story = self.home.scene.story
        given = {"in": story.integration, "numbers": numbers}
        nodes = (await story.api.ask(STATES, **given))["invoices"]["nodes"]
        return {node["number"]: node["state"] for node in nodes}


class TestTakeOver:
    async def test_of_two_filled_systems_leaves_no_difference(self, home: Town) -> None:
        """R31, R44 to R47, R54, Q14, Q45: as many numbers and names as there are, all agree."""
        books = await Books.open(home.http)
        before = await books.differences()

        await home.first_sync()

        assert len(before) > 30
        assert await books.differences() == []

    async def test_of_a_pair_that_is_equal_makes_nothing_new(self, home: Town) -> None:
        """Q14: both systems have every record already; no second one is made."""
        await home.turn("/load", {"size": "small", "seed": 1, "matched": True})
        books = await Books.open(home.http)
        tables = {name: len(await books.severa(name)) for name in SEVERA}
        ledger = {name: len(await books.financials(name)) for name in FINANCIALS}

        await home.first_sync()

        assert tables == {name: len(await books.severa(name)) for name in SEVERA}
        assert ledger == {name: len(await books.financials(name)) for name in FINANCIALS}
        assert await books.differences() == []
        assert await loose(home) == []


class TestYear:
    async def test_of_monthly_invoices_ends_in_equal_books(self, home: Town) -> None:
        """R59 to R72, Q30, Q40: partial payments, a credit note, a voided payment, twelve times."""
        await home.first_sync()
        books = await Books.open(home.http)
        desk = await Desk.open(home, books)
        made = []
        for month in range(12):
            invoice = await desk.bill(month)
            number = await desk.numbered(invoice)
            made.append(number)
            await desk.pay(number, month)
            await home.turn("/clock", {"advance": 30 * 24 * 3600})
            await home.first_sync()
            if month == CREDITED:
                note = await home.turn("/severa/reimburse", {"invoiceGuid": invoice})
                await desk.numbered(note["guid"])
            if month == VOIDED:
                await home.turn("/financials/void-payment", {"referenceNumber": number})
        await home.first_sync()

        assert len(set(made)) == 12
        assert await books.of_documents() == []
        states = await desk.states(made)
        assert states.pop(made[VOIDED]) == "NUMBERED"
        assert states.pop(made[PARTIAL]) == "PARTIALLY_PAID"
        assert set(states.values()) == {"PAID"}


class TestCosts:
    async def test_are_billed_on_with_one_and_a_half_times_their_amount(self, home: Town) -> None:
        """R105, R110, R112, R114, Q6: once each, however often it is synced."""
        await home.first_sync()
        story = home.scene.story
        given = {"integrationId": story.integration, "costMode": "COSTS_AND_FEES"}
        answer = await story.api.ask(SETTINGS, input={**given, "costMultiplier": "150"})
        assert answer["updateIntegrationSettings"]["userErrors"] == []
        books = await Books.open(home.http)
        old = {row["guid"] for row in await books.severa("projectfees")}

        booked = await home.turn("/financials/supplier-invoices", {"count": 6})
        await home.first_sync()
        await home.first_sync()

        fees = [row for row in await books.severa("projectfees") if row["guid"] not in old]
        lines = [line for one in booked for line in one["lines"]]
        wanted = sorted(Decimal(str(line["amount"])) for line in lines)
        assert sorted(at(fee, "unitCost.amount") for fee in fees) == wanted
        for fee in fees:
            cost, price = at(fee, "unitCost.amount"), at(fee, "unitPrice.amount")
            assert price == (cost * 3 / 2).quantize(CENT, ROUND_HALF_UP)
            assert fee["isBillable"] is True


class TestBranches:
    async def test_get_the_invoices_of_their_business_units(self, home: Town) -> None:
        """R28, R30, Q5, Q48: three of them; every invoice is booked in its own."""
        await home.turn("/load", {"size": "small", "seed": 1, "branches": 3})
        books = await Books.open(home.http)
        await home.first_sync()
        made = await home.control.bill(count=15, mismatched=0, credit_notes=0)
        await home.first_sync()
        await home.watch(made["invoices"], lambda one: one.numbered, limit=30)

        units = {row["guid"]: row for row in await books.severa("businessunits")}
        projects = {row["guid"]: row for row in await books.severa("projects")}
        branches = {row["number"]: row for row in await books.financials("branch")}
        booked = {row["referenceNumber"]: row for row in await books.financials("customerinvoice")}
        seen = set()
        for row in await books.severa("invoices"):
            if row["guid"] in made["invoices"]:
                unit = units[at(projects[row["projects"][0]["guid"]], "businessUnit.guid")]
                branch = branches[at(booked[str(row["number"])], "branchNumber.number")]
                seen.add(branch["number"])
                company = units[unit["companyBusinessUnitGuid"] or unit["guid"]]
                assert company["vatNumber"] == branch["vatRegistrationId"]
        assert len(seen) == 3
        assert await books.differences() == []
