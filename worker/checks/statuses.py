"""Which Severa invoice status means what: inferred from flags and order, never by name (R82).

The rules are those of Q19: transfer-success, sent and partially paid have equal flags, only
their order tells them apart. A reading is tried by walking a virtual invoice and a virtual
credit note through it (`walk.py`); what stumbles is a finding, and the set is refused.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from schema.errors import Refused
from schema.words import Role
from worker.checks.status import Finding, Status
from worker.checks.walk import walk

__all__ = ["Finding", "Lint", "RolesUnclear", "Status", "doubts_about", "infer_roles", "lint"]

# Beside the numbers of R85: which findings leave the meaning of a status in doubt.
_DOUBTS = frozenset({"invoice_statuses", "failed_status", "number_setting"})
_FEWEST = 7
_CLOSE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Lint:
    """The reading of a status set, and what is wrong with it."""

    roles: Mapping[Role, str]
    findings: tuple[Finding, ...]


class RolesUnclear(Refused):
    """The status set has no reading, or two; `reasons` names what is wrong."""

    code = "roles_unclear"

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(" ".join(self.reasons))


def infer_roles(statuses: Sequence[Status]) -> dict[Role, str]:
    """Assign the roles of the transfer to the statuses of an organization (Q19).

    Raises RolesUnclear with every reason that was found.
    """
    found = lint(statuses)
    reasons = _doubts(found)
    if reasons:
        raise RolesUnclear(reasons)
    return dict(found.roles)


def doubts_about(statuses: Sequence[Status], roles: Mapping[Role, str]) -> tuple[str, ...]:
    """Return why assigned roles do not hold for these statuses; empty when they do."""
    return _doubts(lint(statuses, roles=roles))


def _doubts(found: Lint) -> tuple[str, ...]:
    return tuple(finding.text for finding in found.findings if finding.check in _DOUBTS)


def lint(statuses: Sequence[Status], *, roles: Mapping[Role, str] | None = None) -> Lint:
    """Read a status set and list what is wrong with it (R79 to R87, R122 to R128, Q19, Q20).

    `roles` assigned by a person are tried instead of being inferred.
    """
    ordered = sorted(statuses, key=lambda status: status.order)
    general = [*_same_place(ordered), *_defaults(ordered)]
    if roles:
        return _assigned(ordered, roles, general)
    missing = _missing(ordered)
    read = _closest(ordered)
    if read is None:
        return Lint(roles={}, findings=(*missing, *general))
    found, findings = read
    if missing and len(findings) > _CLOSE and not _begins(ordered, found):
        return Lint(roles={}, findings=(*missing, *general))
    return Lint(roles=found, findings=_once([*general, *findings]))


def _assigned(
    ordered: Sequence[Status], roles: Mapping[Role, str], general: Sequence[Finding]
) -> Lint:
    known = {status.id for status in ordered}
    lost = [role for role in Role if roles.get(role) not in known]
    if lost:
        names = ", ".join(role.value for role in lost)
        text = f"No active status has the role {names}."
        return Lint(roles=roles, findings=(*general, _unclear(text)))
    return Lint(roles=roles, findings=_once([*general, *walk(ordered, roles)]))


def _closest(ordered: Sequence[Status]) -> tuple[dict[Role, str], list[Finding]] | None:
    """Return the reading over which the walk stumbles least; two equally good ones are a finding.

    Failed is the first status and paid the last; success and sent follow the transfer, partially
    paid is the last before paid (Q19): only the place of the transfer is open.
    """
    tried = []
    for place in range(2, len(ordered) - 4):
        roles = _reading(ordered, place)
        tried.append((walk(ordered, roles), roles))
    if not tried:
        return None
    tried.sort(key=lambda item: len(item[0]))
    findings, roles = tried[0]
    if len(tried) > 1 and len(tried[1][0]) == len(findings):
        names = " or ".join(
            f"'{status.name}'"
            for status in ordered
            if status.id in (roles[Role.TRANSFER], tried[1][1][Role.TRANSFER])
        )
        text = f"The statuses can be read in two ways: {names} may be the one for the transfer."
        findings = [_unclear(text), *findings]
    return roles, findings


def _begins(ordered: Sequence[Status], roles: Mapping[Role, str]) -> bool:
    """Tell whether a reading has at least a status from which invoices can be transferred."""
    transfer = next(status for status in ordered if status.id == roles[Role.TRANSFER])
    return transfer.read_only and not transfer.has_number


def _reading(ordered: Sequence[Status], transfer: int) -> dict[Role, str]:
    default = next((s for s in ordered[1:transfer] if s.default), ordered[1])
    return {
        Role.FAILED: ordered[0].id,
        Role.DRAFT: default.id,
        Role.TRANSFER: ordered[transfer].id,
        Role.SUCCESS: ordered[transfer + 1].id,
        Role.SENT: ordered[transfer + 2].id,
        Role.PARTIALLY_PAID: ordered[-2].id,
        Role.PAID: ordered[-1].id,
    }


def _missing(ordered: Sequence[Status]) -> list[Finding]:
    """Name what no reading can do without."""
    found: list[Finding] = []
    if len(ordered) < _FEWEST:
        found.append(
            _unclear(
                f"Seven statuses are needed (failed, draft, transfer, in Financials, sent, "
                f"partially paid, paid); there are {len(ordered)}: {_named(ordered)}."
            )
        )
    if not any(s.read_only and not s.has_number for s in ordered):
        found.append(
            _unclear("No status is not editable and without number: the one for the transfer.")
        )
    paid = [s.name for s in ordered if s.paid]
    if len(paid) != 1:
        what = f"are marked as paid: {', '.join(paid)}" if paid else "is marked as paid"
        found.append(_unclear(f"{'More than one status' if paid else 'No status'} {what}."))
    numbered = [s.name for s in ordered if s.has_number and not s.paid]
    if len(numbered) < 3:
        found.append(
            _unclear(
                "Between transfer and paid there must be three statuses with number (in "
                f"Financials, sent, partially paid); there are {len(numbered)}: "
                f"{', '.join(numbered) or 'none'}."
            )
        )
    return found


def _same_place(ordered: Sequence[Status]) -> list[Finding]:
    return [
        _unclear(f"'{one.name}' and '{other.name}' have the same place in the order.")
        for one, other in pairwise(ordered)
        if one.order == other.order
    ]


def _defaults(ordered: Sequence[Status]) -> list[Finding]:
    found = []
    default = [status.name for status in ordered if status.default]
    credit = [status.name for status in ordered if status.credit_default]
    if len(default) != 1:
        text = f"One status of {_named(ordered)} is the default; there are {_count(default)}."
        found.append(_unclear(text))
    if len(credit) != 1:
        text = f"One status is the default after credit; there are {_count(credit)}."
        found.append(Finding(check="default_after_credit", rule="R87", text=text))
    return found


def _count(names: Sequence[str]) -> str:
    return f"{len(names)}: {', '.join(names)}" if names else "none"


def _named(ordered: Sequence[Status]) -> str:
    return ", ".join(status.name for status in ordered)


def _unclear(text: str) -> Finding:
    return Finding(check="invoice_statuses", rule="Q19", text=text)


def _once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(dict.fromkeys(findings))
