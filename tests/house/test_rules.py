"""The list of rules is whole, and what names a rule names one that exists."""

from pathlib import Path

import pytest

from tests.house import rules as house
from tests.house.rules import ROOT, Rule, Traces, gaps, listed, named, strangers, traced


@pytest.fixture(scope="module")
def known() -> list[Rule]:
    """The rules of the project."""
    return listed((ROOT / "docs/rules.md").read_text())


class TestTheList:
    def test_has_every_rule_and_question(self, known: list[Rule]) -> None:
        ids = [rule.id for rule in known]

        assert ids == [
            *(f"R{number}" for number in range(1, 233)),
            *(f"Q{number}" for number in range(1, 59)),
        ]

    def test_knows_the_kind_of_each(self, known: list[Rule]) -> None:
        assert {rule.kind for rule in known} == {"SW", "CHK", "ADV", "SET", "CTX", "decided"}


class TestNamed:
    @pytest.mark.parametrize(
        ("text", "ids"),
        [
            ("the whole (R73, Q2)", {"R73", "Q2"}),
            ("`R110` to `R112`", {"R110", "R111", "R112"}),
            ("R7 to Q9", {"R7", "Q9"}),
            ("Q19-Q21", {"Q19", "Q20", "Q21"}),
            ("HR73 and R7x and R1234", set()),
        ],
    )
    def test_writes_ranges_out(self, text: str, ids: set[str]) -> None:
        assert named(text) == ids


def _rule(id_: str, kind: str = "SW") -> Rule:
    return Rule(id=id_, kind=kind, text="")


def _traces(lives: str = "", proven: str = "") -> Traces:
    traces = Traces()
    for id_ in lives.split():
        traces.lives[id_].add("worker/x.py")
    for id_ in proven.split():
        traces.proven[id_].add("tests/x.py::test_it")
    return traces


class TestGaps:
    def test_need_a_place_and_a_test(self) -> None:
        rules = [_rule("R1"), _rule("R2"), _rule("R3"), _rule("Q1", "decided")]

        found = gaps(rules, _traces(lives="R1 R2", proven="R1 R3"))

        assert {gap.rule.id: gap.lacks for gap in found} == {
            "R2": ("a test",),
            "R3": ("a place",),
            "Q1": ("a place", "a test"),
        }

    def test_are_none_for_background_and_advice(self) -> None:
        assert gaps([_rule("R1", "CTX"), _rule("R2", "ADV"), _rule("R3", "SET")], Traces()) == []

    def test_come_with_a_status_that_stops_the_build(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(house, "listed", lambda _: [_rule("R1"), _rule("R2")])
        monkeypatch.setattr(house, "traced", lambda _: _traces(lives="R1 R2", proven="R1"))

        assert house.main([]) == 1
        assert "R2 (SW) lacks a test" in capsys.readouterr().out


class TestTraces:
    def test_find_module_and_test(self, tmp_path: Path) -> None:
        room, tests = tmp_path / "worker", tmp_path / "tests/worker"
        room.mkdir()
        tests.mkdir(parents=True)
        (room / "code.py").write_text('"""Does what R1 says."""\n')
        (tests / "test_code.py").write_text(
            '"""All (R2)."""\n\n\nclass TestIt:\n    def test_does(self):\n        """R1."""\n'
        )

        found = traced(tmp_path)

        assert found.lives == {"R1": {"worker/code.py"}}
        assert found.proven == {
            "R1": {"tests/worker/test_code.py::TestIt::test_does"},
            "R2": {"tests/worker/test_code.py"},
        }

    def test_name_only_rules_that_exist(self, known: list[Rule]) -> None:
        assert strangers(known, traced(ROOT)) == []

    def test_leave_no_rule_without_place_and_test(self, known: list[Rule]) -> None:
        assert [f"{gap.rule.id} lacks {gap.lacks}" for gap in gaps(known, traced(ROOT))] == []
