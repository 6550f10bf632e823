"""Routes of segmented keys, number series, accounts and suppliers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.http import Call, Op, Reply

from . import shapes
from .door import (
    changed,
    check_version,
    created,
    equal,
    fields_of,
    found,
    number_in,
    one,
    op,
    page,
    select,
    whole,
)
from .errors import NotFound
from .numbering import new_key
from .rows import SupplierRow
from .state import LedgerCompany
from .table import JSON, Row, norm

PAGE = 1000


def dimensions(company: LedgerCompany, call: Call) -> Reply:
    """List the ids of the segmented keys."""
    return Reply(body=list(company.dimensions))


def dimension(company: LedgerCompany, call: Call) -> Reply:
    """Show a segmented key with its segments."""
    row = found(company.dimensions.get(norm(call.params["dimensionId"])))
    if call.query.flag("expandSegmentsValues"):
        return Reply(body=row)
    segments = [
        {name: value for name, value in segment.items() if name != "segmentValues"}
        for segment in row["segments"]
    ]
    return Reply(body={**row, "segments": segments})


def _segment(company: LedgerCompany, call: Call) -> JSON:
    row = found(company.dimensions.get(norm(call.params["dimensionId"])))
    wanted = number_in(call, "segmentId")
    segment: JSON | None = next((s for s in row["segments"] if s["segmentId"] == wanted), None)
    return found(segment)


def segment(company: LedgerCompany, call: Call) -> Reply:
    """Show one segment of a key."""
    row = _segment(company, call)
    return Reply(body=row, headers={"ETag": f'"{row["timeStamp"]}"'})


def change_segment(company: LedgerCompany, call: Call) -> Reply:
    """Change the description of a segment."""
    row = _segment(company, call)
    check_version(call, Row(key="", dto=row, version=row["timeStamp"]))
    fields = fields_of(company, call, shapes.SEGMENT_UPDATE)
    if fields.get("description") is not None:
        row["description"] = fields["description"]
    row["timeStamp"] = company.next_version()
    return changed(Row(key="", dto=row, version=row["timeStamp"]))


def segment_value(company: LedgerCompany, call: Call) -> Reply:
    """Show one listed value of a segment."""
    values = _segment(company, call).get("segmentValues", [])
    for name, member in (("valueId", "valueId"), ("publicId", "publicId")):
        wanted = call.params.get(name)
        if wanted is not None:
            return Reply(
                body=found(next((v for v in values if norm(v[member]) == norm(wanted)), None))
            )
    raise NotFound


def number_series(company: LedgerCompany, call: Call) -> Reply:
    """List the number series."""
    return whole(call, list(company.series.values()), show=lambda series: series.dto())


def one_series(company: LedgerCompany, call: Call) -> Reply:
    """Show a number series."""
    return Reply(body=found(company.series.get(norm(call.params["numberingId"]))).dto())


def accounts(company: LedgerCompany, call: Call) -> Reply:
    """List the accounts."""
    test: Any = equal(call.query, "active", lambda row: row.dto["active"])
    rows = select(company.accounts, call, [test])
    return whole(call, rows, show=lambda row: row.dto)


def account(company: LedgerCompany, call: Call) -> Reply:
    """Show an account."""
    return one(found(company.accounts.get(call.params["accountCd"])))


def create_account(company: LedgerCompany, call: Call) -> Reply:
    """Add an account."""
    fields = fields_of(company, call, shapes.ACCOUNT)
    key = new_key(
        fields.get("accountCD") or "",
        length=10,
        what="Account",
        taken=lambda key: key in company.accounts,
    )
    row = account_row(
        company,
        number=key,
        description=fields.get("description") or key,
        kind=fields.get("type") or "Expense",
    )
    return created(call, "/v1/account", row.key, row)


def account_row(company: LedgerCompany, *, number: str, description: str, kind: str) -> Row:
    """Put an account into the plan."""
    dto: JSON = {
        "accountID": company.next_id("account", start=1001),
        "accountCD": number,
        "type": kind,
        "active": True,
        "description": description,
        "useDefaultSub": False,
        "cashAccount": False,
        "allowManualEntry": True,
        "timeStamp": "",
    }
    row = Row(key=number, dto=dto, internal_id=dto["accountID"])
    company.fresh(row)
    return company.accounts.add(row)


def change_account(company: LedgerCompany, call: Call) -> Reply:
    """Change an account."""
    row = found(company.accounts.get(call.params["accountCd"]))
    check_version(call, row)
    fields = fields_of(company, call, shapes.ACCOUNT)
    for name in ("description", "active", "type"):
        if fields.get(name) is not None:
            row.dto[name] = fields[name]
    company.touch(company.accounts, row)
    return changed(row)


def suppliers(company: LedgerCompany, call: Call) -> Reply:
    """List the suppliers."""
    query = call.query
    tests: list[Callable[[SupplierRow], bool] | None] = [
        equal(query, name, lambda row, name=name: row.dto.get(name))  # type: ignore[misc]
        for name in ("name", "status", "vatRegistrationId", "corporateId")
    ]
    rows = select(company.suppliers, call, tests)
    return page(call, rows, show=lambda row: dict(row.dto), largest=PAGE)


def supplier(company: LedgerCompany, call: Call) -> Reply:
    """Show a supplier."""
    return one(found(company.suppliers.get(call.params["supplierCd"])))


OPS: tuple[Op, ...] = (
    op("GET", "/v1/dimension", dimensions),
    op("GET", "/v1/dimension/{dimensionId}", dimension),
    op("GET", "/v1/dimension/{dimensionId}/{segmentId}", segment),
    op("PUT", "/v1/dimension/{dimensionId}/{segmentId}", change_segment),
    op("GET", "/v1/dimension/{dimensionId}/{segmentId}/publicid/{publicId}", segment_value),
    op("GET", "/v1/dimension/{dimensionId}/{segmentId}/{valueId}", segment_value),
    op("GET", "/v1/numberSequence", number_series),
    op("GET", "/v1/numberSequence/{numberingId}", one_series),
    op("GET", "/v1/account", accounts),
    op("POST", "/v1/account", create_account),
    op("GET", "/v1/account/{accountCd}", account),
    op("PUT", "/v1/account/{accountCd}", change_account),
    op("GET", "/v1/supplier", suppliers),
    op("GET", "/v1/supplier/{supplierCd}", supplier),
)
