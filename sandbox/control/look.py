"""Looking: the summary of both systems and the recorded requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.control.load import company_of
from sandbox.financials import control
from sandbox.severa import acts

if TYPE_CHECKING:
    from sandbox.world import World

BESIDE = ("duplicates", "numbers")


def requests_of(world: World, payload: dict[str, Any]) -> list[dict[str, Any]]:
    """List the last requests, of one side or operation if asked."""
    return world.log.requests(
        side=payload.get("side") or None, operation=payload.get("operation") or None
    )


def summary(world: World, payload: dict[str, Any]) -> dict[str, Any]:
    """Sum up both systems; of all companies together unless one is named."""
    companies = [company_of(world, payload)] if "company" in payload else world.companies
    severa: dict[str, Any] = {}
    ledger: dict[str, Any] = {}
    for company in companies:
        severa = _merged(severa, acts.summary(world.severa.organizations[company.index]))
        ledger = _merged(ledger, control.summary(world, company, payload))
    beside = {name: ledger.pop(name) for name in BESIDE if name in ledger}
    sums = {"severa": {"invoices": severa}, "financials": ledger, **beside}
    return {**_with_text_totals(sums), "requests": world.log.counts()}


def _merged(one: Any, other: Any) -> Any:
    """Add two summaries up: numbers are added, lists joined, objects merged."""
    if isinstance(one, dict) and isinstance(other, dict):
        names = {**one, **other}
        return {
            name: _merged(one[name], other[name]) if name in one and name in other else names[name]
            for name in names
        }
    return one + other


def _with_text_totals(value: Any) -> Any:
    """Write the sums as text, so that no reader makes floats of them."""
    if not isinstance(value, dict):
        return value
    return {
        name: {code: str(amount) for code, amount in item.items()}
        if name == "totals"
        else _with_text_totals(item)
        for name, item in value.items()
    }
