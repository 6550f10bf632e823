"""The recorded mutants are up to date and break every rule; the runner tells of each."""

import ast
from pathlib import Path

import pytest

from tests.house.mutants import (
    BROKEN,
    DATA,
    KILLED,
    SURVIVED,
    Mutant,
    attempt,
    recorded,
    stale,
    without,
)
from tests.house.rules import ROOT
from tests.house.score import breaks, broken

CODE = "def bigger(one, other):\n    return one > other\n"
TEST = "from code_of import bigger\n\n\ndef test_it():\n    assert bigger(2, 1)\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree with one function and one test that could look closer."""
    (tmp_path / "code_of.py").write_text(CODE)
    (tmp_path / "test_code.py").write_text(TEST)
    return tmp_path


def _mutant(new: str, *, old: str = "one > other", test: str = "test_code.py") -> Mutant:
    return Mutant(rule="R1", file="code_of.py", old=old, new=new, test=test)


class TestRecords:
    def test_stand_in_the_code_as_it_is(self) -> None:
        assert stale(ROOT, recorded(DATA.read_text())) == []

    def test_break_every_rule_that_software_keeps(self) -> None:
        text = (ROOT / "docs/rules.md").read_text()

        assert without(recorded(DATA.read_text()), text) == []

    def test_that_fit_no_more_are_named(self, tree: Path) -> None:
        [line] = stale(tree, [_mutant("x"), _mutant("x", old="gone")])

        assert "stands 0 times" in line


class TestAttempt:
    def test_sees_a_test_that_notices(self, tree: Path) -> None:
        assert attempt(tree, _mutant("one < other")).state == KILLED

    def test_sees_a_mutant_that_survives(self, tree: Path) -> None:
        assert attempt(tree, _mutant("one >= other")).state == SURVIVED

    @pytest.mark.parametrize("change", [{"new": "one >"}, {"new": "False", "test": "gone.py"}])
    def test_tells_what_cannot_be_tried(self, tree: Path, change: dict[str, str]) -> None:
        assert attempt(tree, _mutant(**change)).state == BROKEN

    def test_leaves_the_tree_as_it_was(self, tree: Path) -> None:
        attempt(tree, _mutant("one < other"))

        assert (tree / "code_of.py").read_text() == CODE


class TestBreaks:
    @pytest.mark.parametrize(
        ("source", "made"),
        [
            ("x = a == b", "x = a != b"),
            ("x = a < b", "x = a <= b"),
            ("x = a in b", "x = a not in b"),
            ("x = a and b", "x = a or b"),
            ("x = not a", "x = bool(a)"),
            ("x = a + b", "x = a - b"),
            ("x = True", "x = False"),
            ("x = 1", "x = 2"),
            ("x = 'a'", "x = 'a_'"),
            ("x = a if b else c", "x = a if not b else c"),
            ("def f():\n    return a", "def f():\n    return None"),
        ],
    )
    def test_are_small(self, source: str, made: str) -> None:
        [change] = breaks("x.py", source)

        assert ast.unparse(broken(source, change)) == made

    @pytest.mark.parametrize(
        "source",
        [
            '"""Prose."""',
            "x: 'A' = y",
            "@d(frozen=True)\nclass A: ...",
            "x = f'{a} of'",
            "x = 'a b'",
        ],
    )
    def test_leave_alone_what_no_test_could_see(self, source: str) -> None:
        assert breaks("x.py", source) == []
