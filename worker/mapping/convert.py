"""Converters: named pairs that read a side's own form into ours and write it back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from schema.errors import Refused
from schema.words import ProjectStatus, Side
from worker.mapping.reference import References


class CannotMap(Refused):
    """A value has no counterpart on the other side; `issue` names the catalogue entry."""

    code = "cannot_map"

    def __init__(self, issue: str, cause: str) -> None:
        self.issue, self.cause = issue, cause
        super().__init__(cause)


# A value that has no counterpart on the other side and is left alone on both (Q13).
LEAVE = object()

Read = Callable[[Side, Any, References], Any]
Write = Callable[[Side, Any, References, Any], Any]
Tidy = Callable[[Any], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Convert:
    """`tidy` brings a side's form into one spelling; `write` also sees what stands there now."""

    read: Read
    write: Write
    tidy: Tidy = lambda raw: raw


def tidy_text(raw: Any) -> str | None:
    """Trim a text; an empty one is no text."""
    if raw is None:
        return None
    text = str(raw).replace("\r\n", "\n").strip()
    return text or None


TEXT = Convert(tidy=tidy_text, read=lambda _, raw, __: raw, write=lambda _, value, __, ___: value)


# Financials writes codes in capitals.
CODE = Convert(
    tidy=tidy_text,
    read=lambda _, raw, __: raw.upper() if raw else None,
    write=lambda _, value, __, ___: value,
)

# How much of the notes fits into the attention line of Financials.
LONGEST_NOTE = 255


def cut_note(text: str | None) -> str | None:
    """Return as much of a note as Financials holds."""
    return text if text is None or len(text) <= LONGEST_NOTE else text[:LONGEST_NOTE].rstrip()


def _write_note(side: Side, value: Any, _: References, now: Any) -> Any:
    if side is Side.FINANCIALS:
        return cut_note(value)
    # What had to be cut is never written back, whatever became of the cut text (Q12).
    return now if cut_note(now) != now else value


NOTES = Convert(tidy=tidy_text, read=lambda _, raw, __: raw, write=_write_note)


def _write_number(side: Side, value: Any, _: References, __: Any) -> Any:
    if side is Side.FINANCIALS or value is None:
        return value
    if not fits_severa(value):
        raise CannotMap(
            "number_does_not_fit",
            f"The number {value} of Financials has letters or leading zeros; "
            "Severa stores digits only.",
        )
    return int(value)


def fits_severa(number: str) -> bool:
    """Tell whether a Financials number survives Severa's numeric field (Q15)."""
    return number.isascii() and number.isdigit() and str(int(number)) == number


NUMBER = Convert(
    tidy=tidy_text,
    read=lambda _, raw, __: None if raw is None else str(raw),
    write=_write_number,
)


def _read_active(side: Side, raw: Any, _: References) -> bool:
    if side is Side.SEVERA:
        return raw is not False
    return raw in (None, "Active", "OnHold", "CreditHold", "OneTime", "NoPurchases")


def _write_active(side: Side, value: Any, references: References, now: Any) -> Any:
    if side is Side.SEVERA:
        return bool(value)
    if now is not None and _read_active(side, now, references) == bool(value):
        return now  # A finer status of Financials, such as a hold, is kept (Q28, Q54).
    return "Active" if value else "Inactive"


ACTIVE = Convert(read=_read_active, write=_write_active)


def _read_currency(_: Side, raw: Any, references: References) -> Any:
    return raw or references.base_currency


def _write_currency(side: Side, value: Any, references: References, _: Any) -> Any:
    if side is Side.FINANCIALS:
        if value not in references.financials_currencies:
            raise CannotMap("unknown_currency", f"Financials has no currency {value}.")
        return value
    guid = references.severa_currencies.get(value)
    if guid is None:
        raise CannotMap("unknown_currency", f"Severa has no currency {value}.")
    return guid


CURRENCY = Convert(tidy=tidy_text, read=_read_currency, write=_write_currency)


def _read_term(side: Side, raw: Any, references: References) -> Any:
    if side is Side.SEVERA or raw is None:
        return raw
    return references.term_days.get(str(raw).strip(), LEAVE)


def _write_term(side: Side, value: Any, references: References, now: Any) -> Any:
    if side is Side.SEVERA or value is None:
        return value
    if now is not None and references.term_days.get(str(now)) == value:
        return now
    found = references.term_ids.get(int(value))
    if found is None:
        raise CannotMap(
            "unknown_terms", f"Financials has no payment terms of exactly {value} days."
        )
    return found


TERM = Convert(tidy=lambda raw: raw, read=_read_term, write=_write_term)


def _tidy_money(raw: Any) -> Any:
    if isinstance(raw, dict):
        raw = raw.get("amount")
    return None if raw is None else format(Decimal(raw).normalize(), "f")


def _write_money(side: Side, value: Any, references: References, _: Any) -> Any:
    return None if value is None else str(value)


MONEY = Convert(
    tidy=_tidy_money,
    read=lambda _, raw, __: None if raw is None else Decimal(raw),
    write=_write_money,
)


def tidy_day(raw: Any) -> str | None:
    """Take the day out of a date or a local date-time."""
    return None if not raw else str(raw)[:10]


_MIDNIGHT = {Side.SEVERA: "", Side.FINANCIALS: "T00:00:00"}
DAY = Convert(
    tidy=tidy_day,
    read=lambda _, raw, __: None if raw is None else date.fromisoformat(raw),
    write=lambda side, value, _, __: (
        None if value is None else f"{value.isoformat()}{_MIDNIGHT[side]}"
    ),
)

_TO_FINANCIALS = {
    ProjectStatus.ACTIVE: "Active",
    ProjectStatus.CLOSED: "Completed",
    ProjectStatus.LOST: "Cancelled",
}
_FROM_FINANCIALS = {there: here.value for here, there in _TO_FINANCIALS.items()}
# States in which Financials waits for a person; only closing the project goes over them.
_HELD = ("OnHold", "PendingApproval")


def _read_status(side: Side, raw: Any, references: References) -> Any:
    if side is Side.SEVERA:
        return raw
    chosen = references.options.get("project_states") or {}
    there = {str(state): name for name, state in chosen.items()}
    return there.get(str(raw), _FROM_FINANCIALS.get(str(raw), raw))


def _write_status(side: Side, value: Any, references: References, now: Any) -> Any:
    if side is Side.SEVERA:
        return value
    if value == ProjectStatus.ACTIVE.value and now in _HELD:
        return now
    chosen = references.options.get("project_states") or {}
    return chosen.get(value, _TO_FINANCIALS[ProjectStatus(value)])


STATUS = Convert(read=_read_status, write=_write_status)
