"""The written bodies, member by member, misspellings included: wrapped, bare, or a list."""

from __future__ import annotations

from .wrapped import BOOL, DATE, DEC, INT, UUID_, Shape, bare, nested, rows, scalars, words

CUSTOMER_STATUS = "Active/OnHold/CreditHold/Inactive/OneTime"
PROJECT_STATUS = "Planned/Active/Completed/Cancelled/OnHold/PendingApproval"
TASK_STATUS = "Planned/Active/Cancelled/Canceled/Completed"
ITEM_STATUS = "Active/NoSales/NoPurchases/NoRequest/Inactive/MarkedForDeletion/Unknown"
ITEM_TYPE = (
    "NonStockItem/LaborItem/ServiceItem/ChargeItem/ExpenseItem/"
    "FinishedGoodItem/ComponentPartItem/SubassemblyItem"
)
DOCUMENT_TYPE = (
    "Invoice/DebitNote/CreditNote/Payment/VoidPayment/Prepayment/Refund/FinCharge/"
    "SmallBalanceWo/SmallCreditWo/CashSale/CashReturn/Undefined/NoUpdate"
)
PAYMENT_TYPE = (
    "Payment/CreditNote/Prepayment/Refund/VoidPayment/SmallBalanceWo/VoidRefund/Undefined"
)

OPERATION: Shape = words("operation", "Insert/Update/Delete", wrapped=False)
SEGMENT: Shape = {**bare("segmentId", INT), **bare("segmentValue")}
ADDRESS: Shape = scalars("addressLine1 addressLine2 addressLine3 postalCode city countryId county")
CONTACT_INFO: Shape = scalars("name attention email web phone1 phone2 fax")
ATTRIBUTE: Shape = scalars("attributeId attributeValue")

CUSTOMER: Shape = {
    **scalars(
        "number name accountReference parentRecordNumber currencyId customerClassId creditTermsId "
        "vatRegistrationId corporateId vatZoneId gln note priceClassId"
    ),
    **scalars("creditLimit", DEC),
    **scalars("creditDaysPastDue numberOfEmployees", INT),
    **scalars(
        "printInvoices acceptAutoInvoices sendInvoicesByEmail sendDunningLettersViaEMail "
        "printDunningLetters printStatements sendStatementsByEmail printMultiCurrencyStatements "
        "invoiceToDefaultLocation overrideNumberSeries excludeDebtCollection",
        BOOL,
    ),
    **bare("overrideWithClassValues", BOOL),
    **words("status", CUSTOMER_STATUS),
    **words("creditVerification", "Disabled/DaysPastDue/CreditLimit/LimitAndDaysPastDue"),
    **words("statementType", "OpenItem/BalanceBroughtForward"),
    **nested("mainAddress invoiceAddress deliveryAddress", ADDRESS),
    **nested("mainContact invoiceContact deliveryContact", CONTACT_INFO),
    **nested("eInvoiceContract", scalars("fInvoiceContractID fInvoiceIntermediatorID")),
    **rows("attributeLines", ATTRIBUTE),
}

CONTACT: Shape = {
    **scalars("firstName lastName position businessAccount email web phone1 phone2 phone3 fax"),
    **scalars(
        "active sameAsAccount doNotCall doNotFax doNotEmail doNotMail noMassMail noMarketing", BOOL
    ),
    **words("title", "Doctor/Miss/Mr/Mrs/Ms/Prof"),
    **words("contactMethod", "Any/Email/Mail/Fax/Phone"),
    **nested("address", ADDRESS),
}

LOCATION: Shape = {
    **scalars("baccountId locationId locationName vatRegistrationId vatZone ediCode gln"),
    **scalars("corporateId"),
    **scalars("active addressIsSameAsMain contactIsSameAsMain", BOOL),
    **nested("address", ADDRESS),
    **nested("contact", CONTACT_INFO),
}

INVENTORY: Shape = {
    **scalars(
        "inventoryNumber description body itemClass postingClass vatCode baseUnit salesUnit "
        "purchaseUnit expenseAccrualAccount inventoryAccount expenseAccount cogsAccount "
        "salesAccount salesNonTaxableAccount salesEuAccount salesExportAccount note "
        "defaultWarehouse"
    ),
    **scalars("defaultPrice", DEC),
    **scalars("kitItem", BOOL),
    **words("status", ITEM_STATUS),
    **words("type", ITEM_TYPE),
    **rows("attributeLines", ATTRIBUTE),
}

VISIBILITY: Shape = scalars(
    "visibleInGl visibleInAp visibleInAr visibleInSo visibleInPo visibleInEa visibleInTa "
    "visibleInIn visibleInCa visibleInCr",
    BOOL,
)

TASK: Shape = {
    **scalars("taskId description rateTable"),
    **scalars("plannedStart plannedEnd startDate", DATE),
    **scalars("restrictEmployees", BOOL),
    **words("status", TASK_STATUS),
    **nested("visibility", VISIBILITY, wrapped=False),
}

PROJECT: Shape = {
    **scalars(
        "projectID customer description template defAccount defAccrualAccount allocationRule "
        "billingRule branch rateTable projectManger customerLocation note"
    ),
    **scalars("internalID projectManagerInternalId", INT),
    **scalars("startDate endDate", DATE),
    **scalars("hold autoAllocate automaticReleaseArDoc restricEmployees restricEquipment", BOOL),
    **words("status", PROJECT_STATUS),
    **words("billingPeriod", "Weekly/Monthly/Quarterly/Annual/OnDemand"),
    **nested("visibility", VISIBILITY, wrapped=False),
    **rows("tasks", {**TASK, **OPERATION}),
}

TAX_DETAIL: Shape = {**scalars("taxId"), **scalars("taxableAmount vatAmount", DEC)}
CREDIT_LINE: Shape = {
    **OPERATION,
    **scalars(
        "discountCode taskId inventoryNumber description accountNumber vatCodeId uom salesperson "
        "deferralCode note branchNumber"
    ),
    **scalars("lineNumber deferralSchedule", INT),
    **scalars(
        "quantity unitPriceInCurrency manualAmountInCurrency discountPercent "
        "discountAmountInCurrency",
        DEC,
    ),
    **scalars("manualDiscount", BOOL),
    **scalars("termStartDate termEndDate", DATE),
    **rows("subaccount", SEGMENT),
}
INVOICE_LINE: Shape = {
    **CREDIT_LINE,
    **scalars("typeOfWork"),
    **scalars("domesticServicesDeductible", BOOL),
    **scalars("startDate endDate", DATE),
    **words("itemType", "Service/MaterialCost/OtherCost"),
}
_INVOICE_ADDRESS: Shape = {**ADDRESS, **scalars("overrideAddress", BOOL)}
_INVOICE_CONTACT: Shape = {
    **scalars("name attention email phone1"),
    **scalars("overrideContact", BOOL),
}
_DOCUMENT: Shape = {
    **scalars(
        "currencyId customerRefNumber externalReference project customerVatZoneId referenceNumber "
        "customerNumber childCustomerNumber postPeriod financialPeriod invoiceText locationId "
        "salesperson note branchNumber cashAccount"
    ),
    **scalars("contact salesPersonID", INT),
    **scalars("exchangeRate", DEC),
    **scalars("documentDate origInvoiceDate", DATE),
    **scalars(
        "overrideNumberSeries sendToAutoInvoice consolidateInvoices hold dontPrint dontEmail", BOOL
    ),
    **nested("invoiceContact", _INVOICE_CONTACT),
}
INVOICE: Shape = {
    **_DOCUMENT,
    **scalars(
        "paymentMethodId creditTermsId customerProject paymentReference accountingCostRef "
        "originatorDocRef contractDocRef debtCollectionCaseNbr debtCollectionCaseStatus "
        "debtCollectionCaseType debtCollectionCaseUrl"
    ),
    **scalars("cashDiscountDate documentDueDate startDate endDate", DATE),
    **scalars("domesticServicesDeductibleDocument revoked excludeDebtCollection", BOOL),
    **scalars("directDebitMandateId", UUID_),
    **nested("billingAddress", _INVOICE_ADDRESS),
    **rows("taxDetailLines", TAX_DETAIL),
    **rows("invoiceLines", INVOICE_LINE),
}
PAYMENT_LINE_BASE: Shape = {
    **OPERATION,
    **words("documentType", DOCUMENT_TYPE),
    **scalars("refNbr"),
    **scalars("amountPaid", DEC),
}
CREDIT_NOTE: Shape = {
    **_DOCUMENT,
    **nested("invoiceAddress", _INVOICE_ADDRESS),
    **rows("taxDetails", TAX_DETAIL),
    **rows("lines", CREDIT_LINE),
    **rows("applicationLines", PAYMENT_LINE_BASE),
}
PAYMENT: Shape = {
    **scalars(
        "referenceNumber applicationPeriod paymentRef customer location paymentMethod "
        "cashAccount currency invoiceText branch"
    ),
    **words("type", PAYMENT_TYPE),
    **scalars("hold overrideNumberSeries", BOOL),
    **scalars("applicationDate", DATE),
    **scalars("paymentAmount", DEC),
    **rows(
        "paymentLines",
        {
            **PAYMENT_LINE_BASE,
            **scalars("cashDiscountTaken balanceWriteOff crossRate", DEC),
            **scalars("writeOffReasonCode"),
        },
    ),
}
VOID_PAYMENT: Shape = {
    **words("type", PAYMENT_TYPE, wrapped=False),
    **bare("returnVoidPayment", BOOL),
}
REVERSE: Shape = bare("returnCreditNote", BOOL)

SUPPLIER_LINE: Shape = {
    **OPERATION,
    **scalars(
        "inventoryNumber transactionDescription uom accountNumber deferralCode vatCodeId branch "
        "branchNumber note projectId projectTaskId splitHierarchy externalInventoryId"
    ),
    **scalars("lineNumber projectInternalId projectTaskInternalId", INT),
    **scalars(
        "quantity unitCostInCurrency costInCurrency discountPercent discountAmountInCurrency", DEC
    ),
    **scalars("manualDiscount", BOOL),
    **rows("subaccount", SEGMENT),
}
SUPPLIER_INVOICE: Shape = {
    **scalars(
        "referenceNumber postPeriod financialPeriod supplierReference description supplierNumber "
        "locationId currencyId paymentRefNo creditTermsId note branchNumber supplierTaxZone "
        "cashAccount paymentMethod paymentMessage"
    ),
    **words("documentType", "Invoice/CreditAdj/DebitAdj/Prepayment/Refund/Payment"),
    **scalars("hold overrideNumberSeries", BOOL),
    **scalars("date origInvoiceDate dueDate cashDiscountDate payDate", DATE),
    **scalars("exchangeRate roundingDiffInCurrency amount vatAmount", DEC),
    **rows("invoiceLines", SUPPLIER_LINE),
}
JOURNAL_LINE: Shape = {
    **OPERATION,
    **scalars(
        "accountNumber project projectTask referenceNumber transactionDescription vatCodeId vatId "
        "branch uom note"
    ),
    **scalars("lineNumber", INT),
    **scalars("debitAmountInCurrency creditAmountInCurrency quantity", DEC),
    **rows("subaccount", SEGMENT),
}
JOURNAL: Shape = {
    **scalars(
        "batchNumber postPeriod financialPeriod ledger currencyId description transactionCode "
        "branch"
    ),
    **scalars(
        "hold autoReversing createVatTransaction skipVatAmountValidation overrideNumberSeries",
        BOOL,
    ),
    **scalars("transactionDate", DATE),
    **scalars("exchangeRate controlTotalInCurrency", DEC),
    **rows("journalTransactionLines", JOURNAL_LINE),
}
CURRENCY_RATE: Shape = {
    **scalars("fromCurrencyId toCurrencyId rateType"),
    **scalars("effectiveDate", DATE),
    **scalars("rate", DEC),
    **words("multDiv", "Multiply/Divide"),
}
CURRENCY_RATE_TYPE: Shape = {**scalars("id description"), **scalars("daysEffective", INT)}
ATTACHMENT: Shape = scalars("sendToAutoinvoice", BOOL)
CHANGE_CUSTOMER: Shape = bare("customerCd")
CHANGE_PROJECT: Shape = bare("projectId")
CHANGE_ITEM: Shape = bare("inventoryNbr")
FEEDBACK: Shape = {
    **bare("notificationId", UUID_),
    **bare("source description"),
    **bare("isSuccess", BOOL),
}
ACCOUNT: Shape = {
    **scalars("accountCD accountClass accountGroupCD description"),
    **scalars("active", BOOL),
    **words("type", "Asset/Liability/Income/Expense"),
}
SEGMENT_UPDATE: Shape = scalars("description")
