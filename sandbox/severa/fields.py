"""Fields of Severa's models: how a value comes in, is kept and goes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.severa.errors import invalid
from sandbox.severa.state import Organization, as_money
from sandbox.severa.table import Record

INT32 = 2**31 - 1
INT64 = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: its kind says how it is read and shown.

    `to` and `shows` describe a reference; `via` is the key that carries the guid on input when it
    is not `guid`; `keep` is the name under which it is stored when that differs.
    """

    name: str
    kind: str
    to: str = ""
    shows: tuple[str, ...] = ()
    via: str = "guid"
    keep: str = ""
    required: bool = False
    read_only: bool = False
    default: Any = None
    allowed: tuple[str, ...] = ()
    hidden: bool = False
    show: Callable[[Organization, Record], Any] | None = None

    @property
    def stored(self) -> str:
        """Name the key of the record that holds the value."""
        return self.keep or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A kind of record: its table, its fields and the scope group of its paths.

    `check` sees the record (None when new) and the values about to be stored, and may add to them
    or refuse; `after` does what follows; `guard` refuses a deletion.
    """

    name: str
    scope: str
    fields: tuple[Field, ...]
    paging: str = "offset"
    all_by_default: bool = False
    patch_single: bool = False
    audit: bool = True
    filters: tuple[Filter, ...] = ()
    search: tuple[str, ...] = ("name",)
    check: Callable[[Organization, Record | None, Record], None] | None = None
    after: Callable[[Organization, Record, Record], None] | None = None
    guard: Callable[[Organization, Record], None] | None = None
    by_name: dict[str, Field] = field(default_factory=dict)

    def field_named(self, name: str) -> Field | None:
        """Find a field, in any letter case."""
        if not self.by_name:
            self.by_name.update({f.name.lower(): f for f in self.fields})
        return self.by_name.get(name.lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A list parameter: how its values select records."""

    name: str
    kind: str
    on: str = ""
    test: Callable[[Organization, Record, list[str]], bool] | None = None


# Reading -----------------------------------------------------------------------------------------


def read_value(org: Organization, spec: Field, value: Any) -> Any:
    """Turn an input value into what is stored.

    Raises `Refused` with 400 for a value of the wrong type, out of range or pointing nowhere.
    """
    if value is None:
        if spec.required or spec.kind == "bool":
            raise invalid(f"{spec.name} must have a value.", name=spec.name)
        return None
    return _READERS[spec.kind](org, spec, value)


def fold(body: Any) -> dict[str, Any]:
    """Read an object's keys in any letter case, as the vendor's binder does."""
    if not isinstance(body, dict):
        raise invalid("An object was expected.")
    return {str(key).lower(): value for key, value in body.items()}


def _wrong(spec: Field, value: Any) -> Exception:
    return invalid(f"The value {value!s:.60} is not valid for {spec.name}.", name=spec.name)


def _text(org: Organization, spec: Field, value: Any) -> str:
    if not isinstance(value, str) or (spec.required and not value.strip()):
        raise _wrong(spec, value)
    if spec.allowed and value not in spec.allowed:
        raise _wrong(spec, value)
    return value


def _bool(org: Organization, spec: Field, value: Any) -> bool:
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise _wrong(spec, value)
    return value


def _whole(limit: int) -> Callable[[Organization, Field, Any], int]:
    def read(org: Organization, spec: Field, value: Any) -> int:
        if isinstance(value, str) and value.lstrip("-").isdigit():
            value = int(value)
        if (
            isinstance(value, bool)
            or not isinstance(value, int)
            or not -limit - 1 <= value <= limit
        ):
            raise _wrong(spec, value)
        return value

    return read


def _number(org: Organization, spec: Field, value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise _wrong(spec, value)
    try:
        return Decimal(value)
    except InvalidOperation as error:
        raise _wrong(spec, value) from error


def _date(org: Organization, spec: Field, value: Any) -> date:
    try:
        return date.fromisoformat(value[:10])
    except (TypeError, ValueError) as error:
        raise _wrong(spec, value) from error


def _moment(org: Organization, spec: Field, value: Any) -> datetime:
    moment = parse_moment(value) if isinstance(value, str) else None
    if moment is None:
        raise _wrong(spec, value)
    return moment


def _money(org: Organization, spec: Field, value: Any) -> dict[str, Any]:
    given = fold(value)
    code = given.get("currencycode")
    if not isinstance(code, str) or not org.tables["currencies"].where("code", code):
        raise invalid(f"{spec.name} needs a known currencyCode.", name=spec.name)
    amount = given.get("amount")
    return as_money(None if amount is None else _number(org, spec, amount), code)


def _ref(org: Organization, spec: Field, value: Any) -> str | None:
    guid = value if isinstance(value, str) else fold(value).get(spec.via.lower())
    if guid is None and not spec.required:
        return None
    target = org.find(spec.to, guid) if isinstance(guid, str) else None
    if target is None:
        raise invalid(f"{spec.name} points to nothing known: {guid}.", name=spec.name)
    return str(target["guid"])


def _free_text(org: Organization, spec: Field, value: Any) -> str | None:
    text = value if isinstance(value, str) else fold(value).get("value")
    return None if text is None else _text(org, spec, text)


def parse_moment(text: str) -> datetime | None:
    """Read an ISO 8601 time; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_READERS: dict[str, Callable[[Organization, Field, Any], Any]] = {
    "text": _text,
    "bool": _bool,
    "int32": _whole(INT32),
    "int64": _whole(INT64),
    "number": _number,
    "date": _date,
    "datetime": _moment,
    "money": _money,
    "ref": _ref,
    "link": _ref,
    "freetext": _free_text,
}


# Showing -----------------------------------------------------------------------------------------


def show_record(org: Organization, entity: Entity, record: Record) -> dict[str, Any]:
    """Show a record in the read model."""
    shown: dict[str, Any] = {"guid": record["guid"]}
    for spec in entity.fields:
        if not spec.hidden:
            shown[spec.name] = show_value(org, spec, record)
    if entity.audit:
        shown.update(show_audit(org, record))
    if org.world.assume.nulls_shown:
        return shown
    return {name: value for name, value in shown.items() if value is not None}


def show_value(org: Organization, spec: Field, record: Record) -> Any:
    """Show one field."""
    if spec.show is not None:
        return spec.show(org, record)
    value = record.get(spec.stored)
    if value is None:
        return spec.default if spec.kind == "bool" else None
    if spec.kind == "ref":
        return show_ref(org, spec.to, value, spec.shows, via=spec.via)
    if spec.kind == "money":
        return {**value, "multiCurrencyInfo": None}
    if spec.kind == "freetext":
        return show_text(value)
    return value


def show_ref(
    org: Organization, table: str, guid: str | None, shows: tuple[str, ...], *, via: str = "guid"
) -> dict[str, Any] | None:
    """Show a sub-object: the guid and the asked fields of the record that it names."""
    target = org.find(table, guid)
    if target is None:
        return None
    shown = {name: target.get(name) for name in shows}
    shown["guid"] = target["guid"]
    if via != "guid":
        shown[via] = target["guid"]
    return shown


def show_text(value: str | None) -> dict[str, Any]:
    """Show a free text of an invoice."""
    return {
        "allowTags": False,
        "plainText": value,
        "tagContext": None,
        "text": value,
        "value": value,
    }


USER = ("code", "firstName", "lastName", "name")


def show_audit(org: Organization, record: Record) -> dict[str, Any]:
    """Show who made and changed a record, and when."""
    by = show_ref(org, "users", record.get("by"), USER)
    return {
        "createdBy": by,
        "createdDateTime": record["created"],
        "lastUpdatedBy": by,
        "lastUpdatedDateTime": record["updated"],
    }
