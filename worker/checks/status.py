"""An invoice status of Severa as the checks see it, and a finding about a set of them."""

from dataclasses import dataclass


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something wrong with a status set: the set-up check and rule it falls under, and why."""

    check: str
    rule: str
    text: str
