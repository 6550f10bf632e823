"""The door of the fake Financials: tokens, scopes, paths, versions, lists and limits."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator

import httpx
import pytest

from sandbox.financials.state import SCOPES
from sandbox.world import World
from tests.sandbox.financials_talk import BASE, Ledger, keeping_books, wrap


@pytest.fixture
async def ledger() -> AsyncIterator[Ledger]:
    async with keeping_books() as ledger:
        yield ledger


class TestToken:
    async def test_is_a_bearer_for_an_hour(self, ledger: Ledger) -> None:
        body = (await ledger.token()).json()

        assert (body["expires_in"], body["token_type"]) == (3600, "Bearer")

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"client_secret": "wrong"}, "invalid_client"),
            ({"client_id": "isv_nobody"}, "invalid_client"),
            ({"grant_type": "password"}, "unsupported_grant_type"),
            ({"scope": "vismanet_erp_service_api:everything"}, "invalid_scope"),
            ({"tenant_id": "00000000-0000-0000-0000-000000000000"}, "invalid_tenant"),
        ],
    )
    async def test_errors_follow_oauth(
        self, ledger: Ledger, changes: dict[str, str], error: str
    ) -> None:
        answer = await ledger.token(**changes)

        assert (answer.status_code, answer.json()["error"]) == (400, error)

    async def test_of_the_licence_holder_is_refused_by_the_api(self, ledger: Ledger) -> None:
        licence = next(iter(ledger.world.financials.licence_tenants))
        await ledger.sign_in(tenant_id=licence)

        answer = await ledger.raw("GET", "/v1/customer")

        assert answer.status_code == 401
        assert answer.json()["ExceptionFaultCode"] == "12027"

    async def test_expires(self, ledger: Ledger) -> None:
        ledger.world.clock.advance(3601)

        assert (await ledger.raw("GET", "/v1/branch")).status_code == 401

    async def test_of_one_company_does_not_open_another(self) -> None:
        async with keeping_books(companies=2) as ledger:
            other = ledger.world.companies[1].financials

            answer = await ledger.token(tenant_id=other.tenant_id)

            assert answer.json()["error"] == "invalid_tenant"


class TestPaths:
    async def test_tell_a_missing_route_from_missing_rights(self, ledger: Ledger) -> None:
        ledger.headers = {}

        assert (await ledger.raw("GET", "/v1/nothing")).status_code == 404
        assert (await ledger.raw("GET", "/v1/customer")).status_code == 401

    async def test_are_matched_in_any_letter_case(self, ledger: Ledger) -> None:
        assert await ledger.get("/v1/CustomerInvoice")

    async def test_take_keys_with_reserved_characters_in_base64(self, ledger: Ledger) -> None:
        body = wrap(inventoryNumber="a/b:c", itemClass="SERVICE", description="Odd")
        location = await ledger.post("/v1/inventory", body)
        code = base64.urlsafe_b64encode(b"A/B:C").decode().rstrip("=")

        assert location == f"b64({code})"
        assert (await ledger.get(f"/v1/inventory/b64({code})"))["inventoryNumber"] == "A/B:C"
        assert (await ledger.raw("GET", "/v1/inventory/A%2FB%3AC")).status_code == 400

    async def test_need_the_scope_of_their_verb(self, ledger: Ledger) -> None:
        await ledger.sign_in(scope=SCOPES[0])

        assert (await ledger.raw("GET", "/v1/customer")).status_code == 200
        assert (await ledger.raw("POST", "/v1/customer", json={})).status_code == 403

    async def test_refuse_a_foreign_company_id(self, ledger: Ledger) -> None:
        answer = await ledger.raw("GET", "/v1/branch", headers={"ipp-company-id": "7"})

        assert answer.json()["ExceptionFaultCode"] == "12002"
        number = str(ledger.sample.financials.company_number)
        fitting = await ledger.raw("GET", "/v1/branch", headers={"ipp-company-id": number})
        assert fitting.status_code == 200


class TestVersions:
    async def test_etag_equals_the_time_stamp(self, ledger: Ledger) -> None:
        answer = await ledger.raw("GET", "/v1/customer/10001")

        assert answer.headers["etag"] == f'"{answer.json()["timeStamp"]}"'

    async def test_an_older_version_is_412(self, ledger: Ledger) -> None:
        path = "/v1/customer/10001"
        old = (await ledger.raw("GET", path)).headers["etag"]
        new = await ledger.put(path, wrap(gln="1"), **{"If-Match": old})

        assert new not in (None, old)
        await ledger.put(path, wrap(gln="2"), status=412, **{"If-Match": old})
        await ledger.put(path, wrap(gln="3"), **{"If-Match": new})
        await ledger.put(path, wrap(gln="4"))

    async def test_a_stale_etag_can_be_planned(self, ledger: Ledger) -> None:
        path = "/v1/customer/10001"
        etag = (await ledger.raw("GET", path)).headers["etag"]
        fault = {"side": "FINANCIALS", "operation": "*", "fault": "stale_etag"}
        await ledger.client.post("http://sandbox.test/control/faults", json=fault)

        await ledger.put(path, wrap(gln="2"), status=412, **{"If-Match": etag})


class TestLists:
    async def test_carry_metadata_on_every_row_and_cut_the_page(self, ledger: Ledger) -> None:
        rows = await ledger.get("/v1/customer", pageNumber=2, pageSize=5)

        assert len(rows) == 5
        assert {row["metadata"]["maxPageSize"] for row in rows} == {1000}
        items = await ledger.get("/v1/inventory", pageSize=1_000_000)
        assert items[0]["metadata"]["maxPageSize"] == 5000

    async def test_ignore_unknown_parameters(self, ledger: Ledger) -> None:
        every = await ledger.get("/v1/customerinvoice")

        assert await ledger.get("/v1/customerinvoice", customerNumber="10001") == every
        mine = await ledger.get("/v1/customerinvoice", customer="10001")
        assert 0 < len(mine) < len(every)

    async def test_show_the_oldest_invoice_first(self, ledger: Ledger) -> None:
        rows = await ledger.get("/v1/customerinvoice")

        assert [row["referenceNumber"] for row in rows] == sorted(
            row["referenceNumber"] for row in rows
        )

    async def test_ignore_a_date_without_its_condition(self, ledger: Ledger) -> None:
        every = await ledger.get("/v1/customer")
        later = "2999-01-01T00:00:00"

        assert len(await ledger.get("/v1/customer", lastModifiedDateTime=later)) == len(every)
        since = {"lastModifiedDateTime": later, "lastModifiedDateTimeCondition": ">"}
        assert await ledger.get("/v1/customer", **since) == []

    @pytest.mark.parametrize("value", ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00+01:00", "x"])
    async def test_refuse_a_zone_in_a_filter(self, ledger: Ledger, value: str) -> None:
        since = {"lastModifiedDateTime": value, "lastModifiedDateTimeCondition": ">="}

        await ledger.get("/v1/customer", status=400, **since)

    async def test_answer_changes_since(self, ledger: Ledger) -> None:
        await ledger.put("/v1/customer/10004", wrap(gln="7"))
        changed = await ledger.get("/v1/customer/10004")
        stamp = changed["lastModifiedDateTime"]

        since = {"lastModifiedDateTime": stamp, "lastModifiedDateTimeCondition": ">="}
        rows = await ledger.get("/v1/customer", **since)
        assert [row["number"] for row in rows] == ["10004"]
        assert (
            await ledger.get("/v1/customer", **{**since, "lastModifiedDateTimeCondition": ">"})
            == []
        )

    async def test_leave_nulls_out_and_show_false_and_zero(self, ledger: Ledger) -> None:
        rows = await ledger.get("/v1/customer")

        assert all(None not in row.values() for row in rows)
        assert rows[0]["acceptAutoInvoices"] is False
        assert rows[0]["creditLimit"] == 0

    async def test_show_local_times_without_zone(self, ledger: Ledger) -> None:
        row = (await ledger.get("/v1/customer"))[0]

        assert len(row["lastModifiedDateTime"]) == 23
        assert row["lastModifiedDateTime"][-4] == "."


class TestLimits:
    async def test_are_told_on_every_answer(self, ledger: Ledger) -> None:
        ledger.world.limits.set(side="financials", allowed=3)

        answers = [await ledger.raw("GET", "/v1/branch") for _ in range(4)]

        assert [a.headers["x-ratelimit-remaining"] for a in answers] == ["2", "1", "0", "0"]
        assert answers[3].status_code == 429
        assert int(answers[3].headers["retry-after"]) > 0
        assert answers[0].headers["x-ratelimit-policy"] == "4-fixed-window"
        missing = await ledger.raw("GET", "/v1/nothing")
        assert missing.headers["x-ratelimit-limit"] == "3"


class TestWriting:
    async def test_drops_an_unwrapped_scalar_silently(self, ledger: Ledger) -> None:
        body = {**wrap(name="Loose AS", customerClassId="DOMESTIC"), "vatRegistrationId": "NO1"}
        number = await ledger.post("/v1/customer", body)

        assert "vatRegistrationId" not in await ledger.get(f"/v1/customer/{number}")

    async def test_refuses_a_broken_body(self, ledger: Ledger) -> None:
        answer = await ledger.raw("POST", "/v1/customer", content=b"{")

        assert answer.status_code == 400
        assert answer.json()["message"].startswith("VismaId: ")


class TestBase:
    async def test_is_served_under_its_prefix_only(self, ledger: Ledger) -> None:
        async with httpx.AsyncClient(transport=ledger.client._transport) as client:
            assert (await client.get(f"{BASE}/v1/customer")).status_code == 401
            assert (await client.get("http://sandbox.test/v1/customer")).status_code == 404

    def test_every_company_has_a_client(self) -> None:
        from sandbox.world import make_world

        world: World = make_world(size="small", companies=2)

        assert len(world.financials.companies) == len(world.financials.clients) == 2
