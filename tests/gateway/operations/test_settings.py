"""Settings of an integration: kept as the worker reads them, refused when they cannot be meant."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from schema.models import Audit, Integration, Reference
from schema.types.ids import write_id
from schema.words import Side

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
UPDATE = """mutation ($input: UpdateIntegrationSettingsInput!) {
  updateIntegrationSettings(input: $input) {
    integration { name startFrom settings {
      costMode costMultiplier costAccounts costAccountsExcluded severalProjects release
      applyCreditNotes attachments pdfAfterRelease contactMobileSlot contactPhoneSlot prices
      units { key value } itemClasses { key value } projectConstants { key value } } }
    userErrors { code path message } } }"""


async def offer(pair: Integration, kind: str, key: str, **body: Any) -> None:
    """Let Financials offer a value."""
    await Reference.create(
        integration_id=pair.id, side=Side.FINANCIALS.value, kind=kind, key=key, body=body,
        seen_at=NOW,
    )  # fmt: skip


async def change(do: Any, pair: Integration, **given: Any) -> Any:
    """Change settings; returns the answer."""
    return await do(UPDATE, integrationId=write_id("Integration", pair.id), **given)


class TestSettings:
    async def test_are_kept_as_the_worker_reads_them(self, do: Any, pair: Integration) -> None:
        """R110, R114, Q41, Q57."""
        answer = await change(
            do, pair, costMode="COSTS_AND_FEES", costMultiplier="150", severalProjects="FIRST",
            release="BY_HAND", attachments=True, applyCreditNotes=False, contactPhoneSlot="PHONE3",
            units=[{"key": "h", "value": "HOUR"}], costStartFrom="2026-02-01",
        )  # fmt: skip

        options = (await Integration.get()).options
        assert options == {
            "cost_mode": "COSTS_AND_FEES",
            "cost_multiplier": Decimal(150),
            "several_projects": "FIRST",
            "release": "BY_HAND",
            "attachments": True,
            "apply_credit_notes": False,
            "contact_phone_slot": "phone3",
            "units": {"h": "HOUR"},
            "cost_start_from": "2026-02-01",
        }
        assert answer["integration"]["settings"]["costMultiplier"] == "150.00"
        assert answer["integration"]["settings"]["contactPhoneSlot"] == "PHONE3"

    async def test_that_are_left_out_stay_and_null_is_the_default(
        self, do: Any, pair: Integration
    ) -> None:
        await change(do, pair, release="BY_HAND", attachments=True)
        await change(do, pair, release=None)

        assert (await Integration.get()).options == {"attachments": True}

    async def test_have_defaults(self, do: Any, pair: Integration) -> None:
        """Q7, Q11, Q40, Q41."""
        answer = await change(do, pair, name="Renamed", startFrom="2026-01-01")

        shown = answer["integration"]
        assert (shown["name"], shown["startFrom"]) == ("Renamed", "2026-01-01")
        settings = shown["settings"]
        assert settings["severalProjects"] == "REFUSE"
        assert settings["applyCreditNotes"] is True
        assert settings["prices"] == ["PRODUCT", "TRAVEL_EXPENSE"]
        assert settings["contactMobileSlot"] == "PHONE1"

    async def test_choose_registers_with_a_price_and_accounts(
        self, do: Any, pair: Integration
    ) -> None:
        """Q6, Q7."""
        await change(do, pair, prices=["WORK_TYPE"], costAccounts=["41*", "5000"])
        listed = (await Integration.get()).options
        await change(do, pair, costAccountsExcluded=["4190"])
        excluded = (await Integration.get()).options

        assert listed["prices"] == {"PRODUCT": False, "TRAVEL_EXPENSE": False, "WORK_TYPE": True}
        assert listed["cost_accounts"] == ["41*", "5000"]
        assert excluded["cost_accounts"] == {"include": ["41*", "5000"], "exclude": ["4190"]}

    async def test_take_constants_of_projects(self, do: Any, pair: Integration) -> None:
        """R189, Q4."""
        await change(do, pair, projectConstants=[{"key": "hold", "value": "false"}])

        assert (await Integration.get()).options["project_constants"] == {"hold": False}

    async def test_are_noted_with_what_changed(self, do: Any, pair: Integration) -> None:
        await change(do, pair, release="BY_HAND")

        noted = await Audit.get(action="integration.settings")
        assert noted.details["changed"] == {"release": "BY_HAND"}

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"costMultiplier": "-1"}, "costMultiplier"),
            ({"contactMobileSlot": "PHONE2"}, "contactPhoneSlot"),
            ({"name": " "}, "name"),
            ({"terms": [{"key": "soon", "value": "30"}]}, "terms"),
            ({"terms": [{"key": "30", "value": "99"}]}, "terms"),
            ({"units": [{"key": "h", "value": "NONE"}]}, "units"),
            ({"units": [{"key": "h", "value": "HOUR"}, {"key": "h", "value": "X"}]}, "units"),
            ({"customerClasses": [{"key": "nor", "value": "STD"}]}, "customerClasses"),
            ({"itemClasses": [{"key": "WORK_TYPE", "value": "GOODS"}]}, "itemClasses"),
            ({"itemClasses": [{"key": "CARS", "value": "GOODS"}]}, "itemClasses"),
            ({"projectConstants": [{"key": "colour", "value": "red"}]}, "projectConstants"),
        ],
    )
    async def test_are_refused_when_they_cannot_be_meant(
        self, do: Any, pair: Integration, given: dict[str, Any], field: str
    ) -> None:
        await offer(pair, "creditTerm", "30")
        await offer(pair, "unitofmeasure", "1", fromUnit="HOUR", toUnit="HOUR")
        await offer(pair, "item_class", "GOODS", type="NonStockItem")

        answer = await change(do, pair, **given)

        error = answer["userErrors"][0]
        assert (error["code"], error["path"]) == ("BAD_SETTING", ["input", field])
        assert (await Integration.get()).options == {}
