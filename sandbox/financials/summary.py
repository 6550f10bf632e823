"""The Financials part of the summary: what is booked, what is double, which numbers are gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Set
from decimal import Decimal

from .document import SERIES
from .rows import CREDIT_NOTE, INVOICE, DocumentRow
from .state import LedgerCompany
from .table import JSON

GONE = "Voided"


def summary_of(company: LedgerCompany, *, order_numbers: Set[str]) -> JSON:
    """Sum up documents, payments, duplicates and numbers of a company."""
    documents = list(company.documents)
    return {
        "invoices": _counted(row for row in documents if row.kind == INVOICE),
        "creditNotes": _counted(row for row in documents if row.kind == CREDIT_NOTE),
        "payments": sum(
            1 for row in company.payments if row.kind == "Payment" and row.dto["status"] != GONE
        ),
        "sentByFinancials": sum(1 for row in documents if _sent(row)),
        "duplicates": _duplicates(documents, order_numbers),
        "numbers": _numbers(company),
    }


def _counted(documents: Iterable[DocumentRow]) -> JSON:
    by_status: Counter[str] = Counter()
    totals: dict[str, Decimal] = {}
    for row in documents:
        by_status[row.status] += 1
        if row.status != GONE:
            currency = row.dto["currencyId"]
            totals[currency] = totals.get(currency, Decimal("0.00")) + row.total
    return {"byStatus": dict(by_status), "totals": totals}


def _sent(row: DocumentRow) -> bool:
    """Say whether Financials itself sent a document that came through the API."""
    return not row.by_hand and (row.sent or bool(row.dto["sendToAutoInvoice"]))


def _duplicates(documents: list[DocumentRow], order_numbers: Set[str]) -> list[str]:
    """List the sandbox's own order numbers that are booked more than once, on either kind."""
    counts = Counter(
        row.dto.get("customerRefNumber")
        for row in documents
        if not row.by_hand and row.status != GONE
    )
    return sorted(
        number
        for number, count in counts.items()
        if number is not None and count > 1 and number in order_numbers
    )


def _numbers(company: LedgerCompany) -> JSON:
    """Account for every number that the two series gave out."""
    used = 0
    missing: list[str] = []
    gone = set(company.deleted)
    for kind in (INVOICE, CREDIT_NOTE):
        series = company.series[SERIES[kind]]
        used += len(series.used)
        living = {row.number for row in company.documents if row.kind == kind}
        width = len(series.start)
        for value in range(int(series.start), series.last + 1):
            number = str(value).zfill(width)
            if number not in living and number not in gone:
                missing.append(number)
    return {"used": used, "deleted": list(company.deleted), "missing": missing}
