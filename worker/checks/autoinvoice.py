"""The settings of AutoInvoice, which no API shows: an administrator states them (R129 to R136).

The answer to a check is the guid of the status that is set there, or that AutoInvoice is not
used (`{"used": false}`). A bare confirmation counts; a status that was named is judged.
"""

from collections.abc import Mapping
from typing import Any

from schema.words import Role, SetupCheckState
from worker.checks.verdict import Verdict, failed, passed

TRANSFER, AFTER = "autoinvoice_transfer", "autoinvoice_after"
ERROR, DOWNLOAD = "autoinvoice_error", "autoinvoice_download"
CODES = (TRANSFER, AFTER, ERROR, DOWNLOAD)
# Which role the setting must name (R129, R130, R136).
_ROLES = {TRANSFER: Role.SUCCESS, AFTER: Role.SENT, DOWNLOAD: Role.SUCCESS}
_TITLES = {
    TRANSFER: "'Status of invoices to be transferred'",
    AFTER: "'Status of invoices after transfer'",
    ERROR: "'Status of invoices after error'",
    DOWNLOAD: "'Status of invoices to download'",
}


def autoinvoice(
    *,
    answers: Mapping[str, Any],
    roles: Mapping[Role, str],
    names: Mapping[str, str],
) -> list[Verdict]:
    """Judge what was stated about AutoInvoice; what nobody stated is open."""
    if any(_unused(answer) for answer in answers.values()):
        return [passed(code, "AutoInvoice is not used.") for code in CODES]
    return [_judge(code, answers, roles, names) for code in CODES]


def _unused(answer: Any) -> bool:
    return isinstance(answer, Mapping) and answer.get("used") is False


def _judge(
    code: str, answers: Mapping[str, Any], roles: Mapping[Role, str], names: Mapping[str, str]
) -> Verdict:
    if code not in answers:
        text = f"Nobody has stated {_TITLES[code]} of AutoInvoice yet."
        return Verdict(code=code, state=SetupCheckState.OPEN, cause=text)
    answer = answers[code]
    if not isinstance(answer, Mapping) or "status" not in answer:
        return passed(code, "An administrator confirmed it.")
    status = str(answer["status"] or "")
    if not status:
        return failed(code, f"{_TITLES[code]} of AutoInvoice is empty.")
    if status not in names:
        return failed(code, f"{_TITLES[code]} of AutoInvoice is no active invoice status.")
    if code == ERROR:
        return _error(status, answers.get(TRANSFER), roles, names)
    return _role(code, status, roles, names)


def _role(code: str, status: str, roles: Mapping[Role, str], names: Mapping[str, str]) -> Verdict:
    wanted = roles.get(_ROLES[code])
    if status != wanted:
        text = (
            f"{_TITLES[code]} of AutoInvoice is '{names[status]}'; it must be "
            f"'{names.get(wanted or '', '?')}'."
        )
        return failed(code, text)
    return passed(code, f"It is '{names[status]}'.")


def _error(
    status: str, transfer: Any, roles: Mapping[Role, str], names: Mapping[str, str]
) -> Verdict:
    """Refuse a status after error that starts a transfer again (R131, Q21)."""
    again = {roles.get(Role.SUCCESS): "AutoInvoice", roles.get(Role.TRANSFER): "the gateway"}
    if isinstance(transfer, Mapping) and transfer.get("status"):
        again[str(transfer["status"])] = "AutoInvoice"
    if status in again:
        text = (
            f"{_TITLES[ERROR]} of AutoInvoice is '{names[status]}', from which {again[status]} "
            "would transfer the invoice again and again."
        )
        return failed(ERROR, text)
    return passed(ERROR, f"It is '{names[status]}'.")
