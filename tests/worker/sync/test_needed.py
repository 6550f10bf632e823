"""A record that a document needs at once is made only where it is nowhere yet (Q14, Q29, Q44)."""

from collections.abc import AsyncIterator

import pytest

from sandbox.financials.customer import create
from schema.models import Customer, Link, SyncRun
from schema.words import InvoiceState, Side, SyncTrigger, WebhookEventState
from tests.worker.desk.test_webhook import changed, ring
from tests.worker.pair import Pair, opened, small_world
from tests.worker.sync.test_new_record import customer_in_financials, in_severa
from worker.vendors.severa import operations as severa


@pytest.fixture
async def fresh(database: str, redis_url: str) -> AsyncIterator[Pair]:
    """A pair that was switched on and has not been synced once."""
    async with opened(small_world(), url=database, redis_url=redis_url) as pair:
        yield pair


async def names_of(pair: Pair) -> list[str]:
    """Return the names of all customers in Financials."""
    [ledger] = pair.world.financials.companies.values()
    return sorted(str(row.dto["name"]) for row in ledger.customers)


async def owner(pair: Pair) -> str:
    """Return the guid of some user of Severa."""
    return str(next(iter(pair.world.severa.organizations[0].tables["users"]))["guid"])


def customer_name(pair: Pair, guid: str) -> str:
    """Return whom an invoice of Severa is for."""
    org = pair.world.severa.organizations[0]
    return str(org.need("customers", pair.severa_invoice(guid)["customer"])["name"])


class TestWebhook:
    async def test_before_the_first_run_makes_no_second_customer(self, fresh: Pair) -> None:
        """Q14: what both systems have already is linked, however early a document asks."""
        before = await names_of(fresh)
        guids = await fresh.bill(10)
        assert {customer_name(fresh, guid) for guid in guids} & set(before)

        events = [await ring(fresh, changed(guid)) for guid in guids]
        await fresh.drained()

        after = await names_of(fresh)
        assert len(after) == len(set(after)) > len(before)
        for guid, event in zip(guids, events, strict=True):
            assert (await fresh.invoice(guid)).state is InvoiceState.NUMBERED
            await event.refresh_from_db()
            assert event.state is WebhookEventState.PROCESSED
        assert [run.trigger for run in await SyncRun.all()] == [SyncTrigger.WEBHOOK]

    async def test_finds_a_customer_that_a_bookkeeper_has_just_made(self, fresh: Pair) -> None:
        """Q44: the register is looked at before a record is made in it."""
        await fresh.sync()
        [guid] = await fresh.bill()
        body = {"name": "Ny Kunde AS", "owner": {"guid": await owner(fresh)}, "isActive": True}
        made = await in_severa(fresh, severa.CUSTOMER_CREATE, body)
        await fresh.edit(Side.SEVERA, "invoices", guid, billingCustomer={"guid": made["guid"]})
        await customer_in_financials(fresh, name="Ny Kunde AS")

        await ring(fresh, changed(guid))
        await fresh.drained()

        assert (await names_of(fresh)).count("Ny Kunde AS") == 1
        assert (await fresh.invoice(guid)).state is InvoiceState.NUMBERED
        [customer] = await Customer.filter(name="Ny Kunde AS")
        assert await Link.filter(record_id=customer.id).count() == 2


class TestUnclear:
    async def test_customer_is_not_made_a_third_time(self, fresh: Pair) -> None:
        """Q29: an invoice waits for the person who decides, and goes on by itself afterwards."""
        before = await names_of(fresh)
        guid = next(one for one in await fresh.bill(10) if customer_name(fresh, one) in before)
        name = customer_name(fresh, guid)
        [ledger] = fresh.world.financials.companies.values()
        extra = create(ledger, {"name": name, "customerClassId": "DOMESTIC"}).key

        await fresh.sync()
        await fresh.sync()

        assert (await names_of(fresh)).count(name) == 2
        invoice = await fresh.invoice(guid)
        assert invoice.state is InvoiceState.WAITING
        assert {"name_twice", "project_waiting"} <= set(await fresh.open_issues())

        await fresh.edit(Side.FINANCIALS, "customer", extra, status="Inactive")
        await fresh.sync()
        await fresh.sync()

        assert (await fresh.invoice(guid)).state is InvoiceState.NUMBERED
        assert (await names_of(fresh)).count(name) == 2
        assert not {"name_twice", "project_waiting"} & set(await fresh.open_issues())
        [customer] = await Customer.filter(name=name)
        assert await Link.filter(record_id=customer.id).count() == 2
