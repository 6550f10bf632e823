"""Progress of a run: one row per step, written per page, with a ring of the bell."""

import time
from typing import Any

from schema.models import SyncRun, SyncStep
from schema.words import SyncRunState
from worker.context import Context

# Counts are written at most this often, in seconds, so that progress costs little.
PAUSE = 0.25


class Progress:
    """The counts of one step."""

    def __init__(self, ctx: Context, step: SyncStep) -> None:
        self._ctx, self.step = ctx, step
        self._written = 0.0

    async def begin(self) -> None:
        """Mark the step as running."""
        self.step.state = SyncRunState.RUNNING
        self.step.started_at = self._ctx.clock()
        await self._write()

    async def tally(self, word: str) -> None:
        """Count one record: created, updated, unchanged, waiting or failed."""
        step: Any = self.step
        step.processed += 1
        if word == "waiting":
            word = "unchanged"
        setattr(step, word, getattr(step, word) + 1)
        if time.monotonic() - self._written > PAUSE:
            await self._write()

    async def page(self, rows: int, changed: int) -> bool:
        """Say that a page was read; also a moment to let urgent work pass, told if some did."""
        self.step.total = (self.step.total or 0) + rows
        if time.monotonic() - self._written > PAUSE:
            await self._write()
        return await self._ctx.breathe()

    async def end(self, state: SyncRunState, reason: str | None = None) -> None:
        """Mark the step as finished."""
        step: Any = self.step
        step.state, step.reason = state, reason
        self.step.finished_at = self._ctx.clock()
        self.step.total = max(self.step.total or 0, self.step.processed)
        await self._write()

    async def _write(self) -> None:
        async with self._ctx.transaction():
            await self.step.save()
        self._written = time.monotonic()


async def note_run(ctx: Context, run: SyncRun) -> None:
    """Store a changed run."""
    async with ctx.transaction():
        await run.save()
