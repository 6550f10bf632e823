"""The people at a customer: one row per row of the mapping table (R176 to R184, Q11, Q53)."""

from collections.abc import Mapping
from typing import Any

from schema.words import Side
from worker.mapping.convert import LEAVE, Convert, tidy_text
from worker.mapping.field import Field
from worker.mapping.reference import References

# What Severa's mandatory first name says of a person with one name (Q53).
NO_NAME = "-"
_SALUTATIONS = ("Mr", "Mrs", "Ms")


def _read_salutation(_: Side, raw: Any, __: References) -> Any:
    if raw is None:
        return None
    word = str(raw).rstrip(".")
    return word if word in _SALUTATIONS else LEAVE


def _write_salutation(side: Side, value: Any, _: References, __: Any) -> Any:
    if value is None or side is Side.FINANCIALS:
        return value
    return f"{value}."


SALUTATION = Convert(tidy=tidy_text, read=_read_salutation, write=_write_salutation)

# The mark for no first name is written to Severa and never taken from there.
FIRST_NAME = Convert(
    tidy=tidy_text,
    read=lambda _, raw, __: None if raw == NO_NAME else raw,
    write=lambda side, value, _, __: NO_NAME if value is None and side is Side.SEVERA else value,
)
# Severa says who may be written to, Financials who may not.
REFUSAL = Convert(
    tidy=bool,
    read=lambda side, raw, _: not raw if side is Side.SEVERA else raw,
    write=lambda side, value, _, __: not value if side is Side.SEVERA else bool(value),
)
ACTIVE = Convert(
    tidy=lambda raw: raw is not False,
    read=lambda _, raw, __: raw,
    write=lambda _, value, __, ___: bool(value),
)

# In the bodies `_mobile`, `_phone` and `_email` stand for Severa's communications and for the
# phone slots of Financials; `_first` and `_last` are its names with a single one as the last.
# fmt: off
CONTACT = (
    Field(name="salutation",   severa="salutation",     financials="title",      convert=SALUTATION),
    Field(name="first_name",   severa="firstName",      financials="_first",     financials_write="firstName", convert=FIRST_NAME),
    Field(name="last_name",    severa="lastName",       financials="_last",      financials_write="lastName", mandatory=True),
    Field(name="title",        severa="jobTitle",       financials="position"),
    Field(name="mobile",       severa="_mobile",        financials="_mobile"),
    Field(name="phone",        severa="_phone",         financials="_phone"),
    Field(name="email",        severa="_email",         financials="email"),
    Field(name="do_not_email", severa="isEmailAllowed", financials="doNotEmail", convert=REFUSAL),
    Field(name="is_active",    severa="isActive",       financials="active",     convert=ACTIVE),
)
# fmt: on
# The kind of Severa's communication that a field lives in.
CHANNELS = {"mobile": "MobilePhone", "phone": "Phone", "email": "EmailAddress"}
# The phone slot of Financials that a field lives in where no setting says otherwise (Q11).
SLOTS = {"mobile": "phone1", "phone": "phone2"}


def slot(name: str, options: Mapping[str, Any]) -> str:
    """Return the phone slot of Financials for a field."""
    return str(options.get(f"contact_{name}_slot") or SLOTS[name])


def names_of(body: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return first and last name of a contact of Financials; a single name is the last one."""
    first, last = tidy_text(body.get("firstName")), tidy_text(body.get("lastName"))
    return (first, last) if last is not None else (None, first)
