"""A table of records in the order of their creation, with indexes for the common questions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Record = dict[str, Any]


class Table:
    """Records by guid; a deleted record leaves a hole, so that page tokens stay true."""

    def __init__(self, *indexed: str) -> None:
        self._rows: dict[str, Record] = {}
        self._order: list[str] = []
        self._indexes: dict[str, dict[Any, dict[str, None]]] = {name: {} for name in indexed}

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Record]:
        return iter(self._rows.values())

    def get(self, guid: str | None) -> Record | None:
        """Find a record; guids match in any letter case."""
        if guid is None:
            return None
        return self._rows.get(guid) or self._rows.get(guid.lower())

    def add(self, record: Record) -> Record:
        """Add a record under its `guid`."""
        guid = record["guid"]
        self._rows[guid] = record
        self._order.append(guid)
        for name, index in self._indexes.items():
            index.setdefault(record.get(name), {})[guid] = None
        return record

    def change(self, record: Record, values: Record) -> None:
        """Change fields of a record and keep the indexes true."""
        for name, index in self._indexes.items():
            if name in values and values[name] != record.get(name):
                index[record.get(name)].pop(record["guid"], None)
                index.setdefault(values[name], {})[record["guid"]] = None
        record.update(values)

    def remove(self, record: Record) -> None:
        """Delete a record."""
        del self._rows[record["guid"]]
        for name, index in self._indexes.items():
            index[record.get(name)].pop(record["guid"], None)

    def where(self, name: str, value: Any) -> list[Record]:
        """List the records whose indexed field has that value, oldest first."""
        return [self._rows[guid] for guid in self._indexes[name].get(value, {})]

    def after(self, place: int) -> Iterator[tuple[int, Record]]:
        """Walk the records from a place in creation order, each with the place behind it."""
        for position in range(place, len(self._order)):
            record = self._rows.get(self._order[position])
            if record is not None:
                yield position + 1, record
