"""A command's short visit to a migrated database."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from gateway.cli.settings import settings
from schema.database import opened
from schema.migrate import require_head
from schema.settings import Settings

Result = TypeVar("Result")


def visit(work: Callable[[Settings], Awaitable[Result]]) -> Result:
    """Run work on the open database.

    Raises ConfigError for a wrong setting, an absent or an old database.
    """
    return asyncio.run(_visit(work))


async def _visit(work: Callable[[Settings], Awaitable[Result]]) -> Result:
    chosen = settings()
    await require_head(chosen.database_url)
    async with opened(chosen.database_url, pool=2):
        return await work(chosen)
