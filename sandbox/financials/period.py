"""Financial periods: which one a document falls into, and whether its ledger is still open."""

from __future__ import annotations

from .errors import Refused
from .moment import period_of
from .state import LedgerCompany
from .wrapped import Fields

CUSTOMER_LEDGER = "closedInCustomerLedger"
SUPPLIER_LEDGER = "closedInSupplierLedger"
GENERAL_LEDGER = "closedInGeneralLedger"


def of(company: LedgerCompany, fields: Fields, *, on: str, ledger: str) -> str:
    """Decide the period: `financialPeriod` is YYYYMM, `postPeriod` is written MMYYYY.

    Raises `Refused` for a period that does not exist or is closed.
    """
    period = fields.get("financialPeriod")
    post = fields.get("postPeriod")
    if period is None and post:
        period = post[2:] + post[:2]
    period = period or period_of(on)
    require_open(company, period, ledger=ledger)
    return str(period)


def require_open(company: LedgerCompany, period: str, *, ledger: str) -> None:
    """Refuse a period that is unknown or closed in this ledger."""
    row = company.periods.get(period)
    shown = f"{period[4:]}-{period[:4]}"
    if row is None:
        raise Refused(f"Financial Period '{shown}' cannot be found in the system.")
    if not row["active"] or row[ledger]:
        raise Refused(f"The {shown} financial period is closed.")
