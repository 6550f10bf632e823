"""Lists of customer invoices, credit notes and customer documents."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from sandbox.http import Call, Reply

from .door import (
    bound,
    dated,
    equal,
    every,
    found,
    page,
    select,
)
from .rows import CREDIT_NOTE, INVOICE, DocumentRow
from .state import LedgerCompany
from .table import JSON

PAGE = 1000


PARTS = {
    "expandApplications": ("applications",),
    "expandTaxDetails": ("taxDetails",),
    "expandInvoiceAddress": ("invoiceAddress", "invoiceContact"),
    "expandDunningInformation": ("dunningLetterDate", "dunningLetterLevel"),
}


DOCUMENT_MEMBERS = [
    "documentDueDate",
    "customer",
    "documentType",
    "referenceNumber",
    "postPeriod",
    "financialPeriod",
    "closedFinancialPeriod",
    "documentDate",
    "origInvoiceDate",
    "status",
    "currencyId",
    "amount",
    "amountInCurrency",
    "balance",
    "balanceInCurrency",
    "cashDiscount",
    "cashDiscountInCurrency",
    "paymentMethod",
    "customerRefNumber",
    "invoiceText",
    "lastModifiedDateTime",
    "createdDateTime",
    "note",
    "vatTotal",
    "vatTotalInCurrency",
    "location",
    "branchNumber",
    "cashAccount",
    "project",
    "account",
    "subaccount",
    "customerProject",
]


def _tests(call: Call) -> list[Any]:
    query = call.query
    texts: dict[str, Callable[[DocumentRow], Any]] = {
        "status": lambda row: row.dto["status"],
        "externalReference": lambda row: row.dto.get("externalReference"),
        "paymentReference": lambda row: row.dto.get("paymentReference"),
        "customerRefNumber": lambda row: row.dto.get("customerRefNumber"),
        "project": lambda row: row.project.key,
        "financialPeriod": lambda row: row.dto["financialPeriod"],
        "closedFinancialPeriod": lambda row: row.dto.get("closedFinancialPeriod"),
        "branch": lambda row: row.dto["branchNumber"]["number"],
        "dunningLevel": lambda row: row.dto["dunningLetterLevel"],
    }
    return [
        *(equal(query, name, value) for name, value in texts.items()),
        _released(call),
        dated(query, "documentDate", lambda row: row.dto["documentDate"]),
        dated(query, "documentDueDate", lambda row: row.dto.get("documentDueDate")),
        dated(query, "dunningLetterDateTime", lambda row: row.dto.get("dunningLetterDate")),
    ]


def _released(call: Call) -> Callable[[DocumentRow], bool] | None:
    wanted = call.query.number("released")
    if wanted not in (0, 1):
        return None
    return lambda row: row.released == bool(wanted)


def _rows(
    company: LedgerCompany, call: Call, *, kinds: frozenset[str], customer: str | None
) -> list[DocumentRow]:
    tests = _tests(call)
    if len(kinds) == 1:
        kind = next(iter(kinds))
        tests.append(lambda row: row.kind == kind)
    if customer is None:
        return select(company.documents, call, tests)
    owner = company.customers.get(customer)
    among = company.documents_of.get(owner.internal_id, []) if owner else []
    modified = bound(call.query, "lastModifiedDateTime")
    tests.append(dated(call.query, "createdDateTime", lambda row: row.created))
    test = every(tests)
    return [
        row
        for row in among
        if (modified is None or modified.holds(row.modified)) and (test is None or test(row))
    ]


def listing(kind: str, *, owner: str | None = None) -> Any:
    """Serve the list of one kind, oldest first; `owner` names the path parameter."""

    def serve(company: LedgerCompany, call: Call) -> Reply:
        customer = call.params[owner] if owner else call.query.one("customer")
        if owner is not None:
            found(company.customers.get(call.params[owner]))
        rows = _rows(company, call, kinds=frozenset({kind}), customer=customer)
        hidden = [
            member
            for flag, members in PARTS.items()
            if not call.query.flag(flag)
            for member in members
        ]
        attachments = bool(call.query.flag("expandAttachments"))
        show = partial(_list_row, hidden=hidden, attachments=attachments)
        return page(call, rows, show=show, largest=PAGE)

    return serve


def _list_row(row: DocumentRow, *, hidden: list[str], attachments: bool) -> JSON:
    dto = row.dto.copy()
    for name in hidden:
        dto.pop(name, None)
    if not attachments:
        dto.pop("attachments", None)
        name = "invoiceLines" if row.kind == INVOICE else "lines"
        dto[name] = [
            {key: value for key, value in line.items() if key != "attachments"}
            for line in dto[name]
        ]
    return dto


def documents(owner: str | None = None) -> Any:
    """Serve the cheap list of invoices and credit notes, without lines."""

    def serve(company: LedgerCompany, call: Call) -> Reply:
        kind = call.query.one("documentType")
        kinds = frozenset({kind}) if kind else frozenset({INVOICE, CREDIT_NOTE})
        customer = call.params[owner] if owner else call.query.one("customer")
        if owner is not None:
            found(company.customers.get(call.params[owner]))
        rows = _rows(company, call, kinds=kinds, customer=customer)
        return page(call, rows, show=_document_row, largest=PAGE)

    return serve


def _document_row(row: DocumentRow) -> JSON:
    dto = row.dto
    shown = {name: dto[name] for name in DOCUMENT_MEMBERS if name in dto}
    shown["branch"] = dto["branchNumber"]
    return shown
