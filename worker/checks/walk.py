"""Walks a virtual invoice and a virtual credit note through the statuses of an organization.

At every stop the settings must suit what the invoice is by then: in work, on its way, booked,
or paid (R65 to R71, R88 to R104, R122 to R128, R132 to R138).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from schema.words import Role
from worker.checks.status import Finding, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    """What an invoice is at a stop: the settings it needs, and what goes wrong without them."""

    read_only: bool
    has_number: bool
    sent: bool
    paid: bool
    wrong: Mapping[str, str]


_TOO_EARLY = {
    "has_number": "must not give a number: Severa would number the invoice itself",
    "sent": "must not be marked as sent: nothing has a number yet",
    "paid": "must not be marked as paid: nothing is booked yet",
}
_IN_WORK = _Stage(
    read_only=False,
    has_number=False,
    sent=False,
    paid=False,
    wrong={"read_only": "must be editable: the invoice is being worked on", **_TOO_EARLY},
)
_ON_ITS_WAY = _Stage(
    read_only=True,
    has_number=False,
    sent=False,
    paid=False,
    wrong={
        "read_only": "must be 'Not editable': the invoice could change while it is transferred",
        **_TOO_EARLY,
    },
)
_BOOKED = _Stage(
    read_only=True,
    has_number=True,
    sent=True,
    paid=False,
    wrong={
        "read_only": "must be 'Not editable': the invoice is booked",
        "has_number": "must have 'Invoice number': the number is there from the transfer on",
        "sent": "must be marked as 'Sent': the invoice can go out to the customer",
        "paid": "must not be marked as paid: something is still open",
    },
)
_PAID = _Stage(
    read_only=True,
    has_number=True,
    sent=True,
    paid=True,
    wrong={
        **_BOOKED.wrong,
        "paid": "is the last status and must be marked as 'Paid'",
    },
)
_FLAGS = ("read_only", "has_number", "sent", "paid")
# The life of an invoice; a refused one comes back through the failed status (R65 to R71).
_ORDER = (
    Role.FAILED,
    Role.DRAFT,
    Role.TRANSFER,
    Role.SUCCESS,
    Role.SENT,
    Role.PARTIALLY_PAID,
    Role.PAID,
)


def walk(ordered: Sequence[Status], roles: Mapping[Role, str]) -> list[Finding]:
    """Walk both documents through a reading of the statuses and return where they stumble."""
    places = {status.id: place for place, status in enumerate(ordered)}
    stops = {role: places[roles[role]] for role in _ORDER}
    found = list(_disorder(ordered, stops))
    for place, status in enumerate(ordered):
        found += _stand(status, _stage(place, stops), first=place == stops[Role.FAILED])
    found += _start(ordered, stops)
    return found


def _stage(place: int, stops: Mapping[Role, int]) -> _Stage:
    if place < stops[Role.TRANSFER]:
        return _IN_WORK
    if place == stops[Role.TRANSFER]:
        return _ON_ITS_WAY
    return _PAID if place == stops[Role.PAID] else _BOOKED


def _stand(status: Status, stage: _Stage, *, first: bool) -> Iterator[Finding]:
    """Compare the settings of one status with what the invoice is by then."""
    for flag in _FLAGS:
        if getattr(status, flag) == getattr(stage, flag):
            continue
        check, rule = "invoice_statuses", "R80"
        if first:
            check, rule = "failed_status", "R83"
        elif flag == "has_number" and stage in (_BOOKED, _PAID):
            check, rule = "number_setting", "R85"
        yield Finding(check=check, rule=rule, text=f"'{status.name}' {stage.wrong[flag]}.")


def _disorder(ordered: Sequence[Status], stops: Mapping[Role, int]) -> Iterator[Finding]:
    """Look for stops out of order, and for statuses at which an invoice cannot be."""
    for one, other in pairwise(_ORDER):
        if stops[one] >= stops[other]:
            text = f"'{ordered[stops[other]].name}' must come after '{ordered[stops[one]].name}'."
            yield Finding(check="invoice_statuses", rule="R80", text=text)
    if stops[Role.FAILED] != 0:
        text = f"'{ordered[stops[Role.FAILED]].name}', for failed transfers, must be the first."
        yield Finding(check="failed_status", rule="R83", text=text)
    gaps = (
        (Role.FAILED, Role.DRAFT, "before the default status, so no invoice comes to it"),
        (Role.TRANSFER, Role.SUCCESS, "between transfer and success, where the transfer is"),
    )
    for one, other, where in gaps:
        for status in ordered[stops[one] + 1 : stops[other]]:
            yield _stranded(status, where)
    for status in ordered[stops[Role.PAID] + 1 :]:
        yield _stranded(status, "behind the paid status, where nothing is left to do")


def _stranded(status: Status, where: str) -> Finding:
    text = f"'{status.name}' stands {where}."
    return Finding(check="invoice_statuses", rule="R80", text=text)


def _start(ordered: Sequence[Status], stops: Mapping[Role, int]) -> Iterator[Finding]:
    """Look where a new invoice and a new credit note begin (R84, R87)."""
    transfer = ordered[stops[Role.TRANSFER]]
    for place, status in enumerate(ordered):
        if status.default and place == stops[Role.FAILED]:
            text = (
                f"'{status.name}' comes first, so it is the one for failed transfers and must not "
                f"be the default; '{ordered[stops[Role.DRAFT]].name}' comes next."
            )
            yield Finding(check="failed_status", rule="R84", text=text)
        elif status.default and place >= stops[Role.TRANSFER]:
            text = f"New invoices would begin in '{status.name}', where they are not in work."
            yield Finding(check="invoice_statuses", rule="R80", text=text)
        elif status.default and place != stops[Role.DRAFT]:
            text = f"New invoices begin in '{status.name}', which is not the draft status."
            yield Finding(check="invoice_statuses", rule="R80", text=text)
        if status.credit_default and place != stops[Role.TRANSFER]:
            text = (
                f"New credit notes begin in '{status.name}'; they must begin in "
                f"'{transfer.name}' to be transferred at once."
            )
            yield Finding(check="default_after_credit", rule="R87", text=text)
