"""What a booked document says of amounts: paid, credited, written off, and when (Q30)."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from schema.models import Invoice
from worker.sync.rules.invoice.facts import sign_of


def amounts_of(invoice: Invoice, body: Mapping[str, Any]) -> dict[str, Any]:
    """Read total, balance and what was paid, credited and written off (Q30).

    Amounts are in the document's currency; those of a credit note are negative, like its total.
    """
    sign = sign_of(invoice)
    total = Decimal(str(body.get("amountInCurrency") or 0))
    balance = Decimal(str(body.get("balanceInCurrency") or 0))
    live = [row for row in body.get("applications") or () if not row.get("voided")]
    settled = total - balance
    notes = _sum(row for row in live if row.get("docType") in _NOTES)
    paid = _sum(row for row in live if row.get("docType") not in _NOTES + _WRITE_OFFS)
    credited = min(abs(notes), settled)
    # Without applications nothing tells a write-off from a payment.
    paid = min(abs(paid), settled - credited) if live else settled - credited
    return {
        "financials_total": sign * total,
        "balance": sign * balance,
        "credited_amount": sign * credited,
        "written_off_amount": sign * (settled - credited - paid),
        "paid_amount": sign * paid,
    }


_NOTES = ("CreditNote", "Invoice", "CRM", "INV")
_WRITE_OFFS = ("SmallBalanceWo", "SmallCreditWo", "SMB", "SMC")


def _sum(rows: Iterable[Mapping[str, Any]]) -> Decimal:
    return sum((Decimal(str(row.get("amountPaid") or 0)) for row in rows), Decimal(0))


def last_application(body: Mapping[str, Any]) -> date | None:
    """Return the day of the last application that closed the document (Q30).

    A total of zero is closed by nothing, on the day of the document.
    """
    days = [
        str(row["applicationDate"])[:10]
        for row in body.get("applications") or ()
        if row.get("applicationDate") and not row.get("voided")
    ]
    total = Decimal(str(body.get("amountInCurrency") or 0))
    day = max(days, default=str(body.get("documentDate") or "")[:10] if total == 0 else "")
    return date.fromisoformat(day) if day else None
