"""The lists of Severa that the product reads, one row each."""

from worker.vendors.endpoints import Endpoint, Paging, names


def _row(
    name: str,
    paging: Paging,
    params: str = "",
    *,
    path: str | None = None,
    since: bool = False,
    checks: dict[str, str] | None = None,
    key: str = "guid",
) -> Endpoint:
    return Endpoint(
        name=name,
        path=path or f"/v1/{name}",
        paging=paging,
        key=(key,),
        since="changedSince" if since else None,
        params=names(params),
        checks=checks or {},
    )


_T, _O, _W = Paging.TOKEN, Paging.OFFSET, Paging.WHOLE
_CASES = "customerGuids projectGuids businessUnitGuids salesStatusTypeGuids isClosed numbers"

_ROWS = (
    _row(
        "customers",
        _T,
        "isActive isInternal numbers customerNames emailAddresses vatNumber kvkNumber",
        since=True,
        checks={"isActive": "isActive", "isInternal": "isInternal", "numbers": "number"},
    ),
    _row("addresses", _O, since=True),
    _row("customer_addresses", _O, path="/v1/customers/{customerGuid}/addresses"),
    _row("contactpersons", _O, "active textToSearch", since=True),
    _row(
        "customer_contactpersons", _O, "active", path="/v1/customers/{customerGuid}/contactpersons"
    ),
    _row("contactcommunications", _O, "active textToSearch", since=True),
    _row(
        "contact_communications",
        _W,
        "active",
        path="/v1/contacts/{contactGuid}/contactcommunications",
    ),
    _row("communicationtypes", _O, "active"),
    _row(
        "products",
        _T,
        "type isActive code",
        since=True,
        checks={"type": "type", "isActive": "isActive", "code": "code"},
    ),
    _row("worktypes", _O, "active code", since=True, checks={"code": "code"}),
    _row("travelexpensetypes", _O, "active code", since=True, checks={"code": "code"}),
    _row(
        "projects",
        _T,
        f"{_CASES} internal projectStatusTypeGuids isBillable "
        f"salesStatusChangedSince projectStatusChangedSince",
        since=True,
        checks={
            "customerGuids": "customer.guid",
            "projectGuids": "guid",
            "numbers": "number",
            "internal": "isInternal",
            "isClosed": "isClosed",
        },
    ),
    _row(
        "salescases",
        _T,
        _CASES,
        checks={"customerGuids": "customer.guid", "projectGuids": "guid", "numbers": "number"},
    ),
    _row(
        "phases",
        _T,
        "projectGuids code",
        since=True,
        checks={"projectGuids": "project.guid", "code": "code"},
    ),
    _row(
        "invoices",
        _T,
        "invoiceStatusGuids numbers referenceNumbers customerGuids projectGuids "
        "startDate endDate paymentDateStart",
        since=True,
        checks={
            "invoiceStatusGuids": "status.guid",
            "numbers": "number",
            "referenceNumbers": "referenceNumber",
            "customerGuids": "customer.guid",
        },
    ),
    _row("invoicerows", _T, since=True),
    _row("invoice_rows", _T, "rowType", path="/v1/invoices/{invoiceGuid}/invoicerows"),
    _row("invoice_projectfees", _T, "productType", path="/v1/invoices/{invoiceGuid}/projectfees"),
    _row("invoice_workhours", _T, path="/v1/invoices/{invoiceGuid}/workhours"),
    _row(
        "invoice_projecttravelexpenses",
        _T,
        "expenseClass",
        path="/v1/invoices/{invoiceGuid}/projecttravelexpenses",
    ),
    _row(
        "invoice_reimbursedprojectfees", _T, path="/v1/invoices/{invoiceGuid}/reimbursedprojectfees"
    ),
    _row("invoice_reimbursedworkhours", _O, path="/v1/invoices/{invoiceGuid}/reimbursedworkhours"),
    _row(
        "invoice_reimbursedprojecttravelexpenses",
        _O,
        path="/v1/invoices/{invoiceGuid}/reimbursedprojecttravelexpenses",
    ),
    _row("invoice_files", _O, path="/v1/invoices/{invoiceGuid}/files"),
    _row("projectfees", _T, since=True),
    _row(
        "project_projectfees",
        _T,
        "productType isBillable isBilled",
        path="/v1/projects/{projectGuid}/projectfees",
    ),
    _row("project_files", _O, path="/v1/projects/{projectGuid}/files"),
    _row("flatrates", _T, "invoiceGuid", since=True),
    _row("invoicestatuses", _O, "active"),
    _row("salesstatustypes", _O, "active salesState"),
    _row("projectstatustypes", _O, "active"),
    _row("vatrates", _W, "countryGuid active"),
    _row("currencies", _O, "active"),
    _row("countries", _W, path="/v1/localization/countries"),
    _row("countryregions", _W, path="/v1/localization/countries/{countryGuid}/countryregions"),
    _row("businessunits", _O, "active companyGuid code name", since=True),
)
SEVERA = {row.name: row for row in _ROWS}
