"""Puts words on everything that Strawberry leaves without: types, resolvers and arguments."""

from __future__ import annotations

import inspect
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
)
from strawberry.schema import Schema

ARGUMENTS = {
    "id": "The global id.",
    "ids": "The global ids.",
    "input": "What to do.",
    "integrationId": "Only in this integration; in all that the caller may see by default.",
    "filter": "Conditions that all must hold.",
    "orderBy": "The order.",
    "groupBy": "What to group by, beside the currency.",
    "first": "How many items from the start; 50 by default, at most 100.",
    "last": "How many items from the end; at most 100.",
    "after": "Only what comes after this cursor.",
    "before": "Only what comes before this cursor.",
    "asOf": "As it was at this moment.",
    "entities": "Only these kinds of record.",
    "subscriberId": "The subscriber.",
    "entity": "The kind of record.",
    "from": "The first month.",
    "to": "The last month.",
    "open": "Only open ones, or only solved ones.",
}
GENERIC = {"Connection": "A page of a list.", "Edge": "An item of a list with its cursor."}
VALUES: dict[str, str] = {
    "InvoiceState.DRAFT": "In Severa, not ready.",
    "InvoiceState.READY": "Has the transfer status.",
    "InvoiceState.WAITING": "Waits for another record, or for a person in Financials.",
    "InvoiceState.CHECKED": "Passed all checks.",
    "InvoiceState.CREATED": "A draft in Financials, its number known.",
    "InvoiceState.COMPARED": "The totals of both systems were compared.",
    "InvoiceState.RELEASED": "Released in Financials.",
    "InvoiceState.NUMBERED": "Number, reference and status were written to Severa.",
    "InvoiceState.SENT": "Sent to the customer.",
    "InvoiceState.PARTIALLY_PAID": "Paid in part.",
    "InvoiceState.PAID": "Paid in full.",
    "InvoiceState.UNCERTAIN": "It is not known yet whether a write took effect.",
    "InvoiceState.FAILED": "Refused; see its issues.",
    "InvoiceState.ORPHANED": "A refused draft could not be deleted.",
    "InvoiceState.CANCELLED": "Deleted or voided.",
    "InvoiceState.NOT_IN_SCOPE": "Older than the start date of the integration.",
    "SyncState.IN_SYNC": "Both sides agree.",
    "SyncState.PENDING": "Waits for its turn.",
    "SyncState.WAITING": "Waits for another record.",
    "SyncState.BLOCKED": "Waits for a person.",
    "SyncState.CONFLICT": "Both sides changed the same field.",
    "SyncState.UNCERTAIN": "It is not known yet whether a write took effect.",
    "Scope.READ": "Read everything but keys.",
    "Scope.SYNC": "Start syncs, pause and resume.",
    "Scope.INVOICES": "Retry invoices.",
    "Scope.RECORDS": "Change records, resolve conflicts, dismiss issues.",
    "Scope.SETUP": "Set integrations up.",
    "Scope.WEBHOOKS": "Manage webhooks.",
    "Scope.KEYS": "Manage keys and read the audit log.",
}


def describe(schema: Schema) -> None:
    """Describe every type, field and argument of a schema from docstrings and the tables above."""
    for kind in schema._schema.type_map.values():
        if kind.name.startswith("__"):
            continue
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            _describe_object(schema, kind)
        elif isinstance(kind, GraphQLInputObjectType):
            kind.description = kind.description or _class_words(schema, kind)
        elif isinstance(kind, GraphQLEnumType):
            _describe_enum(kind)


def _describe_object(schema: Schema, kind: GraphQLObjectType | GraphQLInterfaceType) -> None:
    kind.description = kind.description or _class_words(schema, kind)
    for name, field in kind.fields.items():
        if not field.description:
            field.description = _resolver_words(schema, kind.name, name)
        for argument_name, argument in field.args.items():
            argument.description = argument.description or ARGUMENTS.get(argument_name)


def _describe_enum(kind: GraphQLEnumType) -> None:
    wrapped = getattr(kind, "wrapped_cls", None)
    kind.description = kind.description or (inspect.getdoc(wrapped) if wrapped else None)
    for name, value in kind.values.items():
        key = f"{wrapped.__name__ if wrapped else kind.name}.{name}"
        value.description = value.description or VALUES.get(key)


def _class_words(schema: Schema, kind: GraphQLNamedType) -> str | None:
    definition = schema.get_type_by_name(kind.name)
    origin = getattr(definition, "origin", None)
    text = inspect.getdoc(origin) if origin else None
    for ending, generic in GENERIC.items():
        if kind.name.endswith(ending):
            return generic
    return text


def _resolver_words(schema: Schema, parent: str, name: str) -> str | None:
    field: Any = schema.get_field_for_type(name, parent)
    resolver = getattr(field, "base_resolver", None)
    return inspect.getdoc(resolver.wrapped_func) if resolver else None


def undescribed(schema: GraphQLSchema) -> list[str]:
    """List every type, field and argument that has no description."""
    missing: list[str] = []
    for kind in schema.type_map.values():
        if kind.name.startswith("__"):
            continue
        if not kind.description:
            missing.append(kind.name)
        for name, field in getattr(kind, "fields", {}).items():
            if not field.description:
                missing.append(f"{kind.name}.{name}")
            for argument_name, argument in getattr(field, "args", {}).items():
                if not argument.description:
                    missing.append(f"{kind.name}.{name}({argument_name})")
    return missing
