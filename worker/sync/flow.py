"""A flow: how one register travels between the two sides, as data and a few callables."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from schema.models import Link
from schema.models.base import Record
from schema.words import Entity, Side
from worker.context import Context
from worker.mapping.field import Field, Form, form_of
from worker.sync.pull import Source

Body = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One object of one side: `key` is its stable key, `number` the one that people see."""

    side: Side
    resource: str
    key: str
    body: Body
    etag: str | None = None


@dataclass(slots=True, kw_only=True)
class Case:
    """One unified record with what both sides say of it; each part may be missing."""

    seen: dict[Side, Seen] = field(default_factory=dict)
    links: dict[Side, Link] = field(default_factory=dict)
    record: Record | None = None
    needed: bool = False

    @property
    def bodies(self) -> dict[Side, Body]:
        """What each side says."""
        return {side: seen.body for side, seen in self.seen.items()}


class Half(Protocol):
    """One side of a flow: reading, finding, creating and updating its objects."""

    async def read(self, ctx: Context, case: Case) -> Seen:
        """Read the object again, with its version where there is one."""
        ...

    async def find(self, ctx: Context, case: Case) -> Seen | None:
        """Look for an object that an earlier, uncertain create may have made."""
        ...

    async def create(self, ctx: Context, case: Case, wanted: Form) -> Seen:
        """Create the object; `wanted` holds the values in this side's own form."""
        ...

    async def update(self, ctx: Context, case: Case, wanted: Form) -> Seen:
        """Change the object."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Everything the engine must know of one register."""

    entity: Entity
    model: type[Record]
    sources: tuple[Source, ...]
    resources: Mapping[Side, tuple[str, ...]]
    halves: Mapping[Side, Half]
    fields: Callable[[Case], tuple[Field, ...]]
    compose: Callable[[Context, Side, list[Seen]], Awaitable[list[Seen]]]
    columns: Callable[[Case, Mapping[str, Any]], dict[str, Any]]
    number: Callable[[Seen], str | None]
    label: Callable[[Case], str]
    skip: Callable[[Context, Case], str | None]
    wait: Callable[[Context, Case], Awaitable[str | None]]
    pair: Callable[[Case], str | None]
    saved: Callable[[Context, Case, Mapping[str, Any]], Awaitable[None]]
    defer: Callable[[Form], frozenset[str]] = lambda _: frozenset()

    def match(self, seen: Seen) -> Callable[[Body], str | None] | None:
        """Return how the match key of an object is worked out."""
        for source in self.sources:
            if source.side is seen.side and source.resource == seen.resource:
                return source.match
        return None

    def form(self, case: Case, side: Side) -> Form | None:
        """Return what a side says, in that side's own form."""
        seen = case.seen.get(side)
        return None if seen is None else form_of(self.fields(case), side=side, body=seen.body)


async def never_waits(ctx: Context, case: Case) -> str | None:
    """Say that nothing has to come first."""
    return None


async def nothing_more(ctx: Context, case: Case, values: Mapping[str, Any]) -> None:
    """Say that a record has no parts of its own to save."""
