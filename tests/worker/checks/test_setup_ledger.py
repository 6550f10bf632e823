"""Periods, template, home currencies, branches, rounding and VAT of the ledger."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from schema.words import SetupCheckState
from worker.checks import ledger
from worker.checks.vat_setup import vat_setup, zones_at_home
from worker.mapping.reference import VATRule

PASSED, WARNING, FAILED = (
    SetupCheckState.PASSED,
    SetupCheckState.WARNING,
    SetupCheckState.FAILED,
)
TODAY = date(2026, 11, 24)


def _period(month: int, **more: Any) -> dict[str, Any]:
    last = 30 if month in (9, 11) else 31
    return {
        "period": f"2026{month:02d}",
        "startDate": f"2026-{month:02d}-01T00:00:00",
        "endDate": f"2026-{month:02d}-{last}T00:00:00",
        "active": True,
        "closedInCustomerLedger": False,
    } | more


class TestPeriodsOpen:
    def _judge(self, *periods: dict[str, Any], since: date | None = None) -> Any:
        [verdict] = ledger.periods_open(periods=periods, today=TODAY, since=since)
        return verdict

    def test_passes_while_the_period_is_open(self) -> None:
        assert self._judge(_period(10, active=False), _period(11)).state is PASSED

    @pytest.mark.parametrize("wrong", [{"active": False}, {"closedInCustomerLedger": True}])
    def test_refuses_a_closed_period(self, wrong: dict[str, Any]) -> None:
        """R150, Q58: a closed period would refuse every invoice."""
        verdict = self._judge(_period(11, **wrong))

        assert verdict.state is FAILED
        assert "202611 is closed" in verdict.cause

    def test_refuses_when_there_is_no_period(self) -> None:
        assert self._judge(_period(10)).state is FAILED

    def test_warns_of_closed_periods_since_the_start(self) -> None:
        """Q45: invoices from the start date on are transferred."""
        periods = (_period(8, active=False), _period(9, active=False), _period(10), _period(11))

        verdict = self._judge(*periods, since=date(2026, 9, 15))

        assert verdict.state is WARNING
        assert verdict.cause == "Periods since 2026-09-15 are closed: 202609."


def _template(task: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    tasks = [{"taskId": "10 ", "status": "Planned", "visibility": {}} | (task or {})]
    return {"projectID": "Z  ", "status": "Active", "tasks": tasks} | more


class TestProjectTemplate:
    def _judge(self, *templates: dict[str, Any]) -> Any:
        [verdict] = ledger.project_template(templates=templates, template="Z", task="10")
        return verdict

    def test_passes_with_its_task(self) -> None:
        """R190, R221: template Z with task 10, active with its project (Q55)."""
        assert self._judge(_template(projectID="A"), _template()).state is PASSED
        assert self._judge(_template({"status": "Active"})).state is PASSED

    @pytest.mark.parametrize(
        ("templates", "reason"),
        [
            ((_template(projectID="A"),), "There is no project template Z."),
            ((_template(status="Completed"),), "Template Z is Completed, not Active."),
            ((_template(tasks=[]),), "Template Z has no task 10."),
            ((_template({"taskId": "20"}),), "Template Z has no task 10."),
            ((_template({"status": "Cancelled"}),), "Task 10 of template Z is Cancelled."),
            (
                (_template({"visibility": {"visibleInAr": False, "visibleInGl": False}}),),
                "Task 10 of template Z is not visible in the customer ledger.",
            ),
            (
                (_template({"visibility": {"visibleInAp": False}}),),
                "Task 10 of template Z is not visible in the supplier ledger.",
            ),
            (
                (_template({"visibility": {"visibleInGl": False}}),),
                "Task 10 of template Z is not visible in the general ledger.",
            ),
        ],
    )
    def test_refuses_what_cannot_be_booked_on(self, templates: Any, reason: str) -> None:
        verdict = self._judge(*templates)

        assert (verdict.state, verdict.cause) == (FAILED, reason)


class TestNonProjectCode:
    def test_is_what_financials_gives(self) -> None:
        """Q41."""
        assert ledger.non_project_code(projects=[{"projectID": "X  "}])[0].state is PASSED
        assert ledger.non_project_code(projects=[])[0].state is FAILED


class TestHomeCurrencies:
    def _judge(self, home: str, company: str, *branches: str) -> Any:
        [verdict] = ledger.home_currencies(
            details={"currency": {"code": home} if home else None},
            organizations=[{"name": "Norlund", "baseCurrency": company}],
            branches=[
                {"number": str(place), "currency": {"id": code}}
                for place, code in enumerate(branches, start=1)
            ],
        )
        return verdict

    def test_pass_when_all_are_equal(self) -> None:
        """Q38."""
        assert self._judge("NOK", "NOK", "NOK", "NOK").state is PASSED

    def test_refuse_a_branch_with_another_one(self) -> None:
        """Q38: the home currencies of a company and its branch are equal."""
        verdict = self._judge("NOK", "NOK", "NOK", "EUR")

        assert verdict.state is FAILED
        assert verdict.cause == "Severa's home currency is NOK; branch 2 has EUR."

    def test_leave_branches_out_of_use_alone(self) -> None:
        [verdict] = ledger.home_currencies(
            details={"currency": {"code": "NOK"}},
            organizations=[{"name": "Norlund", "currency": {"id": "NOK"}}],
            branches=[
                {"number": "9", "isActive": False, "currency": {"id": "EUR"}},
                {"number": "8"},
            ],
        )

        assert (verdict.state, verdict.details) == (PASSED, {"currency": "NOK"})

    def test_refuse_another_company_and_none_at_all(self) -> None:
        assert self._judge("NOK", "SEK").state is FAILED
        assert self._judge("", "NOK").state is FAILED
        assert self._judge("NOK", "").state is FAILED


class TestBranchMapping:
    UNITS = (
        {"guid": "u1", "name": "Norlund AS", "vatNumber": "NO1MVA", "isActive": True},
        {"guid": "u2", "name": "Norlund Digital AS", "vatNumber": "NO2MVA", "isActive": True},
        {"guid": "u3", "name": "Consulting", "vatNumber": None, "isActive": True},
    )
    BRANCHES = ({"number": "1"}, {"number": "2"}, {"number": "9", "isActive": False})

    def _judge(self, units: Any, branches: Any, mapped: dict[str, str]) -> Any:
        [verdict] = ledger.branch_mapping(units=units, branches=branches, mapped=mapped)
        return verdict

    def test_passes_with_a_branch_for_every_company(self) -> None:
        """R28, R30, Q48."""
        verdict = self._judge(self.UNITS, self.BRANCHES, {"u1": "1", "u2": "2"})

        assert verdict.state is PASSED
        assert "Norlund Digital AS > 2" in verdict.cause

    def test_names_a_company_without_one(self) -> None:
        verdict = self._judge(self.UNITS, self.BRANCHES, {"u1": "1"})

        assert verdict.state is WARNING
        assert verdict.cause.endswith("no branch: Norlund Digital AS.")

    def test_says_so_when_only_one_side_has_several(self) -> None:
        """R29, Q5: both are required; with one side only, no branch is sent."""
        one = self._judge(self.UNITS[:1], self.BRANCHES, {})
        other = self._judge(self.UNITS, self.BRANCHES[:1], {})

        assert {one.state, other.state} == {WARNING}
        assert one.cause.startswith("Severa has one company")
        assert other.cause.endswith("sent without a branch.")

    def test_passes_without_any(self) -> None:
        """R27: it applies only with branches."""
        assert self._judge(self.UNITS[:1], self.BRANCHES[:1], {}).state is PASSED


class TestRounding:
    @pytest.mark.parametrize(
        ("ours", "theirs", "state"),
        [
            ("AwayFromZero", ["0", None], PASSED),
            ("NearestInteger", ["0.4"], PASSED),
            ("NearestInteger", [], PASSED),
            ("NearestInteger", ["0"], WARNING),
            ("AwayFromZero", ["0.4"], WARNING),
        ],
    )
    def test_should_be_alike(self, ours: str, theirs: Any, state: SetupCheckState) -> None:
        """Q2: with only one side rounding, payments leave a residue."""
        documents = [{"roundingDiff": None if one is None else Decimal(one)} for one in theirs]

        [verdict] = ledger.rounding(settings={"currencyRoundingType": ours}, documents=documents)

        assert verdict.state is state


def _rule(
    vat_id: str, category: str, zone: str, rate: str | None, *, reverse: bool = False
) -> VATRule:
    rates = () if rate is None else ((date(2020, 1, 1), Decimal(rate)),)
    return VATRule(
        vat_id=vat_id,
        categories=frozenset({category}),
        zones=frozenset({zone}),
        rates=rates,
        reverse=reverse,
    )


class TestVATSetup:
    ITEMS = ({"inventoryNumber": "A", "status": "Active", "vatCode": {"id": "HIGH"}},)
    CUSTOMERS = ({"number": "1", "status": "Active", "vatZone": {"id": "01"}},)

    def _judge(self, *rules: VATRule, **more: Any) -> Any:
        values: dict[str, Any] = {
            "rules": rules,
            "items": self.ITEMS,
            "customers": self.CUSTOMERS,
            "home_zones": {"01"},
            "day": TODAY,
        }
        return vat_setup(**(values | more))

    def test_passes_when_each_pair_has_one_rate(self) -> None:
        """R149: one VAT id in category and zone, with a rate on the day."""
        [verdict] = self._judge(_rule("3", "HIGH", "01", "25"))

        assert verdict.state is PASSED

    @pytest.mark.parametrize(
        "rules",
        [
            (),
            (_rule("3", "LOW", "01", "12"),),
            (_rule("3", "HIGH", "02", "25"),),
            (_rule("3", "HIGH", "01", None),),
        ],
    )
    def test_refuses_a_pair_without_a_rate_at_home(self, rules: tuple[VATRule, ...]) -> None:
        [verdict] = self._judge(*rules)

        assert (verdict.state, verdict.subject) == (FAILED, "HIGH/01")

    def test_only_warns_of_such_a_pair_abroad(self) -> None:
        abroad = {"number": "2", "status": "Active", "vatZone": {"id": "02"}}

        [verdict] = self._judge(_rule("3", "HIGH", "01", "25"), customers=(*self.CUSTOMERS, abroad))

        assert (verdict.state, verdict.subject) == (WARNING, "HIGH/02")

    def test_refuses_two_rates_for_one_pair(self) -> None:
        [verdict] = self._judge(_rule("3", "HIGH", "01", "25"), _rule("4", "HIGH", "01", "15"))

        assert verdict.state is FAILED
        assert "gives 15 % and 25 %" in verdict.cause

    def test_takes_a_reverse_charge_as_none(self) -> None:
        [verdict] = self._judge(_rule("3", "HIGH", "01", None, reverse=True))

        assert verdict.state is PASSED

    def test_names_items_and_customers_without_category_or_zone(self) -> None:
        items = (*self.ITEMS, {"inventoryNumber": "B", "status": "Active"})
        inactive = {"number": "3", "status": "Inactive", "vatZone": {"id": "77"}}

        [verdict] = self._judge(
            _rule("3", "HIGH", "01", "25"), items=items, customers=(*self.CUSTOMERS, inactive)
        )

        assert verdict.cause == "1 items have no VAT category: B."

    def test_names_customers_without_a_zone(self) -> None:
        found = self._judge(_rule("3", "HIGH", "01", "25"), customers=[{"number": "7"}])

        assert [verdict.cause for verdict in found] == ["1 customers have no zone: 7."]
        assert [verdict.subject for verdict in found] == ["customers"]


class TestZonesAtHome:
    def test_are_those_of_the_organization(self) -> None:
        assert zones_at_home([{"vatZone": {"id": "01 "}}], []) == {"01"}

    def test_are_else_where_most_customers_are(self) -> None:
        rows = [{"vatZone": {"id": zone}} for zone in ("02", "01", "01")]

        assert zones_at_home([{"vatZone": None}], rows) == {"01"}
        assert zones_at_home([], []) == set()
