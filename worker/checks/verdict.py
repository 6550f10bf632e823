"""What a set-up check concludes, and the facts that it concludes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schema.words import SetupCheckState, SetupHow

# Facts by name, as read from the vendors: raw bodies and lists of slim rows.
Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The conclusion of one check, about the whole or about one record (`subject`)."""

    code: str
    state: SetupCheckState
    cause: str | None = None
    subject: str = ""
    next_step: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    # Where it differs from the catalogue: a person is asked what no answer showed this time.
    how: SetupHow | None = None


def passed(code: str, cause: str | None = None, **details: Any) -> Verdict:
    """Conclude that all is well; `cause` says what was seen."""
    return Verdict(code=code, state=SetupCheckState.PASSED, cause=cause, details=details)


def failed(code: str, cause: str, *, subject: str = "", **details: Any) -> Verdict:
    """Conclude that something must be put right."""
    return Verdict(
        code=code, state=SetupCheckState.FAILED, cause=cause, subject=subject, details=details
    )


def warned(code: str, cause: str, *, subject: str = "", **details: Any) -> Verdict:
    """Conclude that something should be looked at, and blocks nothing."""
    return Verdict(
        code=code, state=SetupCheckState.WARNING, cause=cause, subject=subject, details=details
    )


def unknown(code: str, cause: str) -> Verdict:
    """Conclude nothing: what the check needs could not be read."""
    return Verdict(code=code, state=SetupCheckState.UNKNOWN, cause=cause)


def listed(names: list[str], *, most: int = 10) -> str:
    """Return the first names of a list, and how many more there are."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
