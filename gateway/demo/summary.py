"""The end of the demo: what is in both systems, as a table and as one JSON line."""

from typing import Any

from gateway.demo.api import Api
from gateway.demo.questions import COUNTS, IN_STATE
from gateway.demo.screen import Screen
from gateway.demo.story import Story
from schema.words import InvoiceState

_NAMES = {
    "customers": "customers",
    "products": "products",
    "projects": "projects",
    "invoices": "invoices and credit notes",
    "creditNotes": "of these credit notes",
    "payments": "payments",
    "projectCosts": "project costs",
}


async def summarize(story: Story) -> dict[str, Any]:
    """Count the unified records through the API, and both systems through the sandbox."""
    data = await story.api.ask(COUNTS, integration=story.integration)
    counts = {name: data[name]["totalCount"] for name in _NAMES}
    return {
        "counts": counts,
        "creditNotes": counts["creditNotes"],
        "invoicesByState": await _by_state(story.api, integration=story.integration),
        "mismatch": {**story.told.mismatch, "way": story.told.mismatch_way},
        "sandbox": await story.control.summary(),
    }


async def _by_state(api: Api, *, integration: str) -> dict[str, int]:
    found = {}
    for state in InvoiceState:
        data = await api.ask(IN_STATE, integration=integration, state=state)
        found[state.value] = data["invoices"]["totalCount"]
    return {state: count for state, count in found.items() if count}


def show(summary: dict[str, Any], *, screen: Screen) -> None:
    """Show the summary as tables."""
    screen.title("Summary")
    counts = summary["counts"]
    screen.table(
        "Unified records", ("what", "count"), [(_NAMES[name], counts[name]) for name in _NAMES]
    )
    screen.table("Invoices by state", ("state", "count"), list(summary["invoicesByState"].items()))
    sandbox = summary["sandbox"]
    duplicates, sent = len(sandbox["duplicates"]), sandbox["financials"]["sentByFinancials"]
    screen.line(
        f"Orders booked twice: {duplicates}. Invoices sent by Financials itself: {sent}. "
        f"Numbers missing from the series: {len(sandbox['numbers']['missing'])}."
    )
