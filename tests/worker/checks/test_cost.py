"""Which lines of a batch are costs (R105, Q6)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from worker.checks.cost import Scope, chosen_accounts, costs_of, has_project, is_due

SCOPE = Scope(accounts=frozenset({"5000", "6000"}), non_project="X", start=date(2026, 3, 1))


def line(number: int, debit: str = "0", credit: str = "0", **more: Any) -> dict[str, Any]:
    """Build a journal line."""
    return {
        "lineNumber": number,
        "accountNumber": more.pop("account", "5000"),
        "debitAmount": Decimal(debit),
        "creditAmount": Decimal(credit),
        "project": {"internalId": 7, "id": more.pop("project", "P1")},
        **more,
    }


def batch(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Build a batch."""
    return {
        "module": "ModuleAP",
        "batchNumber": "000001",
        "status": "Posted",
        "transactionDate": "2026-03-01T00:00:00",
        "journalTransactionLines": list(lines),
        **more,
    }


def numbers(body: dict[str, Any]) -> list[int]:
    """Return the numbers of the lines that are costs."""
    return [item.number for item in costs_of(body, SCOPE)]


class TestCosts:
    def test_cost_is_debit_minus_credit(self) -> None:
        found = costs_of(batch(line(1, "100.10"), line(2, credit="40")), SCOPE)
        assert [item.cost for item in found] == [Decimal("100.10"), Decimal("-40")]

    @pytest.mark.parametrize("status", ["Posted", "Unposted", "Completed", "Released"])
    def test_released_batches_count(self, status: str) -> None:
        assert numbers(batch(line(1, "5"), status=status)) == [1]

    @pytest.mark.parametrize("status", ["Hold", "Balanced", "Scheduled", "Unreleased", "Voided"])
    def test_others_do_not(self, status: str) -> None:
        assert numbers(batch(line(1, "5"), status=status)) == []

    def test_our_own_invoices_do_not(self) -> None:
        body = batch(line(1, "5"), module="ModuleAR")
        assert numbers(body) == []
        assert not is_due(body)

    @pytest.mark.parametrize("module", ["ModuleGL", "ModuleCA", "ModuleEP", "ModuleIN"])
    def test_every_other_module_does(self, module: str) -> None:
        assert numbers(batch(line(1, "5"), module=module)) == [1]

    def test_only_expense_accounts_and_real_projects(self) -> None:
        lines = [line(1, "1"), line(2, "2", account="2400"), line(3, "3", project="x ")]
        assert numbers(batch(*lines, line(4, "0"))) == [1]

    def test_no_real_project_at_all(self) -> None:
        assert not has_project(batch(line(1, "3", project="X"), line(2, "1", project="")), "X")

    def test_nothing_before_the_start(self) -> None:
        assert numbers(batch(line(1, "5"), transactionDate="2026-02-28T00:00:00")) == []
        assert numbers(batch(line(1, "5"), transactionDate="2026-03-01T23:00:00")) == [1]


class TestDue:
    @pytest.mark.parametrize(
        ("module", "status", "due"),
        [
            ("ModuleAP", "Posted", True),
            ("ModuleAP", "Unposted", True),
            ("ModuleAP", "Voided", True),
            ("ModuleAP", "Balanced", False),
            ("ModuleAP", "Hold", False),
            ("ModuleAR", "Posted", False),
            ("ModuleAR", "Voided", False),
        ],
    )
    def test_batches_are_released_or_voided_and_not_our_invoices(
        self, module: str, status: str, due: bool
    ) -> None:
        """R105, Q25: what is voided later takes its cost back."""
        assert is_due({"module": module, "status": status}) is due

    def test_real_projects_are_seen(self) -> None:
        assert has_project(batch(line(1, project="x"), line(2)), "X")
        assert not has_project(batch(line(1, project="x")), " X")
        assert not has_project(batch(), "X")

    def test_no_project_is_x_unless_said_otherwise(self) -> None:
        """Q41."""
        assert Scope().non_project == "X"


class TestNet:
    def test_a_project_that_nets_to_zero_has_no_cost(self) -> None:
        assert numbers(batch(line(1, "60"), line(2, "40"), line(3, credit="100"))) == []

    def test_a_move_between_projects_has_two(self) -> None:
        assert numbers(batch(line(1, "60"), line(2, credit="60", project="P2"))) == [1, 2]

    def test_opposite_lines_strike_each_other_out(self) -> None:
        lines = [line(1, "60"), line(2, credit="60"), line(3, "9")]
        assert numbers(batch(*lines)) == [3]

    def test_one_of_two_equal_lines_stays(self) -> None:
        assert len(numbers(batch(line(1, "60"), line(2, "60"), line(3, credit="60")))) == 1

    def test_a_part_that_is_taken_back_is_two_costs(self) -> None:
        assert numbers(batch(line(1, "60"), line(2, credit="20"))) == [1, 2]


class TestAccounts:
    expense = ("4100", "4110", "5000")

    def test_all_of_type_expense_by_default(self) -> None:
        assert chosen_accounts(self.expense, None) == frozenset(self.expense)

    def test_a_list_replaces_them(self) -> None:
        assert chosen_accounts(self.expense, ["41*", "1400"]) == {"4100", "4110", "1400"}

    def test_an_object_adjusts_them(self) -> None:
        choice = {"include": ["1400"], "exclude": ["41*"]}
        assert chosen_accounts(self.expense, choice) == {"5000", "1400"}
