"""Journal batches: how they are made, and what a released document posts."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from . import project
from .door import put
from .errors import unknown
from .rows import BatchRow, DocumentRow, ProjectRow, SupplierInvoiceRow, TaskRow
from .state import LedgerCompany
from .table import JSON
from .totals import to_base

ZERO = Decimal("0.00")


AMOUNTS = ("debitAmount", "debitAmountInCurrency", "creditAmount", "creditAmountInCurrency")


def key_of(module: str, number: str) -> str:
    """Give the key of a batch: its number is unique within its module only."""
    return f"{module} {number.strip()}"


def line(
    company: LedgerCompany,
    *,
    account: str,
    side: str,
    amount: Decimal,
    rate: Decimal = Decimal(1),
    text: str | None = None,
    about: Mapping[str, str | None] = MappingProxyType({}),
    on: tuple[ProjectRow, TaskRow | None] | None = None,
) -> JSON:
    """Make a journal line; lines without a project carry the non-project code."""
    row = company.accounts.get(account)
    if row is None:
        raise unknown("Account", account)
    chosen, task = on or (project.non_project(company), None)
    dto: JSON = {
        "accountNumber": account,
        "description": row.dto["description"],
        **dict.fromkeys(AMOUNTS, ZERO),
        f"{side}AmountInCurrency": amount,
        f"{side}Amount": to_base(company, amount, rate),
        "project": chosen.ref,
        "attachments": [],
        "quantity": ZERO,
    }
    optional = {
        "transactionDescription": text,
        "projectTask": task.ref if task else None,
        **about,
    }
    dto.update({name: value for name, value in optional.items() if value is not None})
    return dto


def post(
    company: LedgerCompany,
    *,
    module: str,
    lines: list[JSON],
    on: str,
    period_id: str,
    text: str,
    status: str = "Posted",
    currency: str | None = None,
    rate: Decimal = Decimal(1),
    branch: str | None = None,
    kind: str | None = None,
    attachments: list[JSON] | None = None,
    number: str | None = None,
) -> BatchRow:
    """Add a batch to the journal."""
    series = company.series[f"BATCH{module.removeprefix('Module')}"]
    number = number or series.next(lambda text: key_of(module, text) in company.batches)
    for place, dto_line in enumerate(lines, start=1):
        dto_line["lineNumber"], dto_line["module"] = place, module
        put(dto_line, "transactionType", kind)
    dto: JSON = {
        "module": module,
        "batchNumber": number,
        "status": status,
        "hold": status == "Hold",
        "transactionDate": on,
        "postPeriod": period_id,
        "financialPeriod": period_id,
        "ledger": "1",
        "ledgerDescription": "Actual Ledger",
        "currencyId": currency or company.base_currency,
        "exchangeRate": rate,
        "autoReversing": False,
        "reversingEntry": False,
        "description": text,
        "createVatTransaction": False,
        "skipVatAmountValidation": False,
        "branch": branch or next(iter(company.branches)),
        "timeStamp": "",
        "journalTransactionLines": lines,
    }
    sum_up(dto)
    row = BatchRow(key=key_of(module, number), module=module, number=number, dto=dto)
    row.attachments = [] if attachments is None else attachments
    company.fresh(row)
    return company.batches.add(row)


def sum_up(dto: JSON) -> None:
    """Fill the totals of a batch."""
    for side in ("debit", "credit"):
        for suffix in ("", "InCurrency"):
            dto[f"{side}Total{suffix}"] = sum(
                (line[f"{side}Amount{suffix}"] for line in dto["journalTransactionLines"]), ZERO
            )
    dto["controlTotal"] = dto["debitTotal"]
    dto["controlTotalInCurrency"] = dto["debitTotalInCurrency"]


def post_customer_document(company: LedgerCompany, document: DocumentRow) -> None:
    """Post a released invoice or credit note: revenue comes back on its project."""
    dto = document.dto
    give, take = ("debit", "credit") if document.kind == "Invoice" else ("credit", "debit")
    about = {"referenceNumber": document.number, "customerSupplier": document.customer.key}
    rows = [
        line(
            company,
            account=dto["account"]["number"],
            side=give,
            amount=document.total,
            rate=document.rate,
            text=document.customer.dto["name"],
            about=about,
        )
    ]
    for source in document.lines:
        task_ref = source.get("projectTask")
        task = company.tasks.by_id(task_ref["internalId"]) if task_ref else None
        rows.append(
            line(
                company,
                account=source["account"]["number"],
                side=take,
                amount=source["amountInCurrency"],
                rate=document.rate,
                text=source.get("description"),
                about=about,
                on=(document.project, task),
            )
        )
        put(rows[-1], "vatCode", source.get("vatCode"))
    rest = document.total - sum((row["amountInCurrency"] for row in document.lines), ZERO)
    if rest:
        vat_account = company.organization["vatAccount"]
        rows.append(
            line(
                company,
                account=vat_account,
                side=take,
                amount=rest,
                rate=document.rate,
                about=about,
            )
        )
    post(
        company,
        module="ModuleAR",
        lines=rows,
        on=dto["documentDate"],
        period_id=dto["financialPeriod"],
        text=f"{document.kind} {document.number}",
        currency=dto["currencyId"],
        rate=document.rate,
        branch=dto["branchNumber"]["number"],
        kind="INV" if document.kind == "Invoice" else "CRM",
    )


def post_supplier_document(
    company: LedgerCompany, document: SupplierInvoiceRow, *, backwards: bool = False
) -> BatchRow:
    """Post a released supplier document: each line debits its account on its project."""
    dto = document.dto
    reverse = (document.kind == "DebitAdj") != backwards
    take, give = ("credit", "debit") if reverse else ("debit", "credit")
    rate = Decimal(dto["exchangeRate"])
    about = {"referenceNumber": document.number, "customerSupplier": document.supplier.key}
    rows = []
    for source in dto["invoiceLines"]:
        rows.append(
            line(
                company,
                account=source["account"]["number"],
                side=take,
                amount=source["costInCurrency"],
                rate=rate,
                text=source.get("transactionDescription"),
                about=about,
                on=_project_of(company, source),
            )
        )
        rows[-1]["attachments"] = source["attachments"]
    vat = Decimal(dto["vatTotalInCurrency"])
    if vat:
        vat_account = company.organization["inputVatAccount"]
        rows.append(
            line(company, account=vat_account, side=take, amount=vat, rate=rate, about=about)
        )
    total = sum((row[f"{take}AmountInCurrency"] for row in rows), ZERO)
    payable = company.organization["payable"]["number"]
    rows.append(line(company, account=payable, side=give, amount=total, rate=rate, about=about))
    return post(
        company,
        module="ModuleAP",
        lines=rows,
        on=dto["date"],
        period_id=dto["financialPeriod"],
        text=dto.get("description") or f"{document.kind} {document.number}",
        currency=dto["currencyId"],
        rate=rate,
        branch=dto["branchNumber"]["number"],
        kind="ADR" if reverse else "INV",
        attachments=document.attachments,
    )


def _project_of(company: LedgerCompany, source: JSON) -> tuple[ProjectRow, TaskRow | None]:
    chosen = company.projects.by_id(source["project"]["internalId"])
    task_ref = source.get("projectTask")
    task = company.tasks.by_id(task_ref["internalId"]) if task_ref else None
    return chosen or project.non_project(company), task
