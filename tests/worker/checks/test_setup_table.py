"""The table of set-up checks: each row concludes what it declares, from the facts that it names."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from schema.setup_checks import CHECKS
from schema.words import SetupCheckState, SetupHow
from tests.worker.checks.test_statuses import PLAIN
from worker.checks.setup import JUDGES, judge_all
from worker.checks.verdict import Verdict
from worker.mapping.reference import VATRule
from worker.sync.setup.facts import DERIVED, READS

# What the doors conclude (`access.py`) needs no facts.
DOORS = {"severa_access", "severa_scopes", "financials_access", "financials_scopes"}
PASSED, OPEN, UNKNOWN = SetupCheckState.PASSED, SetupCheckState.OPEN, SetupCheckState.UNKNOWN
TODAY = date(2026, 11, 24)


def facts(**changes: Any) -> dict[str, Any]:
    """Return the facts of two companies that are set up well."""
    item = {"guid": "i1", "name": "Hour", "isActive": True, "vatRate": 25, "measurementUnit": "h"}
    vat = VATRule(
        vat_id="3",
        categories=frozenset({"HIGH"}),
        zones=frozenset({"01"}),
        rates=((date(2020, 1, 1), Decimal(25)),),
    )
    part = {"startNbr": "100001", "endNbr": "999999", "lastNbr": "100010", "nextNumber": "100011"}
    return {
        "details": {
            "country": {"code": "NO"},
            "currency": {"code": "NOK"},
            "vatNumber": "NO974432692MVA",
        },
        "settings": {
            "uniqueIdentifierForProductsAndWorktypes": True,
            "setCreditNoteInvoiceNumber": False,
            "currencyRoundingType": "AwayFromZero",
            "nextProjectNumber": 1019,
            "lastInvoiceNumber": 0,
        },
        "vendor_company": None,
        "statuses": list(PLAIN),
        "roles": {},
        "business_units": [{"guid": "u1", "name": "Norlund", "vatNumber": "NO974432692MVA"}],
        "products": [item | {"code": "P1"}],
        "worktypes": [item | {"code": "W1"}],
        "travelexpensetypes": [item | {"code": "T1"}],
        "severa_customers": [
            {
                "name": "Nordlys",
                "number": 10001,
                "isActive": True,
                "invoicingVat": {"guid": "v"},
                "paymentTerm": 14,
            }
        ],
        "severa_projects": [{"number": 1001}, {"number": 123456, "isInternal": True}],
        "severa_invoices": [{"number": 100005}, {"number": None}],
        "organizations": [
            {"corporateId": "974 432 692", "baseCurrency": "NOK", "vatZone": {"id": "01"}}
        ],
        "branches": [{"number": "1", "currency": {"id": "NOK"}}],
        "branch_list": [],
        "dimensions": {
            "CUSTOMER": {"length": 10},
            "PROJECT": {"length": 4},
            "INVENTORY": {"length": 15},
        },
        "series": [{"numberingId": "ARINVOICE", "sequence": [part]}],
        "documents": [{"referenceNumber": "100005", "roundingDiff": None}],
        "periods": [
            {
                "period": "202611",
                "startDate": "2026-11-01T00:00:00",
                "endDate": "2026-11-30T00:00:00",
                "active": True,
            }
        ],
        "vat_rules": (vat,),
        "items": [{"inventoryNumber": "P1", "status": "Active", "vatCode": {"id": "HIGH"}}],
        "customers": [
            {"number": "10001", "name": "Nordlys", "status": "Active", "vatZone": {"id": "01"}}
        ],
        "financials_projects": [],
        "templates": [
            {"projectID": "Z", "status": "Active", "tasks": [{"taskId": "10", "status": "Active"}]}
        ],
        "non_project": [{"projectID": "X"}],
        "term_days": {"14": 14},
        "known_units": ("H",),
        "mapped_branches": {},
        "linked": {},
        "seen": {},
        "answers": {},
        "options": {},
        "start_from": None,
        "today": TODAY,
    } | changes


def judged(**changes: Any) -> dict[str, list[Verdict]]:
    """Conclude every check and return the verdicts by code."""
    found: dict[str, list[Verdict]] = {}
    for verdict in judge_all(facts(**changes), unread={}):
        found.setdefault(verdict.code, []).append(verdict)
    return found


def part_of(name: str, **changes: Any) -> dict[str, Any]:
    """Return one fact with some of its values changed."""
    return {name: facts()[name] | changes}


class Watched(dict[str, Any]):
    """Facts that remember which of them were looked at."""

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__(values)
        self.used: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.used.add(name)
        return super().__getitem__(name)


# What is known without asking a vendor.
OWN = {"options", "roles", "answers", "linked", "seen", "start_from", "today"}

# fmt: off
WRONG: dict[str, dict[str, Any]] = {
    "organization_number": {"organizations": [{"corporateId": "1"}]},
    "vendor_integration": {"vendor_company": {"id": 1}},
    "customer_key_length": {"dimensions": facts()["dimensions"] | {"CUSTOMER": {"length": 4}}},
    "project_key_length": {"severa_projects": [{"number": 10000}]},
    "item_key_length": {"dimensions": facts()["dimensions"] | {"INVENTORY": {"length": 1}}},
    "numbering_ahead": part_of("settings", nextProjectNumber=10000),
    "invoice_series": part_of("settings", lastInvoiceNumber=100011),
    "numbers_kept": {"linked": {("CUSTOMER", "7"): "1"}, "seen": {("CUSTOMER", "7"): "2"}},
    "item_codes": {"products": [{"guid": "1", "name": "A", "code": None}]},
    "item_code_twice": {"worktypes": [{"guid": "1", "name": "A", "code": "P1"}]},
    "unique_identifier": part_of("settings", uniqueIdentifierForProductsAndWorktypes=False),
    "customer_name_twice": {"customers": 2 * facts()["customers"]},
    "customer_vat": {"severa_customers": [{"name": "A", "isActive": True}]},
    "item_vat": {"products": [{"guid": "1", "name": "A", "code": "P1"}]},
    "invoice_statuses": {"statuses": list(PLAIN)[:-1]},
    "failed_status": {"statuses": [replace(PLAIN[0], sent=True), *PLAIN[1:]]},
    "number_setting": {"statuses": [*PLAIN[:4], replace(PLAIN[4], has_number=False), *PLAIN[5:]]},
    "default_after_credit": {"statuses": [replace(PLAIN[0], credit_default=True), *PLAIN[1:]]},
    "credit_note_numbering": part_of("settings", setCreditNoteInvoiceNumber=True),
    "periods_open": {"periods": []},
    "vat_setup": {"vat_rules": ()},
    "project_template": {"templates": []},
    "non_project_code": {"non_project": []},
    "home_currencies": part_of("details", currency={"code": "SEK"}),
    "branch_mapping": {"branches": 2 * facts()["branches"]},
    "payment_terms": {"term_days": {}},
    "units": {"known_units": ()},
    "rounding": {"documents": [{"referenceNumber": "100005", "roundingDiff": Decimal("0.4")}]},
}
# fmt: on


class TestTheTable:
    def test_has_every_check_once(self) -> None:
        declared = [code for judge in JUDGES for code in judge.codes]

        assert len(declared) == len(set(declared))
        assert {*declared, *DOORS} == set(CHECKS)

    def test_concludes_what_it_declares(self) -> None:
        for judge in JUDGES:
            assert {verdict.code for verdict in judge.work(facts())} == set(judge.codes)

    def test_finds_nothing_wrong_where_all_is_right(self) -> None:
        asked = {code for code, kind in CHECKS.items() if kind.how is SetupHow.ATTEST}

        for code, verdicts in judged().items():
            wanted = OPEN if code in asked else PASSED
            assert {verdict.state for verdict in verdicts} == {wanted}, verdicts

    @pytest.mark.parametrize("code", WRONG)
    def test_finds_what_is_wrong_and_nothing_else_of_that_kind(self, code: str) -> None:
        before = {name for name, rows in judged().items() if any(r.state is PASSED for r in rows)}
        found = judged(**WRONG[code])

        assert {verdict.state for verdict in found[code]} & {
            SetupCheckState.FAILED,
            SetupCheckState.WARNING,
        }, found[code]
        assert code in before

    def test_asks_only_for_facts_that_are_read(self) -> None:
        """What a row uses it declares, and what it declares somebody reads."""
        read = {name for _, name, _ in READS} | set(DERIVED)

        for judge in JUDGES:
            seen = Watched(facts())
            judge.work(seen)
            assert seen.used - OWN <= set(judge.needs) | {"mapped_branches"}, judge.codes
            assert set(judge.needs) <= read, judge.codes

    def test_leaves_unknown_what_could_not_be_read(self) -> None:
        for judge in JUDGES:
            for name in judge.needs:
                found = judge_all(facts(), unread={name: "nobody answered"})
                states = {v.code: (v.state, v.cause) for v in found if v.code in judge.codes}
                assert set(states) == set(judge.codes)
                assert {state for state, _ in states.values()} == {UNKNOWN}
                assert all("nobody answered" in str(cause) for _, cause in states.values())

    def test_takes_the_choices_of_the_integration(self) -> None:
        """Q13, Q4, Q51: a person's choice of terms, template, task and series."""
        options = {
            "terms": {"14": "14"},
            "project_constants": {"template": "Y", "task": "20"},
            "invoice_series": {"invoice": "OWN"},
        }
        templates = [{"projectID": "Y", "tasks": [{"taskId": "20"}]}]
        part = {"startNbr": "A1", "nextNumber": "A2"}
        found = judged(
            options=options,
            templates=templates,
            term_days={"14": 14, "N14": 14},
            series=[*facts()["series"], {"numberingId": "OWN", "sequence": [part]}],
        )

        assert found["payment_terms"][0].state is PASSED
        assert found["project_template"][0].state is PASSED
        assert found["invoice_series"][0].subject == "OWN"

    def test_takes_roles_and_answers_of_people(self) -> None:
        """R25, R129 to R131, Q19."""
        answers = {code: None for code, kind in CHECKS.items() if kind.how is SetupHow.ATTEST}

        found = judged(answers=answers)

        assert {found[code][0].state for code in answers} == {PASSED}

    def test_tells_every_reason_of_the_statuses_with_its_rule(self) -> None:
        wrong = [replace(PLAIN[0], sent=True, read_only=True), *PLAIN[1:]]

        [verdict] = judged(statuses=wrong)["failed_status"]

        assert len(verdict.details["reasons"]) == 2
        assert verdict.details["rules"] == ["R83"]
