"""The knobs: clock, limits, faults, webhooks and assumed facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.control.errors import ControlRefused
from sandbox.faults import ANY, KINDS, Fault
from sandbox.hooks import Target

if TYPE_CHECKING:
    from sandbox.world import World

SIDES = ("severa", "financials")
LIMITS = {"severaPerSecond": "severa", "financialsPerHour": "financials"}


def clock(world: World, payload: dict[str, Any]) -> dict[str, Any]:
    """Move the clock forward by seconds."""
    world.clock.advance(float(payload["advance"]))
    return {"now": world.clock.now()}


def limits(world: World, payload: dict[str, Any]) -> dict[str, Any]:
    """Change the rate limits; null switches one off."""
    for name, side in LIMITS.items():
        if name in payload:
            value = payload[name]
            world.limits.set(side=side, allowed=None if value is None else int(value))
    return _shown_limits(world)


def restore_limits(world: World, payload: dict[str, Any]) -> dict[str, Any]:
    """Go back to the limits of the start."""
    world.limits.restore()
    return _shown_limits(world)


def _shown_limits(world: World) -> dict[str, Any]:
    return {name: world.limits.allowed[side] for name, side in LIMITS.items()}


def plan_fault(world: World, payload: dict[str, Any]) -> dict[str, Any]:
    """Plan a fault: a number of times, or by chance."""
    side, kind = str(payload["side"]).lower(), str(payload["fault"])
    if side not in SIDES:
        raise ControlRefused("side is SEVERA or FINANCIALS.")
    if kind not in KINDS:
        raise ControlRefused(f"{kind} is no fault; there are {', '.join(sorted(KINDS))}.")
    times, probability = payload.get("times"), payload.get("probability")
    delay = payload.get("delay")
    fault = Fault(
        side=side,
        operation=str(payload.get("operation") or ANY),
        kind=kind,
        times=None if times is None else int(times),
        probability=None if probability is None else float(probability),
        delay=None if delay is None else float(delay),
    )
    world.faults.plan(fault)
    return {"planned": len(world.faults.planned)}


def planned_faults(world: World, payload: dict[str, Any]) -> list[dict[str, Any]]:
    """List the faults that are still to come."""
    return [
        {
            "side": fault.side.upper(),
            "operation": fault.operation,
            "fault": fault.kind,
            "times": fault.times,
            "probability": fault.probability,
        }
        for fault in world.faults.planned
    ]


def clear_faults(world: World, payload: dict[str, Any]) -> dict[str, Any]:
    """Forget every planned fault."""
    world.faults.clear()
    return {"planned": 0}


def webhooks(world: World, payload: dict[str, Any]) -> dict[str, Any]:
    """Say where each side's webhooks go; null stops them."""
    for side in SIDES:
        if side not in payload:
            continue
        target = payload[side]
        if target is None:
            world.hooks.targets.pop(side, None)
        else:
            world.hooks.targets[side] = Target(
                url=str(target["url"]), secret=str(target.get("secret") or "")
            )
    return {side: target.url for side, target in world.hooks.targets.items()}


def assume(world: World, payload: dict[str, Any]) -> dict[str, Any]:
    """Switch assumed vendor facts."""
    world.assume.change(payload)
    return {name: getattr(world.assume, name) for name in payload}
