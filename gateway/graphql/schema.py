"""The schema: types, queries, mutations and subscriptions put together, described and guarded."""

from __future__ import annotations

from decimal import Decimal

import strawberry
from graphql import print_schema
from strawberry.schema.config import StrawberryConfig

from gateway.graphql.describe import describe
from gateway.graphql.mutation import Mutation
from gateway.graphql.policy import guard
from gateway.graphql.query import Query
from gateway.graphql.subscription import Subscription
from schema.types import scalars
from schema.types.access import ApiKey
from schema.types.attempt import Attempt
from schema.types.webhook import WebhookEvent


class _Schema(strawberry.Schema):
    """The schema as Strawberry builds it; its text comes from what clients get to see."""

    def as_str(self) -> str:
        """Return the schema in the definition language."""
        return print_schema(self._schema)


def build() -> strawberry.Schema:
    """Build the schema."""
    built = _Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[ApiKey, Attempt, WebhookEvent],
        config=StrawberryConfig(
            auto_camel_case=True,
            scalar_map={
                Decimal: strawberry.scalar(
                    name="Decimal",
                    description="An exact decimal number as text, for example `1250.00`.",
                    serialize=scalars.plain,
                    parse_value=scalars.parse,
                )
            },
        ),
    )
    describe(built)
    guard(built._schema)
    return built


schema = build()


def sdl() -> str:
    """Return the schema in the definition language, as `schema/schema.graphql` holds it."""
    return schema.as_str().rstrip("\n") + "\n"
