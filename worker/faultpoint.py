"""Named places between two statements where a test can kill, stop or delay this process.

In production no place is armed and passing one costs a dictionary look-up. `GATEWAY_FAULT_POINTS`
arms places, separated by commas: `invoice.create.after` (killed at the first passing),
`invoice.create.after@3` (at the third), `...=stop` (stopped as by SIGSTOP, goes on with SIGCONT),
`...=wait:2.5` (sleeps 2.5 seconds).
"""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

from schema.errors import ConfigError

Action = Callable[[], Awaitable[None]]
# The places that every write to the outside passes, behind the name of its purpose.
BEFORE, AFTER, COMMITTED = "before", "after", "committed"
PLACES = (BEFORE, AFTER, COMMITTED)

_ARMED: dict[str, Action] = {}


async def reach(name: str) -> None:
    """Pass a named place."""
    action = _ARMED.get(name)
    if action is not None:
        await action()


def arm(name: str, action: Action, *, nth: int = 1) -> None:
    """Let an action run when a place is passed for the nth time, and from then on."""
    left = nth

    async def passed() -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            await action()

    _ARMED[name] = passed


def once(name: str, action: Action, *, nth: int = 1) -> None:
    """Let an action run when a place is passed for the nth time, never again."""

    async def passed() -> None:
        disarm(name)
        await action()

    arm(name, passed, nth=nth)


def disarm(name: str | None = None) -> None:
    """Forget the action of a place, or of every place."""
    if name is None:
        _ARMED.clear()
    else:
        _ARMED.pop(name, None)


def arm_from(text: str) -> None:
    """Arm the places that a setting names.

    Raises ConfigError for a text that cannot be read.
    """
    for part in filter(None, (part.strip() for part in text.split(","))):
        place, _, deed = part.partition("=")
        name, _, count = place.partition("@")
        if not name or (count and not count.isdigit()):
            raise ConfigError(f"GATEWAY_FAULT_POINTS: {part!r} is no place.")
        once(name, _action(deed, part), nth=int(count or 1))


def _action(deed: str, part: str) -> Action:
    word, _, seconds = deed.partition(":")
    if word in ("", "kill"):
        return _signal(signal.SIGKILL)
    if word == "stop":
        return _signal(signal.SIGSTOP)
    if word == "wait" and seconds.replace(".", "", 1).isdigit():
        return _wait(float(seconds))
    raise ConfigError(f"GATEWAY_FAULT_POINTS: {part!r} is no kill, stop or wait:seconds.")


def _signal(number: signal.Signals) -> Action:
    async def act() -> None:
        os.kill(os.getpid(), number)

    return act


def _wait(seconds: float) -> Action:
    async def act() -> None:
        await asyncio.sleep(seconds)

    return act
