"""Control routes on the Severa side, and what both sides agree on."""

from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.sandbox.talk import ROOT, Talk, body_of, talking
from tests.sandbox.test_core_faults import ledger_headers


class TestInvoices:
    async def test_are_in_the_transfer_status_with_order_numbers_of_their_own(self) -> None:
        async with talking() as talk:
            made = await talk.control(
                "POST", "/severa/invoices", {"count": 12, "mismatched": 2, "creditNotes": 3}
            )
            assert (len(made["invoices"]), len(made["creditNotes"])) == (12, 3)
            rows = [
                await talk.get(f"/v1/invoices/{guid}") for part in made.values() for guid in part
            ]
            assert len({row["orderNumber"] for row in rows}) == 15
            assert {row["status"]["name"] for row in rows} == {"Approved, ready for Financials"}
            assert {row["currency"]["code"] for row in rows} == {"NOK", "EUR"}
            assert {row["number"] for row in rows} == {None}

    @pytest.mark.parametrize("matched", [True, False])
    async def test_agree_with_the_ledger_to_the_cent_unless_mismatched(self, matched: bool) -> None:
        async with talking(matched=matched) as talk:
            made = await talk.control("POST", "/severa/invoices", {"count": 30, "mismatched": 3})
            ledger = await Ledger.open(talk)
            gaps = [await ledger.gap(guid) for guid in made["invoices"]]
            known = [gap for gap in gaps[:-3] if gap is not None]
            assert set(known) == {Decimal(0)}
            assert len(known) > 10
            assert all(gap is None or abs(gap) > Decimal("0.5") for gap in gaps[-3:])


class Ledger:
    """Posts Severa invoices to Financials as a client would, for customers that both know."""

    def __init__(self, talk: Talk, headers: dict[str, str]) -> None:
        self._talk = talk
        self._headers = headers

    @classmethod
    async def open(cls, talk: Talk) -> "Ledger":
        """Sign in."""
        return cls(talk, await ledger_headers(talk))

    async def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Call an operation of Financials."""
        return await self._talk.client.request(
            method, f"{ROOT}/financials{path}", headers=self._headers, **more
        )

    async def gap(self, guid: str) -> Decimal | None:
        """Give the difference of the totals of both sides."""
        invoice = await self._talk.get(f"/v1/invoices/{guid}")
        found = await self.call(
            "GET", "/v1/customer", params={"name": invoice["customer"]["name"], "pageNumber": 1}
        )
        customers = body_of(found)
        if not customers:
            return None
        rows = await self._talk.get(f"/v1/invoices/{guid}/invoicerows")
        body = {
            "customerNumber": {"value": customers[0]["number"]},
            "currencyId": {"value": invoice["currency"]["code"]},
            "exchangeRate": {"value": float(invoice["currencyRate"])},
            "documentDate": {"value": invoice["date"]},
            "hold": {"value": True},
            "invoiceLines": [_line(row) for row in rows],
        }
        posted = await self.call("POST", "/v2/customerinvoice", json=body)
        assert posted.status_code == 201, posted.text
        number = posted.headers["Location"].rsplit("/", 1)[1]
        shown = body_of(await self.call("GET", f"/v1/customerinvoice/{number}"))
        total = shown["detailTotalInCurrency"] + shown["vatTotalInCurrency"]
        return Decimal(total) - invoice["totalIncludingTax"]["amount"]


def _line(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "operation": "Insert",
        "inventoryNumber": {"value": row["code"][0]},
        "quantity": {"value": float(row["quantity"])},
        "unitPriceInCurrency": {"value": float(row["unitPrice"]["amount"])},
        "uom": {"value": row["measurementUnit"].upper()},
        "description": {"value": row["description"]},
        "manualDiscount": {"value": True},
    }


class TestEdit:
    async def test_merges_without_checks_and_lets_the_totals_follow(self) -> None:
        async with talking() as talk:
            guid = (await talk.control("POST", "/severa/invoices", {"count": 1}))["invoices"][0]
            row = (await talk.get(f"/v1/invoices/{guid}/invoicerows"))[0]
            before = await talk.get(f"/v1/invoices/{guid}")
            await edit(talk, "invoicerows", row["guid"], vatRate=99, unitPrice={"amount": 1})
            after = await talk.get(f"/v1/invoices/{guid}")
            assert after["totalIncludingTax"] != before["totalIncludingTax"]
            await edit(talk, "invoices", guid, number=5, notes="By hand", date="2026-01-31")
            shown = await talk.get(f"/v1/invoices/{guid}")
            assert (shown["number"], shown["notes"], shown["date"]) == (5, "By hand", "2026-01-31")

    async def test_reaches_registers_and_customers(self) -> None:
        async with talking() as talk:
            product = (await talk.get("/v1/products"))[0]["guid"]
            await edit(talk, "products", product, name="By hand", isActive=False)
            shown = await talk.get(f"/v1/products/{product}")
            assert (shown["name"], shown["isActive"]) == ("By hand", False)
            one, two = (await talk.get("/v1/customers", isInternal="false"))[:2]
            await edit(talk, "customers", one["guid"], name=two["name"])
            found = await talk.get("/v1/customers", customerNames=two["name"])
            assert len(found) == 2

    async def test_can_put_two_entries_behind_one_row(self) -> None:
        async with talking() as talk:
            guid = (await talk.control("POST", "/severa/invoices", {"count": 1}))["invoices"][0]
            one, two = (await talk.get(f"/v1/invoices/{guid}/invoicerows"))[:2]
            behind = await talk.get(f"/v1/invoicerows/{two['guid']}/projectfees")
            await edit(talk, "invoicerows", one["guid"], code=one["code"] + two["code"])
            await edit(talk, "projectfees", behind[0]["guid"], invoiceRowGuid=one["guid"])
            shown = await talk.get(f"/v1/invoicerows/{one['guid']}")
            entries = await talk.get(f"/v1/invoicerows/{one['guid']}/projectfees")
            assert (len(shown["code"]), len(entries)) == (2, 2)

    async def test_deletes_without_checks(self) -> None:
        async with talking() as talk:
            guid = (await talk.control("POST", "/severa/invoices", {"count": 1}))["invoices"][0]
            body = {"side": "SEVERA", "entity": "invoices", "id": guid}
            await talk.control("POST", "/delete", body)
            assert (await talk.raw("GET", f"/v1/invoices/{guid}")).status_code == 404
            await talk.control("POST", "/delete", body, 404)


async def edit(talk: Talk, entity: str, guid: str, **fields: Any) -> None:
    """Edit a record of Severa by hand."""
    body = {"side": "SEVERA", "entity": entity, "id": guid, "fields": fields}
    await talk.control("POST", "/edit", body)


class TestLoad:
    async def test_replaces_everything_and_shows_credentials(self) -> None:
        async with talking() as talk:
            shown = await talk.control(
                "POST", "/load", {"size": "small", "seed": 9, "companies": 2, "matched": True}
            )
            numbers = [company["organizationNumber"] for company in shown["companies"]]
            assert len(set(numbers)) == 2
            assert (await talk.raw("GET", "/v1/customers")).status_code == 401
            await talk.sign_in()
            customers = await talk.get("/v1/customers", isInternal="false")
            assert {row["number"] for row in customers} >= {10_001, 10_004}

    async def test_keeps_companies_apart(self) -> None:
        async with talking(companies=2) as talk:
            one = await talk.get("/v1/organizationdetails")
            login = talk.world.companies[1].severa
            body = {"client_id": login.client_id, "client_secret": login.client_secret}
            answer = await talk.client.post(f"{ROOT}/severa/rest-api/v1/token", json=body)
            headers = {
                "Authorization": f"Bearer {answer.json()['access_token']}",
                "Client_Id": login.client_id,
            }
            other = await talk.raw("GET", "/v1/organizationdetails", headers=headers)
            assert other.json()["vatNumber"] != one["vatNumber"]


class TestLook:
    async def test_sums_up_both_systems(self) -> None:
        async with talking() as talk:
            await talk.control("POST", "/severa/invoices", {"count": 2})
            shown = await talk.control("GET", "/summary")
            by_status = shown["severa"]["invoices"]["byStatus"]
            assert by_status["Approved, ready for Financials"] == 2
            assert all(isinstance(v, str) for v in shown["severa"]["invoices"]["totals"].values())
            assert set(shown["financials"]) >= {
                "invoices",
                "creditNotes",
                "payments",
                "sentByFinancials",
            }
            assert shown["duplicates"] == []
            assert set(shown["numbers"]) == {"used", "deleted", "missing"}
            assert shown["requests"]["severa"]["POST /v1/token"] == 1

    async def test_shows_what_was_on_the_wire(self) -> None:
        async with talking() as talk:
            body = {"name": "Wired", "unitPrice": {"amount": 1.10, "currencyCode": "NOK"}}
            await talk.post("/v1/products", body)
            rows = await talk.control("GET", "/requests?side=SEVERA&operation=POST /v1/products")
            assert [(row["path"], row["status"]) for row in rows] == [("/v1/products", 201)]
            assert rows[0]["body"]["unitPrice"]["amount"] == Decimal("1.1")
