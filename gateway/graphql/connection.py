"""Pages of lists: keyset cursors in both directions, no offset, no drift under inserts (H11)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, Generic, TypeVar
from uuid import UUID

from gateway.graphql.where import Where
from schema import database
from schema.errors import Refused
from schema.types.page import Connection, Freshness

T = TypeVar("T")

DEFAULT_SIZE = 50
MAXIMUM = 100


class BadPage(Refused):
    """Arguments that name no page."""

    code = "BAD_USER_INPUT"


class BadCursor(Refused):
    """A cursor that this list did not give out."""

    code = "BAD_CURSOR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A column that a list can be ordered by; the row's id breaks ties."""

    name: str
    sql: str
    kind: str = "text"
    nullable: bool = False
    alias: str = ""

    @property
    def column(self) -> str:
        """The name of the value in the result."""
        return self.alias or self.sql.rpartition(".")[2]


BY_ID = Order(name="id", sql="t.id", kind="uuid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Generic[T]):
    """Where the items of a list come from and how a row becomes one."""

    table: str
    make: Callable[[Mapping[str, Any]], T]
    columns: str = "t.*"
    key: str = "uuid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which part of a list is wanted."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None

    def size(self) -> int:
        """Return how many items are wanted.

        Raises BadPage for a negative number, more than the maximum, and both ends at once.
        """
        if self.first is not None and self.last is not None:
            raise BadPage("Give `first` or `last`, not both.")
        for name, value in (("first", self.first), ("last", self.last)):
            if value is not None and value < 0:
                raise BadPage(f"`{name}` is {value}; it must not be negative.")
            if value is not None and value > MAXIMUM:
                raise BadPage(f"`{name}` is {value}; a page has at most {MAXIMUM} items.")
        wanted = self.last if self.last is not None else self.first
        return DEFAULT_SIZE if wanted is None else wanted


async def no_freshness() -> Freshness | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The part of a list that a page is: a condition, an order and one row more than wanted."""

    where: Where
    order_by: str
    size: int
    backward: bool

    def sql(self, columns: str, table: str) -> str:
        """Return the statement for some columns."""
        return (
            f"SELECT {columns} FROM {table} WHERE {self.where.sql} "
            f"ORDER BY {self.order_by} LIMIT {self.size + 1}"
        )

    def rows(self, found: list[Any]) -> tuple[list[Any], bool]:
        """Return the rows of the page in the list's order, and whether there are more."""
        rows = found[: self.size]
        if self.backward:
            rows.reverse()
        return rows, len(found) > self.size


def cut(source: Source[Any], *, where: Where, page: Page, order: Order, descending: bool) -> Cut:
    """Work out which part of a list a page is.

    Raises BadPage for arguments that name none, BadCursor for a foreign cursor.
    """
    backward = page.last is not None or (page.before is not None and page.first is None)
    bounds = where.copy()
    _bound(bounds, source, order, page.after, descending, backward=False)
    _bound(bounds, source, order, page.before, descending, backward=True)
    return Cut(
        where=bounds,
        order_by=_order_by(order, descending, backward),
        size=page.size(),
        backward=backward,
    )


async def load(
    source: Source[T],
    *,
    where: Where,
    page: Page,
    order: Order = BY_ID,
    descending: bool = False,
    fresh: Callable[[], Awaitable[Freshness | None]] = no_freshness,
) -> Connection[T]:
    """Load one page.

    Raises BadPage for arguments that name none, BadCursor for a foreign cursor.
    """
    part = cut(source, where=where, page=page, order=order, descending=descending)
    found = await database.rows(part.sql(source.columns, source.table), *part.where.values)
    rows, more = part.rows(found)
    return Connection(
        nodes=[source.make(row) for row in rows],
        cursors=[write_cursor(order, descending, row) for row in rows],
        has_next=page.before is not None if part.backward else more,
        has_previous=more if part.backward else page.after is not None,
        count=partial(count, source, where),
        fresh=fresh,
    )


async def count(source: Source[Any], where: Where) -> int:
    """Count the items of a whole list."""
    found = await database.rows(
        f"SELECT count(*) AS n FROM {source.table} WHERE {where.sql}", *where.values
    )
    return int(found[0]["n"])


def _order_by(order: Order, descending: bool, backward: bool) -> str:
    direction = "DESC" if descending != backward else "ASC"
    if order.sql == BY_ID.sql:
        return f"t.id {direction}"
    nulls = (" NULLS FIRST" if backward else " NULLS LAST") if order.nullable else ""
    return f"{order.sql} {direction}{nulls}, t.id {direction}"


def _bound(
    where: Where,
    source: Source[Any],
    order: Order,
    cursor: str | None,
    descending: bool,
    *,
    backward: bool,
) -> None:
    """Add the condition that an item lies beyond a cursor; null values come last."""
    if cursor is None:
        return
    value, key = read_cursor(order, descending, cursor, source.key)
    sign = "<" if descending != backward else ">"
    if order.sql == BY_ID.sql:
        where.add(f"t.id {sign} ?", key)
    elif not order.nullable:
        where.add(f"({order.sql}, t.id) {sign} (?, ?)", value, key)
    elif value is None:
        ties = f"({order.sql} IS NULL AND t.id {sign} ?)"
        where.add(f"({order.sql} IS NOT NULL OR {ties})" if backward else ties, key)
    else:
        beyond = f"({order.sql}, t.id) {sign} (?, ?)"
        where.add(beyond if backward else f"({beyond} OR {order.sql} IS NULL)", value, key)


def write_cursor(order: Order, descending: bool, row: Mapping[str, Any]) -> str:
    """Turn the place of a row into an opaque text that names the order it belongs to."""
    value = None if order.sql == BY_ID.sql else row[order.column]
    text = None if value is None else _text(value)
    parts = [1, order.name, int(descending), text, str(row["id"])]
    packed = json.dumps(parts, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def read_cursor(order: Order, descending: bool, text: str, key_kind: str) -> tuple[Any, Any]:
    """Turn a cursor into the value and id of the row that it stands for.

    Raises BadCursor for a text that this list did not give out in this order.
    """
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        version, name, direction, value, key = json.loads(packed)
        if (version, name, direction) != (1, order.name, int(descending)):
            raise ValueError(text)
        read = None if value is None else _READ[order.kind](_checked(value))
        return read, _READ[key_kind](_checked(key))
    except (ValueError, TypeError, binascii.Error, InvalidOperation, RecursionError) as error:
        raise BadCursor("This cursor was not given out by this list in this order.") from error


def _checked(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("a cursor holds texts")
    value.encode()
    return value


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def _whole(text: str) -> int:
    if len(text) > 18:
        raise ValueError("too long")
    return int(text)


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite() or len(text) > 60:
        raise ValueError("no amount")
    return number


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no time zone")
    return moment


_READ: dict[str, Callable[[str], Any]] = {
    "text": str,
    "uuid": UUID,
    "int": _whole,
    "date": date.fromisoformat,
    "datetime": _moment,
    "decimal": _decimal,
}
