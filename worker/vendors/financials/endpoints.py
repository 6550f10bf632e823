"""The lists of Visma.net Financials that the product reads, one row each."""

from worker.vendors.endpoints import Endpoint, Paging, names

_MODIFIED = "lastModifiedDateTime"
_CREATED = "createdDateTime createdDateTimeCondition"
_DOCUMENT = (
    "documentType released project financialPeriod status externalReference "
    "paymentReference "
    "customerRefNumber customer branch documentDate documentDateCondition "
    "documentDueDate "
    "documentDueDateCondition expandApplications expandAttachments "
    "expandTaxDetails "
    f"expandInvoiceAddress {_CREATED}"
)
_DOCUMENT_CHECKS = {
    "customer": "customer.number",
    "project": "project.id",
    "status": "status",
    "financialPeriod": "financialPeriod",
    "documentDate": "documentDate",
    "documentType": "documentType",
    "externalReference": "externalReference",
    "paymentReference": "paymentReference",
    "customerRefNumber": "customerRefNumber",
    "branch": "branchNumber.number",
}
_LIGHT_CHECKS = {
    name: place
    for name, place in _DOCUMENT_CHECKS.items()
    if name not in ("externalReference", "paymentReference")
} | {"branch": "branch.number"}
_TASK = "projectId projectInternalId taskCd status"


def _row(
    name: str,
    paging: Paging,
    key: str,
    params: str = "",
    *,
    path: str | None = None,
    since: bool = False,
    checks: dict[str, str] | None = None,
) -> Endpoint:
    return Endpoint(
        name=name,
        path=path or f"/v1/{name}",
        paging=paging,
        key=tuple(key.split()),
        since=_MODIFIED if since else None,
        condition=since and paging is not Paging.LINES,
        params=names(params),
        checks=checks or {},
        page_size=1000,
    )


_N, _W = Paging.NUMBERED, Paging.WHOLE

_ROWS = (
    _row(
        "customer",
        _N,
        "internalId",
        f"name status corporateId vatRegistrationId email phone "
        f"expandAccountInformation {_CREATED}",
        since=True,
        checks={
            "name": "name",
            "status": "status",
            "corporateId": "corporateId",
            "vatRegistrationId": "vatRegistrationId",
        },
    ),
    _row("customer_class", _W, "id", path="/v1/customer/customerClass"),
    _row(
        "contact",
        _W,
        "contactId",
        "displayName active firstName lastName businessAccount email",
        since=True,
        checks={
            "businessAccount": "businessAccount",
            "firstName": "firstName",
            "lastName": "lastName",
            "email": "email",
        },
    ),
    _row("location", _N, "baccount.number locationId", f"locationId {_CREATED}", since=True),
    _row(
        "inventory",
        _N,
        "inventoryId",
        f"inventoryNumber inventoryTypes status description expandAttachment "
        f"expandAttribute expandInventoryUnits expandNote expandAccountInformation "
        f"{_CREATED}",
        since=True,
        checks={"inventoryNumber": "inventoryNumber", "inventoryTypes": "type", "status": "status"},
    ),
    _row("item_class", _N, "id", path="/v1/inventory/itemClass"),
    _row("unitofmeasure", _W, "fromUnit toUnit"),
    _row(
        "project",
        _N,
        "internalID",
        f"status nonProject systemTemplate branch onHold expandAttribute {_CREATED}",
        since=True,
        checks={"status": "status"},
    ),
    _row(
        "projectbasic",
        _N,
        "internalID",
        f"status projectId nonProject {_CREATED}",
        since=True,
        checks={"status": "status", "projectId": "projectID"},
    ),
    _row("projecttask", _N, "internalId", f"{_TASK} {_CREATED}", since=True),
    _row("customerinvoice", _N, "referenceNumber", _DOCUMENT, since=True, checks=_DOCUMENT_CHECKS),
    _row(
        "customerCreditNote", _N, "referenceNumber", _DOCUMENT, since=True, checks=_DOCUMENT_CHECKS
    ),
    _row(
        "customerdocument",
        _N,
        "documentType referenceNumber",
        _DOCUMENT,
        since=True,
        checks=_LIGHT_CHECKS,
    ),
    _row(
        "customerPayment",
        _N,
        "type refNbr",
        "paymentNbr paymentType customer invoiceRefNbr status docDate docDateCondition branch",
        since=True,
        checks={
            "customer": "customer.number",
            "paymentNbr": "refNbr",
            "paymentType": "type",
            "status": "status",
        },
    ),
    _row(
        "journaltransaction",
        Paging.LINES,
        "module batchNumber",
        "periodId module status expandAttachments branch",
        path="/v2/journaltransaction",
        since=True,
    ),
    _row(
        "supplierInvoice",
        _N,
        "documentType referenceNumber",
        f"supplier documentType released project status docDate docDateCondition "
        f"branch expandAttachment expandNote {_CREATED}",
        since=True,
        checks={"supplier": "supplier.number", "documentType": "documentType", "status": "status"},
    ),
    _row(
        "supplier",
        _N,
        "internalId",
        "name status vatRegistrationId corporateId",
        since=True,
        checks={"name": "name", "status": "status"},
    ),
    _row("account", _W, "accountID", "active publicCode", since=True),
    _row(
        "branch",
        _W,
        "branchId",
        "expandAddress expandContact expandCurrency expandVatZone",
        since=True,
    ),
    _row("organization", _W, "organizationCd", "expandBranches expandBankSettings", since=True),
    _row("currency", _W, "id"),
    _row(
        "currencyrate",
        _W,
        "id",
        "fromDate toDate fromCurrency toCurrency rateType",
        path="/v2/currencyrate",
        checks={
            "fromCurrency": "fromCurrencyId",
            "toCurrency": "toCurrencyId",
            "rateType": "rateType",
        },
    ),
    _row("vat", _W, "vatId", since=True),
    _row("vatCategory", _W, "vatCategoryId", since=True),
    _row("vatZone", _N, "id"),
    _row(
        "creditTerm",
        Paging.RECORDS,
        "termsId",
        "termsId",
        since=True,
        checks={"termsId": "termsId"},
    ),
    _row("numberSequence", _W, "numberingId"),
    _row("financialPeriod", _W, "year period"),
)
FINANCIALS = {row.name: row for row in _ROWS}
