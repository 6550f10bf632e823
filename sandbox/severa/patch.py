"""JSON Patch as Severa understands it: replace only, paths of one or two steps."""

from __future__ import annotations

from typing import Any

from sandbox.http import Refused
from sandbox.severa.errors import invalid, problem
from sandbox.severa.fields import Entity, Field, fold, read_value
from sandbox.severa.state import Organization
from sandbox.severa.table import Record


def read_patch(org: Organization, entity: Entity, record: Record, body: Any) -> Record:
    """Turn a patch document into values to store, all of them or none.

    Raises `Refused` with 400 for another operation than replace and for an unknown path.
    """
    if not isinstance(body, list):
        raise Refused(problem(400, "InvalidRequest", "A JSON Patch document is an array."))
    values: Record = {}
    for item in body:
        step = fold(item)
        if str(step.get("op", "")).lower() != "replace":
            raise Refused(
                problem(400, "InvalidRequest", "Only the replace operation is supported.")
            )
        _replace(org, entity, record, values, path=step.get("path"), value=step.get("value"))
    return values


def _replace(
    org: Organization, entity: Entity, record: Record, values: Record, *, path: Any, value: Any
) -> None:
    steps = path.split("/") if isinstance(path, str) else []
    if len(steps) not in (2, 3) or steps[0]:
        raise _unknown(path)
    tail = steps[2] if len(steps) == 3 else None
    spec = entity.field_named("/".join(steps[1:])) or entity.field_named(steps[1])
    if spec is None or spec.read_only or (spec.hidden and tail is None):
        raise _unknown(path)
    if spec.hidden or tail is None:
        values[spec.stored] = read_value(org, spec, value)
        return
    current = values.get(spec.stored, record.get(spec.stored))
    values[spec.stored] = read_value(org, spec, _inner(spec, current, tail, value, path))


def _inner(spec: Field, current: Any, tail: str, value: Any, path: Any) -> Any:
    """Put a value into a sub-object."""
    name = tail.lower()
    if spec.kind == "ref" and name == spec.via.lower():
        return None if value is None else {spec.via: value}
    if spec.kind == "freetext" and name == "value":
        return value
    if spec.kind == "money" and name in ("amount", "currencycode"):
        return {**{key.lower(): item for key, item in (current or {}).items()}, name: value}
    raise _unknown(path)


def _unknown(path: Any) -> Refused:
    return invalid(f"The path {path} cannot be replaced.", name=str(path))
