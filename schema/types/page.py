"""Relay connections with cursors of our own (H11): what a page of a list looks like."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Generic, TypeVar

import strawberry

from schema.types.said import said

T = TypeVar("T")


@strawberry.type
class PageInfo:
    """Where a page stands in its list."""

    has_next_page: bool = said("Whether more items follow this page.")
    has_previous_page: bool = said("Whether items come before this page.")
    start_cursor: str | None = said("The cursor of the first item; null on an empty page.")
    end_cursor: str | None = said("The cursor of the last item; null on an empty page.")


@strawberry.type
class Freshness:
    """How old the data of a list can be at most."""

    as_of: datetime | None = said(
        "Everything that both systems knew at this moment is included; null before the first sync."
    )
    age_seconds: int | None = said("Seconds since then.")
    is_stale: bool = said("Whether the data is older than three sync intervals, or never came.")


@strawberry.type
class Edge(Generic[T]):
    """An item of a list with its cursor."""

    node: T = said("The item.")
    cursor: str = said("The place of the item; give it as `after` or `before`.")


@strawberry.type
class Connection(Generic[T]):
    """A page of a list."""

    nodes: list[T] = said("The items of this page.")
    has_next: strawberry.Private[bool]
    has_previous: strawberry.Private[bool]
    cursors: strawberry.Private[list[str]]
    count: strawberry.Private[Callable[[], Awaitable[int]]]
    fresh: strawberry.Private[Callable[[], Awaitable[Freshness | None]]]

    @strawberry.field
    def edges(self) -> list[Edge[T]]:
        """The items of this page with their cursors."""
        return [
            Edge(node=node, cursor=cursor)
            for node, cursor in zip(self.nodes, self.cursors, strict=True)
        ]

    @strawberry.field
    def page_info(self) -> PageInfo:
        """Where this page stands in the list."""
        return PageInfo(
            has_next_page=self.has_next,
            has_previous_page=self.has_previous,
            start_cursor=self.cursors[0] if self.cursors else None,
            end_cursor=self.cursors[-1] if self.cursors else None,
        )

    @strawberry.field
    async def total_count(self) -> int:
        """How many items the whole list has; counted only when asked for."""
        return await self.count()

    @strawberry.field
    async def freshness(self) -> Freshness | None:
        """How old the data can be; null for lists that no sync fills."""
        return await self.fresh()
