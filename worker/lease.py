"""The lease: one writer per integration at a time, with a fencing token that only rises (J2).

Times are the database's, so workers with wrong clocks agree. What this process believes of its
own lease is measured by a clock that also counts while the machine sleeps.
"""

import asyncio
import logging
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
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
# An end that is far away was written before the database's clock was set back; taking over from a
# holder that lives is safe, since its token is old from then on.
_ACQUIRE = """
UPDATE lease SET holder = $2, token = token + 1, expires_at = now() + make_interval(secs => $3)
WHERE integration_id = $1
  AND (expires_at IS NULL OR expires_at < now()
       OR expires_at > now() + make_interval(secs => greatest($3 * 4, 300)))
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


def boot_time() -> float:
    """Return seconds on a clock that never jumps and counts suspended time, where there is one."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


@dataclass(slots=True)
class Lease:
    """A held lease; `until` is on the clock of `boot_time`, counted from before the call."""

    integration_id: UUID
    token: int
    seconds: float
    until: float
    lost: asyncio.Event = field(default_factory=asyncio.Event)

    def remaining(self) -> float:
        """Return how long a call to a vendor may take, in seconds."""
        return self.until - boot_time() - min(MARGIN, self.seconds / 4)

    def over(self) -> bool:
        """Tell whether the lease is certainly or probably not ours any more."""
        return self.lost.is_set() or boot_time() >= self.until

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
        before = boot_time()
        if not await database.execute(_EXTEND, self.integration_id, self.token, self.seconds):
            self.lost.set()
            raise LeaseLost(f"The lease {self.token} of {self.integration_id} is over.")
        self.until = before + self.seconds


async def acquire(*, integration_id: UUID, holder: str, seconds: float) -> Lease | None:
    """Take the lease of an integration, or return None while somebody holds it."""
    before = boot_time()
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
    """Give the lease back; one that cannot be given back ends by itself."""
    try:
        await database.execute(_RELEASE, lease.integration_id, lease.token)
    except Exception as error:
        if not database.lost(error):
            raise
        log.warning("lease.not_released integration=%s error=%s", lease.integration_id, error)


@asynccontextmanager
async def kept(lease: Lease) -> AsyncIterator[None]:
    """Extend the lease in the background; cancel the body when it is lost.

    Raises LeaseLost in the place of that cancellation.
    """
    body = asyncio.current_task()
    assert body is not None
    heart = asyncio.create_task(_beat(lease, body), name=f"lease {lease.integration_id}")
    try:
        yield
    except asyncio.CancelledError:
        if not lease.lost.is_set() or body.uncancel() > 0:
            raise
        raise LeaseLost(f"The lease {lease.token} of {lease.integration_id} is over.") from None
    finally:
        heart.cancel()
        await asyncio.gather(heart, return_exceptions=True)


async def _beat(lease: Lease, body: asyncio.Task[Any]) -> None:
    pause = lease.seconds / 4
    while True:
        await asyncio.sleep(pause)
        pause = lease.seconds / 4
        try:
            async with asyncio.timeout(max(lease.until - boot_time(), 0.05)):
                await lease.extend()
        except LeaseLost:
            break
        except Exception as error:
            log.warning("lease.extend_failed error=%s", error or type(error).__name__)
            if lease.over():
                lease.lost.set()
                break
            pause = lease.seconds / 20
    log.warning("lease.lost integration=%s", lease.integration_id)
    body.cancel("lease lost")
