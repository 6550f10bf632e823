"""The header of customer documents: codes, dates, currency, addresses, and what follows."""

from __future__ import annotations

from decimal import Decimal

from . import address, period, project
from .door import put
from .errors import Refused, unknown
from .moment import plus_days
from .rows import INVOICE, DocumentRow
from .state import LedgerCompany, as_date
from .wrapped import Fields

TEXTS = [
    "customerRefNumber",
    "externalReference",
    "invoiceText",
    "note",
    "customerProject",
    "accountingCostRef",
    "originatorDocRef",
    "contractDocRef",
    "cashAccount",
    "startDate",
    "endDate",
    "cashDiscountDate",
]


SWITCHES = ("sendToAutoInvoice", "dontPrint", "dontEmail", "revoked", "excludeDebtCollection")


def write_header(company: LedgerCompany, document: DocumentRow, fields: Fields) -> None:
    """Write the header members that were sent, and their defaults on a new document."""
    dto = document.dto
    dto["project"] = document.project.ref
    _codes(company, document, fields)
    write_dates(company, document, fields)
    _currency(company, document, fields)
    for name in TEXTS:
        if name in fields:
            put(dto, name, fields[name] or None)
    for name in SWITCHES:
        if fields.get(name) is not None:
            dto[name] = fields[name]
    if fields.get("hold") is not None:
        dto["hold"] = fields["hold"]
        dto["status"] = "Hold" if fields["hold"] else "Balanced"
    if document.kind == INVOICE and fields.get("paymentReference"):
        dto["paymentReference"] = fields["paymentReference"]
    _places(company, document, fields)


def _codes(company: LedgerCompany, document: DocumentRow, fields: Fields) -> None:
    dto = document.dto
    if document.kind == INVOICE and fields.get("creditTermsId") is not None:
        terms = company.terms.get(fields["creditTermsId"])
        if terms is None:
            raise unknown("Terms", fields["creditTermsId"])
        dto["creditTerms"] = {"id": terms["termsId"], "description": terms["description"]}
    if fields.get("branchNumber") is not None:
        dto["branchNumber"] = project.branch_ref(company, fields["branchNumber"])
    if fields.get("customerVatZoneId") is not None:
        zone = company.vat_zones.get(fields["customerVatZoneId"])
        if zone is None:
            raise unknown("Tax Zone", fields["customerVatZoneId"])
        dto["customerVatZone"] = {"id": zone["id"], "description": zone["description"]}
    if fields.get("contact") is not None:
        contact = company.contacts.by_id(fields["contact"])
        if contact is None:
            raise unknown("Contact", fields["contact"])
        dto["contact"] = {"id": contact.internal_id, "name": contact.dto["displayName"]}
    if fields.get("locationId") is not None:
        location = company.locations.get(f"{document.customer.key} {fields['locationId'].strip()}")
        if location is None:
            raise unknown("Location", fields["locationId"])
        dto["location"] = {
            **dto["location"],
            "id": location.dto["locationId"],
            "name": location.dto["locationName"],
        }


def write_dates(company: LedgerCompany, document: DocumentRow, fields: Fields) -> None:
    """Write dates and period; the due date follows from the terms."""
    dto = document.dto
    if fields.get("documentDate") is not None:
        dto["documentDate"] = fields["documentDate"][:10] + "T00:00:00"
    if not document.released:
        given = {"documentDate", "financialPeriod", "postPeriod"} & set(fields)
        if given or "financialPeriod" not in dto:
            dto["financialPeriod"] = dto["postPeriod"] = period.of(
                company, fields, on=dto["documentDate"], ledger=period.CUSTOMER_LEDGER
            )
    if fields.get("origInvoiceDate") is not None:
        dto["origInvoiceDate"] = fields["origInvoiceDate"]
    if "cashDiscountDate" in fields:
        put(dto, "cashDiscountDate", fields["cashDiscountDate"])
    if document.kind != INVOICE:
        return
    if fields.get("documentDueDate") is not None:
        dto["documentDueDate"] = fields["documentDueDate"][:10] + "T00:00:00"
    elif {"documentDate", "creditTermsId"} & set(fields) or "documentDueDate" not in dto:
        terms = company.terms.get(dto.get("creditTerms", {}).get("id", ""), {})
        dto["documentDueDate"] = plus_days(dto["documentDate"], int(terms.get("dueDay1", 0)))


def _currency(company: LedgerCompany, document: DocumentRow, fields: Fields) -> None:
    dto = document.dto
    if fields.get("currencyId") is not None:
        if fields["currencyId"] not in company.currencies:
            raise unknown("Currency", fields["currencyId"])
        dto["currencyId"] = fields["currencyId"]
    if dto["currencyId"] == company.base_currency:
        document.rate = Decimal(1)
    elif fields.get("exchangeRate"):
        document.rate = fields["exchangeRate"]
    elif "currencyId" in fields or document.rate == 1:
        document.rate = rate_of_day(company, dto["currencyId"], dto["documentDate"])
    dto["exchangeRate"] = document.rate


def rate_of_day(company: LedgerCompany, currency: str, on: str) -> Decimal:
    """Find the ERP's own rate.

    Raises `Refused` when there is none.
    """
    rows = [
        row
        for row in company.rates
        if row["fromCurrencyId"] == currency
        and row["toCurrencyId"] == company.base_currency
        and as_date(row["effectiveDate"]) <= as_date(on)
    ]
    if not rows:
        raise Refused(f"The currency rate is not defined for currency '{currency}'.")
    newest = max(rows, key=lambda row: str(row["effectiveDate"]))
    divided = newest["multDiv"] == "Divide"
    home: Decimal = newest["rateReciprocal"] if divided else newest["rate"]
    return home if company.assume.rate_is_home_per_unit else (1 / home).quantize(Decimal("1e-8"))


def _places(company: LedgerCompany, document: DocumentRow, fields: Fields) -> None:
    written = "billingAddress" if document.kind == INVOICE else "invoiceAddress"
    place = fields.get(written)
    if place is not None and place.get("overrideAddress"):
        own = address.new_address(company, place)
        document.dto["invoiceAddress"] = {**own, "overrideAddress": True}
    contact = fields.get("invoiceContact")
    if contact is not None and contact.get("overrideContact"):
        shown = document.dto["invoiceContact"]
        put(shown, "businessName", contact.get("name", shown.get("businessName")))
        for name in ("attention", "email", "phone1"):
            put(shown, name, contact.get(name, shown.get(name)))
        shown["overrideContact"] = True
