"""What an operation is on its way through the engine: asked, prepared, answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import orjson
from graphql import (
    DocumentNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    print_ast,
)

from gateway.graphql.express import Express

_NUL = re.compile(r"\x00|\\u0000|\\u\{0+\}")
_LONE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One operation as a client sent it."""

    query: str
    variables: Mapping[str, Any] | None = None
    operation_name: str | None = None


@dataclass(slots=True, kw_only=True)
class Prepared:
    """A document that has been parsed and validated, with the operation to run."""

    document: DocumentNode | None = None
    operation: OperationDefinitionNode | None = None
    refused: list[dict[str, Any]] | None = None
    introspects: bool = False
    keepable: bool = False
    paging: tuple[str, ...] = ()
    express: Express | None = None
    measured: dict[tuple[Any, ...], tuple[GraphQLError | None, int]] = field(default_factory=dict)

    @property
    def kind(self) -> OperationType | None:
        """Query, mutation or subscription; None for a refused document."""
        return self.operation.operation if self.operation else None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an operation answers; `data` is absent when it was refused before execution (H4)."""

    errors: list[dict[str, Any]] | None = None
    data: Any = None
    executed: bool = False

    @property
    def body(self) -> dict[str, Any]:
        """The answer as clients read it."""
        found: dict[str, Any] = {}
        if self.errors:
            found["errors"] = self.errors
        if self.executed:
            found["data"] = self.data
        return found

    @cached_property
    def text(self) -> str:
        """The answer as JSON text, encoded once for everybody who gets it."""
        return orjson.dumps(self.body).decode()


def operation_of(document: DocumentNode, name: str | None) -> OperationDefinitionNode | str:
    """Choose the operation to run; a text says why none can be chosen."""
    found = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    if name:
        named = [one for one in found if one.name and one.name.value == name]
        return named[0] if named else "The document has no operation of this name."
    if len(found) == 1:
        return found[0]
    if found:
        return "The document has several operations; give an operationName."
    return "The document has no operation."


def paging_variables(operation: OperationDefinitionNode) -> tuple[str, ...]:
    """Name the variables whose values the cost depends on: the whole numbers."""
    return tuple(
        one.variable.name.value
        for one in operation.variable_definitions or ()
        if print_ast(one.type).rstrip("!") == "Int"
    )


def whole_number(value: Any) -> int | None:
    """Return a value that is a whole number, and nothing for any other."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def clean(value: Any) -> bool:
    """Tell whether all texts in a JSON value can be stored: no NUL, no lone surrogate (H6)."""
    if isinstance(value, str):
        return not _NUL.search(value) and not _LONE.search(value)
    if isinstance(value, Mapping):
        return all(clean(key) and clean(item) for key, item in value.items())
    if isinstance(value, list):
        return all(clean(item) for item in value)
    return True
