"""The single calls to Severa that the product makes; their lists are in `endpoints`."""

from worker.vendors.endpoints import Answers, Operation, names


def _read(path: str, params: str = "", *, answers: Answers = "object") -> Operation:
    return Operation(method="GET", path=path, params=names(params), answers=answers)


def _create(path: str, answers: Answers = "object", params: str = "") -> Operation:
    return Operation(method="POST", path=path, writes=True, answers=answers, params=names(params))


def _patch(path: str, answers: Answers = "array") -> Operation:
    return Operation(method="PATCH", path=path, writes=True, answers=answers)


def _delete(path: str) -> Operation:
    return Operation(method="DELETE", path=path, writes=True, answers="none")


CUSTOMER_READ = _read("/v1/customers/{guid}")
CUSTOMER_CREATE = _create("/v1/customers")
CUSTOMER_PATCH = _patch("/v1/customers/{guid}")
ADDRESS_READ = _read("/v1/addresses/{guid}")
ADDRESS_CREATE = _create("/v1/customers/{customerGuid}/addresses")
ADDRESS_PATCH = _patch("/v1/addresses/{guid}")
CONTACT_READ = _read("/v1/contactpersons/{guid}")
CONTACT_CREATE = _create("/v1/contactpersons")
CONTACT_PATCH = _patch("/v1/contactpersons/{guid}")
COMMUNICATION_READ = _read("/v1/contactcommunications/{guid}")
COMMUNICATION_CREATE = _create("/v1/contactcommunications")
COMMUNICATION_PATCH = _patch("/v1/contactcommunications/{guid}", "object")
# The two deletes need scopes beyond the usual set: customers:delete and fees:delete.
COMMUNICATION_DELETE = _delete("/v1/contactcommunications/{guid}")
PRODUCT_READ = _read("/v1/products/{guid}")
PRODUCT_CREATE = _create("/v1/products")
PRODUCT_PATCH = _patch("/v1/products/{guid}")
WORK_TYPE_READ = _read("/v1/worktypes/{guid}")
WORK_TYPE_CREATE = _create("/v1/worktypes")
WORK_TYPE_PATCH = _patch("/v1/worktypes/{guid}")
TRAVEL_TYPE_READ = _read("/v1/travelexpensetypes/{guid}")
TRAVEL_TYPE_CREATE = _create("/v1/travelexpensetypes")
TRAVEL_TYPE_PATCH = _patch("/v1/travelexpensetypes/{guid}")
PROJECT_READ = _read("/v1/projects/{guid}")
PROJECT_FILE_CREATE = _create("/v1/projects/{projectGuid}/files", "array")
PROJECT_FEE_READ = _read("/v1/projectfees/{guid}")
PROJECT_FEE_CREATE = _create("/v1/projectfees", "array")
PROJECT_FEE_PATCH = _patch("/v1/projectfees/{guid}")
PROJECT_FEE_DELETE = _delete("/v1/projectfees/{guid}")
INVOICE_READ = _read("/v1/invoices/{guid}")
INVOICE_PATCH = _patch("/v1/invoices/{guid}")
INVOICE_PDF = _read("/v1/invoices/{guid}/pdf", "invoiceType pdfGetOptions", answers="bytes")
INVOICE_ROW_READ = _read("/v1/invoicerows/{guid}")
FILE_DATA = _read("/v1/files/{guid}/filedata", answers="bytes")
FLAT_RATE_READ = _read("/v1/flatrates/{guid}")
INVOICE_STATUS_READ = _read("/v1/invoicestatuses/{guid}")
ORGANIZATION_DETAILS = _read("/v1/organizationdetails")
ORGANIZATION_SETTINGS = _read("/v1/organizationsettings")
COMPANY_INFORMATION = _read("/v1/integrations/vismafinancials/companyinformation")

OPERATIONS = tuple(value for value in globals().values() if isinstance(value, Operation))
