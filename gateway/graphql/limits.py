"""One rule that measures an operation in time linear in its document (S1, S2).

Every fragment is measured once and remembered, so a bomb of nested spreads costs nothing; it runs
before validation, so that refusing costs less than validating. Introspection counts as fields,
not as depth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from gateway.graphql.connection import DEFAULT_SIZE
from gateway.graphql.errors import LIMIT

PLAIN_LIST = 5
# Costs are counted in tenths: an object 1, a leaf 0.1.
OBJECT, LEAF = 10, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that one operation may have."""

    tokens: int = 1000
    depth: int = 10
    aliases: int = 15
    directives: int = 50
    root_fields: int = 20
    fields: int = 5000
    cost: int = 5000


LIMITS = Limits()


@dataclass(slots=True)
class Measure:
    """What an operation, or a part of it, adds up to."""

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    root_fields: int = 0
    fields: int = 0
    cost: int = 0

    def add(self, part: Measure) -> None:
        """Count a part that stands beside."""
        self.depth = max(self.depth, part.depth)
        self.aliases += part.aliases
        self.directives += part.directives
        self.root_fields += part.root_fields
        self.fields += part.fields
        self.cost += part.cost


class _Meter:
    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]
    ) -> None:
        self.schema = schema
        self.variables = variables
        self.fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self.known: dict[str, Measure | None] = {}

    def selections(self, nodes: Any, parent: Any, times: int) -> Measure:
        """Measure selections; a connection hands its page size down as `times`."""
        total = Measure()
        for node in nodes:
            total.add(self.selection(node, parent, times))
        return total

    def selection(self, node: SelectionNode, parent: Any, times: int) -> Measure:
        if isinstance(node, FieldNode):
            found = self.field(node, parent, times)
        elif isinstance(node, FragmentSpreadNode):
            found = self.spread(node.name.value, times)
        else:
            assert isinstance(node, InlineFragmentNode)
            named = node.type_condition
            inner = self.schema.get_type(named.name.value) if named else parent
            found = self.selections(node.selection_set.selections, inner, times)
        found.directives += len(node.directives or ())
        return found

    def spread(self, name: str, times: int) -> Measure:
        key = f"{name} {times}"
        if key not in self.known:
            self.known[key] = None
            fragment = self.fragments.get(name)
            if fragment is not None:
                inner = self.schema.get_type(fragment.type_condition.name.value)
                chosen = fragment.selection_set.selections
                self.known[key] = self.selections(chosen, inner, times)
        found = self.known[key]
        # None is a fragment inside itself or one that does not exist: validation refuses it.
        copy = Measure()
        if found is not None:
            copy.add(found)
        return copy

    def field(self, node: FieldNode, parent: Any, times: int) -> Measure:
        name = node.name.value
        definition = _definition(parent, name)
        size = self.page_size(node)
        paged = _is_connection(definition)
        inner_times = size if paged else 1
        inner = Measure()
        if node.selection_set:
            target = get_named_type(definition.type) if definition else None
            inner = self.selections(node.selection_set.selections, target, inner_times)
        own = OBJECT if node.selection_set else LEAF
        repeats = self.repeats(definition, name, times)
        return Measure(
            depth=0 if name.startswith("__") else inner.depth + 1,
            aliases=inner.aliases + (node.alias is not None and node.alias.value != name),
            directives=inner.directives,
            root_fields=1,
            fields=inner.fields + 1,
            cost=0 if name.startswith("__") else repeats * (own + inner.cost),
        )

    def repeats(self, definition: Any, name: str, times: int) -> int:
        if definition is None or not is_list_type(get_nullable_type(definition.type)):
            return 1
        return times if name in ("nodes", "edges") else PLAIN_LIST

    def page_size(self, node: FieldNode) -> int:
        for argument in node.arguments or ():
            if argument.name.value not in ("first", "last"):
                continue
            value = argument.value
            if isinstance(value, IntValueNode) and len(value.value) < 10:
                return max(int(value.value), 1)
            if isinstance(value, VariableNode):
                given = self.variables.get(value.name.value)
                if isinstance(given, int) and not isinstance(given, bool) and 0 < given < 10**9:
                    return given
        return DEFAULT_SIZE


def _definition(parent: Any, name: str) -> Any:
    if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
        return parent.fields.get(name)
    return None


def _is_connection(definition: Any) -> bool:
    return definition is not None and get_named_type(definition.type).name.endswith("Connection")


def measure(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
) -> Measure:
    """Measure one operation; its cost depends on the page sizes in the variables."""
    meter = _Meter(schema, document, variables)
    root = schema.get_root_type(operation.operation)
    total = meter.selections(operation.selection_set.selections, root, 1)
    total.directives += len(operation.directives or ())
    total.cost = -(-total.cost // 10)
    return total


def check(found: Measure, limits: Limits = LIMITS) -> GraphQLError | None:
    """Return the refusal of an operation that has too much of something."""
    for name, words in (
        ("depth", "levels deep"),
        ("aliases", "aliases"),
        ("directives", "directives"),
        ("root_fields", "root fields"),
        ("fields", "fields"),
        ("cost", "points of cost"),
    ):
        value, maximum = getattr(found, name), getattr(limits, name)
        if value > maximum:
            shown = value if value < 10**12 else f"over {10**12}"
            return GraphQLError(
                f"The operation is {shown} {words}; at most {maximum} are allowed."
                if name == "depth"
                else f"The operation has {shown} {words}; at most {maximum} are allowed.",
                extensions={"code": LIMIT, "limit": name, "maximum": maximum},
            )
    return None
