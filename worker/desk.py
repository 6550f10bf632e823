"""The desk: drains the job rows of integrations, one lease holder each, urgent rows first."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from uuid import UUID

from schema import database, queue
from schema.clock import Clock
from schema.errors import Retryable
from schema.models import Integration, Job, SyncRun
from schema.secrets import SecretUnreadable, Vault
from schema.settings import Settings
from schema.words import IntegrationState
from worker import lease as leases
from worker.clients import Clients
from worker.context import Context, RunCancelled, Stopping
from worker.jobs.table import carry_out
from worker.lease import Lease, LeaseLost
from worker.notifier import Notifier
from worker.sync import engine, reference, report
from worker.vendors.errors import VendorBusy, VendorDenied

log = logging.getLogger(__name__)

# How often a long job looks for urgent rows and for a wish to stop, in seconds.
BREATH = 0.2
AT_ONCE = 8


class Desk:
    """The work of one worker process."""

    def __init__(
        self,
        *,
        settings: Settings,
        vault: Vault,
        clock: Clock,
        notifier: Notifier,
        holder: str,
        on_client: Callable[[Clients], None] | None = None,
    ) -> None:
        self._settings, self._clock, self._notifier = settings, clock, notifier
        self._holder = holder
        self._clients = Clients(settings=settings, vault=vault, clock=clock)
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._again: set[UUID] = set()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._stopping = False
        if on_client is not None:
            on_client(self._clients)

    def knock(self, integration_id: UUID) -> None:
        """Say that an integration may have due rows; returns at once."""
        if self._stopping:
            return
        if integration_id in self._tasks:
            self._again.add(integration_id)
            return
        task = asyncio.create_task(self._drain(integration_id), name=f"drain {integration_id}")
        self._tasks[integration_id] = task
        task.add_done_callback(lambda _: self._ended(integration_id))

    def _ended(self, integration_id: UUID) -> None:
        task = self._tasks.pop(integration_id)
        error = None if task.cancelled() else task.exception()
        if error is not None and database.lost(error):
            # What was under way is left RUNNING; whoever has the lease next takes it up again.
            log.warning("drain.database_lost integration=%s error=%s", integration_id, error)
        elif error is not None:
            log.error("drain.failed integration=%s", integration_id, exc_info=error)
        if integration_id in self._again:
            self._again.discard(integration_id)
            self.knock(integration_id)

    async def sweep(self) -> None:
        """Look for due rows that nobody knocked for (J1)."""
        for integration_id in await queue.due_integrations():
            self.knock(integration_id)

    async def stop(self, *, limit: float = 8.0) -> None:
        """Let running work end at its next pause; cancel what does not."""
        self._stopping = True
        tasks = list(self._tasks.values())
        if tasks:
            _, pending = await asyncio.wait(tasks, timeout=limit)
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
        await self._clients.aclose()

    async def _drain(self, integration_id: UUID) -> None:
        async with self._places:
            held = await leases.acquire(
                integration_id=integration_id,
                holder=self._holder,
                seconds=self._settings.lease_seconds,
            )
            if held is None:
                return
            try:
                async with leases.kept(held):
                    await self._work(integration_id, held)
            except (LeaseLost, Stopping) as error:
                log.info("drain.ended integration=%s why=%s", integration_id, error)
            except SecretUnreadable as error:
                await _pause_unread(integration_id, error)
            finally:
                await leases.release(held)

    async def _work(self, integration_id: UUID, held: Lease) -> None:
        integration = await Integration.get_or_none(id=integration_id)
        if integration is None or integration.state is IntegrationState.PAUSED:
            return
        await queue.reclaim(integration_id=integration_id, fence=held.token)
        ctx = await self._context(integration, held)
        while not self._stopping and not await _paused(integration_id):
            job = await queue.claim(integration_id=integration_id, fence=held.token)
            if job is None:
                return
            self._again.discard(integration_id)
            ctx.breathe = self._breath(ctx)
            await self._execute(ctx, job)

    async def _context(self, integration: Integration, held: Lease) -> Context:
        ctx = Context(
            integration=integration,
            lease=held,
            clients=await self._clients.of(integration),
            settings=self._settings,
            clock=self._clock,
            notifier=self._notifier,
        )
        ctx.references = await reference.load(ctx)
        return ctx

    def _breath(self, ctx: Context) -> Callable[[], Awaitable[bool]]:
        """Return what a long job does between two records: urgent rows, and a wish to stop."""
        due = time.monotonic() + BREATH
        busy = False

        async def breathe() -> bool:
            nonlocal due, busy
            if self._stopping:
                raise Stopping("This worker is asked to end.")
            if busy or time.monotonic() < due:
                return False
            busy, begun = True, time.monotonic()
            try:
                moved = await self._urgent(ctx)
            finally:
                busy = False
                # Urgent work takes at most about a fifth of the time of a long job.
                due = time.monotonic() + max(BREATH, 4 * (time.monotonic() - begun))
            await _stop_if_asked(ctx)
            return moved

        return breathe

    async def _urgent(self, ctx: Context) -> bool:
        actor, run_id, dry = ctx.actor, ctx.run_id, ctx.dry
        moved = False
        while (
            job := await queue.claim(
                integration_id=ctx.integration.id, fence=ctx.lease.token, urgent_only=True
            )
        ) is not None:
            # What passes by is real work, also in the middle of a plan.
            ctx.run_id, ctx.dry, moved = None, False, True
            try:
                await self._execute(ctx, job)
            finally:
                ctx.actor, ctx.run_id, ctx.dry = actor, run_id, dry
        return moved

    async def _execute(self, ctx: Context, job: Job) -> None:
        """Run one job; its class of error decides what becomes of the row (J6)."""
        log.info("job.started kind=%s job=%s tries=%s", job.kind, job.id, job.tries)
        try:
            await reference.take_settings(ctx)
            await carry_out(ctx, job.kind, job.arguments)
        except LeaseLost:
            raise
        except Stopping as error:
            await queue.again(job, wait=0, error=str(error), count=False)
            raise
        except VendorDenied as error:
            # The work itself is sound: it goes on when a person has mended the credentials.
            await engine.pause(ctx, error)
            await queue.again(job, wait=0, error=str(error), count=False)
            raise Stopping("The integration is paused: a vendor does not let us in.") from error
        except Retryable as error:
            wait = error.wait if isinstance(error, VendorBusy) else 0.0
            await queue.again(job, wait=wait + _backoff(job.tries), error=str(error))
        except Exception as error:
            if database.lost(error):
                raise
            log.exception("job.surprise kind=%s job=%s", job.kind, job.id)
            await _surprise(ctx, job, error)
            await queue.bury(job, error=f"{type(error).__name__}: {error}")
        else:
            await queue.finish(job)


async def _paused(integration_id: UUID) -> bool:
    return await Integration.filter(id=integration_id, state=IntegrationState.PAUSED).exists()


async def _stop_if_asked(ctx: Context) -> None:
    if await _paused(ctx.integration.id):
        raise Stopping("The integration is paused.")
    asked = (
        ctx.run_id is not None and await SyncRun.filter(id=ctx.run_id, cancel_asked=True).exists()
    )
    if asked:
        raise RunCancelled("A person asked to stop the run.")


def _backoff(tries: int) -> float:
    """Return a wait with full jitter and a cap."""
    return random.uniform(0, min(300.0, 2.0**tries))


async def _pause_unread(integration_id: UUID, error: SecretUnreadable) -> None:
    """Pause an integration whose credentials cannot be decrypted; resuming tries again."""
    await Integration.filter(id=integration_id, state=IntegrationState.ACTIVE).update(
        state=IntegrationState.PAUSED, paused_reason=str(error)
    )
    log.error("integration.paused integration=%s why=%s", integration_id, error)


async def _surprise(ctx: Context, job: Job, error: Exception) -> None:
    async with ctx.transaction():
        problem = report.Problem(
            code="surprise",
            cause=f"Job {job.kind}: {type(error).__name__}: {error}",
            subject=f"job:{job.kind}",
        )
        await report.report(ctx, problem)
