"""Waits for what a worker does, with an end."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from schema.errors import Refused

Found = TypeVar("Found")
PAUSE = 0.3


class NobodyWorks(Refused):
    """No worker finished the work in time."""

    code = "nobody_works"


async def wait_for(look: Callable[[], Awaitable[Found | None]], *, seconds: float) -> Found:
    """Look again and again until something is found.

    Raises NobodyWorks.
    """
    end = time.monotonic() + seconds
    while (found := await look()) is None:
        if time.monotonic() > end:
            raise NobodyWorks(
                f"Nothing happened for {seconds:g} s; is a worker running (`severa-gateway work`)?"
            )
        await asyncio.sleep(PAUSE)
    return found
