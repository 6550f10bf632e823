"""Names that tie rooms together: job kinds and their functions, issue codes and their catalogue."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from schema import jobs, owners
from schema.issues import CATALOGUE
from worker.jobs.table import FUNCTIONS

ROOT = Path(__file__).resolve().parents[2]
# Whoever is called like this takes an issue code as its first argument or as `code`.
RAISERS = {"InvoiceRefused", "InvoiceWaits", "CannotMap"}
REPORTERS = {"Problem"}


class TestJobs:
    def test_have_one_function_each(self) -> None:
        assert set(FUNCTIONS) == {kind.name for kind in jobs.ALL}
        assert len(set(FUNCTIONS.values())) == len(FUNCTIONS)

    def test_are_all_listed(self) -> None:
        kinds = {value for value in vars(jobs).values() if isinstance(value, jobs.JobKind)}

        assert kinds == set(jobs.ALL)
        assert len(jobs.BY_NAME) == len(jobs.ALL)

    def test_that_are_urgent_have_an_urgent_priority(self) -> None:
        """The desk lets priorities up to 20 pass between two records."""
        assert {kind.urgent for kind in jobs.ALL if kind.priority <= 20} == {True}
        assert {kind.urgent for kind in jobs.ALL if kind.priority > 20} == {False}

    @pytest.mark.parametrize("name", sorted(FUNCTIONS))
    def test_take_ids_by_keyword_and_say_what_they_do(self, name: str) -> None:
        function = FUNCTIONS[name]
        context, *rest = inspect.signature(function).parameters.values()

        assert context.name == "ctx"
        assert {parameter.kind for parameter in rest} <= {inspect.Parameter.KEYWORD_ONLY}
        assert all(parameter.name.endswith("_id") for parameter in rest)
        assert inspect.getdoc(function)


def modules(room: str) -> Iterator[tuple[Path, ast.Module]]:
    """Parse every module of a room."""
    for path in sorted((ROOT / room).rglob("*.py")):
        yield path, ast.parse(path.read_text())


def codes_in(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Return every issue code that is written out, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _in_call(node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _in_function(node)


def _in_call(call: ast.Call) -> Iterator[tuple[int, str]]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else _id(call.func)
    if name in RAISERS and call.args:
        yield from _texts(call.args[0])
    if name in REPORTERS:
        for keyword in call.keywords:
            if keyword.arg == "code":
                yield from _texts(keyword.value)


def _in_function(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[int, str]]:
    """Return what is put into a variable `code` before it is reported."""
    nodes = list(ast.walk(function))
    if not any(isinstance(n, ast.Call) and _id(n.func) in REPORTERS for n in nodes) and not any(
        isinstance(n, ast.Attribute) and n.attr in REPORTERS for n in nodes
    ):
        return
    for node in nodes:
        if isinstance(node, ast.Assign) and any(_id(name) == "code" for name in node.targets):
            yield from _texts(node.value)


def _id(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _texts(node: ast.expr) -> Iterator[tuple[int, str]]:
    """Return the texts that an expression may give, both sides of a choice too."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.lineno, node.value
    if isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)


class TestIssueCodes:
    def test_of_the_worker_are_in_the_catalogue(self) -> None:
        unknown = [
            f"{path.relative_to(ROOT)}:{line} {code}"
            for path, tree in modules("worker")
            for line, code in codes_in(tree)
            if code not in CATALOGUE
        ]

        assert unknown == []

    def test_are_really_found(self) -> None:
        found = {code for _, tree in modules("worker") for _, code in codes_in(tree)}

        assert {"vat_mismatch", "totals_differ", "name_twice", "vendor_down"} <= found

    def test_are_all_used_somewhere(self) -> None:
        words = {
            node.value
            for room in ("worker", "gateway", "schema")
            for path, tree in modules(room)
            if path.name != "issues.py"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }

        assert sorted(set(CATALOGUE) - words) == []


class TestOwners:
    def test_name_fields_once(self) -> None:
        for entity, rows in owners.OWNERS.items():
            names = [row.field for row in rows]
            assert len(set(names)) == len(names), entity
