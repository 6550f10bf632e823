"""The fields we rely on: the vendors' schemas require hardly any, so we say which must be there.

Financials leaves nulls out, so only what a record always has is listed. A dot goes into a
sub-object; a name ending in `[]` goes into each row of a list, which may be empty.
"""

from collections.abc import Iterator
from typing import Any

from schema.words import Side

_AUDIT = "guid lastUpdatedDateTime"
_SEVERA = {
    "/v1/customers": f"{_AUDIT} name isActive isInternal",
    "/v1/addresses": f"{_AUDIT} customer.guid isBillingAddress isPostalAddress isVisitAddress",
    "/v1/customers/{customerGuid}/addresses": f"{_AUDIT} isBillingAddress isPostalAddress",
    "/v1/contactpersons": f"{_AUDIT} customer.guid firstName lastName isActive isEmailAllowed",
    "/v1/contactcommunications": f"{_AUDIT} contact.guid communicationType.guid value "
    "isForbiddenToUse",
    "/v1/communicationtypes": "guid type isActive name",
    "/v1/products": f"{_AUDIT} name isActive",
    "/v1/worktypes": f"{_AUDIT} name isActive",
    "/v1/travelexpensetypes": f"{_AUDIT} name isActive expenseClass",
    "/v1/projects": f"{_AUDIT} name isClosed isInternal customer.guid currency.code",
    "/v1/salescases": f"{_AUDIT} name isClosed isInternal customer.guid salesStatus.guid",
    "/v1/invoices": f"{_AUDIT} status.guid customer.guid currency.code currencyRate isCreditNote "
    "date dueDate totalIncludingTax.amount totalIncludingTax.currencyCode totalExcludingTax.amount "
    "projects[].guid",
    "/v1/invoices/{invoiceGuid}/invoicerows": "guid category rowType quantity unitPrice.amount "
    "unitPrice.currencyCode",
    "/v1/invoices/{invoiceGuid}/projectfees": "guid project.guid invoiceRowGuid",
    "/v1/invoices/{invoiceGuid}/files": "guid fileGuid name",
    "/v1/projectfees": f"{_AUDIT} project.guid quantity",
    "/v1/projects/{projectGuid}/projectfees": f"{_AUDIT} project.guid quantity",
    "/v1/invoicestatuses": "guid name isActive isReadOnly isSent isPaid hasInvoiceNumber sortOrder "
    "isDefault isDefaultForCreditNote",
    "/v1/salesstatustypes": "guid name salesState",
    "/v1/projectstatustypes": "guid name",
    "/v1/vatrates": "guid percentage isActive",
    "/v1/currencies": "guid code isOrganizationCurrency isActive rate",
    "/v1/localization/countries": "guid code2 name",
    "/v1/businessunits": f"{_AUDIT} name isActive",
    "/v1/organizationdetails": "guid name currency.code country.guid vatNumber",
    "/v1/organizationsettings": "nextInvoiceNumber setCreditNoteInvoiceNumber",
    "/v1/flatrates": "guid project.guid",
}
_DOCUMENT = (
    "referenceNumber documentType status customer.number documentDate currencyId "
    "lastModifiedDateTime hold amountInCurrency balanceInCurrency detailTotalInCurrency "
    "vatTotalInCurrency timeStamp"
)
_TASK = "internalId taskId status"
_FINANCIALS = {
    "/v1/customer": "internalId number name status customerClass.id lastModifiedDateTime timeStamp",
    "/v1/customer/internal": "internalId number name status lastModifiedDateTime timeStamp",
    "/v1/customer/customerClass": "id description",
    "/v1/contact": "contactId active lastModifiedDateTime timeStamp",
    "/v1/customer/{customerCd}/contact": "contactId active",
    "/v1/location": "locationId baccount.number",
    "/v1/inventory": "inventoryId inventoryNumber status type description itemClass.id "
    "lastModifiedDateTime",
    "/v1/inventory/internal": "inventoryId inventoryNumber status type description",
    "/v1/inventory/itemClass": "id type",
    "/v1/unitofmeasure": "fromUnit toUnit",
    "/v1/project": "internalID projectID description status startDate timeStamp tasks[].taskId "
    "lastModifiedDateTime",
    "/v1/project/internal": "internalID projectID description status tasks[].taskId",
    "/v1/projectbasic": "internalID projectID status",
    "/v1/projecttask": _TASK,
    "/v1/customerinvoice": f"{_DOCUMENT} invoiceLines[].lineNumber",
    "/v1/customerCreditNote": f"{_DOCUMENT} lines[].lineNumber",
    "/v1/customerdocument": "referenceNumber documentType status customer.number documentDate "
    "amountInCurrency balanceInCurrency currencyId lastModifiedDateTime",
    "/v1/customerPayment": "type refNbr status customer.number applicationDate paymentAmount "
    "lastModifiedDateTime",
    "/v2/journaltransaction": "module batchNumber status transactionDate lastModifiedDateTime "
    "journalTransactionLines[].lineNumber journalTransactionLines[].accountNumber "
    "journalTransactionLines[].debitAmount journalTransactionLines[].creditAmount",
    "/v1/supplierInvoice": "referenceNumber documentType status supplier.number date",
    "/v1/supplierInvoice/{documentType}": "referenceNumber documentType status supplier.number",
    "/v1/supplier": "internalId number name status",
    "/v1/account": "accountCD type active",
    "/v1/branch": "branchId number name isActive",
    "/v1/organization": "organizationCd name corporateId currency.id",
    "/v1/currency": "id isBaseCurrency",
    "/v2/currencyrate": "fromCurrencyId toCurrencyId rate effectiveDate",
    "/v1/vat": "vatId type schedules[].vatRate schedules[].startDate",
    "/v1/vatCategory": "vatCategoryId active",
    "/v1/vatZone": "id",
    "/v1/creditTerm": "termsId dueDateType",
    "/v1/numberSequence": "numberingId manualNumbering",
    "/v1/dimension": "id length",
    "/v1/financialPeriod": "year period active closedInCustomerLedger",
    "/v1/background": "id status statusCode",
}
_TABLES = {Side.SEVERA: _SEVERA, Side.FINANCIALS: _FINANCIALS}


def missing(side: Side, operation: str, body: Any) -> Iterator[str]:
    """Name every field we rely on that an answer lacks."""
    names = _required(side, operation)
    for record in _records(body):
        for name in names:
            if not _holds(record, name.split(".")):
                yield f"answer lacks {name}"


def _required(side: Side, operation: str) -> list[str]:
    """Return the fields of a list, and of the single record whose path adds one place to it."""
    method, path = operation.split(" ", 1)
    table = _TABLES[side]
    found = table.get(path)
    if found is None and path.endswith("}"):
        found = table.get(path.rsplit("/", 1)[0])
    if found is None or (side is Side.FINANCIALS and method != "GET"):
        return []
    return found.split()


def _records(body: Any) -> list[dict[str, Any]]:
    if isinstance(body, dict) and isinstance(body.get("records"), list):
        body = body["records"]
    rows = body if isinstance(body, list) else [body]
    return [row for row in rows if isinstance(row, dict)]


def _holds(value: Any, names: list[str]) -> bool:
    if not names:
        return value is not None
    name, rest = names[0], names[1:]
    if name.endswith("[]"):
        rows = value.get(name[:-2]) if isinstance(value, dict) else None
        return all(_holds(row, rest) for row in rows or ())
    return isinstance(value, dict) and _holds(value.get(name), rest)
