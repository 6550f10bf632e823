"""Routes of payments, supplier invoices, journal transactions, attachments and background calls."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import Any
from uuid import uuid4

from sandbox.http import Call, Op, Reply

from . import background, journal, payment, posting, shapes
from .attachment import attach, files_of_line
from .door import (
    body_of,
    changed,
    check_version,
    created,
    dated,
    equal,
    fields_of,
    found,
    number_in,
    one,
    op,
    page,
    select,
    tag,
)
from .errors import Refused
from .moment import filter_value
from .rows import BatchRow, PaymentRow
from .state import LedgerCompany
from .table import JSON, Bound
from .wrapped import read

PAGE = 1000
JOURNAL_PAGE = 1000


def payments(company: LedgerCompany, call: Call) -> Reply:
    """List customer payments and their voids."""
    query = call.query
    wanted = query.one("invoiceRefNbr")
    tests: list[Any] = [
        equal(query, "paymentNbr", lambda row: row.number),
        equal(query, "paymentType", lambda row: row.kind),
        equal(query, "customer", lambda row: row.customer.key),
        equal(query, "status", lambda row: row.dto["status"]),
        equal(query, "branch", lambda row: row.dto["branch"]),
        equal(query, "financialPeriod", lambda row: row.dto["applicationPeriod"]),
        dated(query, "docDate", lambda row: row.dto["applicationDate"]),
    ]
    if wanted is not None:
        tests.append(lambda row: any(line["refNbr"] == wanted for line in row.dto["paymentLines"]))
    rows = select(company.payments, call, tests)
    return page(call, rows, show=lambda row: dict(row.dto), largest=PAGE)


def _payment(company: LedgerCompany, call: Call) -> PaymentRow:
    return found(payment.get(company, call.params["paymentNumber"]))


def create_payment(company: LedgerCompany, call: Call) -> Reply:
    """Create a payment."""
    row = payment.create(company, fields_of(company, call, shapes.PAYMENT))
    return created(call, "/v1/customerPayment", row.number, row)


def change_payment(company: LedgerCompany, call: Call) -> Reply:
    """Change a payment."""
    row = _payment(company, call)
    check_version(call, row)
    payment.change(company, row, fields_of(company, call, shapes.PAYMENT))
    return changed(row)


def release_payment(company: LedgerCompany, call: Call) -> Reply:
    """Release a payment."""
    row = _payment(company, call)
    check_version(call, row)
    payment.release(company, row)
    return Reply(body={"actionId": str(uuid4()), "actionResult": "Done"}, headers=tag(row))


def void_payment(company: LedgerCompany, call: Call) -> Reply:
    """Void a released payment."""
    row = _payment(company, call)
    check_version(call, row)
    fields = (
        read(body_of(call), shapes.VOID_PAYMENT, zone=company.zone) if call.body.strip() else {}
    )
    twin = payment.void(company, row)
    if fields.get("returnVoidPayment"):
        return Reply(body=twin.dto, headers=tag(twin))
    return Reply(body={"actionId": str(uuid4()), "actionResult": "Done"})


def transactions(company: LedgerCompany, call: Call) -> Reply:
    """List journal transactions; lines are paged, so a batch may come in two parts."""
    query = call.query
    since, period_id = query.one("lastModifiedDateTime"), query.one("periodId")
    if since is None and period_id is None:
        raise Refused("Either periodId or lastModifiedDateTime must be specified.")
    module = query.one("module")
    tests: list[Any] = [
        equal(query, "periodId", lambda row: row.dto["financialPeriod"]),
        equal(query, "status", lambda row: _status_filter(row)),
        equal(query, "branch", lambda row: row.dto["branch"]),
    ]
    if module is not None:
        wanted = module.removeprefix("Module").upper()
        tests.append(lambda row: row.module == f"Module{wanted}")
    rows = _since(company, call, tests, since)
    return Reply(body=_line_page(call, rows, attachments=bool(query.flag("expandAttachments"))))


def _status_filter(row: BatchRow) -> str:
    return str(row.dto["status"])


def _since(
    company: LedgerCompany, call: Call, tests: list[Any], since: str | None
) -> list[BatchRow]:
    asked = [test for test in tests if test is not None]
    limit = None
    if since is not None:
        limit = Bound(operator=">=", value=filter_value("lastModifiedDateTime", since))
    names = ("periodid", "lastmodifieddatetime", "module", "status", "branch")
    return company.batches.select(
        modified=limit,
        test=(lambda row: all(test(row) for test in asked)) if asked else None,
        cache=("journal", *(call.query.one(name) for name in names)),
    )


def _line_page(call: Call, rows: list[BatchRow], *, attachments: bool) -> list[JSON]:
    size = call.query.number("pageSize") or JOURNAL_PAGE
    size = min(size, JOURNAL_PAGE) if size > 0 else JOURNAL_PAGE
    first = (max(call.query.number("pageNumber") or 1, 1) - 1) * size
    ends = list(accumulate(len(row.lines) for row in rows))
    about_page = {"totalCount": ends[-1] if ends else 0, "maxPageSize": JOURNAL_PAGE}
    answer = []
    for index in range(bisect_right(ends, first), len(rows)):
        begin = ends[index] - len(rows[index].lines)
        if begin >= first + size:
            break
        lines = rows[index].lines[max(first - begin, 0) : first + size - begin]
        dto = _batch(rows[index], lines, attachments=attachments)
        dto["metadata"] = about_page
        answer.append(dto)
    return answer


def _batch(row: BatchRow, lines: list[JSON], *, attachments: bool) -> JSON:
    dto = {**row.dto, "journalTransactionLines": lines}
    if attachments:
        dto["attachments"] = row.attachments
    else:
        dto["journalTransactionLines"] = [
            {name: value for name, value in line.items() if name != "attachments"} for line in lines
        ]
    return dto


def _by_number(company: LedgerCompany, call: Call) -> BatchRow:
    return found(journal.by_number(company, call.params["journalTransactionNumber"]))


def _in_module(company: LedgerCompany, call: Call) -> BatchRow:
    module = call.params["module"].strip()
    module = module.upper() if len(module) == 2 else module.removeprefix("Module").upper()
    key = posting.key_of(f"Module{module}", call.params["journalTransactionNumber"])
    return found(company.batches.get(key))


def transaction(company: LedgerCompany, call: Call) -> Reply:
    """Show a batch."""
    row = _by_number(company, call)
    return one(row, _batch(row, row.lines, attachments=True))


def create_transaction(company: LedgerCompany, call: Call) -> Reply:
    """Create a batch; date-times with a zone are refused here."""
    fields = fields_of(company, call, shapes.JOURNAL, zones_refused=True)
    row = journal.create(company, fields)
    return created(call, "/v2/journaltransaction", row.number, row)


def change_transaction(company: LedgerCompany, call: Call) -> Reply:
    """Change a batch that is not posted."""
    row = _by_number(company, call)
    check_version(call, row)
    journal.change(company, row, fields_of(company, call, shapes.JOURNAL, zones_refused=True))
    return changed(row)


def release_transaction(company: LedgerCompany, call: Call) -> Reply:
    """Release and post a batch."""
    row = _by_number(company, call)
    check_version(call, row)
    journal.release(company, row)
    return Reply(body={"actionId": str(uuid4()), "actionResult": "Done"}, headers=tag(row))


def attach_to_transaction(company: LedgerCompany, call: Call) -> Reply:
    """Attach a file to a batch or to one of its lines."""
    row = _in_module(company, call)
    shown = row.attachments
    if "lineNumber" in call.params:
        shown = files_of_line(row.lines, number_in(call, "lineNumber"))
    file = attach(company, shown, call)
    company.touch(company.batches, row)
    return created(call, "/v1/attachment", file.id)


JOURNAL = "/v2/journaltransaction"
ENTRY = f"{JOURNAL}/{{journalTransactionNumber}}"
IN_MODULE = f"{JOURNAL}/module/{{module}}/{{journalTransactionNumber}}"

OPS: tuple[Op, ...] = (
    op("POST", "/v1/customerPayment", create_payment),
    op("GET", "/v1/customerPayment", payments),
    op("GET", "/v1/customerPayment/{paymentNumber}", lambda c, call: one(_payment(c, call))),
    op("PUT", "/v1/customerPayment/{paymentNumber}", change_payment),
    op("POST", "/v1/customerPayment/{paymentNumber}/action/release", release_payment),
    op("POST", "/v1/customerPayment/{paymentNumber}/action/void", void_payment),
    op("GET", JOURNAL, transactions),
    op("POST", JOURNAL, create_transaction),
    op("GET", ENTRY, transaction),
    op("PUT", ENTRY, change_transaction),
    op("POST", f"{ENTRY}/action/release", release_transaction),
    op("POST", f"{IN_MODULE}/attachment", attach_to_transaction),
    op("POST", f"{IN_MODULE}/{{lineNumber}}/attachment", attach_to_transaction),
    op("GET", "/v1/background/{requestId}", background.state),
    op("GET", "/v1/background/{requestId}/content", background.content),
)
