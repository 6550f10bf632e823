"""Credit notes: Severa's Reimburse button, full only."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from sandbox.severa.errors import not_allowed
from sandbox.severa.invoice import credit_status, number_if_due, recount, ring, rows_of
from sandbox.severa.state import Organization
from sandbox.severa.table import Record


def reimburse(org: Organization, original: Record, *, order_number: str | None = None) -> Record:
    """Press Reimburse: a full credit note with negative quantities."""
    if original["isCreditNote"] or original["creditNoteInvoice"] is not None:
        raise not_allowed("The invoice is a credit note or credited already.")
    today = org.now().date()
    copied = {k: v for k, v in original.items() if k not in ("guid", "created", "updated", "by")}
    note = org.insert(
        "invoices",
        {
            **copied,
            "isCreditNote": True,
            "creditNoteInvoice": None,
            "reimburseInvoice": original["guid"],
            "number": None,
            "referenceNumber": None,
            "paymentDate": None,
            "date": today,
            "dueDate": today + timedelta(days=original["paymentTerm"]),
            "orderNumber": order_number or original["orderNumber"],
            "status": credit_status(org)["guid"],
        },
    )
    org.insert("invoicesettings", {"invoice": note["guid"]})
    for row in rows_of(org, original):
        _reverse_row(org, note, row)
    recount(org, note)
    number_if_due(org, note)
    org.update("invoices", original, {"creditNoteInvoice": note["guid"]})
    ring(org, note)
    return note


def _reverse_row(org: Organization, note: Record, row: Record) -> None:
    copied = {k: v for k, v in row.items() if k not in ("guid", "created", "updated", "by")}
    reverse = {**copied, "invoice": note["guid"], "quantity": -Decimal(row["quantity"])}
    made = org.insert("invoicerows", reverse)
    for table in ("projectfees", "projecttravelexpenses", "workhours"):
        for entry in org.tables[table].where("invoiceRow", row["guid"]):
            org.insert(
                "reimbursed",
                {
                    **{k: v for k, v in entry.items() if k not in ("guid", "created", "updated")},
                    "table": table,
                    "entry": entry["guid"],
                    "invoice": note["guid"],
                    "invoiceRow": made["guid"],
                },
            )
