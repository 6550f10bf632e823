"""The feeds of deleted entries: fees, hours, travel expenses and phase members."""

from __future__ import annotations

from typing import Any

from sandbox.http import Call, Handler, Op, Query, Reply
from sandbox.severa.errors import not_allowed
from sandbox.severa.lists import Test, changed_since, token_page
from sandbox.severa.state import Organization
from sandbox.severa.table import Record


def bury(org: Organization, feed: str, record: Record) -> None:
    """Refuse to delete a billed entry; note the deletion of any other in its feed."""
    if record.get("invoice"):
        raise not_allowed("The entry is on an invoice and cannot be deleted.")
    org.tables[feed].add({**record, "deleted": org.now()})


DEAD_PLAIN = {
    "deletedprojectfees": ("eventDate", "measurementUnit", "name", "quantity"),
    "deletedworkhours": ("endTime", "eventDate", "plannedInvoiceQuantity", "quantity", "startTime"),
    "deletedprojecttravelexpenses": (
        *("description", "eventDate", "measurementUnit", "quantity"),
        *("travelEndTime", "travelStartTime"),
    ),
    "deletedphasemembers": (),
}
DEAD_REFS_OF = {
    "deletedprojectfees": ("customer", "phase", "product", "project", "user"),
    "deletedworkhours": ("customer", "phase", "project", "user", "workType"),
    "deletedprojecttravelexpenses": ("customer", "phase", "project", "travelExpense", "user"),
    "deletedphasemembers": (),
}


def _graveyard(feed: str) -> Handler:
    async def handle(call: Call) -> Reply:
        org: Organization = call.company
        since = changed_since(call.query, name="deletedSince", key="deleted")
        tests = [test for test in (since, *_dead_filters(call.query)) if test]
        return token_page(
            call,
            org.tables[feed],
            test=lambda row: all(test(row) for test in tests),
            show=lambda row: _show_dead(feed, row),
        )

    return handle


def _dead_filters(query: Query) -> list[Test]:
    tests: list[Test] = []
    for key in ("project", "user"):
        wanted = {v.lower() for v in query.many(f"{key}Guids") + query.many(f"{key}Guid")}
        if wanted:
            tests.append(_belongs(key, wanted))
    return tests


def _belongs(key: str, wanted: set[str]) -> Test:
    return lambda row: row.get(key) in wanted


def _show_dead(feed: str, row: Record) -> dict[str, Any]:
    shown: dict[str, Any] = {name: row.get(name) for name in DEAD_PLAIN[feed]}
    for name in DEAD_REFS_OF[feed]:
        shown[name] = {"guid": row[name]} if row.get(name) else None
    by = {"guid": row["by"]} if row.get("by") else None
    return {
        **shown,
        "guid": row["guid"],
        "createdBy": by,
        "createdDateTime": row["created"],
        "lastUpdatedBy": by,
        "lastUpdatedDateTime": row["updated"],
        "deletedDateTime": row["deleted"],
    }


def _op(path: str, handler: Handler, scope: str) -> Op:
    return Op(method="GET", path=path, handler=handler, scopes=(scope,))


OPS = (
    _op("/v1/deletedprojectfees", _graveyard("deletedprojectfees"), "fees:read"),
    _op("/v1/deletedworkhours", _graveyard("deletedworkhours"), "hours:read"),
    _op(
        "/v1/deletedprojecttravelexpenses",
        _graveyard("deletedprojecttravelexpenses"),
        "travels:read",
    ),
    _op("/v1/deletedphasemembers", _graveyard("deletedphasemembers"), "projects:read"),
)
