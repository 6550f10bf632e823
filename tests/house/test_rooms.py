"""Which room may import which, and what the pure rooms keep out."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ALLOWED = {
    "gateway": {"gateway", "schema"},
    "worker": {"worker", "schema"},
    "schema": {"schema"},
    "sandbox": {"sandbox"},
}
PURE = ("worker/mapping", "worker/checks")
IMPURE_IMPORTS = {
    *("asyncio", "asyncpg", "httpx", "redis", "arq", "sqlalchemy", "tortoise", "random", "time"),
    *("os", "schema.clock", "schema.database", "schema.queue", "schema.journal", "schema.bell"),
}
CLOCKS = {"now", "utcnow", "today", "utc_now"}


def modules(folder: str) -> list[Path]:
    """List the modules of a folder."""
    return sorted((ROOT / folder).rglob("*.py"))


def imported(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Walk over every absolute import, also those inside of functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((name.name, node.lineno) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module, node.lineno
            yield from ((f"{node.module}.{name.name}", node.lineno) for name in node.names)


def parse(path: Path) -> ast.Module:
    """Parse one module."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@pytest.mark.parametrize("room", ALLOWED)
class TestRooms:
    def test_import_only_what_they_may(self, room: str) -> None:
        wrong = [
            f"{path.relative_to(ROOT)}:{line} imports {name}"
            for path in modules(room)
            for name, line in imported(parse(path))
            if name.split(".")[0] in ALLOWED.keys() - ALLOWED[room]
        ]

        assert modules(room)
        assert wrong == []

    def test_climb_out_by_no_relative_import(self, room: str) -> None:
        wrong = [
            f"{path.relative_to(ROOT)}:{node.lineno}"
            for path in modules(room)
            for node in ast.walk(parse(path))
            if isinstance(node, ast.ImportFrom) and node.level >= len(path.relative_to(ROOT).parts)
        ]

        assert wrong == []

    def test_import_nothing_of_the_tests(self, room: str) -> None:
        wrong = [
            f"{path.relative_to(ROOT)}:{line} imports {name}"
            for path in modules(room)
            for name, line in imported(parse(path))
            if name.split(".")[0] in {"tests", "bench", "pytest", "hypothesis"}
        ]

        assert wrong == []


@pytest.mark.parametrize("folder", PURE)
class TestPureRooms:
    def test_never_wait(self, folder: str) -> None:
        waiting = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)
        wrong = [
            f"{path.relative_to(ROOT)}:{node.lineno}"
            for path in modules(folder)
            for node in ast.walk(parse(path))
            if isinstance(node, waiting)
        ]

        assert modules(folder)
        assert wrong == []

    def test_import_no_store_and_no_vendor(self, folder: str) -> None:
        wrong = [
            f"{path.relative_to(ROOT)}:{line} imports {name}"
            for path in modules(folder)
            for name, line in imported(parse(path))
            if {name, name.split(".")[0]} & IMPURE_IMPORTS
        ]

        assert wrong == []

    def test_read_no_clock(self, folder: str) -> None:
        wrong = [
            f"{path.relative_to(ROOT)}:{node.lineno}"
            for path in modules(folder)
            for node in ast.walk(parse(path))
            if isinstance(node, ast.Attribute) and node.attr in CLOCKS
        ]

        assert wrong == []


class TestMigrations:
    def test_are_no_package_that_would_hide_the_library(self) -> None:
        assert list((ROOT / "alembic").rglob("__init__.py")) == []
