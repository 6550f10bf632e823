"""What a job works with: its integration, lease, clients, clock and notifier."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from schema import database
from schema.clock import Clock
from schema.errors import Retryable
from schema.models import Integration
from schema.settings import Settings
from schema.words import Side
from worker.lease import Lease
from worker.mapping.reference import References
from worker.notifier import Notifier
from worker.vendors.client import Client

# The longest that one call to a vendor may take from its first byte, in seconds.
CALL_LIMIT = 60.0


class LeaseTooShort(Retryable):
    """Too little of the lease is left to start a call that writes."""

    code = "lease_too_short"


class Stopping(Exception):
    """This worker is asked to end; what it was doing goes on elsewhere."""


class RunCancelled(Exception):
    """A person asked to stop the run."""


async def _breathe() -> bool:
    """Do nothing between two records."""
    return False


@dataclass(slots=True, kw_only=True)
class Context:
    """The surroundings of every job of one integration; one per held lease."""

    integration: Integration
    lease: Lease
    clients: dict[Side, Client]
    settings: Settings
    clock: Clock
    notifier: Notifier
    actor: str = "sync"
    run_id: UUID | None = None
    references: References = field(default_factory=References)
    # A plan is being made: everything is read and merged, nothing is written outside.
    dry: bool = False
    # Between two records: lets urgent work pass, and says whether some did, so that whoever holds
    # records in memory reads them again.
    breathe: Callable[[], Awaitable[bool]] = _breathe

    @property
    def severa(self) -> Client:
        """The client of the Severa organization."""
        return self.clients[Side.SEVERA]

    @property
    def financials(self) -> Client:
        """The client of the Visma.net company."""
        return self.clients[Side.FINANCIALS]

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Open a transaction that counts only while the lease is ours.

        Raises LeaseLost.
        """
        async with database.transaction():
            await self.lease.guard()
            yield
        self.notifier.touch()

    def deadline(self) -> float:
        """Return how long a write may take now, in seconds: inside the lease, always.

        Raises LeaseTooShort.
        """
        left = min(CALL_LIMIT, self.lease.remaining())
        if left < min(1.0, self.lease.seconds / 4):
            raise LeaseTooShort("Too little of the lease is left for a write.")
        return left

    def look_after(self, *, since: datetime | None = None, call: float = 0) -> datetime:
        """Return when the outcome of a write can be looked up: no answer earlier is one."""
        start = since or self.clock()
        return start + timedelta(seconds=call) + self.settings.execution_limit
