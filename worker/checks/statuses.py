"""Which Severa invoice status means what: inferred from flags and order, never by name (R82).

The rules are those of Q19: transfer-success, sent and partially paid have equal flags, only
their order tells them apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from schema.errors import Refused
from schema.words import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """An invoice status as Severa describes it."""

    id: str
    name: str
    order: int
    read_only: bool
    has_number: bool
    sent: bool
    paid: bool
    default: bool
    credit_default: bool


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
    ordered = sorted(statuses, key=lambda status: status.order)
    reasons: list[str] = []
    roles: dict[Role, str] = {}

    def one(role: Role, found: Sequence[Status], what: str) -> None:
        if len(found) == 1:
            roles[role] = found[0].id
        elif not found:
            reasons.append(f"No status {what}.")
        else:
            names = ", ".join(status.name for status in found)
            reasons.append(f"More than one status {what}: {names}.")

    one(Role.FAILED, _failed(ordered), "is first, editable and not the default")
    one(Role.DRAFT, [s for s in ordered if s.default], "is the default for new invoices")
    transfer = [s for s in ordered if s.read_only and not s.has_number]
    one(Role.TRANSFER, transfer, "is not editable and without number")
    one(Role.PAID, [s for s in ordered if s.paid], "is marked as paid")
    numbered = [s for s in ordered if s.has_number and s.read_only and not s.paid]
    if len(numbered) >= 3:
        roles[Role.SUCCESS] = numbered[0].id
        roles[Role.SENT] = numbered[1].id
        roles[Role.PARTIALLY_PAID] = numbered[-1].id
    else:
        reasons.append(
            "Between transfer and paid there must be three statuses with number: in Financials, "
            f"sent, partially paid; there are {len(numbered)}."
        )
    if reasons:
        raise RolesUnclear(reasons)
    return roles


def _failed(ordered: Sequence[Status]) -> list[Status]:
    first = ordered[:1]
    return [s for s in first if not (s.default or s.read_only or s.has_number or s.paid)]
