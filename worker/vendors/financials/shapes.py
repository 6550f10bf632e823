"""The write bodies of Financials that the product sends, member by member."""

from worker.vendors.endpoints import names
from worker.vendors.financials.wrap import Shape

_ADDRESS = "addressLine1 addressLine2 addressLine3 postalCode city countryId county"
ADDRESS = Shape(values=names(_ADDRESS))
CONTACT_INFO = Shape(values=names("name attention email web phone1 phone2 fax"))
SEGMENT = Shape(bare=names("segmentId segmentValue"))
ATTRIBUTE = Shape(values=names("attributeId attributeValue"))

CUSTOMER = Shape(
    values=names(
        "number name status accountReference numberOfEmployees parentRecordNumber currencyId "
        "creditLimit creditDaysPastDue customerClassId creditTermsId printInvoices "
        "acceptAutoInvoices sendInvoicesByEmail sendDunningLettersViaEMail printDunningLetters "
        "printStatements sendStatementsByEmail printMultiCurrencyStatements "
        "invoiceToDefaultLocation vatRegistrationId corporateId vatZoneId gln note "
        "creditVerification statementType priceClassId overrideNumberSeries excludeDebtCollection"
    ),
    bare=names("overrideWithClassValues"),
    objects={
        "mainAddress": ADDRESS,
        "mainContact": CONTACT_INFO,
        "invoiceAddress": ADDRESS,
        "invoiceContact": CONTACT_INFO,
        "deliveryAddress": ADDRESS,
        "deliveryContact": CONTACT_INFO,
    },
    rows={"attributeLines": ATTRIBUTE},
)

CONTACT = Shape(
    values=names(
        "active title firstName lastName position businessAccount sameAsAccount email web phone1 "
        "phone2 phone3 fax contactMethod doNotCall doNotFax doNotEmail doNotMail noMassMail "
        "noMarketing"
    ),
    objects={"address": ADDRESS},
)

ITEM = Shape(
    values=names(
        "inventoryNumber status type description body itemClass postingClass vatCode "
        "defaultPrice baseUnit salesUnit purchaseUnit expenseAccount salesAccount note"
    ),
    rows={"attributeLines": ATTRIBUTE},
)

TASK_OF_PROJECT = Shape(
    values=names(
        "taskId description plannedStart plannedEnd startDate rateTable status restrictEmployees"
    ),
    bare=names("operation"),
)
VISIBILITY = Shape(
    values=names(
        "visibleInGl visibleInAp visibleInAr visibleInSo visibleInPo visibleInEa visibleInTa "
        "visibleInIn visibleInCa visibleInCr"
    )
)
PROJECT = Shape(
    values=names(
        "projectID internalID customer description hold template status startDate endDate "
        "billingPeriod allocationRule billingRule branch rateTable projectManger "
        "projectManagerInternalId autoAllocate automaticReleaseArDoc restricEmployees "
        "restricEquipment customerLocation note defAccount defAccrualAccount"
    ),
    plain={"visibility": VISIBILITY},
    rows={"tasks": TASK_OF_PROJECT, "defSub": SEGMENT, "defAccrualSub": SEGMENT},
)
PROJECT_TASK = Shape(
    values=names(
        "taskId description plannedStart plannedEnd startDate rateTable status restrictEmployees"
    ),
    plain={"visibility": VISIBILITY},
)

LOCATION = Shape(
    values=names(
        "baccountId locationId locationName active addressIsSameAsMain contactIsSameAsMain "
        "vatRegistrationId vatZone ediCode gln corporateId"
    ),
    objects={"address": ADDRESS, "contact": CONTACT_INFO},
)

_LINE = Shape(
    values=names(
        "discountCode taskId inventoryNumber lineNumber description quantity unitPriceInCurrency "
        "manualAmountInCurrency accountNumber vatCodeId uom discountPercent "
        "discountAmountInCurrency manualDiscount salesperson deferralSchedule deferralCode "
        "termStartDate termEndDate note branchNumber"
    ),
    bare=names("operation"),
    rows={"subaccount": SEGMENT},
)
INVOICE_LINE = Shape(
    values=_LINE.values | names("startDate endDate itemType domesticServicesDeductible"),
    bare=_LINE.bare,
    rows=_LINE.rows,
)
INVOICE_ADDRESS = Shape(values=names(f"overrideAddress {_ADDRESS}"))
INVOICE_CONTACT = Shape(values=names("overrideContact name attention email phone1"))
TAX_DETAIL = Shape(values=names("taxId taxableAmount vatAmount"))
APPLICATION = Shape(values=names("documentType refNbr amountPaid"), bare=names("operation"))

_DOCUMENT = names(
    "currencyId customerRefNumber externalReference contact project customerVatZoneId "
    "overrideNumberSeries sendToAutoInvoice exchangeRate referenceNumber customerNumber "
    "documentDate origInvoiceDate hold postPeriod financialPeriod invoiceText locationId "
    "salesPersonID salesperson note branchNumber cashAccount dontPrint dontEmail"
)
INVOICE = Shape(
    values=_DOCUMENT
    | names(
        "paymentMethodId creditTermsId cashDiscountDate documentDueDate customerProject "
        "paymentReference startDate endDate accountingCostRef originatorDocRef contractDocRef "
        "excludeDebtCollection"
    ),
    objects={"billingAddress": INVOICE_ADDRESS, "invoiceContact": INVOICE_CONTACT},
    rows={"invoiceLines": INVOICE_LINE, "taxDetailLines": TAX_DETAIL},
)
CREDIT_NOTE = Shape(
    values=_DOCUMENT,
    objects={"invoiceAddress": INVOICE_ADDRESS, "invoiceContact": INVOICE_CONTACT},
    rows={"lines": _LINE, "taxDetails": TAX_DETAIL, "applicationLines": APPLICATION},
)

ATTACHMENT = Shape(values=names("sendToAutoinvoice"))
