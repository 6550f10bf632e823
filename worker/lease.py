"""The lease: one writer per integration at a time, with a fencing token that only rises (J2).

Times are the database's, so workers with wrong clocks agree.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from schema import database
from schema.errors import Retryable
from schema.ids import new_id

log = logging.getLogger(__name__)

# What a call to a vendor must leave of the lease for its own bookkeeping.
MARGIN = 5.0

_ROW = """
INSERT INTO lease (id, created_at, integration_id, token) VALUES ($1, now(), $2, 0)
ON CONFLICT (integration_id) DO NOTHING
"""
_ACQUIRE = """
UPDATE lease SET holder = $2, token = token + 1, expires_at = now() + make_interval(secs => $3)
WHERE integration_id = $1 AND (expires_at IS NULL OR expires_at < now())
RETURNING token
"""
_EXTEND = """
UPDATE lease SET expires_at = now() + make_interval(secs => $3)
WHERE integration_id = $1 AND token = $2 AND expires_at > now()
"""
_RELEASE = """
UPDATE lease SET expires_at = NULL, holder = NULL WHERE integration_id = $1 AND token = $2
"""
_FENCE = """
SELECT 1 FROM lease WHERE integration_id = $1 AND token = $2 AND expires_at > now() FOR SHARE
"""


class LeaseLost(Retryable):
    """Another worker took over; whatever this one still does must not count."""

    code = "lease_lost"


@dataclass(slots=True)
class Lease:
    """A held lease; `until` is on this process's monotonic clock, counted from before the call."""

    integration_id: UUID
    token: int
    seconds: float
    until: float
    lost: asyncio.Event = field(default_factory=asyncio.Event)

    def remaining(self) -> float:
        """Return how long a call to a vendor may take, in seconds."""
        return self.until - time.monotonic() - min(MARGIN, self.seconds / 4)

    async def guard(self) -> None:
        """Refuse to write in the running transaction when the lease is gone.

        Raises LeaseLost.
        """
        if self.lost.is_set() or not await database.rows(_FENCE, self.integration_id, self.token):
            raise LeaseLost(f"The lease {self.token} of {self.integration_id} is over.")

    async def extend(self) -> None:
        """Hold on for another term.

        Raises LeaseLost.
        """
        before = time.monotonic()
        if not await database.execute(_EXTEND, self.integration_id, self.token, self.seconds):
            self.lost.set()
            raise LeaseLost(f"The lease {self.token} of {self.integration_id} is over.")
        self.until = before + self.seconds


async def acquire(*, integration_id: UUID, holder: str, seconds: float) -> Lease | None:
    """Take the lease of an integration, or return None while somebody holds it."""
    before = time.monotonic()
    found = await database.rows(_ACQUIRE, integration_id, holder, seconds)
    if not found:
        if not await database.execute(_ROW, new_id(), integration_id):
            return None
        found = await database.rows(_ACQUIRE, integration_id, holder, seconds)
    if not found:
        return None
    return Lease(
        integration_id=integration_id,
        token=int(found[0]["token"]),
        seconds=seconds,
        until=before + seconds,
    )


async def release(lease: Lease) -> None:
    """Give the lease back."""
    await database.execute(_RELEASE, lease.integration_id, lease.token)


@asynccontextmanager
async def kept(lease: Lease) -> AsyncIterator[None]:
    """Extend the lease in the background; cancel the body when it is lost."""
    body = asyncio.current_task()
    assert body is not None

    async def beat() -> None:
        while True:
            await asyncio.sleep(lease.seconds / 4)
            try:
                await lease.extend()
            except LeaseLost:
                log.warning("lease.lost integration=%s", lease.integration_id)
                body.cancel("lease lost")
                return
            except Exception as error:
                log.warning("lease.extend_failed error=%s", error)
                if time.monotonic() > lease.until:
                    lease.lost.set()
                    body.cancel("lease lost")
                    return

    heart = asyncio.create_task(beat(), name=f"lease {lease.integration_id}")
    try:
        yield
    finally:
        heart.cancel()
        await asyncio.gather(heart, return_exceptions=True)
