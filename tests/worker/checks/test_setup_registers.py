"""Codes, names, percentages, units and terms of the registers before anything is synced."""

from typing import Any

import pytest

from schema.words import SetupCheckState
from worker.checks import registers

PASSED, WARNING, FAILED = (
    SetupCheckState.PASSED,
    SetupCheckState.WARNING,
    SetupCheckState.FAILED,
)


def _item(guid: str, code: str | None, **more: Any) -> dict[str, Any]:
    row = {"guid": guid, "name": f"Item {guid}", "code": code, "isActive": True}
    return row | {"vatRate": 25, "measurementUnit": "stk"} | more


def _registers(**lists: Any) -> dict[str, Any]:
    return {name: lists.get(name, []) for name in registers.REGISTERS}


class TestItemCodes:
    @pytest.mark.parametrize("code", [None, "", "  "])
    def test_name_an_item_without_one(self, code: str | None) -> None:
        """R41: the code is mandatory."""
        rows = _registers(worktypes=[_item("1", "A"), _item("2", code)])

        [verdict] = registers.item_codes(registers=rows)

        assert (verdict.state, verdict.subject) == (FAILED, "work type 2")
        assert verdict.cause == "The work type 'Item 2' has no code."

    def test_leave_inactive_items_alone(self) -> None:
        rows = _registers(products=[_item("1", None, isActive=False)])

        assert registers.item_codes(registers=rows)[0].state is PASSED


class TestItemCodeTwice:
    def test_names_a_code_in_two_registers(self) -> None:
        """R42: unique over all three registers."""
        rows = _registers(
            products=[_item("1", "km")], travelexpensetypes=[_item("2", "KM "), _item("3", "X")]
        )

        [verdict] = registers.item_code_twice(registers=rows)

        assert (verdict.state, verdict.subject) == (FAILED, "KM")
        assert "product 'Item 1', travel expense 'Item 2'" in str(verdict.cause)

    def test_passes_for_different_codes_and_none(self) -> None:
        rows = _registers(products=[_item("1", None), _item("2", "")], worktypes=[_item("3", "A")])

        assert registers.item_code_twice(registers=rows)[0].state is PASSED


class TestUniqueIdentifier:
    @pytest.mark.parametrize(("value", "state"), [(True, PASSED), (False, FAILED)])
    def test_must_be_on(self, value: bool, state: SetupCheckState) -> None:
        """R43."""
        settings = {"uniqueIdentifierForProductsAndWorktypes": value}

        assert registers.unique_identifier(settings=settings)[0].state is state


class TestCustomerNameTwice:
    def test_names_every_number_concerned(self) -> None:
        """R53, Q29: only one of them may stay active."""
        rows = [
            {"number": "10002", "name": "Nordlys AS", "status": "Active"},
            {"number": "10001", "name": "nordlys  as ", "status": "Active"},
            {"number": "10003", "name": "Nordlys AS", "status": "Inactive"},
            {"number": "10004", "name": "Sydlys AS", "status": "Active"},
        ]

        [verdict] = registers.customer_name_twice(customers=rows)

        assert (verdict.state, verdict.subject) == (FAILED, "Nordlys AS")
        assert verdict.details["numbers"] == ["10001", "10002"]

    def test_passes_for_different_names(self) -> None:
        rows = [{"number": "1", "name": "A", "status": "Active"}]

        assert registers.customer_name_twice(customers=rows)[0].state is PASSED


class TestVAT:
    def test_of_a_customer_must_be_chosen(self) -> None:
        """R51, R149."""
        rows = [
            {"number": 7, "name": "Uten", "isActive": True, "invoicingVat": None},
            {"number": 8, "name": "Med", "isActive": True, "invoicingVat": {"guid": "v"}},
            {"number": 9, "name": "Vi", "isActive": True, "isInternal": True},
            {"number": 6, "name": "Borte", "isActive": False},
        ]

        [verdict] = registers.customer_vat(customers=rows)

        assert verdict.state is WARNING
        assert verdict.cause == "1 customers without an invoicing VAT: 7 Uten."

    def test_of_an_item_must_be_chosen(self) -> None:
        """R36, R149; work types have none in Severa's API, and 0 is a choice."""
        rows = _registers(
            products=[_item("1", "A", vatRate=None), _item("2", "B", vatRate=0)],
            worktypes=[_item("3", "C", vatRate=None)],
            travelexpensetypes=[_item("4", "D", vatRate=None)],
        )

        [verdict] = registers.item_vat(registers=rows)

        assert verdict.state is WARNING
        assert verdict.cause == "2 items without a VAT percentage: A, D."

    def test_passes_when_it_is_chosen(self) -> None:
        assert registers.item_vat(registers=_registers())[0].state is PASSED
        assert registers.customer_vat(customers=[])[0].state is PASSED


class TestUnits:
    def test_name_what_financials_does_not_know(self) -> None:
        """R219, Q39."""
        rows = _registers(products=[_item("1", "A"), _item("2", "B", measurementUnit="boks")])

        [verdict] = registers.units(registers=rows, known=["STK"])

        assert verdict.state is WARNING
        assert verdict.cause == "Financials does not know the units boks."

    def test_pass_when_all_are_known(self) -> None:
        rows = _registers(products=[_item("1", "A"), _item("2", "B", measurementUnit=None)])

        assert registers.units(registers=rows, known=["Stk"])[0].state is PASSED


class TestPaymentTerms:
    def test_need_a_choice_between_equal_days(self) -> None:
        """Q13: several with equal days need a mapping."""
        [verdict] = registers.payment_terms(
            customers=[], days={"14": 14, "N14": 14, "30": 30}, chosen={}
        )

        assert (verdict.state, verdict.subject) == (WARNING, "14 days")
        assert verdict.cause == "14, N14 are all terms of 14 days; choose one."

    def test_are_told_once_one_is_chosen(self) -> None:
        [verdict] = registers.payment_terms(
            customers=[{"paymentTerm": 14}], days={"14": 14, "N14": 14}, chosen={14: "14"}
        )

        assert verdict.state is PASSED

    def test_must_exist_for_the_days_of_every_customer(self) -> None:
        """R204, Q13: unknown terms are refused later."""
        [verdict] = registers.payment_terms(
            customers=[{"paymentTerm": 21}, {"paymentTerm": None}, {"paymentTerm": 14}],
            days={"14": 14},
            chosen={},
        )

        assert verdict.cause == "Financials has no terms of 21 days."
