"""Invoices in the fake Severa: billing, statuses, numbers, totals, credit notes."""

from decimal import Decimal
from typing import Any

import pytest

from sandbox.world import World
from tests.sandbox.talk import Talk, talking


async def status(talk: Talk, name: str) -> str:
    """Find the guid of a status by its name."""
    rows = await talk.get("/v1/invoicestatuses")
    return str(next(row["guid"] for row in rows if row["name"].startswith(name)))


async def project(talk: Talk) -> dict[str, Any]:
    """Find an open customer project in the home currency."""
    rows = await talk.get("/v1/projects", internal="false", isClosed="false", rowCount=100)
    return next(row for row in rows if row["currency"]["code"] == "NOK")


async def bill(talk: Talk, *fees: dict[str, Any], status: str | None = None) -> dict[str, Any]:
    """Enter fees and bill them."""
    guid = (await project(talk))["guid"]
    for fee in fees:
        await talk.post("/v1/projectfees", {"project": {"guid": guid}, "quantity": 1, **fee})
    body: dict[str, Any] = {"projects": [{"guid": guid}]}
    if status:
        body["invoiceStatusGuid"] = status
    invoice: dict[str, Any] = (await talk.post("/v1/invoices", body))[0]
    return invoice


def fee(price: str, vat: int, **more: Any) -> dict[str, Any]:
    """Describe a fee."""
    money = {"amount": float(price), "currencyCode": "NOK"}
    return {"unitPrice": money, "vatRate": vat, "name": f"Fee {price}", **more}


class TestBilling:
    async def test_makes_a_row_per_open_fee_and_fills_the_header(self) -> None:
        async with talking() as talk:
            product = (await talk.get("/v1/products"))[0]
            invoice = await bill(
                talk,
                fee(
                    "100", 25, product={"guid": product["guid"]}, invoiceRowDescription="As agreed"
                ),
                fee("0", 25),
                fee("-20", 7),
            )
            rows = await talk.get(f"/v1/invoices/{invoice['guid']}/invoicerows")
            assert [(row["description"], row["code"]) for row in rows] == [
                ("As agreed", [product["code"]]),
                ("Fee 0", []),
                ("Fee -20", []),
            ]
            assert rows[0]["measurementUnit"] == product["measurementUnit"]
            owner = await project(talk)
            assert invoice["receiverContactGuid"] == owner["customerContact"]["guid"]
            assert invoice["totalIncludingTax"]["amount"] == Decimal("103.60")

    async def test_leaves_the_entries_behind_the_rows_readable(self) -> None:
        async with talking() as talk:
            invoice = await bill(talk, fee("100", 25))
            rows = await talk.get(f"/v1/invoices/{invoice['guid']}/invoicerows")
            entries = await talk.get(f"/v1/invoices/{invoice['guid']}/projectfees")
            assert [row["guid"] for row in rows] == [entry["invoiceRowGuid"] for entry in entries]
            await talk.patch(f"/v1/projectfees/{entries[0]['guid']}", 400, description="Late")

    async def test_bills_nothing_when_nothing_is_open(self) -> None:
        async with talking() as talk:
            guid = (await project(talk))["guid"]
            assert await talk.post("/v1/invoices", {"projects": [{"guid": guid}]}) == []


class TestStatuses:
    async def test_refuses_edits_of_a_read_only_invoice_except_what_integrations_write(
        self,
    ) -> None:
        async with talking() as talk:
            invoice = await bill(talk, fee("100", 25), status=await status(talk, "Approved"))
            one = f"/v1/invoices/{invoice['guid']}"
            shown = await talk.patch(one, 400, notes="Late")
            assert shown["error"]["type"] == "InvalidOperation"
            row = (await talk.get(f"{one}/invoicerows"))[0]["guid"]
            await talk.patch(f"/v1/invoicerows/{row}", 400, quantity=2)
            await talk.delete(one, 400)
            after = await talk.patch(
                one,
                number=12345,
                referenceNumber="123453",
                status__guid=await status(talk, "In Financials"),
            )
            assert (after[0]["number"], after[0]["referenceNumber"]) == (12345, "123453")
            assert after[0]["status"]["name"].startswith("In Financials")

    async def test_gives_a_number_of_its_own_when_the_status_wants_one(self) -> None:
        async with talking() as talk:
            invoice = await bill(talk, fee("100", 25))
            sent = await status(talk, "Sent")
            after = (await talk.patch(f"/v1/invoices/{invoice['guid']}", status__guid=sent))[0]
            settings = await talk.get("/v1/organizationsettings")
            assert after["number"] == settings["lastInvoiceNumber"]
            assert after["referenceNumber"].startswith(str(after["number"]))

    async def test_keeps_numbers_unique_and_within_32_bits(self) -> None:
        async with talking() as talk:
            one, two = await bill(talk, fee("1", 25)), await bill(talk, fee("2", 25))
            await talk.patch(f"/v1/invoices/{one['guid']}", number=77)
            await talk.patch(f"/v1/invoices/{two['guid']}", 400, number=77)
            await talk.patch(f"/v1/invoices/{two['guid']}", 400, number=2**31)

    async def test_keeps_a_status_in_use(self) -> None:
        async with talking() as talk:
            await talk.delete(f"/v1/invoicestatuses/{await status(talk, 'Draft')}", 400)

    async def test_frees_the_fees_of_a_deleted_draft(self) -> None:
        async with talking() as talk:
            invoice = await bill(talk, fee("100", 25))
            await talk.delete(f"/v1/invoices/{invoice['guid']}")
            await talk.raw("GET", f"/v1/invoices/{invoice['guid']}")
            again = await bill(talk)
            assert again["totalExcludingTax"]["amount"] == 100


class TestTotals:
    @pytest.mark.parametrize(("by_row", "gross"), [(True, "37.98"), (False, "37.99")])
    async def test_round_per_row_or_per_rate(self, by_row: bool, gross: str) -> None:
        async with talking() as talk:
            await talk.control("POST", "/assume", {"row_rounding": by_row})
            invoice = await bill(talk, *(fee("10.126", 25) for _ in range(3)))
            assert invoice["totalIncludingTax"]["amount"] == Decimal(gross)

    async def test_follow_a_changed_row(self) -> None:
        async with talking() as talk:
            invoice = await bill(talk, fee("100", 25))
            row = (await talk.get(f"/v1/invoices/{invoice['guid']}/invoicerows"))[0]
            assert "total" not in " ".join(row).lower()
            await talk.patch(f"/v1/invoicerows/{row['guid']}", quantity=3, vatRate=12)
            after = await talk.get(f"/v1/invoices/{invoice['guid']}")
            assert after["totalIncludingTax"]["amount"] == 336

    async def test_show_the_base_amount_beside_a_foreign_one(self) -> None:
        async with talking() as talk:
            made = await talk.control("POST", "/severa/invoices", {"count": 5})
            rows = [await talk.get(f"/v1/invoices/{guid}") for guid in made["invoices"]]
            foreign = next(row for row in rows if row["currency"]["code"] == "EUR")
            total, base = foreign["totalExcludingTax"], foreign["totalExcludingTax"]
            assert total["currencyCode"] == "EUR"
            other = base["multiCurrencyInfo"][0]
            assert other["currencyCode"] == "NOK"
            assert abs(total["amount"] * foreign["currencyRate"] - other["amount"]) < 1
            await talk.control("POST", "/assume", {"amounts_in_invoice_currency": False})
            turned = await talk.get(f"/v1/invoices/{foreign['guid']}")
            assert turned["totalExcludingTax"]["currencyCode"] == "NOK"


class TestCreditNotes:
    async def test_turn_an_invoice_around(self) -> None:
        async with talking() as talk:
            guid = (await talk.control("POST", "/severa/invoices", {"count": 1}))["invoices"][0]
            note = (await talk.control("POST", "/severa/reimburse", {"invoiceGuid": guid}))["guid"]
            original = await talk.get(f"/v1/invoices/{guid}")
            shown = await talk.get(f"/v1/invoices/{note}")
            assert shown["isCreditNote"]
            assert not shown["canBeDeleted"]
            assert shown["reimburseInvoice"]["guid"] == guid
            assert original["creditNoteInvoice"]["guid"] == note
            assert shown["status"]["name"].startswith("Approved")
            total = original["totalIncludingTax"]["amount"]
            assert shown["totalIncludingTax"]["amount"] == -total
            taken = await talk.get(f"/v1/invoices/{note}/reimbursedprojectfees")
            assert "code" not in taken[0]["product"]
            assert await talk.get(f"/v1/invoices/{note}/projectfees") == []


class TestDoorbell:
    async def test_rings_whoever_set_the_status(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async with talking() as talk:
            rings = listen(talk.world, monkeypatch)
            guid = (await talk.control("POST", "/severa/invoices", {"count": 1}))["invoices"][0]
            await talk.patch(f"/v1/invoices/{guid}", status__guid=await status(talk, "Failed"))
            fields = {"side": "SEVERA", "entity": "invoices", "id": guid}
            change = {"status": {"guid": await status(talk, "Approved")}}
            await talk.control("POST", "/edit", {**fields, "fields": change})
            await talk.control("POST", "/edit", {**fields, "fields": {"notes": "No ring"}})
            assert [ring["data"]["invoiceGuid"] for ring in rings] == [guid] * 3


def listen(world: World, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Hear the doorbell."""
    rings: list[dict[str, Any]] = []

    def send(*, url_kind: str, payload: dict[str, Any]) -> None:
        if url_kind == "severa":
            rings.append(payload)

    monkeypatch.setattr(world.hooks, "send", send)
    return rings
