"""Customer payments: written as drafts, applied at release, taken back by a void."""

from __future__ import annotations

from decimal import Decimal

from . import document as drafts
from . import ledger, period, project
from .door import compact
from .errors import Refused, unknown
from .header import rate_of_day
from .numbering import assigned
from .rows import DocumentRow, PaymentRow
from .state import LedgerCompany
from .table import JSON, norm
from .totals import to_base
from .wrapped import Fields

ZERO = Decimal("0.00")
DOING_NEW = "Error creating the payment"
DOING_CHANGE = "Error updating the payment"


def key_of(kind: str, number: str) -> str:
    """Give the key of a payment: a void has the number of what it voids."""
    return f"{kind} {norm(number)}"


def get(company: LedgerCompany, number: str) -> PaymentRow | None:
    """Find a payment by its number."""
    for kind in ("Payment", "Prepayment", "Refund", "CreditNote"):
        found = company.payments.get(key_of(kind, number))
        if found is not None:
            return found
    return None


def create(company: LedgerCompany, fields: Fields) -> PaymentRow:
    """Create a payment; it does nothing until it is released."""
    try:
        row = _create(company, fields)
    except Refused as refusal:
        raise Refused(*refusal.reasons, doing=DOING_NEW) from refusal
    company.fresh(row)
    return company.payments.add(row)


def _create(company: LedgerCompany, fields: Fields) -> PaymentRow:
    number = fields.get("customer")
    customer = company.customers.get(number) if number else None
    if customer is None:
        raise unknown("Customer", number)
    on = (fields.get("applicationDate") or company.today())[:10] + "T00:00:00"
    period_id = fields.get("applicationPeriod") or on[:4] + on[5:7]
    period.require_open(company, period_id, ledger=period.CUSTOMER_LEDGER)
    currency = fields.get("currency") or customer.dto["currencyId"]
    if currency not in company.currencies:
        raise unknown("Currency", currency)
    main = next(iter(company.branches.values()))
    branch = project.branch_ref(company, fields.get("branch") or main["number"])
    kind = fields.get("type") or "Payment"
    hold = fields.get("hold")
    held = company.assume.hold_on_entry if hold is None else hold
    dto: JSON = {
        "type": kind,
        "refNbr": "",
        "status": "Hold" if held else "Balanced",
        "hold": held,
        "applicationDate": on,
        "applicationPeriod": period_id,
        "customer": customer.ref,
        "location": customer.dto["location"],
        "paymentMethod": {"id": "BANK", "description": "Bank transfer"},
        "cashAccount": company.organization["cashAccount"],
        "currency": currency,
        "appliedToOrders": ZERO,
        "writeOffAmount": ZERO,
        "financeCharges": ZERO,
        "deductedCharges": ZERO,
        "branch": branch["number"],
        "paymentLines": [],
        "ordersToApply": [],
        "financialDetails": {"paymentDate": on},
        "timeStamp": "",
    }
    row = PaymentRow(key="", kind=kind, number="", customer=customer, dto=dto)
    if currency != company.base_currency:
        row.rate = rate_of_day(company, currency, on)
    dto.update(compact(paymentRef=fields.get("paymentRef"), invoiceText=fields.get("invoiceText")))
    _amount(company, row, fields)
    row.number = dto["refNbr"] = assigned(
        series=company.series["ARPAYMENT"],
        given=fields.get("referenceNumber"),
        override=bool(fields.get("overrideNumberSeries")),
        length=15,
        what="Reference Nbr.",
        taken=lambda text: key_of(kind, text) in company.payments,
    )
    row.key = key_of(kind, row.number)
    return row


def change(company: LedgerCompany, row: PaymentRow, fields: Fields) -> None:
    """Change a payment that is not released."""
    if row.dto["status"] not in ("Hold", "Balanced"):
        raise Refused("Payment can't be updated because it is already released.")
    if fields.get("hold") is not None:
        row.dto["hold"] = fields["hold"]
        row.dto["status"] = "Hold" if fields["hold"] else "Balanced"
    for name in ("paymentRef", "invoiceText"):
        if fields.get(name) is not None:
            row.dto[name] = fields[name]
    _amount(company, row, fields)
    company.touch(company.payments, row)


def _amount(company: LedgerCompany, row: PaymentRow, fields: Fields) -> None:
    dto = row.dto
    if fields.get("paymentAmount") is not None:
        dto["paymentAmountInCurrency"] = fields["paymentAmount"]
    dto.setdefault("paymentAmountInCurrency", ZERO)
    for line in fields.get("paymentLines") or []:
        dto["paymentLines"] = [
            old for old in dto["paymentLines"] if old["refNbr"] != line.get("refNbr")
        ]
        if line.get("operation") != "Delete":
            dto["paymentLines"].append(_line(company, row, line))
    _sums(company, row)


def _line(company: LedgerCompany, row: PaymentRow, fields: Fields) -> JSON:
    kind = fields.get("documentType") or "Invoice"
    document = drafts.get(company, kind, fields.get("refNbr") or "")
    if document is None or document.customer is not row.customer:
        raise unknown("Reference Nbr.", fields.get("refNbr"))
    if document.status != "Open":
        raise Refused(f"Document '{document.number}' is not open.")
    if document.dto["currencyId"] != row.dto["currency"]:
        raise Refused(f"Document '{document.number}' has another currency.")
    row.rate = document.rate
    amount = fields.get("amountPaid")
    amount = document.balance if amount is None else amount
    written_off = fields.get("balanceWriteOff") or ZERO
    if amount + written_off > document.balance:
        raise Refused(f"The amount exceeds the balance of document '{document.number}'.")
    return compact(
        documentType=kind,
        refNbr=document.number,
        amountPaid=amount,
        cashDiscountTaken=fields.get("cashDiscountTaken") or ZERO,
        balanceWriteOff=written_off,
        date=document.dto["documentDate"],
        dueDate=document.dto.get("documentDueDate"),
        balance=document.balance - amount - written_off,
        currency=document.dto["currencyId"],
        postPeriod=document.dto["postPeriod"],
        customerOrder=document.dto.get("customerRefNumber"),
        crossRate=Decimal(1),
    )


def _sums(company: LedgerCompany, row: PaymentRow) -> None:
    dto = row.dto
    paid = Decimal(dto["paymentAmountInCurrency"])
    applied = sum((line["amountPaid"] for line in dto["paymentLines"]), ZERO)
    if applied > paid:
        raise Refused("The amount applied to documents exceeds the payment amount.")
    dto["paymentAmount"] = to_base(company, paid, row.rate)
    dto["appliedToDocuments"] = to_base(company, applied, row.rate)
    dto["availableBalanceInCurrency"] = paid - applied
    dto["availableBalance"] = to_base(company, paid - applied, row.rate)
    dto["writeOffAmount"] = sum((line["balanceWriteOff"] for line in dto["paymentLines"]), ZERO)


def release(company: LedgerCompany, row: PaymentRow) -> None:
    """Release a payment: every document that it names gets its share.

    Raises `Refused` for one that is not balanced.
    """
    if row.dto["status"] != "Balanced":
        raise Refused("Document Status is invalid for processing.")
    period.require_open(company, row.dto["applicationPeriod"], ledger=period.CUSTOMER_LEDGER)
    for line in row.dto["paymentLines"]:
        document = drafts.get(company, line["documentType"], line["refNbr"])
        if document is not None:
            _settle(company, row, document, line)
    row.dto["status"] = "Open" if row.dto["availableBalanceInCurrency"] > 0 else "Closed"
    row.applied = True
    company.touch(company.payments, row)


def _settle(company: LedgerCompany, row: PaymentRow, document: DocumentRow, line: JSON) -> None:
    ledger.apply(
        company,
        document,
        amount=line["amountPaid"],
        written_off=line["balanceWriteOff"] + line["cashDiscountTaken"],
        kind=row.kind,
        number=row.number,
        on=row.dto["applicationDate"],
        **compact(paymentRef=row.dto.get("paymentRef")),
    )
    line["balance"] = document.balance


def void(company: LedgerCompany, row: PaymentRow) -> PaymentRow:
    """Void a released payment: its documents are open again, and a void with its number exists.

    Raises `Refused` for one that is not released.
    """
    if not row.applied or row.dto["status"] == "Voided":
        raise Refused("Only a released payment can be voided.")
    on = company.today()
    for line in row.dto["paymentLines"]:
        document = drafts.get(company, line["documentType"], line["refNbr"])
        if document is not None:
            given_up = line["balanceWriteOff"] + line["cashDiscountTaken"]
            restored = line["amountPaid"] + given_up
            ledger.unapply(company, document, number=row.number, on=on, restored=restored)
    row.dto["status"] = "Voided"
    company.touch(company.payments, row)
    return _void_document(company, row, on)


def _void_document(company: LedgerCompany, row: PaymentRow, on: str) -> PaymentRow:
    dto: JSON = {
        **row.dto,
        "type": "VoidPayment",
        "status": "Closed",
        "applicationDate": on,
        "applicationPeriod": on[:4] + on[5:7],
        "financialDetails": {"paymentDate": on},
        "paymentLines": [
            {**line, "amountPaid": -line["amountPaid"]} for line in row.dto["paymentLines"]
        ],
    }
    for name in ("paymentAmount", "paymentAmountInCurrency", "appliedToDocuments"):
        dto[name] = -dto[name]
    twin = PaymentRow(
        key=key_of("VoidPayment", row.number),
        kind="VoidPayment",
        number=row.number,
        customer=row.customer,
        rate=row.rate,
        applied=True,
        dto=dto,
    )
    company.fresh(twin)
    return company.payments.add(twin)
