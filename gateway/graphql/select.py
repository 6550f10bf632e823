"""Translates a selection on a type into columns, joins and a function that shapes a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, InlineFragmentNode

from gateway.graphql.columns import KINDS, Kind

Shape = Callable[[Any], Any]


class Unknown(Exception):
    """A part of a document that only the general executor knows."""


@dataclass(slots=True)
class Select:
    """The columns and joins of one statement, collected while the document is read."""

    fragments: Mapping[str, FragmentDefinitionNode]
    columns: list[str] = field(default_factory=list)
    joins: list[str] = field(default_factory=list)
    known: dict[str, int] = field(default_factory=dict)
    joined: dict[tuple[str, str], str] = field(default_factory=dict)

    def column(self, sql: str) -> int:
        """Ask for an expression; returns its place in the row."""
        if sql not in self.known:
            self.known[sql] = len(self.columns)
            self.columns.append(sql)
        return self.known[sql]

    def join(self, alias: str, key: str, kind: Kind) -> str:
        """Join the row that a key leads to; the same relation is joined once."""
        found = self.joined.get((alias, key))
        if found is None:
            found = f"j{len(self.joined)}"
            self.joined[(alias, key)] = found
            self.joins.append(f"LEFT JOIN {kind.table} {found} ON {found}.id = {alias}.{key}")
        return found

    def fields(self, nodes: Any, type_name: str) -> list[FieldNode]:
        """Flatten fragments of the same type; refuse directives and repeated names."""
        found: dict[str, FieldNode] = {}
        for node in self._flat(nodes, type_name):
            name = (node.alias or node.name).value
            if name in found or node.directives:
                raise Unknown(name)
            found[name] = node
        return list(found.values())

    def _flat(self, nodes: Any, type_name: str) -> list[FieldNode]:
        found: list[FieldNode] = []
        for node in nodes:
            if isinstance(node, FieldNode):
                found.append(node)
                continue
            if node.directives:
                raise Unknown("directive")
            target: InlineFragmentNode | FragmentDefinitionNode = node
            if isinstance(node, FragmentSpreadNode):
                target = self.fragments[node.name.value]
            condition = target.type_condition
            if condition is not None and condition.name.value != type_name:
                raise Unknown(condition.name.value)
            found += self._flat(target.selection_set.selections, type_name)
        return found


def shape_of(select: Select, nodes: Any, type_name: str, alias: str) -> Shape:
    """Translate a selection on a type; returns what makes its answer out of a row."""
    kind = KINDS[type_name]
    steps: list[tuple[str, int, Shape | None]] = []
    constants: dict[str, str] = {}
    for node in select.fields(nodes, type_name):
        name, key = node.name.value, (node.alias or node.name).value
        if node.arguments:
            raise Unknown(name)
        if name == "__typename":
            constants[key] = type_name
            steps.append((key, -1, None))
        elif name in kind.columns:
            steps.append((key, select.column(kind.columns[name].format(t=alias)), None))
        elif name in kind.inner:
            steps.append((key, *_inner(select, node, kind, alias)))
        elif name in kind.to:
            steps.append((key, *_related(select, node, kind, alias)))
        else:
            raise Unknown(name)
    return _shaper(steps, constants)


def _inner(select: Select, node: FieldNode, kind: Kind, alias: str) -> tuple[int, Shape]:
    inner = kind.inner[node.name.value]
    assert node.selection_set is not None
    shape = shape_of(select, node.selection_set.selections, inner.type, alias)
    if inner.null_when is None:
        return -2, shape
    return select.column(f"{alias}.{inner.null_when}"), shape


def _related(select: Select, node: FieldNode, kind: Kind, alias: str) -> tuple[int, Shape]:
    relation = kind.to[node.name.value]
    assert node.selection_set is not None
    joined = select.join(alias, relation.key, KINDS[relation.type])
    shape = shape_of(select, node.selection_set.selections, relation.type, joined)
    return select.column(f"{alias}.{relation.key}"), shape


def _shaper(steps: list[tuple[str, int, Shape | None]], constants: dict[str, str]) -> Shape:
    def make(row: Any) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, place, shape in steps:
            if shape is None:
                made[key] = row[place] if place >= 0 else constants[key]
            elif place >= 0 and row[place] is None:
                made[key] = None
            else:
                made[key] = shape(row)
        return made

    return make
