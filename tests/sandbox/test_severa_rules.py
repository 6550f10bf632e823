"""The fake Severa is as unkind as its contract says: paging, filters, patches, errors, scopes."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx

from tests.sandbox.talk import BASE, Talk, talking

NOTHING = "00000000-0000-4000-8000-000000000000"


def kind(answer: httpx.Response) -> Any:
    """Name the type in an error body."""
    return answer.json()["error"]["type"]


class TestTokens:
    async def test_has_the_odd_names(self) -> None:
        async with talking() as talk:
            token = await talk.sign_in("customers:read, projects:read invoices:read")
            assert token["access_token_type"] == "Bearer"
            assert "expires_in" not in token
            assert token["scope"] == "customers:read,invoices:read,projects:read"

    async def test_takes_credentials_in_any_letter_case_and_refuses_wrong_ones(self) -> None:
        async with talking() as talk:
            login = talk.world.companies[0].severa
            body = {"client_Id": login.client_id, "client_Secret": login.client_secret}
            assert (await talk.client.post(f"{BASE}/v1/token", json=body)).status_code == 200
            answer = await talk.client.post(f"{BASE}/v1.0/token", json={**body, "client_Id": "x"})
            assert (answer.status_code, kind(answer)) == (401, "AuthenticationRequired")

    async def test_expire_by_the_clock(self) -> None:
        async with talking() as talk:
            await talk.control("POST", "/clock", {"advance": 1801})
            answer = await talk.raw("GET", "/v1/customers")
            assert (answer.status_code, kind(answer)) == (401, "AuthenticationRequired")

    async def test_must_carry_the_scope_of_the_operation(self) -> None:
        async with talking() as talk:
            await talk.sign_in("customers:read")
            assert (await talk.raw("GET", "/v1/customers")).status_code == 200
            answer = await talk.raw("GET", "/v1/projects")
            assert (answer.status_code, kind(answer)) == (403, "InsufficientApiScope")

    async def test_need_the_client_id_header(self) -> None:
        async with talking() as talk:
            answer = await talk.raw("GET", "/v1/customers", headers={"Client_Id": "other"})
            assert answer.status_code == 401
            assert (await talk.raw("GET", "/heartbeat/authorized")).status_code == 204


class TestPaging:
    async def test_gives_twenty_rows_and_a_token_only_when_more_exist(self) -> None:
        async with talking(size="medium") as talk:
            answer = await talk.raw("GET", "/v1/customers")
            assert (len(answer.json()), "NextPageToken" in answer.headers) == (20, True)
            rows = await talk.whole("/v1/customers", rowCount=1000)
            assert len({row["guid"] for row in rows}) == len(rows) == 901
            answer = await talk.raw("GET", "/v1/customers", params={"isInternal": "true"})
            assert (len(answer.json()), "NextPageToken" in answer.headers) == (1, False)

    async def test_caps_a_page_at_a_hundred(self) -> None:
        async with talking(size="medium") as talk:
            assert len(await talk.get("/v1/addresses", rowCount=1000)) == 100
            assert len(await talk.get("/v1/projects", rowCount=1000)) == 100

    async def test_counts_offsets_without_a_header(self) -> None:
        async with talking() as talk:
            whole = await talk.get("/v1/addresses", rowCount=100)
            answer = await talk.raw("GET", "/v1/addresses", params={"firstRow": 5, "rowCount": 3})
            assert answer.json() == [
                row for row in (await talk.raw("GET", "/v1/addresses?rowCount=100")).json()[5:8]
            ]
            assert "NextPageToken" not in answer.headers
            assert len(whole) > 8

    async def test_ignores_unknown_parameters(self) -> None:
        async with talking() as talk:
            whole = await talk.get("/v1/customers")
            assert await talk.get("/v1/customers", customerNumber="1") == whole


class TestChangedSince:
    async def test_includes_the_very_moment(self) -> None:
        async with talking() as talk:
            row = (await talk.get("/v1/customers"))[0]
            await talk.patch(f"/v1/customers/{row['guid']}", website="https://new.example")
            moment = (await talk.get(f"/v1/customers/{row['guid']}"))["lastUpdatedDateTime"]
            found = await talk.get("/v1/customers", changedSince=moment)
            assert [one["guid"] for one in found] == [row["guid"]]
            later = datetime.fromisoformat(moment) + timedelta(milliseconds=1)
            assert await talk.get("/v1/customers", changedSince=later.isoformat()) == []

    async def test_wants_the_plus_of_a_zone_percent_encoded(self) -> None:
        async with talking() as talk:
            bad = await talk.raw("GET", "/v1/customers?changedSince=2026-01-01T00:00:00+02:00")
            good = await talk.raw("GET", "/v1/customers?changedSince=2026-01-01T00:00:00%2b02:00")
            assert (bad.status_code, good.status_code) == (400, 200)

    async def test_follows_a_change_of_status_and_of_a_row(self) -> None:
        async with talking() as talk:
            guid, row = await _draft(talk)
            before = (await talk.get(f"/v1/invoices/{guid}"))["lastUpdatedDateTime"]
            await asyncio.sleep(0.002)
            await talk.patch(f"/v1/invoicerows/{row}", quantity=9)
            after = (await talk.get(f"/v1/invoices/{guid}"))["lastUpdatedDateTime"]
            assert after > before


class TestPatch:
    async def test_only_replaces(self) -> None:
        async with talking() as talk:
            guid = (await talk.get("/v1/customers"))[0]["guid"]
            step = {"op": "add", "path": "/name", "value": "X"}
            answer = await talk.raw("PATCH", f"/v1/customers/{guid}", json=[step])
            assert (answer.status_code, kind(answer)) == (400, "InvalidRequest")

    async def test_refuses_unknown_and_read_only_paths(self) -> None:
        async with talking() as talk:
            guid = (await talk.get("/v1/customers"))[0]["guid"]
            for name in ("nonsense", "isInternal", "guid", "currency__name", "a__b__c"):
                shown = await talk.patch(f"/v1/customers/{guid}", 400, **{name: "x"})
                assert shown["error"]["type"] == "InvalidParameter"

    async def test_stores_all_or_nothing(self) -> None:
        async with talking() as talk:
            row = (await talk.get("/v1/customers"))[0]
            await talk.patch(f"/v1/customers/{row['guid']}", 400, name="Changed", paymentTerm=2**31)
            assert (await talk.get(f"/v1/customers/{row['guid']}"))["name"] == row["name"]

    async def test_clears_a_field_with_null(self) -> None:
        async with talking() as talk:
            guid = (await talk.get("/v1/customers"))[0]["guid"]
            shown = await talk.patch(f"/v1/customers/{guid}", website=None)
            assert shown[0]["website"] is None


class TestRegisters:
    async def test_refuses_a_customer_name_twice(self) -> None:
        async with talking() as talk:
            name = (await talk.get("/v1/customers"))[0]["name"]
            shown = await talk.post("/v1/customers", {"name": f" {name.upper()}"}, 400)
            assert shown["error"]["type"] == "InvalidParameter"

    async def test_keeps_numbers_within_64_bits_and_unique(self) -> None:
        async with talking() as talk:
            one, two = (await talk.get("/v1/customers"))[:2]
            await talk.patch(f"/v1/customers/{one['guid']}", 400, number=2**63)
            await talk.patch(f"/v1/customers/{one['guid']}", 400, number="A1")
            await talk.patch(f"/v1/customers/{one['guid']}", 400, number=two["number"])
            shown = await talk.patch(f"/v1/customers/{one['guid']}", number=2**40)
            assert shown[0]["number"] == 2**40

    async def test_wants_both_names_of_a_contact(self) -> None:
        async with talking() as talk:
            customer = {"guid": (await talk.get("/v1/customers"))[0]["guid"]}
            body = {"customer": customer, "firstName": "", "lastName": "Lie"}
            await talk.post("/v1/contactpersons", body, 400)
            shown = await talk.post("/v1/contactpersons", {**body, "firstName": "-"})
            assert (shown["isActive"], shown["isEmailAllowed"]) == (True, False)

    async def test_forbids_a_channel_unless_told_otherwise(self) -> None:
        async with talking() as talk:
            contact = {"guid": (await talk.get("/v1/contactpersons"))[0]["guid"]}
            kinds = await talk.get("/v1/communicationtypes")
            channel = {"contact": contact, "communicationType": {"guid": kinds[0]["guid"]}}
            shown = await talk.post(
                "/v1/contactcommunications", {**channel, "value": "a@b.example"}
            )
            assert shown["isForbiddenToUse"] is True

    async def test_refuses_a_code_of_another_register(self) -> None:
        async with talking() as talk:
            code = (await talk.get("/v1/worktypes"))[0]["code"]
            await talk.post("/v1/products", {"name": "Clash", "code": code}, 400)

    async def test_wants_a_currency_code_with_every_amount(self) -> None:
        async with talking() as talk:
            body = {"name": "Priced", "unitPrice": {"amount": 5}}
            await talk.post("/v1/products", body, 400)

    async def test_answers_404_without_a_body(self) -> None:
        async with talking() as talk:
            answer = await talk.raw("GET", f"/v1/products/{NOTHING}")
            assert (answer.status_code, answer.content) == (404, b"")

    async def test_says_when_an_add_on_is_missing(self) -> None:
        async with talking() as talk:
            path = "/v1/integrations/vismafinancials/companyinformation"
            answer = await talk.raw("GET", path)
            assert (answer.status_code, kind(answer)) == (403, "AddonMissing")
            await talk.control("POST", "/assume", {"vendor_integration_on": True})
            assert (await talk.get(path))["name"]


class TestProjects:
    async def test_lists_only_open_cases_as_sales_cases(self) -> None:
        async with talking() as talk:
            states = {row["guid"]: row for row in await talk.get("/v1/salesstatustypes")}
            cases = await talk.get("/v1/salescases")
            found = {states[c["salesStatus"]["salesStatusTypeGuid"]]["salesState"] for c in cases}
            assert found == {"InProgress"}

    async def test_closes_a_lost_case(self) -> None:
        async with talking() as talk:
            lost = (await talk.get("/v1/salesstatustypes", salesState="Lost"))[0]["guid"]
            case = (await talk.get("/v1/salescases"))[0]
            shown = await talk.patch(
                f"/v1/projects/{case['guid']}", salesStatus__salesStatusTypeGuid=lost
            )
            assert shown[0]["isClosed"] is True

    async def test_keeps_currency_and_what_has_entries(self) -> None:
        async with talking() as talk:
            project = (await talk.get("/v1/projects", internal="false", isClosed="false"))[0]
            others = [row["guid"] for row in await talk.get("/v1/currencies")]
            other = next(guid for guid in others if guid != project["currency"]["guid"])
            await talk.patch(f"/v1/projects/{project['guid']}", 400, currency__guid=other)
            await talk.post("/v1/projectfees", {"project": {"guid": project["guid"]}})
            await talk.delete(f"/v1/projects/{project['guid']}", 400)


class TestRateLimit:
    async def test_answers_429_in_plain_text_above_ten_per_second(self) -> None:
        async with talking() as talk:
            await talk.control("DELETE", "/limits")
            answers = [await talk.raw("GET", "/v1/currencies") for _ in range(11)]
            last = answers[-1]
            assert [answer.status_code for answer in answers] == [200] * 10 + [429]
            assert last.text == "API calls quota exceeded! maximum admitted 10 per 1s."
            assert "retry-after" not in last.headers


async def _draft(talk: Talk) -> tuple[str, str]:
    """Bill one fee and give the guids of invoice and row."""
    project = (await talk.get("/v1/projects", internal="false", isClosed="false"))[0]["guid"]
    fee = {"project": {"guid": project}, "quantity": 1, "name": "Fee"}
    await talk.post("/v1/projectfees", fee)
    invoice = (await talk.post("/v1/invoices", {"projects": [{"guid": project}]}))[0]["guid"]
    return invoice, (await talk.get(f"/v1/invoices/{invoice}/invoicerows"))[0]["guid"]
