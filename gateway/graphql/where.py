"""Conditions of a SQL statement with their values; `?` stands for the next value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from gateway.auth import Principal
from schema.types.ids import key_of

SEARCH_LENGTH = 200
LIST_LENGTH = 500


class Where:
    """Collects conditions that must all hold."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.values: list[Any] = []

    def add(self, condition: str, *values: Any) -> None:
        """Add a condition; every `?` takes one value."""
        pieces = condition.split("?")
        assert len(pieces) == len(values) + 1, condition
        text = pieces[0]
        for value, piece in zip(values, pieces[1:], strict=True):
            text += f"${self.bind(value)}{piece}"
        self.parts.append(text)

    def bind(self, value: Any) -> int:
        """Add a value; returns its number."""
        self.values.append(value)
        return len(self.values)

    def never(self) -> None:
        """Let nothing pass: an unknown and a forbidden id look alike (H12)."""
        self.parts.append("FALSE")

    def tenant(
        self,
        principal: Principal,
        integration_id: str | None = None,
        *,
        column: str = "t.integration_id",
    ) -> None:
        """Let only pass what the caller may see, in one integration if one is named (S10)."""
        if integration_id is not None:
            key = key_of(integration_id, "Integration")
            if key is None or not principal.may_see(key):
                self.never()
                return
            self.add(f"{column} = ?", key)
        elif principal.integration_ids is not None and len(principal.integration_ids) == 1:
            # A plain equality can use the order of an index, a choice of one cannot.
            self.add(f"{column} = ?", *principal.integration_ids)
        elif principal.integration_ids is not None:
            self.add(f"{column} = ANY(?::uuid[])", list(principal.integration_ids))

    def equal(self, column: str, value: Any) -> None:
        """Add an equality unless the filter leaves it out."""
        if value is not None:
            self.add(f"{column} = ?", value)

    def one_of(self, column: str, values: Sequence[Any] | None) -> None:
        """Add a choice of texts unless the filter leaves it out."""
        if values is not None:
            texts = [str(getattr(value, "value", value)) for value in values[:LIST_LENGTH]]
            self.add(f"{column} = ANY(?::text[])", texts)

    def at_least(self, column: str, value: Any) -> None:
        """Add a lower bound unless the filter leaves it out."""
        if value is not None:
            self.add(f"{column} >= ?", value)

    def at_most(self, column: str, value: Any) -> None:
        """Add an upper bound unless the filter leaves it out."""
        if value is not None:
            self.add(f"{column} <= ?", value)

    def reference(self, column: str, text: str | None, kind: str) -> None:
        """Add an equality with a global id; an id of another kind lets nothing pass."""
        if text is None:
            return
        key = key_of(text, kind)
        if key is None:
            self.never()
        else:
            self.add(f"{column} = ?", key)

    def search(self, text: str | None, *columns: str) -> None:
        """Look for a part of a text in some columns."""
        if text is None or not text.strip():
            return
        pattern = text.strip()[:SEARCH_LENGTH]
        for sign in "\\%_":
            pattern = pattern.replace(sign, f"\\{sign}")
        number = self.bind(f"%{pattern}%")
        self.parts.append("(" + " OR ".join(f"{one} ILIKE ${number}" for one in columns) + ")")

    @property
    def sql(self) -> str:
        """The conditions as one expression."""
        return " AND ".join(self.parts) or "TRUE"

    def copy(self) -> Where:
        """Return the same conditions, to be extended."""
        twin = Where()
        twin.parts, twin.values = list(self.parts), list(self.values)
        return twin


def visible(principal: Principal) -> list[UUID] | None:
    """Return the integrations that the caller may see; None for all."""
    return None if principal.integration_ids is None else list(principal.integration_ids)
