"""Generic list, get, create, patch and delete of a declared entity."""

from __future__ import annotations

from typing import Any

from sandbox.http import Call, Handler, Op, Refused, Reply
from sandbox.severa.errors import invalid, missing, problem
from sandbox.severa.fields import Entity, Field, fold, read_value, show_record
from sandbox.severa.lists import Test, every, offset_page, selection, token_page
from sandbox.severa.patch import read_patch
from sandbox.severa.state import Organization
from sandbox.severa.table import Record

ABSENT: Any = object()


def body_of(call: Call) -> Any:
    """Read the JSON body.

    Raises `Refused` with 400 when it is no JSON.
    """
    try:
        return call.json()
    except ValueError as error:
        raise Refused(problem(400, "InvalidRequest", "The body is not valid JSON.")) from error


def found(call: Call, table: str, param: str = "guid") -> Record:
    """Find the record that the path names, else answer 404."""
    org: Organization = call.company
    record = org.find(table, call.params[param])
    if record is None:
        raise missing()
    return record


def create(org: Organization, entity: Entity, body: Any, **given: Any) -> Record:
    """Create a record from an input body; `given` are values that the path decides."""
    values = {**read_new(org, entity, body, skip=set(given)), **given}
    if entity.check is not None:
        entity.check(org, None, values)
    record = org.insert(entity.name, values)
    if entity.after is not None:
        entity.after(org, record, values)
    return record


def read_new(org: Organization, entity: Entity, body: Any, *, skip: set[str]) -> Record:
    """Read the input values of a new record, with defaults for what is absent."""
    given = fold(body)
    values: Record = {}
    for spec in entity.fields:
        if spec.read_only or spec.stored in skip:
            continue
        value = _inside(given, spec.name)
        if value is ABSENT and spec.required:
            raise invalid(f"{spec.name} is required.", name=spec.name)
        values[spec.stored] = _incoming(org, spec, value)
    return values


def _incoming(org: Organization, spec: Field, value: Any) -> Any:
    if value is ABSENT or (value is None and spec.kind == "bool"):
        return spec.default
    return read_value(org, spec, value)


def _inside(given: dict[str, Any], name: str) -> Any:
    """Find the value of a field; a name with a slash lies inside a sub-object."""
    head, _, tail = name.lower().partition("/")
    value = given.get(head, ABSENT)
    if not tail or value is ABSENT:
        return value
    return fold(value).get(tail, ABSENT) if value else ABSENT


def change(org: Organization, entity: Entity, record: Record, values: Record) -> None:
    """Change a record, with the entity's checks."""
    if entity.check is not None:
        entity.check(org, record, values)
    org.update(entity.name, record, values)
    if entity.after is not None:
        entity.after(org, record, values)


def operations(entity: Entity, *, verbs: str = "list get post patch delete") -> tuple[Op, ...]:
    """Declare the ordinary operations of an entity."""
    path, scope = f"/v1/{entity.name}", entity.scope
    one = f"{path}/{{guid}}"
    rows = {
        "list": Op(method="GET", path=path, handler=lister(entity), scopes=(f"{scope}:read",)),
        "get": Op(method="GET", path=one, handler=getter(entity), scopes=(f"{scope}:read",)),
        "post": _write("POST", path, poster(entity), f"{scope}:write"),
        "patch": _write("PATCH", one, patcher(entity), f"{scope}:write"),
        "delete": _write("DELETE", one, deleter(entity), f"{scope}:delete"),
    }
    return tuple(rows[verb] for verb in verbs.split())


def _write(method: str, path: str, handler: Handler, scope: str) -> Op:
    return Op(method=method, path=path, handler=handler, scopes=(scope,), writes=True)


def lister(entity: Entity) -> Handler:
    """Make the handler of a list."""

    async def handle(call: Call) -> Reply:
        org: Organization = call.company
        return page(call, entity, selection(org, entity, call.query))

    return handle


def page(call: Call, entity: Entity, test: Test) -> Reply:
    """Answer one page of an entity's table in its style."""
    org: Organization = call.company
    table = org.tables[entity.name]

    def show(record: Record) -> dict[str, Any]:
        return show_record(org, entity, record)

    if entity.paging == "token":
        return token_page(call, table, test=test, show=show)
    chosen = table if test is every else (record for record in table if test(record))
    if entity.paging == "none":
        return Reply(body=[show(record) for record in chosen])
    return offset_page(call, chosen, show=show, all_by_default=entity.all_by_default)


def getter(entity: Entity) -> Handler:
    """Make the handler that reads one record."""

    async def handle(call: Call) -> Reply:
        return Reply(body=show_record(call.company, entity, found(call, entity.name)))

    return handle


def poster(entity: Entity, *, as_list: bool = False) -> Handler:
    """Make the handler that creates a record."""

    async def handle(call: Call) -> Reply:
        record = create(call.company, entity, body_of(call))
        shown = show_record(call.company, entity, record)
        return Reply(status=201, body=[shown] if as_list else shown)

    return handle


def patcher(entity: Entity) -> Handler:
    """Make the handler of a JSON Patch."""

    async def handle(call: Call) -> Reply:
        record = found(call, entity.name)
        values = read_patch(call.company, entity, record, body_of(call))
        change(call.company, entity, record, values)
        shown = show_record(call.company, entity, record)
        return Reply(body=shown if entity.patch_single else [shown])

    return handle


def deleter(entity: Entity) -> Handler:
    """Make the handler that deletes a record."""

    async def handle(call: Call) -> Reply:
        record = found(call, entity.name)
        if entity.guard is not None:
            entity.guard(call.company, record)
        call.company.tables[entity.name].remove(record)
        return Reply(status=204)

    return handle
