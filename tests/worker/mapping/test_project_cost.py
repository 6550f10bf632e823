"""A journal line becomes a fee (R223 to R232)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from schema.words import CostMode
from worker.mapping.project_cost import (
    Fee,
    description,
    fee_body,
    journal_key,
    lines_of,
    mode_of,
    percent_of,
    same_fee,
    source_of,
    unit_price,
)

FEE = Fee(
    project_guid="p",
    day=date(2026, 3, 1),
    text="Taxi, 000012, 50001 Taxi AS",
    cost=Decimal("30.00"),
    price=Decimal("45.00"),
    currency="NOK",
    billable=True,
)


def text(name: str | None = None, **row: Any) -> str:
    """Describe one line."""
    body = {"journalTransactionLines": [{"lineNumber": 1, **row}]}
    return description(lines_of(body)[0], name=name)


class TestDescription:
    """R224, and Q26: what is empty leaves no comma."""

    def test_names_row_reference_number_and_name(self) -> None:
        row = {"transactionDescription": "Taxi", "referenceNumber": " 000012 "}
        assert text("Taxi AS", **row, customerSupplier="50001") == "Taxi, 000012, 50001 Taxi AS"

    @pytest.mark.parametrize(
        ("row", "wanted"),
        [
            ({"transactionDescription": "Taxi"}, "Taxi"),
            ({"referenceNumber": "000012"}, "000012"),
            ({"transactionDescription": "Taxi", "customerSupplier": "50001"}, "Taxi, 50001"),
            ({}, ""),
        ],
    )
    def test_leaves_out_what_is_empty(self, row: dict[str, str], wanted: str) -> None:
        assert text(**row) == wanted


class TestPrice:
    @pytest.mark.parametrize(
        ("cost", "percent", "price"),
        [
            ("10", "100", "10.00"),
            ("10", "150", "15.00"),
            ("33.35", "150", "50.03"),
            ("-33.35", "150", "-50.03"),
            ("0.01", "150", "0.02"),
        ],
    )
    def test_follows_the_multiplier(self, cost: str, percent: str, price: str) -> None:
        mode = CostMode.COSTS_AND_FEES
        found = unit_price(Decimal(cost), mode=mode, percent=Decimal(percent))
        assert str(found) == price

    def test_is_zero_for_costs_only(self) -> None:
        found = unit_price(Decimal(10), mode=CostMode.COSTS_ONLY, percent=Decimal(150))
        assert str(found) == "0.00"

    def test_options_have_defaults(self) -> None:
        assert (mode_of({}), percent_of({})) == (CostMode.COSTS_ONLY, Decimal(100))
        chosen = {"cost_mode": "COSTS_AND_FEES", "cost_multiplier": "110.5"}
        assert (mode_of(chosen), percent_of(chosen)) == (
            CostMode.COSTS_AND_FEES,
            Decimal("110.5"),
        )


class TestFee:
    def test_body(self) -> None:
        assert fee_body(FEE) == {
            "project": {"guid": "p"},
            "eventDate": "2026-03-01",
            "description": FEE.text,
            "quantity": 1,
            "unitCost": {"amount": Decimal("30.00"), "currencyCode": "NOK"},
            "unitPrice": {"amount": Decimal("45.00"), "currencyCode": "NOK"},
            "isBillable": True,
        }

    def body(self, **more: Any) -> dict[str, Any]:
        """Return the fee as Severa shows it."""
        return {
            **fee_body(FEE),
            "eventDate": "2026-03-01T00:00:00",
            "description": "Taxi,  000012, 50001 Taxi AS ",
            **more,
        }

    def test_is_found_again(self) -> None:
        assert same_fee(self.body(), FEE)
        halves = {"amount": Decimal(15), "currencyCode": "NOK"}
        assert same_fee(self.body(quantity=2, unitCost=halves), FEE)

    @pytest.mark.parametrize(
        "more",
        [
            {"eventDate": "2026-03-02"},
            {"description": "Taxi"},
            {"quantity": 2},
            {"unitCost": {"amount": Decimal(30), "currencyCode": "EUR"}},
            {"unitCost": None},
        ],
    )
    def test_another_one_is_not(self, more: dict[str, Any]) -> None:
        assert not same_fee(self.body(**more), FEE)


class TestKeys:
    def test_a_line_is_known_by_module_batch_and_line(self) -> None:
        body = {"module": "ModuleAP", "batchNumber": "000012 "}
        assert journal_key(body, 3) == "ModuleAP/000012/3"

    def test_another_revision_is_another_file(self) -> None:
        assert source_of({"id": "a", "revision": 1}) == source_of({"id": "a"}) == "a"
        assert source_of({"id": "a", "revision": 2}) == "a@2"
