"""Looks again, every two seconds, at the keys behind open streams and sockets (L6, K3)."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from gateway.auth import Principal, Unauthenticated, authenticate
from gateway.outage import is_outage

log = logging.getLogger(__name__)

EVERY = 2.0
PER_CALLER = 2000
PER_PROCESS = 10_000


@dataclass(slots=True, eq=False)
class _Held:
    authorization: str
    principal: Principal
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Watch:
    """Tells everything that stays open when its key ends or may do something else."""

    def __init__(self) -> None:
        self._held: set[_Held] = set()
        self._task: asyncio.Task[None] | None = None

    def count(self, principal_id: str | None = None) -> int:
        """Return how much is open, for one caller or in all."""
        if principal_id is None:
            return len(self._held)
        return sum(held.principal.id == principal_id for held in self._held)

    def full(self, principal: Principal) -> bool:
        """Tell whether a caller, or all together, have as many sockets and streams as may be."""
        return self.count() >= PER_PROCESS or self.count(principal.id) >= PER_CALLER

    @contextmanager
    def over(self, principal: Principal, authorization: str) -> Iterator[asyncio.Event]:
        """Watch a key; the event is set when it ends."""
        held = _Held(authorization, principal)
        self._held.add(held)
        if self._task is None or self._task.done():
            context = contextvars.Context()
            self._task = asyncio.get_running_loop().create_task(self._look(), context=context)
        try:
            yield held.ended
        finally:
            self._held.discard(held)

    async def _look(self) -> None:
        while self._held:
            await asyncio.sleep(EVERY)
            by_key: dict[str, list[_Held]] = {}
            for held in self._held:
                by_key.setdefault(held.authorization, []).append(held)
            for authorization, group in by_key.items():
                await self._check(authorization, group)

    async def _check(self, authorization: str, group: list[_Held]) -> None:
        try:
            now: Principal | None = await authenticate(authorization)
        except Unauthenticated:
            now = None
        except Exception as error:  # The database may be away: nobody is thrown out for that.
            log.warning("watch.failed error=%r", error, exc_info=not is_outage(error))
            return
        for held in group:
            if now is None or now != held.principal:
                held.ended.set()
