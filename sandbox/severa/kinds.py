"""Short forms to declare fields and filters with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.severa.fields import USER, Field, Filter
from sandbox.severa.state import Organization
from sandbox.severa.table import Record

Show = Callable[[Organization, Record], Any]


def text(name: str, **more: Any) -> Field:
    """A text."""
    return Field(name=name, kind="text", **more)


def flag(name: str, default: bool = False, **more: Any) -> Field:
    """A boolean with a default."""
    return Field(name=name, kind="bool", default=default, **more)


def int32(name: str, **more: Any) -> Field:
    """A 32-bit whole number."""
    return Field(name=name, kind="int32", **more)


def int64(name: str, **more: Any) -> Field:
    """A 64-bit whole number."""
    return Field(name=name, kind="int64", **more)


def number(name: str, **more: Any) -> Field:
    """A decimal number."""
    return Field(name=name, kind="number", **more)


def day(name: str, **more: Any) -> Field:
    """A date."""
    return Field(name=name, kind="date", **more)


def moment(name: str, **more: Any) -> Field:
    """A point in time."""
    return Field(name=name, kind="datetime", **more)


def money(name: str, **more: Any) -> Field:
    """An amount with a currency code."""
    return Field(name=name, kind="money", **more)


def ref(name: str, to: str, shows: str = "name", **more: Any) -> Field:
    """A reference shown as a sub-object."""
    return Field(name=name, kind="ref", to=to, shows=tuple(shows.split()), **more)


def link(name: str, to: str, **more: Any) -> Field:
    """A reference shown as a bare guid."""
    return Field(name=name, kind="link", to=to, **more)


def user(name: str, **more: Any) -> Field:
    """A reference to a user."""
    return Field(name=name, kind="ref", to="users", shows=USER, **more)


def computed(name: str, show: Show) -> Field:
    """A value that follows from others; it cannot be written."""
    return Field(name=name, kind="computed", read_only=True, show=show)


def fixed(name: str, value: Any = None) -> Field:
    """A value that never changes; it cannot be written."""
    return Field(name=name, kind="computed", read_only=True, show=lambda org, record: value)


CURRENCY = "code name symbol"
SINCE = Filter(name="changedSince", kind="since")


def is_flag(name: str, on: str = "isActive") -> Filter:
    """Filter by a boolean."""
    return Filter(name=name, kind="flag", on=on)


def guids(name: str, on: str) -> Filter:
    """Filter by guids."""
    return Filter(name=name, kind="guids", on=on)


def numbers(name: str, on: str = "number") -> Filter:
    """Filter by whole numbers."""
    return Filter(name=name, kind="numbers", on=on)


def texts(name: str, on: str) -> Filter:
    """Filter by equal texts."""
    return Filter(name=name, kind="texts", on=on)


def own(name: str, test: Callable[[Organization, Record, list[str]], bool]) -> Filter:
    """Filter by a rule of its own."""
    return Filter(name=name, kind="own", test=test)
