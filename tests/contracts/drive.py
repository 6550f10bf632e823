"""Drives every operation of the tables often enough that a rare breach would show."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from itertools import cycle
from typing import Any

from tests.contracts.recorder import Recorder
from worker.vendors.client import Client
from worker.vendors.endpoints import Endpoint, Operation, Paging
from worker.vendors.records import Record

OFTEN = 50
Rows = list[Record]


class Driver:
    """Calls operations of one client until the recorder has seen each often enough."""

    def __init__(self, client: Client, recorder: Recorder, *, often: int = OFTEN) -> None:
        self.client = client
        self._recorder = recorder
        self._often = often

    def count(self, operation: Operation) -> int:
        """Return how many exchanges of an operation were checked."""
        return self._recorder.checked[self.client.side, operation.name]

    def lacking(self, operations: Iterable[Operation]) -> list[str]:
        """Name the operations that were not exchanged often enough."""
        return [
            f"{operation.name}: {self.count(operation)}"
            for operation in operations
            if self.count(operation) < self._often
        ]

    async def rows(self, endpoint: Endpoint, **path: str) -> Rows:
        """Read a whole list."""
        return [row async for page in self.client.pages(endpoint, path=path) for row in page.rows]

    async def lists(
        self,
        endpoint: Endpoint,
        paths: Iterable[Mapping[str, str]] = ({},),
        *,
        since: str | None = None,
    ) -> None:
        """Read a list again and again, half of the times for changes only.

        The journal must always be asked for changes.
        """
        turns = cycle(paths)
        asks_changes = cycle((False, True))
        while self.count(endpoint.operation) < self._often:
            asks = next(asks_changes) or endpoint.paging is Paging.LINES
            moment = since if endpoint.since and asks else None
            async for _ in self.client.pages(endpoint, path=next(turns), since=moment):
                pass

    async def reads(self, operation: Operation, paths: Iterable[Mapping[str, str]]) -> None:
        """Read single records in turn."""
        turns = cycle(paths)
        while self.count(operation) < self._often:
            await self.client.read(operation, path=next(turns))

    async def repeats(self, operation: Operation, work: Callable[[int], Awaitable[object]]) -> None:
        """Do a piece of work that exchanges an operation once."""
        for number in _up_to(lambda: self.count(operation) < self._often, self._often * 3):
            await work(number)


def _up_to(wanted: Callable[[], bool], most: int) -> Iterator[int]:
    for number in range(1, most + 1):
        if not wanted():
            return
        yield number


def values(rows: Rows, name: str, *, place: str | None = None) -> list[dict[str, str]]:
    """Return the paths that lead to records; a dot in `name` goes into a sub-object."""
    found: list[dict[str, str]] = []
    for row in rows:
        value: Any = row
        for part in name.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if value is not None:
            found.append({place or name: str(value)})
    assert found, f"no row has {name}"
    return found
