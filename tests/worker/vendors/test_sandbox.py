"""Each fault of the sandbox ends as the error that its policy needs, and nothing is sent twice."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from sandbox.app import create_app
from sandbox.faults import Fault
from sandbox.world import World, make_world
from worker.vendors import financials, severa
from worker.vendors.client import Client
from worker.vendors.errors import (
    OutcomeUnknown,
    VendorBusy,
    VendorDown,
    VendorRefused,
    VersionMoved,
)
from worker.vendors.financials import FINANCIALS, shapes, wrap
from worker.vendors.financials import operations as fin
from worker.vendors.gate import Budget
from worker.vendors.severa import SEVERA
from worker.vendors.severa import operations as sev

ROOT = "http://sandbox.test"
QUICK = Budget(patience=0.5)
RECOVERED = ["error_500", "error_503", "html_502", "timeout_before_write", "token_expired"]
UNKNOWN = ["error_503", "html_502", "timeout_before_write", "timeout_after_write", "late_write"]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A sandbox whose own limits are off."""
    made = make_world(size="small", seed=3, time_scale=0.001)
    for side in ("severa", "financials"):
        made.limits.set(side=side, allowed=None)
    yield made
    await made.close()


@pytest.fixture
async def severa_client(world: World) -> AsyncIterator[Client]:
    """A client of the fake Severa."""
    login = world.companies[0].severa
    async with severa.client(
        base_url=f"{ROOT}/severa/rest-api",
        client_id=login.client_id,
        client_secret=login.client_secret,
        calls_per_second=None,
        time_scale=0.001,
        budget=QUICK,
        transport=httpx.ASGITransport(create_app(world)),
    ) as client:
        yield client


@pytest.fixture
async def ledger_client(world: World) -> AsyncIterator[Client]:
    """A client of the fake Financials."""
    login = world.companies[0].financials
    async with financials.client(
        base_url=f"{ROOT}/financials",
        token_url=f"{ROOT}/connect/token",
        client_id=login.client_id,
        client_secret=login.client_secret,
        tenant_id=login.tenant_id,
        time_scale=0.001,
        budget=QUICK,
        transport=httpx.ASGITransport(create_app(world)),
    ) as client:
        yield client


def plan(world: World, side: str, operation: str, kind: str, *, times: int = 1) -> None:
    fault = Fault(side=side, operation=operation, kind=kind, times=times, delay=0.01)
    world.faults.plan(fault)


async def first_customer(client: Client) -> dict[str, Any]:
    async for page in client.pages(SEVERA["customers"]):
        return page.rows[0]
    raise AssertionError("the sample has no customer")


class TestReads:
    @pytest.mark.parametrize("kind", RECOVERED)
    async def test_recover_in_severa(self, world: World, severa_client: Client, kind: str) -> None:
        wanted = await first_customer(severa_client)
        plan(world, "severa", "GET /v1/customers/{guid}", kind)

        got = await severa_client.read(sev.CUSTOMER_READ, path={"guid": wanted["guid"]})

        assert got.body["guid"] == wanted["guid"]

    @pytest.mark.parametrize("kind", [*RECOVERED, "bad_json"])
    async def test_recover_in_financials(
        self, world: World, ledger_client: Client, kind: str
    ) -> None:
        plan(world, "financials", "GET /v1/customer/{customerCd}", kind)

        got = await ledger_client.read(fin.CUSTOMER_READ, path={"customerCd": "10001"})

        assert got.body["number"] == "10001"

    async def test_wait_when_severa_is_busy(self, world: World, severa_client: Client) -> None:
        plan(world, "severa", "GET /v1/customers", "rate_limited", times=2)

        assert await first_customer(severa_client)
        assert severa_client.usage.retries == 2

    @pytest.mark.parametrize("kind", ["rate_limited", "concurrency_refused"])
    async def test_stop_when_financials_asks_for_more_patience_than_there_is(
        self, world: World, ledger_client: Client, kind: str
    ) -> None:
        plan(world, "financials", "*", kind)

        with pytest.raises(VendorBusy) as caught:
            await ledger_client.read(fin.CUSTOMER_READ, path={"customerCd": "10001"})

        assert caught.value.wait == 1

    async def test_notice_a_list_that_was_cut(self, world: World, ledger_client: Client) -> None:
        plan(world, "financials", "GET /v1/customer", "short_list")

        with pytest.raises(VendorDown, match="ended after"):
            assert [page async for page in ledger_client.pages(FINANCIALS["customer"])]


class TestWrites:
    @pytest.mark.parametrize("kind", UNKNOWN)
    async def test_are_unknown_and_sent_once(
        self, world: World, ledger_client: Client, kind: str
    ) -> None:
        plan(world, "financials", "POST /v1/customer", kind)

        with pytest.raises(OutcomeUnknown):
            await ledger_client.write(fin.CUSTOMER_CREATE, body=_customer("Prøve AS"))
        await world.settle()

        assert world.log.counts()["financials"]["POST /v1/customer"] == 1

    async def test_may_have_landed_all_the_same(self, world: World, ledger_client: Client) -> None:
        plan(world, "financials", "POST /v1/customer", "timeout_after_write")

        with pytest.raises(OutcomeUnknown):
            await ledger_client.write(fin.CUSTOMER_CREATE, body=_customer("Prøve AS"))

        pages = ledger_client.pages(FINANCIALS["customer"], params={"name": "Prøve AS"})
        assert [row["name"] async for page in pages for row in page.rows] == ["Prøve AS"]

    async def test_are_repeated_after_a_token_that_expired(
        self, world: World, ledger_client: Client
    ) -> None:
        plan(world, "financials", "POST /v1/customer", "token_expired")

        done = await ledger_client.write(fin.CUSTOMER_CREATE, body=_customer("Prøve AS"))

        assert done.location_key

    async def test_are_refused_for_an_old_version(
        self, world: World, ledger_client: Client
    ) -> None:
        path = {"customerCd": "10001"}
        got = await ledger_client.read(fin.CUSTOMER_READ, path=path)
        plan(world, "financials", "PUT /v1/customer/{customerCd}", "stale_etag")

        with pytest.raises(VersionMoved):
            await ledger_client.write(
                fin.CUSTOMER_UPDATE,
                path=path,
                body=wrap({"name": "Nytt navn AS"}, shapes.CUSTOMER),
                if_match=got.etag,
            )

    async def test_tell_what_the_erp_did_not_like(self, ledger_client: Client) -> None:
        body = _customer("Prøve AS") | {"creditTermsId": {"value": "TT"}}

        with pytest.raises(VendorRefused, match="'TT' cannot be found") as caught:
            await ledger_client.write(fin.CUSTOMER_CREATE, body=body)

        assert caught.value.status == 400
        assert caught.value.vendor_ref

    @pytest.mark.parametrize("kind", [*UNKNOWN, "error_500"])
    async def test_to_severa_are_unknown_too(
        self, world: World, severa_client: Client, kind: str
    ) -> None:
        plan(world, "severa", "POST /v1/customers", kind)

        with pytest.raises(OutcomeUnknown):
            await severa_client.write(sev.CUSTOMER_CREATE, body={"name": "Koe Oy"})
        await world.settle()


def _customer(name: str) -> dict[str, Any]:
    return wrap(
        {
            "name": name,
            "customerClassId": "DOMESTIC",
            "overrideWithClassValues": True,
            "mainAddress": {"addressLine1": "Gata 1", "postalCode": "0152", "countryId": "NO"},
        },
        shapes.CUSTOMER,
    )
