"""What people do in Financials by hand, for the control routes: pay, release, reverse, close."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import cycle, islice
from random import Random
from typing import TYPE_CHECKING, Any

from sandbox.control.errors import ControlRefused
from sandbox.samples.company import Company

from . import document as drafts
from . import editing, ledger, payment, supplier, totals
from .attachment import attach_content
from .errors import Refused
from .rows import CREDIT_NOTE, INVOICE, DocumentRow, PaymentRow, ProjectRow
from .state import LedgerCompany
from .summary import summary_of
from .table import JSON
from .vat import cents

if TYPE_CHECKING:
    from sandbox.world import World

WORK = ("Subcontracting", "Licences", "Freight", "Hotel", "Materials", "Consulting", "Rental")
PDF = b"%PDF-1.4\n% Supplier invoice\n%%EOF\n"


def own(world: World, company: Company) -> LedgerCompany:
    """Find the Visma.net company of a sample company."""
    found: LedgerCompany = world.financials.companies[company.financials.tenant_id]
    return found


@contextmanager
def _told() -> Iterator[None]:
    """Tell the caller of a control route why the ERP said no."""
    try:
        yield
    except Refused as refusal:
        raise ControlRefused(" ".join(refusal.reasons)) from refusal


def _document(company: LedgerCompany, payload: JSON) -> DocumentRow:
    number = str(payload.get("referenceNumber") or "").strip()
    for kind in (INVOICE, CREDIT_NOTE):
        found = drafts.get(company, kind, number)
        if found is not None:
            return found
    raise ControlRefused(f"There is no customer document {number or '(none named)'}.", status=404)


def pay(world: World, company: Company, payload: JSON) -> list[JSON]:
    """Pay open invoices and release the payments at once."""
    ledger_company = own(world, company)
    share = payload.get("share")
    if payload.get("referenceNumber"):
        chosen = [_document(ledger_company, payload)]
    else:
        chosen = list(islice(_payable(ledger_company), int(payload.get("count") or 1)))
    with _told():
        return [_pay(ledger_company, document, share) for document in chosen]


def _payable(company: LedgerCompany) -> Iterator[DocumentRow]:
    """Invoices that came through the API first, oldest first."""
    invoices = [row for row in company.documents if row.kind == INVOICE]
    for by_hand in (False, True):
        for row in invoices:
            if row.by_hand == by_hand and row.status == "Open" and row.balance > 0:
                yield row


def _pay(company: LedgerCompany, document: DocumentRow, share: Any) -> JSON:
    if not document.released:
        raise ControlRefused(f"Document {document.number} is not released.")
    amount = document.balance if share is None else cents(document.total * Decimal(str(share)))
    applied = min(amount, document.balance)
    lines = []
    if applied > 0:
        lines = [{"documentType": document.kind, "refNbr": document.number, "amountPaid": applied}]
    made = payment.create(
        company,
        {
            "customer": document.customer.key,
            "currency": document.dto["currencyId"],
            "paymentAmount": amount,
            "paymentRef": document.dto.get("paymentReference"),
            "hold": False,
            "paymentLines": lines,
        },
    )
    payment.release(company, made)
    return {
        "paymentNumber": made.number,
        "referenceNumber": document.number,
        "amount": amount,
    }


def void_payment(world: World, company: Company, payload: JSON) -> JSON:
    """Void the newest payment of a document."""
    ledger_company = own(world, company)
    document = _document(ledger_company, payload)
    found = _newest_payment(ledger_company, document)
    if found is None:
        raise ControlRefused(f"Document {document.number} has no payment.", status=404)
    with _told():
        payment.void(ledger_company, found)
    return {"paymentNumber": found.number, "referenceNumber": document.number}


def _newest_payment(company: LedgerCompany, document: DocumentRow) -> PaymentRow | None:
    fitting = [
        row
        for row in company.payments
        if row.applied
        and row.kind == "Payment"
        and row.dto["status"] != "Voided"
        and any(line["refNbr"] == document.number for line in row.dto["paymentLines"])
    ]
    return max(fitting, key=lambda row: row.order, default=None)


def supplier_invoices(world: World, company: Company, payload: JSON) -> list[JSON]:
    """Create and release supplier invoices on projects, with files."""
    ledger_company = own(world, company)
    chance = Random(f"costs-{world.seed}-{len(ledger_company.supplier_invoices)}")
    projects = cycle(_usable(ledger_company) or [None])
    suppliers = cycle(list(ledger_company.suppliers))
    expenses = cycle([row.key for row in ledger_company.accounts if row.dto["type"] == "Expense"])
    made = []
    with _told():
        for place in range(int(payload.get("count") or 1)):
            fields: JSON = {
                "supplierNumber": next(suppliers).key,
                "supplierReference": f"S-{chance.randrange(10_000, 99_999)}",
                "description": "Supplier invoice",
                "hold": False,
                "invoiceLines": [
                    _cost_line(next(projects), next(expenses), chance)
                    for _ in range(2 if place % 3 == 2 else 1)
                ],
            }
            made.append(_supplier_invoice(ledger_company, fields, with_line_file=place % 2 == 1))
    return made


def _usable(company: LedgerCompany) -> list[ProjectRow | None]:
    return [
        row
        for row in company.projects
        if row.dto["status"] == "Active"
        and "10" in row.tasks
        and row.tasks["10"].dto["status"] == "Active"
    ]


def _cost_line(chosen: ProjectRow | None, account: str, chance: Random) -> JSON:
    line: JSON = {
        "transactionDescription": chance.choice(WORK),
        "quantity": Decimal(1),
        "unitCostInCurrency": Decimal(chance.randrange(10_000, 900_000)) / 100,
        "accountNumber": account,
    }
    return line if chosen is None else {**line, "projectId": chosen.key, "projectTaskId": "10"}


def _supplier_invoice(company: LedgerCompany, fields: JSON, *, with_line_file: bool) -> JSON:
    row = supplier.create(company, fields)
    lists = [row.attachments]
    if with_line_file:
        lists.append(row.dto["invoiceLines"][0]["attachments"])
    for place, shown in enumerate(lists):
        name = f"receipt-{row.number}.pdf" if place else f"invoice-{row.number}.pdf"
        content = PDF + f"% {name}\n".encode()
        attach_content(company, shown, name=name, media_type="application/pdf", content=content)
    supplier.release(company, row)
    assert row.batch is not None
    return {
        "referenceNumber": row.number,
        "supplierNumber": row.supplier.key,
        "batchNumber": row.batch.number,
        "lines": [
            {
                "project": line["project"]["id"],
                "amount": line["cost"],
                "transactionDescription": line["transactionDescription"],
            }
            for line in row.dto["invoiceLines"]
        ],
    }


def release(world: World, company: Company, payload: JSON) -> JSON:
    """Release a document by hand, at once."""
    ledger_company = own(world, company)
    document = _document(ledger_company, payload)
    if document.status not in ("Hold", "Balanced"):
        raise ControlRefused(f"Document {document.number} is {document.status}.")
    document.releasing = False
    ledger.book(ledger_company, document)
    return _state(document)


def edit_draft(world: World, company: Company, payload: JSON) -> JSON:
    """Change a draft as a bookkeeper does; without fields, the price of its first line."""
    ledger_company = own(world, company)
    document = _draft(ledger_company, payload)
    fields = payload.get("fields")
    if fields:
        editing.merge_document(ledger_company, document, dict(fields))
    else:
        line = document.lines[0]
        line["unitPriceInCurrency"] = Decimal(line["unitPriceInCurrency"]) + 1
        document.manual_amounts.pop(line["lineNumber"], None)
        totals.recompute(ledger_company, document)
    ledger_company.touch(ledger_company.documents, document)
    drafts.ring(ledger_company, document, "AR Invoice: Changed")
    return _state(document)


def _draft(company: LedgerCompany, payload: JSON) -> DocumentRow:
    if payload.get("referenceNumber"):
        document = _document(company, payload)
    else:
        rows = [row for row in company.documents if row.status in ("Hold", "Balanced")]
        if not rows:
            raise ControlRefused("There is no draft.", status=404)
        document = rows[-1]
    if document.status not in ("Hold", "Balanced"):
        raise ControlRefused(f"Document {document.number} is {document.status}, not a draft.")
    return document


def _state(document: DocumentRow) -> JSON:
    return {
        "referenceNumber": document.number,
        "status": document.status,
        "total": document.total,
    }


def reverse(world: World, company: Company, payload: JSON) -> JSON:
    """Reverse a released invoice: a credit note takes it back at once."""
    ledger_company = own(world, company)
    document = _document(ledger_company, payload)
    if document.kind != INVOICE:
        raise ControlRefused("Only an invoice can be reversed.")
    with _told():
        note = ledger.reverse(ledger_company, document, applied=True)
    return {**_state(document), "creditNote": note.number}


def mismatch_next(world: World, company: Company, payload: JSON) -> JSON:
    """Let the VAT total of the next draft differ by some cents."""
    shift = Decimal(str(payload["cents"])) / 100
    own(world, company).next_shift = shift
    return {"shift": shift}


def close_period(world: World, company: Company, payload: JSON) -> JSON:
    """Close a financial period in every ledger; `closed: false` opens it again."""
    wanted = "".join(sign for sign in str(payload["period"]) if sign.isdigit())
    row = own(world, company).periods.get(wanted)
    if row is None:
        raise ControlRefused(f"There is no period {wanted}.", status=404)
    for name in row:
        if name.startswith("closedIn"):
            row[name] = payload.get("closed") is not False
    return row


def edit(world: World, company: Company, payload: JSON) -> JSON:
    """Merge fields into a record, in the names of the read model, without any check."""
    with _told():
        return editing.edit(
            own(world, company),
            entity=str(payload["entity"]),
            key=str(payload["id"]),
            fields=dict(payload["fields"]),
        )


def delete(world: World, company: Company, payload: JSON) -> JSON:
    """Delete a record, without any check."""
    return editing.delete(
        own(world, company), entity=str(payload["entity"]), key=str(payload["id"])
    )


def summary(world: World, company: Company, payload: JSON) -> JSON:
    """Sum up the customer ledger."""
    return summary_of(own(world, company), order_numbers=world.order_numbers)
