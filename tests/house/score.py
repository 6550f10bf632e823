"""A mutation score of the pure rooms: small breaks made by machine, counted when a test notices.

Every comparison, junction, arithmetic sign, constant, condition and return value of
`worker/mapping` and `worker/checks` is changed in turn and the pure tests that reach the module
are run. Texts for people are left alone. `python -m tests.house.score --sample 200 --seed 1`.
"""

import argparse
import ast
import copy
import importlib
import importlib.abc
import importlib.util
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("worker/mapping", "worker/checks")
TESTS = ("tests/worker/mapping", "tests/worker/checks", "tests/worker/golden")
# The first needs stores, the second draws thousands of examples: both are slow.
LEFT_OUT = ("tests/worker/checks/test_setup.py", "tests/worker/checks/test_vat_property.py")
# Loaded before the forks, so that each of them starts quickly.
HEAVY = ("strawberry", "tortoise", "httpx", "sqlalchemy", "starlette.applications")
# Modules that were loaded before the fork are also plugins of pytest.
REWRITE = "ignore::pytest.PytestAssertRewriteWarning"
LONGEST = 60
_COMPARE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE,
    ast.GtE: ast.Gt, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
}  # fmt: skip
_KILLED, _SURVIVED = 3, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """One change: which node of a module, in the order of the walk, and what is done to it."""

    file: str
    place: int
    line: int
    what: str


def breaks(file: str, source: str) -> list[Break]:
    """List every change that can be made to a module."""
    tree = ast.parse(source)
    spared = _spared(tree)
    found = []
    for place, node in enumerate(ast.walk(tree)):
        if id(node) not in spared and (what := _what(node)) is not None:
            line = getattr(node, "lineno", 0)
            found.append(Break(file=file, place=place, line=line, what=what))
    return found


def _spared(tree: ast.Module) -> set[int]:
    """Return the nodes that say nothing a test could see: annotations, decorators, prose."""
    spared: set[int] = set()
    for node in ast.walk(tree):
        hidden: list[ast.AST | None] = [*getattr(node, "decorator_list", ())]
        hidden += [getattr(node, "annotation", None), getattr(node, "returns", None)]
        if isinstance(node, ast.JoinedStr):
            hidden += [part for part in node.values if isinstance(part, ast.Constant)]
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            hidden.append(node.value)
        if isinstance(node, ast.Assign) and _names_only(node):
            hidden.append(node)
        for part in hidden:
            if part is not None:
                spared |= {id(inner) for inner in ast.walk(part)}
    return spared


def _names_only(node: ast.Assign) -> bool:
    """Tell whether an assignment is the list of what a module shows, or a type alias."""
    target = node.targets[0]
    if not isinstance(target, ast.Name):
        return False
    alias = isinstance(node.value, ast.Subscript) and target.id[0].isupper()
    return target.id == "__all__" or (alias and not target.id.isupper())


def _what(node: ast.AST) -> str | None:
    match node:
        case ast.Compare(ops=[op]) if type(op) in _COMPARE:
            return "comparison"
        case ast.BoolOp():
            return "and/or"
        case ast.UnaryOp(op=ast.Not()):
            return "not"
        case ast.BinOp(op=op) if type(op) in _ARITHMETIC:
            return "arithmetic"
        case ast.Constant(value=bool()):
            return "truth"
        case ast.Constant(value=int()):
            return "number"
        case ast.Constant(value=str() as text) if text and " " not in text:
            return "word"
        case ast.If() | ast.IfExp():
            return "condition"
        case ast.Return(value=ast.expr() as value) if not _is_none(value):
            return "result"
    return None


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def broken(source: str, change: Break) -> ast.Module:
    """Return a module with one change made."""
    tree = ast.parse(source)
    node = next(found for place, found in enumerate(ast.walk(tree)) if place == change.place)
    match node:
        case ast.Compare():
            node.ops = [_COMPARE[type(node.ops[0])]()]
        case ast.BoolOp():
            node.op = ast.And() if isinstance(node.op, ast.Or) else ast.Or()
        case ast.UnaryOp():
            _become(node, ast.Call(ast.Name("bool", ast.Load()), [node.operand], []))
        case ast.BinOp():
            node.op = _ARITHMETIC[type(node.op)]()
        case ast.Constant(value=bool()):
            node.value = not node.value
        case ast.Constant(value=int() as number):
            node.value = number + 1
        case ast.Constant(value=str() as text):
            node.value = text + "_"
        case ast.If() | ast.IfExp():
            node.test = ast.UnaryOp(ast.Not(), node.test)
        case ast.Return():
            node.value = ast.Constant(None)
    return ast.fix_missing_locations(tree)


def _become(node: ast.AST, other: ast.AST) -> None:
    """Turn a node into another one in place, since nobody knows its parent."""
    line = copy.copy(node)
    node.__class__ = other.__class__
    node.__dict__.clear()
    node.__dict__.update(other.__dict__)
    ast.copy_location(node, line)


class _Loader(importlib.abc.Loader):
    def __init__(self, tree: ast.Module, file: str) -> None:
        self._tree, self._file = tree, file

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self._tree, self._file, "exec"), module.__dict__)


class _Finder(importlib.abc.MetaPathFinder):
    """Hands out the broken module in place of the real one."""

    def __init__(self, name: str, loader: _Loader) -> None:
        self._name, self._loader = name, loader

    def find_spec(self, name: str, path: object, target: object = None) -> object:
        if name != self._name:
            return None
        return importlib.util.spec_from_loader(name, self._loader)


def attempt(change: Break | None, tests: Sequence[str]) -> bool:
    """Run tests on a broken module in a process of their own; tells whether they noticed."""
    if not tests:
        return False
    child = os.fork()
    if child == 0:
        _run(change, tests)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != _SURVIVED


def _run(change: Break | None, tests: Sequence[str]) -> None:
    """Be the child: whatever happens beside passing tests means that the break was noticed."""
    import signal

    status = _KILLED
    try:
        signal.alarm(LONGEST)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        if change is not None:
            tree = broken((ROOT / change.file).read_text(), change)
            loader = _Loader(tree, change.file)
            sys.meta_path.insert(0, _Finder(_module(change.file), loader))
        options = ["-x", "-q", "--noconftest", "-p", "no:cacheprovider", "-W", REWRITE]
        if pytest.main([*options, *tests]) == 0:
            status = _SURVIVED
    finally:
        os._exit(status)


def _module(file: str) -> str:
    return file.removesuffix(".py").replace("/", ".")


def reaching(root: Path) -> dict[str, list[str]]:
    """Return, per module of the rooms, the tests that reach it, the nearest ones first."""
    files = [str(p.relative_to(root)) for room in ROOMS for p in (root / room).glob("*.py")]
    wanted = {file: _imports(root / file) for file in files}
    tests = [
        str(path.relative_to(root))
        for folder in TESTS
        for path in sorted((root / folder).glob("test_*.py"))
        if str(path.relative_to(root)) not in LEFT_OUT
    ]
    used = {test: _imports(root / test) for test in tests}
    found: dict[str, list[str]] = {}
    for file in files:
        near, names = [], {_module(file)}
        for _ in range(4):
            near += [test for test in tests if used[test] & names and test not in near]
            names |= {_module(other) for other in files if wanted[other] & names}
        found[file] = near
    return found


def _imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def scored(changes: Sequence[Break], tests: dict[str, list[str]]) -> Iterator[tuple[Break, bool]]:
    """Try changes one by one.

    Raises RuntimeError when the tests fail before anything is broken.
    """
    for name in HEAVY:
        importlib.import_module(name)
    everything = sorted({test for near in tests.values() for test in near})
    if attempt(None, everything):
        raise RuntimeError("The tests fail before anything is broken.")
    for change in changes:
        yield change, attempt(change, tests[change.file])


def main(argv: Sequence[str] | None = None) -> int:
    """Print the survivors and the score; 1 when it is below the least that is asked for."""
    parser = argparse.ArgumentParser(prog="score", description=__doc__)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--least", type=float, default=0.9)
    parser.add_argument("files", nargs="*")
    options = parser.parse_args(argv)
    os.chdir(ROOT)
    tests = reaching(ROOT)
    files = options.files or sorted(file for file in tests if not file.endswith("__init__.py"))
    changes = [change for file in files for change in breaks(file, (ROOT / file).read_text())]
    if options.sample and options.sample < len(changes):
        changes = Random(options.seed).sample(changes, options.sample)
    tried, noticed = Counter[str](), Counter[str]()
    for change, killed in scored(changes, tests):
        tried[change.file] += 1
        noticed[change.file] += killed
        if not killed:
            _say(f"survived: {change.file}:{change.line} {change.what}")
    for file in sorted(tried):
        _say(f"{noticed[file]:4} of {tried[file]:4}  {file}")
    score = sum(noticed.values()) / max(sum(tried.values()), 1)
    _say(f"{sum(noticed.values())} of {sum(tried.values())} breaks were noticed: {score:.1%}.")
    return 0 if score >= options.least else 1


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
