"""Which lines of a journal batch are costs of a project (R105, Q6)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

from worker.mapping.project_cost import Line, date_of, lines_of

# Our own invoices come back as revenue on the same project.
OWN_MODULE = "ModuleAR"
RELEASED = frozenset({"Unposted", "Posted", "Completed", "Released"})
VOIDED = "Voided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What an integration takes from the journal."""

    accounts: frozenset[str] = frozenset()
    non_project: str = "X"
    start: date | None = None


def is_due(body: Mapping[str, Any]) -> bool:
    """Tell whether a batch concerns costs at all: released or voided, and not of our invoices."""
    status = str(body.get("status"))
    return body.get("module") != OWN_MODULE and (status in RELEASED or status == VOIDED)


def has_project(body: Mapping[str, Any], non_project: str) -> bool:
    """Tell whether any line of a batch is on a real project."""
    return any(_real(line, non_project) for line in lines_of(body))


def costs_of(body: Mapping[str, Any], scope: Scope) -> list[Line]:
    """Return the lines that become costs; what nets to zero within the batch is left out."""
    if str(body.get("status")) not in RELEASED or body.get("module") == OWN_MODULE:
        return []
    if scope.start is not None and date_of(body) < scope.start:
        return []
    lines = [
        line
        for line in lines_of(body)
        if line.account in scope.accounts and _real(line, scope.non_project) and line.cost
    ]
    return without_pairs(lines)


def _real(line: Line, non_project: str) -> bool:
    return line.project is not None and line.project.casefold() != non_project.strip().casefold()


@dataclass(slots=True)
class _Group:
    lines: list[Line] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        return sum((line.cost for line in self.lines), Decimal(0))


def without_pairs(lines: Sequence[Line]) -> list[Line]:
    """Leave out what cancels itself on one project: all of it, or line against line."""
    groups: dict[str, _Group] = {}
    for line in lines:
        groups.setdefault(str(line.project), _Group()).lines.append(line)
    kept = {
        line.number for group in groups.values() if group.total for line in _unpaired(group.lines)
    }
    return [line for line in lines if line.number in kept]


def _unpaired(lines: Sequence[Line]) -> list[Line]:
    """Strike out each line with an opposite one, of the same account if there is one."""
    left = list(lines)
    for line in lines:
        if line not in left:
            continue
        mates = [mate for mate in left if mate.cost == -line.cost]
        if mates:
            same = [mate for mate in mates if mate.account == line.account]
            left.remove((same or mates)[0])
            left.remove(line)
    return left


def chosen_accounts(expense: Collection[str], choice: Any) -> frozenset[str]:
    """Adjust the Expense accounts by the option `cost_accounts`.

    A list replaces them; an object adds `include` and takes away `exclude`. A star stands for any
    ending, such as `41*`; it picks from the Expense accounts.
    """
    if not choice:
        return frozenset(expense)
    if isinstance(choice, Mapping):
        more = _picked(expense, choice.get("include") or ())
        less = choice.get("exclude") or ()
        kept = {item for item in expense if not _fits(item, less)}
        return frozenset(kept | more)
    return frozenset(_picked(expense, choice))


def _picked(expense: Collection[str], patterns: Sequence[Any]) -> set[str]:
    exact = {str(item).strip() for item in patterns if "*" not in str(item)}
    return exact | {item for item in expense if _fits(item, patterns)}


def _fits(account: str, patterns: Sequence[Any]) -> bool:
    return any(fnmatchcase(account, str(pattern).strip()) for pattern in patterns)
