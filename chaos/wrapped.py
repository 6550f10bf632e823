"""The worker as a run starts it: as it is shipped, or with one safeguard taken away.

The switches are here and nowhere else: production code knows nothing of them.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

SWITCH = "CHAOS_MUTATION"


def without_mark() -> None:
    """Send the note without our mark: nothing can be found again."""
    from worker.mapping import invoice

    cast(Any, invoice).mark_of = lambda guid: "Severa"
    _replace("worker.sync.rules.invoice.intake", "mark_of", lambda guid: "Severa")
    _replace("worker.sync.rules.invoice.books", "carries", lambda note, mark: False)


def without_lease() -> None:
    """Let every worker write whenever it likes."""
    from schema import queue
    from worker import lease

    async def acquire(*, integration_id: UUID, holder: str, seconds: float) -> lease.Lease:
        # Every holder has the newest token, and none of them ever ends.
        return lease.Lease(integration_id, 1, 3600.0, lease.boot_time() + 3600.0)

    async def allowed(self: lease.Lease) -> None:
        return None

    async def given_back(held: lease.Lease) -> None:
        return None

    cast(Any, lease).acquire = acquire
    cast(Any, lease).release = given_back
    cast(Any, lease.Lease).guard = allowed
    cast(Any, lease.Lease).extend = allowed
    source = cast(Any, queue)
    source._CLAIM = _without_fence(source._CLAIM)
    source._RECLAIM = source._RECLAIM.replace(
        "fence < $2", "fence <= $2 AND started_at < now() - interval '5 s'"
    )
    source._SUPERSEDED = source._SUPERSEDED.replace("fence < $2", "fence < $2 AND false")


def _without_fence(sql: str) -> str:
    head, _, rest = sql.partition("AND EXISTS (SELECT 1 FROM lease")
    return head + rest.partition("expires_at > now())")[2].join(("AND $2::bigint > 0", ""))


def without_look_up() -> None:
    """Take an unknown outcome for a failure and simply try again."""
    from schema.words import AttemptState
    from worker.sync import push

    real = push.open_attempts

    async def none_open(record_id: UUID) -> list[Any]:
        for attempt in await real(record_id):
            attempt.state = AttemptState.NOT_DONE
            await attempt.save()
        return []

    cast(Any, push).open_attempts = none_open


def without_wait() -> None:
    """Look a write up at once, while it may still land."""
    from worker.context import Context
    from worker.sync import push

    def now(self: Context, *, since: datetime | None = None, call: float = 0) -> datetime:
        return (since or self.clock()) - timedelta(seconds=1)

    cast(Any, Context).look_after = now
    cast(Any, push).require_due = lambda ctx, attempts: None


def without_search() -> None:
    """Release without the last search."""

    async def alone(ctx: Any, invoice: Any) -> None:
        return None

    async def not_one(ctx: Any, kind: Any, document: Any) -> bool:
        return False

    _replace("worker.sync.rules.invoice.release", "_alone", alone)
    # The late look for strays is the same search at another time.
    _replace("worker.sync.rules.invoice.stray", "look_at", not_one)


def without_sweep() -> None:
    """Let nobody look for due rows that no knock told of."""
    from schema import queue
    from worker import desk, sweep

    async def nothing(self: desk.Desk) -> None:
        return None

    async def none_left() -> list[UUID]:
        return []

    async def none_reclaimed(*, integration_id: UUID, fence: int) -> int:
        return 0

    cast(Any, desk.Desk).sweep = nothing
    cast(Any, sweep).sweep = none_left
    cast(Any, queue).reclaim = none_reclaimed


def _replace(module: str, name: str, value: Any) -> None:
    __import__(module)
    found = sys.modules[module]
    if not hasattr(found, name):
        raise SystemExit(f"{module} has no {name}; the mutation has to be written anew.")
    setattr(found, name, value)


TAKEN_AWAY: dict[str, Callable[[], None]] = {
    "mark": without_mark,
    "lease": without_lease,
    "look_up": without_look_up,
    "wait": without_wait,
    "search": without_search,
    "sweep": without_sweep,
}


def _end_with_parent() -> None:
    """Have the kernel kill this process when the harness ends, however that ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGKILL, 0, 0, 0)
        if os.getppid() == 1:
            sys.exit(1)


def main() -> int:
    """Run the worker, mutated if asked."""
    _end_with_parent()
    wanted = os.environ.get(SWITCH)
    if wanted:
        TAKEN_AWAY[wanted]()
    from worker.__main__ import main as work

    return work()


if __name__ == "__main__":
    sys.exit(main())
