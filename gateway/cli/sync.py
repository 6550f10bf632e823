"""The command `sync`: starts a run for one or all active integrations and follows it."""

import asyncio
from argparse import Namespace
from typing import Any
from uuid import UUID

from gateway.cli.as_admin import as_admin, demand
from gateway.cli.table import show_json, show_table
from gateway.graphql.context import Context
from gateway.operations.sync import start_sync
from schema.errors import ConfigError
from schema.models import Integration, SyncRun, SyncStep
from schema.types.ids import write_id
from schema.types.inputs import StartSyncInput
from schema.words import IntegrationState, SyncRunState

GOING = (SyncRunState.QUEUED, SyncRunState.RUNNING)
COLUMNS = ("step", "state", "processed", "created", "updated", "unchanged", "failed")


def run(arguments: Namespace) -> int:
    """Start a sync and show its steps; 1 when the run failed."""

    async def work(context: Context) -> list[tuple[SyncRun, list[SyncStep]]]:
        chosen = await _integrations(arguments.integration)
        runs = [await _start(context, one, full=arguments.full) for one in chosen]
        return [await _follow(one, quiet=arguments.json) for one in runs]

    found = as_admin(work)
    if arguments.json:
        show_json([{"id": one.id, "state": one.state, "steps": _rows(s)} for one, s in found])
    else:
        for one, steps in found:
            show_table(f"Run {one.id}: {one.state}", COLUMNS, _rows(steps))
    return 1 if any(one.state is SyncRunState.FAILED for one, _ in found) else 0


async def _integrations(wanted: str | None) -> list[Integration]:
    found = await Integration.filter(state=IntegrationState.ACTIVE).order_by("id")
    chosen = [one for one in found if wanted in (None, str(one.id))]
    if not chosen:
        raise ConfigError("There is no such active integration; `status` shows them.")
    return chosen


async def _start(context: Context, one: Integration, *, full: bool) -> UUID:
    given = StartSyncInput(integration_id=write_id("Integration", one.id), full=full)
    outcome = demand(await start_sync(context, given))
    assert outcome.subject is not None
    return outcome.subject


async def _follow(key: UUID, *, quiet: bool) -> tuple[SyncRun, list[SyncStep]]:
    """Wait for the end of a run; a worker has to be running somewhere."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True, quiet=quiet)) as progress:
        task = progress.add_task("waiting for a worker", total=None)
        while True:
            one = await SyncRun.get(id=key)
            steps = await SyncStep.filter(run_id=key).order_by("position")
            ended = [step for step in steps if step.state not in GOING]
            running = [step.name for step in steps if step.state is SyncRunState.RUNNING]
            text = running[0] if running else "waiting for a worker"
            progress.update(task, completed=len(ended), total=len(steps) or None, description=text)
            if one.state not in GOING:
                return one, steps
            await asyncio.sleep(0.3)


def _rows(steps: list[SyncStep]) -> list[tuple[Any, ...]]:
    return [
        (one.name, one.state, one.processed, one.created, one.updated, one.unchanged, one.failed)
        for one in steps
    ]
