"""Named places between two statements where a test can stop, kill or pause this process.

In production no place is armed and passing one costs a dictionary look-up.
"""

import os
import signal
from collections.abc import Awaitable, Callable

_ARMED: dict[str, Callable[[], Awaitable[None]]] = {}


async def reach(name: str) -> None:
    """Pass a named place."""
    action = _ARMED.get(name)
    if action is not None:
        await action()


def arm(name: str, action: Callable[[], Awaitable[None]]) -> None:
    """Let an action run whenever a place is passed."""
    _ARMED[name] = action


def disarm() -> None:
    """Forget every action."""
    _ARMED.clear()


def arm_from(text: str) -> None:
    """Arm places of a setting such as `invoice.create.after` to kill this process at once."""
    for name in filter(None, (part.strip() for part in text.split(","))):
        arm(name, _die)


async def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
