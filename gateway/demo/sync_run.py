"""Starts a sync run through the public API and follows it to its end."""

import asyncio
from typing import Any

from gateway.demo.api import Api, ApiFailed
from gateway.demo.patience import Patience
from gateway.demo.questions import RUN, START_SYNC
from gateway.demo.screen import Screen
from schema.words import SyncRunState

DONE = frozenset(
    (
        SyncRunState.SUCCEEDED,
        SyncRunState.SUCCEEDED_WITH_ISSUES,
        SyncRunState.FAILED,
        SyncRunState.CANCELLED,
        SyncRunState.SKIPPED,
    )
)
_PAUSE = 0.25


async def start_sync(api: Api, *, integration: str) -> str:
    """Ask for a sync run and return its id; during a run it is that one.

    Raises ApiFailed when the gateway refuses.
    """
    data = await api.ask(START_SYNC, input={"integrationId": integration})
    answer = data["startSync"]
    if answer["run"] is None:
        raise ApiFailed(f"The gateway did not start a sync: {answer['userErrors'][0]['message']}")
    run: str = answer["run"]["id"]
    return run


async def follow(api: Api, *, run: str, screen: Screen, patience: Patience) -> dict[str, Any]:
    """Show a run's progress and return it when it has ended; raises Stuck."""
    with screen.bar("sync") as bar:
        while True:
            node: dict[str, Any] = (await api.ask(RUN, id=run))["node"]
            bar.show(**_progress(node["steps"]))
            if node["state"] in DONE:
                return node
            patience.check(f"the sync run is still {node['state']}")
            await asyncio.sleep(_PAUSE)


def say(node: dict[str, Any], *, screen: Screen) -> None:
    """Say what a run did, one line per step that touched records."""
    for step in node["steps"]:
        counts = ", ".join(
            f"{step[word]} {word}"
            for word in ("created", "updated", "unchanged", "failed")
            if step[word]
        )
        if counts:
            screen.line(f"  {_label(step)}: {counts}")


def _progress(steps: list[dict[str, Any]]) -> dict[str, Any]:
    known = [step for step in steps if step["state"] != SyncRunState.QUEUED]
    running = [step for step in known if step["state"] not in DONE]
    return {
        "done": len(known) - len(running),
        "total": len(steps) or None,
        "text": " ".join(map(_label, running[:1])),
    }


def _label(step: dict[str, Any]) -> str:
    return str(step["name"]).replace("_", " ")
