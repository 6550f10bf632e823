"""What both fake vendors share at the door: operations, calls, replies and refusals."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from sandbox.codec import parse, render
from sandbox.limits import Window

if TYPE_CHECKING:
    from sandbox.world import World

JSON = "application/json; charset=utf-8"


@dataclass(slots=True, kw_only=True)
class Reply:
    """An answer: `body` is JSON unless it is bytes; None is an empty body."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = JSON

    def raw(self) -> bytes:
        """Give the bytes of the body."""
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else render(self.body)


class Refused(Exception):
    """A call that ends with a ready reply instead of a result."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        super().__init__(f"answered {reply.status}")


class Query:
    """Query parameters; names match in any letter case, unknown ones are simply never asked for."""

    def __init__(self, text: str) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in parse_qsl(text, keep_blank_values=True):
            self._values.setdefault(name.lower(), []).append(value)

    def one(self, name: str) -> str | None:
        """Give the first value, None when the parameter is absent or empty."""
        return next((value for value in self.many(name) if value), None)

    def many(self, name: str) -> list[str]:
        """Give every value of a repeated parameter."""
        return self._values.get(name.lower(), [])

    def without(self, *names: str) -> Query:
        """Copy the query without some parameters."""
        copy = Query("")
        dropped = {name.lower() for name in names}
        copy._values = {name: list(v) for name, v in self._values.items() if name not in dropped}
        return copy

    def flag(self, name: str) -> bool | None:
        """Give a boolean parameter, None when it is absent or no boolean."""
        return {"true": True, "1": True, "false": False, "0": False}.get(
            (self.one(name) or "").lower()
        )

    def number(self, name: str) -> int | None:
        """Give a whole number, None when it is absent or no number."""
        value = self.one(name) or ""
        return int(value) if value.lstrip("-").isdigit() else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls: a client of one company, with the scopes of its token."""

    company: Any
    company_id: str
    client_id: str
    scopes: frozenset[str]


@dataclass(slots=True, kw_only=True)
class Call:
    """One request on its way to a handler; header names are in lower case."""

    world: World
    op: Op
    params: dict[str, str]
    query: Query
    headers: dict[str, str]
    body: bytes
    base: str
    caller: Caller | None = None

    @property
    def company(self) -> Any:
        """The company state that the caller's token opens."""
        assert self.caller is not None
        return self.caller.company

    def json(self) -> Any:
        """Read the body as JSON, Decimals exact; an empty body is None.

        Raises `ValueError` for broken JSON.
        """
        return parse(self.body) if self.body.strip() else None


Handler = Callable[[Call], Awaitable[Reply]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Op:
    """One operation: `path` is the template of the vendor's document, without the base.

    `fits` tells templates of equal shape apart by their values; `open` needs no token.
    """

    method: str
    path: str
    handler: Handler
    scopes: tuple[str, ...] = ()
    writes: bool = False
    open: bool = False
    fits: Callable[[dict[str, str]], bool] | None = None

    @property
    def name(self) -> str:
        """Name the operation as control routes do."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """How one vendor differs at the door.

    `authenticate` raises `Refused`; `failure` renders an error status in the vendor's shape;
    `finish` adds the headers that every answer carries; `around` wraps the handler (background
    calls); `expire` forgets the token of these headers.
    """

    name: str
    prefix: str
    ops: tuple[Op, ...]
    authenticate: Callable[[World, dict[str, str], Op], Caller]
    failure: Callable[[int, str], Reply]
    expire: Callable[[World, dict[str, str]], None]
    finish: Callable[[Reply, Window | None], Reply] = lambda reply, window: reply
    around: Callable[[Call, Handler], Awaitable[Reply]] | None = None
    key: Callable[[str], str] = unquote
    aliases: tuple[tuple[str, str], ...] = ()


class Router:
    """Finds the operation of a path: literal segments win over parameters, case is ignored."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._by_length: dict[int, list[tuple[list[str], Op]]] = {}
        for op in side.ops:
            segments = op.path.strip("/").split("/")
            self._by_length.setdefault(len(segments), []).append((segments, op))
        for rows in self._by_length.values():
            rows.sort(key=lambda row: [segment.startswith("{") for segment in row[0]])

    def find(self, *, method: str, path: str) -> tuple[Op | None, dict[str, str], bool]:
        """Give operation, parameters and whether the path exists at all under another method."""
        segments = path.strip("/").split("/")
        known = False
        for template, op in self._by_length.get(len(segments), []):
            params = self._match(template, segments)
            if params is None or (op.fits is not None and not op.fits(params)):
                continue
            known = True
            if op.method == method:
                return op, params, True
        return None, {}, known

    def _match(self, template: list[str], segments: list[str]) -> dict[str, str] | None:
        params: dict[str, str] = {}
        for expected, given in zip(template, segments, strict=True):
            if expected.startswith("{"):
                if not given:
                    return None
                params[expected[1:-1]] = self._side.key(given)
            elif expected.lower() != given.lower():
                return None
        return params
