"""A flow: how one register travels between the two sides, as data and a few callables."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from schema.models import Link
from schema.models.base import Record
from schema.words import Entity, Side
from worker.context import Context
from worker.mapping.convert import CannotMap
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
    """One unified record with what both sides say of it; each part may be missing.

    `needed` says that another record depends on it, `busy` that a document of it is on its way.
    `fresh` are the sides that were read back just now.
    """

    seen: dict[Side, Seen] = field(default_factory=dict)
    links: dict[Side, Link] = field(default_factory=dict)
    record: Record | None = None
    needed: bool = False
    busy: bool = False
    fresh: set[Side] = field(default_factory=set)

    @property
    def bodies(self) -> dict[Side, Body]:
        """What each side says."""
        return {side: seen.body for side, seen in self.seen.items()}

    @property
    def lost(self) -> list[Side]:
        """The sides on which the record was known and has disappeared (Q24)."""
        return [side for side in self.links if side not in self.seen]


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


async def never_waits(ctx: Context, case: Case) -> str | None:
    """Say that nothing has to come first."""
    return None


async def nothing_more(ctx: Context, cases: Sequence[tuple[Case, Mapping[str, Any]]]) -> None:
    """Say that records have no parts of their own to save."""


async def _ready(ctx: Context) -> None:
    """Say that nothing has to be prepared."""


async def _idle(ctx: Context, ids: Collection[UUID]) -> set[UUID]:
    """Say that no document holds a record back."""
    return set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Everything the engine must know of one register.

    `word` is the name of the register in links and attempts, where it is not that of the entity.
    `key` is the field that binds both sides and may not change afterwards (R18). A match key may
    stand once on each side, unless `choose` picks among several; `twice` and `mismatch` name the
    issues of a match that is not clear. `busy` tells which records have a document on its way.
    `later` are the fields that a create leaves to the update that follows.
    """

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
    wait: Callable[[Context, Case], Awaitable[str | None]] = never_waits
    pair: Callable[[Case], str | None] = lambda _: None
    saved: Callable[[Context, Sequence[tuple[Case, Mapping[str, Any]]]], Awaitable[None]] = (
        nothing_more
    )
    defer: Callable[[Form], frozenset[str]] = lambda _: frozenset()
    later: frozenset[str] = frozenset()
    word: str = ""
    key: str | None = None
    choose: Callable[[Seen, Sequence[Seen]], Seen] | None = None
    twice: str = "name_twice"
    mismatch: str = "match_unclear"
    prepare: Callable[[Context], Awaitable[None]] = _ready
    busy: Callable[[Context, Collection[UUID]], Awaitable[set[UUID]]] = _idle
    warnings: Callable[[Case], tuple[CannotMap, ...]] = lambda _: ()
    describe: Callable[[Seen], str] | None = None
    # Whether an object that can still be read counts as deleted.
    vanished: Callable[[Seen], bool] = lambda _: False

    @property
    def name(self) -> str:
        """The register's name in links, attempts and subjects."""
        return self.word or self.entity.value

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

    def told(self, seen: Seen) -> str:
        """Name an object of one side for people."""
        if self.describe is not None:
            return self.describe(seen)
        return f"{self.number(seen) or seen.key} in {seen.side.value.capitalize()}"
