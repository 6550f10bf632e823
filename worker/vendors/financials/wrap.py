"""Bodies of Financials: written wrapped as `{"value": ...}`, read plain, mostly."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class UnknownField(ValueError):
    """A body holds a name that its shape does not know; Financials would drop it in silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Which members of a body are wrapped, which are bare, and which have a shape of their own.

    `values` are wrapped scalars, `bare` stand as they are (lists of plain rows too), `objects`
    are wrapped objects, `plain` are objects without a wrapper, `rows` are bare lists of objects.
    """

    values: frozenset[str] = frozenset()
    bare: frozenset[str] = frozenset()
    objects: Mapping[str, "Shape"] = field(default_factory=dict)
    plain: Mapping[str, "Shape"] = field(default_factory=dict)
    rows: Mapping[str, "Shape"] = field(default_factory=dict)


def wrap(body: Mapping[str, Any], shape: Shape) -> dict[str, Any]:
    """Return a body in the form that Financials wants; None clears a value.

    Raises UnknownField for a name that is not in the shape.
    """
    return {name: _member(name, value, shape) for name, value in body.items()}


def _member(name: str, value: Any, shape: Shape) -> Any:
    if name in shape.values:
        return {"value": value}
    if name in shape.bare:
        return value
    if name in shape.objects:
        return {"value": None if value is None else wrap(value, shape.objects[name])}
    if name in shape.plain:
        return None if value is None else wrap(value, shape.plain[name])
    if name in shape.rows:
        return [wrap(row, shape.rows[name]) for row in value]
    raise UnknownField(f"no member {name!r} can be written here")


def unwrap(value: Any) -> Any:
    """Return a read value without the wrappers that some older routes still show."""
    if isinstance(value, dict):
        if len(value) == 1 and "value" in value:
            return unwrap(value["value"])
        return {name: unwrap(item) for name, item in value.items()}
    if isinstance(value, list):
        return [unwrap(item) for item in value]
    return value
