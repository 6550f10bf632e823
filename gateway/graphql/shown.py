"""Shapes what an operation did: its refusals, and the thing that it changed."""

from __future__ import annotations

from typing import Any

import strawberry

from gateway.graphql import nodes
from gateway.graphql.context import Context
from gateway.operations.base import Outcome
from schema.types.user_error import UserError

Info = strawberry.Info[Context, None]


def errors(outcome: Outcome) -> list[UserError]:
    """Return the refusals of an operation as clients see them."""
    return [
        UserError(code=one.code, message=one.message, next_step=one.next_step, path=list(one.path))
        for one in outcome.refusals
    ]


async def shown(info: Info, outcome: Outcome, kind: str) -> Any:
    """Load what a mutation changed, as it is after the commit."""
    info.context.renew()
    if outcome.subject is None:
        return None
    return await getattr(info.context.loaders, nodes.LOADERS[kind]).load(outcome.subject)
