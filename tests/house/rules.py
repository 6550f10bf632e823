"""Traceability: which rule lives where and which tests prove it, read from the sources.

`docs/rules.md` lists the rules; code and tests name them (`R73`, `Q44`, `R110 to R114`) in
docstrings, comments and tables. A rule that software does or checks, and every decided
question, needs both a place and a test: `python -m tests.house.rules` fails otherwise.
"""

import argparse
import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("gateway", "worker", "schema")
# What the house itself says about rules proves none.
NO_PROOF = ("tests/house", "tests/clients")
NEEDED = ("SW", "CHK", "decided")
_ROW = re.compile(r"^\| ([RQ]\d+) \| (\w+) \| (.+) \|$", re.M)
_RANGE = re.compile(r"\b([RQ])(\d{1,3})(?:`?\s*(?:to|-|–|\.\.)\s*`?)\1(\d{1,3})\b")
_ONE = re.compile(r"\b[RQ]\d{1,3}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line of the list of rules."""

    id: str
    kind: str
    text: str


@dataclass(slots=True, kw_only=True)
class Traces:
    """Where each rule is named: modules of the rooms, and tests."""

    lives: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    proven: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def listed(text: str) -> list[Rule]:
    """Read the rules out of the document that lists them."""
    return [Rule(id=id_, kind=kind, text=said) for id_, kind, said in _ROW.findall(text)]


def named(text: str) -> set[str]:
    """Return the ids that a text names, ranges written out."""
    found = set(_ONE.findall(text))
    for letter, first, last in _RANGE.findall(text):
        found |= {f"{letter}{number}" for number in range(int(first), int(last) + 1)}
    return found


def traced(root: Path) -> Traces:
    """Look through every module and test."""
    traces = Traces()
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            place = str(path.relative_to(root))
            for id_ in named(path.read_text()):
                traces.lives[id_].add(place)
    for path in sorted((root / "tests").rglob("*.py")):
        place = str(path.relative_to(root))
        if not place.startswith(NO_PROOF):
            for id_, test in _proofs(path.read_text(), place):
                traces.proven[id_].add(test)
    return traces


def _proofs(source: str, place: str) -> Iterator[tuple[str, str]]:
    """Name, for each rule in a test module, the tests that prove it."""
    tests = list(_tests(ast.parse(source)))
    if not tests:
        return
    lines = source.splitlines()
    for first, last, name in tests:
        for id_ in named("\n".join(lines[first - 1 : last])):
            yield id_, f"{place}::{name}"
    inside = {number for first, last, _ in tests for number in range(first, last + 1)}
    outside = "\n".join(line for number, line in enumerate(lines, 1) if number not in inside)
    for id_ in named(outside):
        yield id_, place


def _tests(tree: ast.Module) -> Iterator[tuple[int, int, str]]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            for inner in node.body:
                if _is_test(inner):
                    yield *_span(inner), f"{node.name}::{inner.name}"  # type: ignore[attr-defined]
        elif _is_test(node):
            yield *_span(node), node.name  # type: ignore[attr-defined]


def _is_test(node: ast.AST) -> bool:
    functions = ast.FunctionDef | ast.AsyncFunctionDef
    return isinstance(node, functions) and node.name.startswith("test")


def _span(node: ast.AST) -> tuple[int, int]:
    decorators = [one.lineno for one in getattr(node, "decorator_list", ())]
    return min([node.lineno, *decorators]), node.end_lineno or node.lineno  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A rule without a place or without a test."""

    rule: Rule
    lacks: tuple[str, ...]


def gaps(rules: Sequence[Rule], traces: Traces) -> list[Gap]:
    """Return the rules that need a place and a test and lack one."""
    found = []
    for rule in rules:
        if rule.kind not in NEEDED:
            continue
        lacks = [
            what
            for what, where in (("a place", traces.lives), ("a test", traces.proven))
            if not where.get(rule.id)
        ]
        if lacks:
            found.append(Gap(rule=rule, lacks=tuple(lacks)))
    return found


def strangers(rules: Sequence[Rule], traces: Traces) -> list[str]:
    """Return ids that are named somewhere and exist nowhere."""
    known = {rule.id for rule in rules}
    return sorted((set(traces.lives) | set(traces.proven)) - known, key=_order)


def _order(id_: str) -> tuple[str, int]:
    return id_[0], int(id_[1:])


def table(rules: Sequence[Rule], traces: Traces) -> str:
    """Write rule, place and tests as a Markdown table."""
    lines = ["| rule | kind | lives in | tests |", "|---|---|---|---|"]
    for rule in rules:
        places = ", ".join(sorted(traces.lives.get(rule.id, ()))) or "-"
        tests = sorted(traces.proven.get(rule.id, ()))
        shown = ", ".join(tests[:4]) + (f" and {len(tests) - 4} more" if len(tests) > 4 else "")
        lines.append(f"| {rule.id} | {rule.kind} | {places} | {shown or '-'} |")
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table and its gaps; 1 when there are any."""
    parser = argparse.ArgumentParser(prog="rules", description=__doc__)
    parser.add_argument("--gaps", action="store_true", help="only what is missing")
    options = parser.parse_args(argv)
    rules = listed((ROOT / "docs/rules.md").read_text())
    traces = traced(ROOT)
    if not options.gaps:
        sys.stdout.write(table(rules, traces) + "\n\n")
    missing, strange = gaps(rules, traces), strangers(rules, traces)
    for gap in missing:
        sys.stdout.write(f"{gap.rule.id} ({gap.rule.kind}) lacks {' and '.join(gap.lacks)}\n")
    for id_ in strange:
        sys.stdout.write(f"{id_} is named and is no rule\n")
    needed = sum(rule.kind in NEEDED for rule in rules)
    sys.stdout.write(f"{needed - len(missing)} of {needed} rules have a place and a test.\n")
    return 1 if missing or strange else 0


if __name__ == "__main__":
    raise SystemExit(main())
