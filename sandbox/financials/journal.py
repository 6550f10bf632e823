"""Journal batches: written by hand (GL), or posted by a released document (AR, AP)."""

from __future__ import annotations

from decimal import Decimal

from . import period, project
from .door import put
from .errors import Refused, unknown
from .lines import account_ref
from .posting import ZERO, key_of, line, post, sum_up
from .rows import BatchRow
from .state import LedgerCompany
from .table import JSON
from .task import task_for
from .totals import to_base
from .wrapped import Fields

DOING_NEW = "Error creating the journal transaction"
DOING_CHANGE = "Error updating the journal transaction"


def by_number(company: LedgerCompany, number: str) -> BatchRow | None:
    """Find a batch by its number alone: the general ledger's first, as the path has no module."""
    wanted = number.strip()
    found = company.batches.get(key_of("ModuleGL", wanted))
    if found is not None:
        return found
    return next((batch for batch in company.batches if batch.number == wanted), None)


def create(company: LedgerCompany, fields: Fields) -> BatchRow:
    """Create a general ledger batch; it must balance."""
    try:
        return _create(company, fields)
    except Refused as refusal:
        raise Refused(*refusal.reasons, doing=DOING_NEW) from refusal


def _create(company: LedgerCompany, fields: Fields) -> BatchRow:
    on = (fields.get("transactionDate") or company.today())[:10] + "T00:00:00"
    period_id = period.of(company, fields, on=on, ledger=period.GENERAL_LEDGER)
    currency = fields.get("currencyId") or company.base_currency
    if currency not in company.currencies:
        raise unknown("Currency", currency)
    rate = fields.get("exchangeRate") or Decimal(1)
    rows = [_own_line(company, row, rate) for row in fields.get("journalTransactionLines") or []]
    held = bool(fields.get("hold"))
    _require_balance(rows, held=held)
    return post(
        company,
        module="ModuleGL",
        lines=rows,
        on=on,
        period_id=period_id,
        text=fields.get("description") or "Journal transaction",
        status="Hold" if held else "Balanced",
        currency=currency,
        rate=rate,
        branch=fields.get("branch"),
    )


def _own_line(company: LedgerCompany, fields: Fields, rate: Decimal) -> JSON:
    chosen = project.for_document(company, fields.get("project"), ledger="Gl")
    task = task_for(chosen, fields.get("projectTask"), ledger="Gl")
    row = line(
        company,
        account=fields.get("accountNumber") or "",
        side="debit",
        amount=fields.get("debitAmountInCurrency") or ZERO,
        rate=rate,
        text=fields.get("transactionDescription"),
        about={"referenceNumber": fields.get("referenceNumber")},
        on=(chosen, task),
    )
    credit = fields.get("creditAmountInCurrency") or ZERO
    row["creditAmountInCurrency"] = credit
    row["creditAmount"] = to_base(company, credit, rate)
    for name in ("uom", "note", "branch"):
        put(row, name, fields.get(name))
    if fields.get("quantity") is not None:
        row["quantity"] = fields["quantity"]
    account_ref(company, row["accountNumber"])
    return row


def _require_balance(rows: list[JSON], *, held: bool) -> None:
    debit = sum((row["debitAmountInCurrency"] for row in rows), ZERO)
    credit = sum((row["creditAmountInCurrency"] for row in rows), ZERO)
    if debit != credit and not held:
        raise Refused("The document is out of balance. Review the document.")


def change(company: LedgerCompany, batch: BatchRow, fields: Fields) -> None:
    """Change a batch that is not posted yet."""
    if batch.dto["status"] not in ("Hold", "Balanced"):
        raise Refused("The batch is already released.", doing=DOING_CHANGE)
    if fields.get("journalTransactionLines"):
        rate = Decimal(batch.dto["exchangeRate"])
        rows = [_own_line(company, row, rate) for row in fields["journalTransactionLines"]]
        batch.dto["journalTransactionLines"] = rows
        for place, row in enumerate(rows, start=1):
            row["lineNumber"], row["module"] = place, batch.module
        sum_up(batch.dto)
    if fields.get("description") is not None:
        batch.dto["description"] = fields["description"]
    if fields.get("hold") is not None:
        _require_balance(batch.lines, held=fields["hold"])
        batch.dto["hold"] = fields["hold"]
        batch.dto["status"] = "Hold" if fields["hold"] else "Balanced"
    company.touch(company.batches, batch)


def release(company: LedgerCompany, batch: BatchRow) -> None:
    """Release and post a batch at once."""
    if batch.dto["status"] != "Balanced":
        raise Refused("Batch status is not valid for processing.")
    period.require_open(company, batch.dto["financialPeriod"], ledger=period.GENERAL_LEDGER)
    batch.dto["status"] = "Posted"
    company.touch(company.batches, batch)
