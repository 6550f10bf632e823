"""Runs an operation of the gateway as the command line's own principal, with every scope."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from gateway.auth import Principal
from gateway.cli.settings import settings
from gateway.graphql.context import Context
from gateway.operations.base import Outcome
from gateway.services import open_services
from schema.errors import Refused
from schema.migrate import require_head
from schema.words import Scope

Result = TypeVar("Result")


def as_admin(work: Callable[[Context], Awaitable[Result]]) -> Result:
    """Run work with open services.

    Raises ConfigError for a wrong setting, an absent or an old database.
    """
    return asyncio.run(_with_services(work))


async def _with_services(work: Callable[[Context], Awaitable[Result]]) -> Result:
    chosen = settings()
    await require_head(chosen.database_url)
    async with open_services(chosen) as services:
        principal = Principal(
            id="cli", name="command line", scopes=frozenset(Scope), integration_ids=None
        )
        return await work(Context(principal=principal, services=services))


def demand(outcome: Outcome) -> Outcome:
    """Return an outcome; a refusal is raised as one sentence with its next step."""
    for refusal in outcome.refusals:
        raise Refused(f"{refusal.message} {refusal.next_step}")
    return outcome
