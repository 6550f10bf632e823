"""Breaks each rule on purpose, in a copy of the tree, and looks whether a test notices.

`mutants.toml` records the mutations: the rule, the file, the exact text, what replaces it, and
the test that must fail. `python -m tests.house.mutants --sample 50 --seed 1` tries fifty.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from random import Random

from tests.house.rules import ROOT, listed

DATA = Path(__file__).with_name("mutants.toml")
COPIED = ("alembic", "gateway", "sandbox", "schema", "tests", "worker", "docs")
FILES = ("alembic.ini", "pyproject.toml")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "node_modules")
LONGEST = 900
KILLED, SURVIVED, BROKEN = "killed", "survived", "broken"
_FAILED, _PASSED = 1, 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One recorded mutation of the code of a rule."""

    rule: str
    file: str
    old: str
    new: str
    test: str

    @property
    def name(self) -> str:
        """Name it for people."""
        return f"{self.rule} in {self.file}: {' '.join(self.new.split())[:60]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one mutant."""

    mutant: Mutant
    state: str
    text: str = ""


def recorded(text: str) -> list[Mutant]:
    """Read the mutants out of their file."""
    return [Mutant(**row) for row in tomllib.loads(text)["mutant"]]


def stale(root: Path, mutants: Sequence[Mutant]) -> list[str]:
    """Name the records whose text stands no longer exactly once in its file."""
    found = []
    for mutant in mutants:
        path = root / mutant.file
        count = path.read_text().count(mutant.old) if path.exists() else 0
        if count != 1:
            found.append(f"{mutant.name} (its text stands {count} times in the file)")
    return found


def without(mutants: Sequence[Mutant], text: str) -> list[str]:
    """Return the rules that software has to keep and that no mutant breaks."""
    broken = {mutant.rule for mutant in mutants}
    return [rule.id for rule in listed(text) if rule.kind == "SW" and rule.id not in broken]


def copied(to: Path) -> Path:
    """Copy what the tests need; the interpreter stays where it is."""
    for name in COPIED:
        shutil.copytree(ROOT / name, to / name, ignore=LEFT_OUT)
    for name in FILES:
        shutil.copy(ROOT / name, to / name)
    return to


def attempt(tree: Path, mutant: Mutant) -> Outcome:
    """Break one rule in a tree, run its test, and put the tree right again."""
    path = tree / mutant.file
    whole = path.read_text()
    path.write_text(whole.replace(mutant.old, mutant.new))
    try:
        compile(path.read_text(), str(path), "exec")
        status, text = run_tests(tree, [mutant.test])
    except (SyntaxError, subprocess.TimeoutExpired) as error:
        return Outcome(mutant=mutant, state=BROKEN, text=str(error))
    finally:
        path.write_text(whole)
    if status == _FAILED:
        return Outcome(mutant=mutant, state=KILLED)
    state = SURVIVED if status == _PASSED else BROKEN
    return Outcome(mutant=mutant, state=state, text=text)


def run_tests(tree: Path, tests: Sequence[str]) -> tuple[int, str]:
    """Run tests of a tree; the tree's own packages come before the installed ones."""
    command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    answer = subprocess.run(
        [*command, *tests], cwd=tree, capture_output=True, text=True, timeout=LONGEST, check=False
    )
    return answer.returncode, answer.stdout[-2000:] + answer.stderr[-2000:]


class TestsFail(Exception):
    """The tests fail on code that nobody broke, so they say nothing about mutants."""


def tried(mutants: Sequence[Mutant], *, jobs: int) -> Iterator[Outcome]:
    """Try mutants, each in a tree that no other one uses meanwhile.

    Raises TestsFail when a test fails before anything is broken.
    """
    with tempfile.TemporaryDirectory(prefix="severa-mutants-") as base:
        trees: Queue[Path] = Queue()
        for number in range(jobs):
            trees.put(copied(Path(base) / str(number)))
        status, text = run_tests(Path(base) / "0", sorted({mutant.test for mutant in mutants}))
        if status != _PASSED:
            raise TestsFail(text)

        def one(mutant: Mutant) -> Outcome:
            tree = trees.get()
            try:
                return attempt(tree, mutant)
            finally:
                trees.put(tree)

        with ThreadPoolExecutor(jobs) as pool:
            yield from pool.map(one, mutants)


def main(argv: Sequence[str] | None = None) -> int:
    """Try the recorded mutants; 1 when one survives or a record is stale."""
    options = _options(argv)
    everything = recorded(DATA.read_text())
    for line in (old := stale(ROOT, everything)):
        _say(f"stale: {line}")
    chosen = [m for m in everything if not options.rule or m.rule in options.rule]
    if options.sample and options.sample < len(chosen):
        chosen = Random(options.seed).sample(chosen, options.sample)
    counts = {KILLED: 0, SURVIVED: 0, BROKEN: 0}
    current = [m for m in chosen if not stale(ROOT, [m])]
    try:
        outcomes = list(_told(tried(current, jobs=options.jobs), verbose=options.verbose))
    except TestsFail as error:
        _say(f"The tests fail before anything is broken:\n{error}")
        return 1
    for outcome in outcomes:
        counts[outcome.state] += 1
    missing = without(everything, (ROOT / "docs/rules.md").read_text())
    if missing:
        _say(f"Rules without a recorded mutant: {' '.join(missing)}")
    _say(
        f"{counts[KILLED]} of {len(current)} mutants were noticed, {counts[SURVIVED]} survived, "
        f"{counts[BROKEN]} could not be tried, {len(old)} are stale."
    )
    return 1 if counts[SURVIVED] or counts[BROKEN] or old or missing else 0


def _told(outcomes: Iterator[Outcome], *, verbose: bool) -> Iterator[Outcome]:
    """Say what became of each mutant as soon as it is known."""
    for outcome in outcomes:
        if outcome.state != KILLED or verbose:
            _say(f"{outcome.state}: {outcome.mutant.name}")
        if outcome.state == BROKEN:
            _say(outcome.text)
        yield outcome


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="mutants", description=__doc__)
    parser.add_argument("--sample", type=int, default=0, help="try only so many")
    parser.add_argument("--seed", type=int, default=1, help="which ones")
    parser.add_argument("--rule", nargs="*", default=[], help="try only those of these rules")
    parser.add_argument("--jobs", type=int, default=2, help="how many at the same time")
    parser.add_argument("--verbose", action="store_true")
    return parser.parse_args(argv)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
