"""Every write to the outside has a name, and three places where a test can end its worker (J3)."""

import ast
import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from schema.errors import ConfigError
from worker import faultpoint

ROOT = Path(__file__).resolve().parents[2]
PUSH = ROOT / "worker" / "sync" / "push.py"
# Raise this with every new purpose: it is how many writes of different meaning there are.
PURPOSES = 23


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """A function that builds writes whose purpose ends in a word that it is given."""

    module: Path
    name: str
    prefix: str
    place: int
    word: str


def trees() -> Iterator[tuple[Path, ast.Module]]:
    """Parse every module of the worker."""
    for path in sorted((ROOT / "worker").rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def called(node: ast.Call) -> str:
    """Return the last part of what is called."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def texts(node: ast.expr | None, names: dict[str, str]) -> list[str]:
    """Return the texts that an expression can stand for; one that is unclear fails the test."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.Name) and node.id in names:
        return [names[node.id]]
    if isinstance(node, ast.IfExp):
        return texts(node.body, names) + texts(node.orelse, names)
    raise AssertionError(f"unclear purpose: {ast.unparse(node) if node else 'none'}")


def constants(tree: ast.Module) -> dict[str, str]:
    """Return the module's constants that are texts."""
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def makers_and_purposes() -> tuple[list[Maker], set[str]]:
    """Find where writes are built, by a word or with their whole purpose."""
    makers: list[Maker] = []
    found: set[str] = set()
    for path, tree in trees():
        for outer in ast.walk(tree):
            if not isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for node in ast.walk(outer):
                if not (isinstance(node, ast.Call) and called(node) == "Write"):
                    continue
                purpose = next(word.value for word in node.keywords if word.arg == "purpose")
                if isinstance(purpose, ast.JoinedStr):
                    head, tail = purpose.values
                    assert isinstance(head, ast.Constant)
                    assert isinstance(tail, ast.FormattedValue)
                    makers.append(_maker(path, outer, str(head.value), tail.value))
                else:
                    found.update(texts(purpose, constants(tree)))
    return makers, found


def _maker(
    path: Path, function: ast.FunctionDef | ast.AsyncFunctionDef, prefix: str, word: ast.expr
) -> Maker:
    name = ast.unparse(word)
    names = [argument.arg for argument in function.args.args]
    place = names.index(name) - (names[0] == "self") if name in names else -1
    return Maker(module=path, name=function.name, prefix=prefix, place=place, word=name)


def purposes() -> set[str]:
    """Return the purpose of every write in the worker."""
    makers, found = makers_and_purposes()
    while makers:
        maker = makers.pop()
        for path, tree in trees():
            for outer in ast.walk(tree):
                if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef):
                    for word in _given(path, outer, maker):
                        if _passes_on(outer, word):
                            makers.append(_maker(path, outer, maker.prefix, word))
                        else:
                            given = texts(word, constants(tree))
                            found.update(f"{maker.prefix}{text}" for text in given)
    return found


def _given(
    path: Path, outer: ast.FunctionDef | ast.AsyncFunctionDef, maker: Maker
) -> Iterator[ast.expr]:
    """Walk over the words that a function gives to a maker."""
    for node in ast.walk(outer):
        if isinstance(node, ast.Call) and called(node) == maker.name and _is_of(path, node, maker):
            named = {word.arg: word.value for word in node.keywords}
            yield named.get(maker.word) or node.args[maker.place]


def _passes_on(function: ast.FunctionDef | ast.AsyncFunctionDef, word: ast.expr) -> bool:
    arguments = [*function.args.args, *function.args.kwonlyargs]
    return isinstance(word, ast.Name) and word.id in {item.arg for item in arguments}


def _is_of(path: Path, node: ast.Call, maker: Maker) -> bool:
    """Tell whether a call means the maker: its own module's, or another one's by name."""
    if isinstance(node.func, ast.Name):
        return path == maker.module
    assert isinstance(node.func, ast.Attribute)
    owner = ast.unparse(node.func.value)
    return owner == maker.module.stem or (owner == "self" and path == maker.module)


class TestPurposes:
    def test_are_counted(self) -> None:
        found = sorted(purposes())

        assert len(found) == PURPOSES, found

    @pytest.mark.parametrize(
        "purpose",
        [
            *("invoice.create", "invoice.delete", "invoice.unhold", "invoice.release"),
            *("invoice.number", "invoice.fail", "invoice.pay"),
            *("customer.create", "customer.update", "product.create", "project.create"),
        ],
    )
    def test_include(self, purpose: str) -> None:
        assert purpose in purposes()

    def test_fit_their_column_and_their_pattern(self) -> None:
        for purpose in purposes():
            noun, _, verb = purpose.partition(".")
            assert noun.isidentifier(), purpose
            assert verb.replace(".", "_").isidentifier(), purpose
            assert len(purpose) <= 40


class TestWrites:
    def test_leave_through_push_alone(self) -> None:
        """A write beside `push` would have no attempt row, no guard and no fault points."""
        wrong = [
            f"{path.relative_to(ROOT)}:{node.lineno}"
            for path, tree in trees()
            if path != PUSH
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and called(node) == "write"
            and isinstance(node.func, ast.Attribute)
            and ast.unparse(node.func.value).endswith(
                ("ctx.severa", "ctx.financials", "clients[side]", "clients[write.side]")
            )
        ]

        assert wrong == []

    def test_pass_each_place_in_its_order(self) -> None:
        reached = [
            ast.unparse(node.args[0])
            for node in ast.walk(ast.parse(PUSH.read_text()))
            if isinstance(node, ast.Call) and called(node) == "reach"
        ]

        assert reached == [f"f'{{write.purpose}}.{place}'" for place in faultpoint.PLACES]


class TestArming:
    @pytest.mark.parametrize("text", ["@2", "a@x", "a=explode", "a=wait:soon", "a=stopped"])
    def test_refuses_what_it_cannot_read(self, text: str) -> None:
        with pytest.raises(ConfigError, match="GATEWAY_FAULT_POINTS"):
            faultpoint.arm_from(text)

    async def test_waits_at_the_nth_passing_only(self) -> None:
        faultpoint.arm_from("here@2=wait:0.05")
        times = []
        for _ in range(3):
            begun = asyncio.get_running_loop().time()
            await faultpoint.reach("here")
            times.append(asyncio.get_running_loop().time() - begun > 0.04)
        faultpoint.disarm()

        assert times == [False, True, False]

    @pytest.mark.parametrize(("deed", "number"), [("", signal.SIGKILL), ("=stop", signal.SIGSTOP)])
    def test_ends_or_stops_the_process(self, deed: str, number: signal.Signals) -> None:
        script = textwrap.dedent(
            f"""
            import asyncio
            from worker import faultpoint
            faultpoint.arm_from("here{deed}")
            asyncio.run(faultpoint.reach("here"))
            """
        )
        process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, start_new_session=True)
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        stopped = os.WIFSTOPPED(status)
        if stopped:
            process.kill()
            os.waitpid(process.pid, 0)
        process.returncode = 0

        assert (os.WSTOPSIG(status) if stopped else os.WTERMSIG(status)) == number
