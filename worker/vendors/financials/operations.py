"""The single calls to Visma.net Financials that the product makes; lists are in `endpoints`."""

from worker.vendors.endpoints import Answers, Operation, names


def _read(path: str, params: str = "", *, answers: Answers = "object") -> Operation:
    return Operation(method="GET", path=path, params=names(params), answers=answers)


def _create(path: str, *, if_match: bool = False) -> Operation:
    return Operation(method="POST", path=path, writes=True, answers="location", if_match=if_match)


def _update(path: str, *, if_match: bool = True) -> Operation:
    return Operation(method="PUT", path=path, writes=True, answers="none", if_match=if_match)


def _delete(path: str) -> Operation:
    return Operation(method="DELETE", path=path, writes=True, answers="none")


def _act(path: str, *, answers: Answers = "object", if_match: bool = True) -> Operation:
    return Operation(method="POST", path=path, writes=True, answers=answers, if_match=if_match)


CUSTOMER_READ = _read("/v1/customer/{customerCd}")
CUSTOMER_READ_INTERNAL = _read("/v1/customer/internal/{internalID}")
CUSTOMER_CREATE = _create("/v1/customer")
CUSTOMER_UPDATE = _update("/v1/customer/{customerCd}")
CUSTOMER_UPDATE_INTERNAL = _update("/v1/customer/internal/{internalID}")
CUSTOMER_RENUMBER = _act("/v1/customer/action/changeCustomerCd/{internalId}", if_match=False)
CUSTOMER_CONTACTS = _read("/v1/customer/{customerCd}/contact", answers="array")
CONTACT_READ = _read("/v1/contact/{contactId}")
CONTACT_CREATE = _create("/v1/contact")
CONTACT_UPDATE = _update("/v1/contact/{contactId}")
LOCATIONS_OF = _read("/v1/location/{bAccountId}", answers="array")
LOCATION_READ = _read("/v1/location/{bAccountId}/{locationId}")
LOCATION_CREATE = _create("/v1/location")
LOCATION_UPDATE = _update("/v1/location/{bAccountId}/{locationId}", if_match=False)
ITEM_READ = _read("/v1/inventory/{inventoryNumber}")
ITEM_READ_INTERNAL = _read("/v1/inventory/internal/{inventoryId}")
ITEM_CREATE = _create("/v1/inventory")
ITEM_UPDATE = _update("/v1/inventory/{inventoryNumber}", if_match=False)
ITEM_UPDATE_INTERNAL = _update("/v1/inventory/internal/{inventoryId}", if_match=False)
PROJECT_READ = _read("/v1/project/{projectID}")
PROJECT_READ_INTERNAL = _read("/v1/project/internal/{internalID}")
PROJECT_CREATE = _create("/v1/project")
PROJECT_UPDATE = _update("/v1/project/{projectID}")
PROJECT_UPDATE_INTERNAL = _update("/v1/project/internal/{internalID}")
TASK_READ = _read("/v1/projecttask/{internalId}")
TASK_CREATE = _create("/v1/projecttask/{internalId}")
TASK_UPDATE = _update("/v1/projecttask/{internalId}")
INVOICE_READ = _read("/v1/customerinvoice/{invoiceNumber}")
INVOICE_CREATE = _create("/v2/customerinvoice")
INVOICE_UPDATE = _update("/v1/customerinvoice/{invoiceNumber}")
INVOICE_DELETE = _delete("/v1/customerinvoice/{invoiceNumber}")
INVOICE_RELEASE = _act("/v1/customerinvoice/{invoiceNumber}/action/release")
INVOICE_ATTACH = _create("/v1/customerinvoice/{invoiceNumber}/attachment", if_match=True)
CREDIT_NOTE_READ = _read("/v1/customerCreditNote/{creditNoteNumber}")
CREDIT_NOTE_CREATE = _create("/v2/customerCreditNote")
CREDIT_NOTE_UPDATE = _update("/v1/customerCreditNote/{creditNoteNumber}")
CREDIT_NOTE_DELETE = _delete("/v1/customerCreditNote/{creditNoteNumber}")
CREDIT_NOTE_RELEASE = _act("/v1/customerCreditNote/{creditNoteNumber}/action/release")
CREDIT_NOTE_ATTACH = _create("/v1/customerCreditNote/{creditNoteNumber}/attachment", if_match=True)
ATTACHMENT_READ = _read("/v1/attachment/{attachmentId}", answers="bytes")
ATTACHMENT_UPDATE = _update("/v1/attachment/{attachmentId}", if_match=False)
PAYMENT_READ = _read("/v1/customerPayment/{paymentNumber}")
JOURNAL_READ = _read("/v2/journaltransaction/{journalTransactionNumber}")
SUPPLIER_INVOICE_READ = _read("/v1/supplierInvoice/{documentType}/{invoiceNumber}")
SUPPLIER_READ = _read("/v1/supplier/{supplierCd}")
ACCOUNT_READ = _read("/v1/account/{accountCd}")
BRANCH_READ = _read("/v1/branch/{branchNumber}", "expandAddress expandContact expandCurrency")
ORGANIZATION_READ = _read("/v1/organization/{organizationNumber}", "expandBranches")
VAT_READ = _read("/v1/vat/{vatId}")
VAT_CATEGORY_READ = _read("/v1/vatCategory/{taxCategoryId}")
VAT_ZONE_READ = _read("/v1/vatZone/{vatZoneId}")
NUMBER_SEQUENCE_READ = _read("/v1/numberSequence/{numberingId}")
DIMENSIONS = _read("/v1/dimension", answers="array")
DIMENSION_READ = _read("/v1/dimension/{dimensionId}", "expandSegmentsValues")
PERIOD_READ = _read("/v1/financialPeriod/{financialPeriodId}")
BACKGROUND_READ = _read("/v1/background/{requestId}")
BACKGROUND_CONTENT = _read("/v1/background/{requestId}/content")

OPERATIONS = tuple(value for value in globals().values() if isinstance(value, Operation))
