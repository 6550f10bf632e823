"""What every handler shares at the door: keys, versions, ready answers and paged lists."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar
from urllib.parse import quote, unquote

from sandbox.http import Call, Op, Query, Reply

from . import moment
from .errors import GatewayRefused, NotFound, Refused, VersionDiffers
from .state import LedgerCompany
from .table import JSON, Bound, Row, Table
from .wrapped import Fields, Shape, read

RESERVED = frozenset(":/?#[]@&*+;")
BAD_KEY = "\x00"
OPERATORS = (">", ">=", "<", "<=")
R = TypeVar("R", bound=Row)
T = TypeVar("T")


class Serve(Protocol):
    """A handler of Financials: plain and synchronous, so that each call is one step."""

    def __call__(self, company: LedgerCompany, call: Call) -> Reply: ...


def key_of(segment: str) -> str:
    """Read a key from a path segment: plain, or `b64(...)` when it has reserved characters."""
    text = unquote(segment)
    if text.lower().startswith("b64(") and text.endswith(")"):
        code = text[4:-1].rstrip("=")
        try:
            return base64.urlsafe_b64decode(code + "=" * (-len(code) % 4)).decode()
        except (binascii.Error, UnicodeDecodeError):
            return BAD_KEY
    return BAD_KEY if RESERVED & set(text) else text


def segment_of(key: str) -> str:
    """Write a key as a path segment."""
    if RESERVED & set(key):
        code = base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")
        return f"b64({code})"
    return quote(key, safe="")


def served(serve: Serve) -> Any:
    """Turn a handler into one of the dispatcher, with the vendor's refusals."""

    async def handler(call: Call) -> Reply:
        try:
            _same_company(call)
            if BAD_KEY in call.params.values():
                return _dangerous_path()
            return serve(call.company, call)
        except Refused as refusal:
            return Reply(status=refusal.status, body=refusal.body())
        except GatewayRefused as refusal:
            return Reply(status=refusal.status, body=refusal.body())
        except NotFound:
            return Reply(status=404)
        except VersionDiffers:
            return Reply(status=412)

    return handler


def _same_company(call: Call) -> None:
    given = call.headers.get("ipp-company-id")
    if given is not None and given.strip() != str(call.company.number):
        raise GatewayRefused(
            status=400, code="12002", message="Invalid parameter exception: ipp-company-id"
        )


def _dangerous_path() -> Reply:
    page = (
        b"<html><head><title>Bad Request</title></head><body>A potentially dangerous Request.Path "
        b"value was detected from the client.</body></html>"
    )
    return Reply(status=400, body=page, media_type="text/html")


def found(row: T | None) -> T:
    """Give the record, or answer 404."""
    if row is None:
        raise NotFound
    return row


def number_in(call: Call, name: str) -> int:
    """Read a number from the path; anything else is nothing that exists."""
    text = call.params[name].strip()
    if not text.isdigit():
        raise NotFound
    return int(text)


def fields_of(
    company: LedgerCompany, call: Call, shape: Shape, *, zones_refused: bool = False
) -> Fields:
    """Read the written body by its shape."""
    return read(body_of(call), shape, zone=company.zone, zones_refused=zones_refused)


def body_of(call: Call) -> Any:
    """Read the body as JSON."""
    try:
        return call.json()
    except ValueError:
        raise Refused("The request body is no valid JSON.") from None


def check_version(call: Call, row: Row) -> None:
    """Answer 412 when If-Match names another version."""
    given = call.headers.get("if-match")
    if given is None or given.strip() == "*":
        return
    if given.strip().removeprefix("W/").strip('"') != row.version:
        raise VersionDiffers


def tag(row: Row) -> dict[str, str]:
    """Give the ETag header of a row."""
    return {"ETag": f'"{row.version}"'}


def one(row: Row, dto: JSON | None = None) -> Reply:
    """Answer one object."""
    return Reply(body=row.dto if dto is None else dto, headers=tag(row))


def created(call: Call, path: str, key: str, row: Row | None = None) -> Reply:
    """Answer a creation: 201, empty body, Location."""
    headers = {"Location": f"{call.base}{path}/{segment_of(key)}"}
    return Reply(status=201, headers=headers | (tag(row) if row else {}))


def changed(row: Row | None = None) -> Reply:
    """Answer a change: 204 with the new version."""
    return Reply(status=204, headers=tag(row) if row else {})


def bound(query: Query, name: str) -> Bound | None:
    """Read a date with its condition; a date alone is ignored, as the vendor does."""
    value, operator = query.one(name), query.one(f"{name}Condition")
    if value is None or operator is None:
        return None
    if operator.strip() not in OPERATORS:
        raise Refused(f"The condition '{operator}' of parameter '{name}Condition' is not valid.")
    return Bound(operator=operator.strip(), value=moment.filter_value(name, value))


Test = Callable[[R], bool]


def every(tests: Iterable[Callable[[R], bool] | None]) -> Callable[[R], bool] | None:
    """Join the filters that were asked for."""
    asked = [test for test in tests if test is not None]
    if not asked:
        return None
    if len(asked) == 1:
        return asked[0]
    return lambda row: all(test(row) for test in asked)


def equal(query: Query, name: str, value: Callable[[R], Any]) -> Callable[[R], bool] | None:
    """Filter by equality, letter case aside."""
    wanted = query.one(name)
    if wanted is None:
        return None
    text = wanted.strip().lower()
    return lambda row: str(value(row) if value(row) is not None else "").strip().lower() == text


def dated(query: Query, name: str, value: Callable[[R], str | None]) -> Test[R] | None:
    """Filter by a date with its condition."""
    limit = bound(query, name)
    if limit is None:
        return None
    return lambda row: (text := value(row)) is not None and limit.holds(moment.full(text))


def select(
    table: Table[R], call: Call, tests: Iterable[Callable[[R], bool] | None], *, among: Any = None
) -> list[R]:
    """List the rows that fit the query, answered once between two changes."""
    query = call.query
    created_at: Callable[[R], bool] | None = dated(
        query, "createdDateTime", lambda row: row.created
    )
    test = every([*tests, created_at])
    modified = bound(query, "lastModifiedDateTime")
    if test is None and modified is None and among is None:
        return table.select(cache="everything")
    asked = tuple(sorted(_question(call)))
    return table.select(modified=modified, test=test, among=among, cache=(call.op.name, asked))


def _question(call: Call) -> list[tuple[str, tuple[str, ...]]]:
    names = getattr(call.query, "_values", {})
    own = [
        (name, tuple(values))
        for name, values in names.items()
        if name not in ("pagenumber", "pagesize") and not name.startswith("expand")
    ]
    return [*own, *((f"/{name}", (value,)) for name, value in call.params.items())]


def page(
    call: Call, rows: list[T], *, show: Callable[[T], JSON], largest: int, meta: bool = True
) -> Reply:
    """Answer one page; a missing or too large page size is cut silently."""
    size = call.query.number("pageSize") or largest
    size = min(size, largest) if size > 0 else largest
    number = max(call.query.number("pageNumber") or 1, 1)
    about = {"totalCount": len(rows), "maxPageSize": largest}
    answer = []
    for row in rows[(number - 1) * size : number * size]:
        dto = show(row)
        if meta:
            dto["metadata"] = about
        answer.append(dto)
    return Reply(body=answer)


def whole(call: Call, rows: list[T], *, show: Callable[[T], JSON]) -> Reply:
    """Answer a list that is not paged; only the deprecated numberToRead cuts it."""
    wanted = call.query.number("numberToRead")
    cut = rows if wanted is None or wanted <= 0 else rows[:wanted]
    return Reply(body=[show(row) for row in cut])


def without(row: Row, hidden: Iterable[str]) -> JSON:
    """Copy a row's object without the parts that were not asked for."""
    dto = row.dto.copy()
    for name in hidden:
        dto.pop(name, None)
    return dto


def put(dto: JSON, name: str, value: Any) -> None:
    """Set a member, or leave it out when there is nothing to show."""
    if value is None:
        dto.pop(name, None)
    else:
        dto[name] = value


def compact(**members: Any) -> JSON:
    """Build an object without its nulls."""
    return {name: value for name, value in members.items() if value is not None}


SCOPE = {"GET": "read", "POST": "create", "PUT": "update", "DELETE": "delete"}


def op(method: str, path: str, serve: Serve) -> Op:
    """Register a handler; the scope follows from the verb, actions need update (assumed)."""
    scope = "update" if "/action/" in path else SCOPE[method]
    return Op(
        method=method, path=path, handler=served(serve), scopes=(scope,), writes=method != "GET"
    )
