"""The catalogue of set-up checks: how each is known, whether it blocks, which rules ask for it.

Title and next step are the help texts of the wizard (R118).
"""

from dataclasses import dataclass

from schema.words import SetupHow


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckType:
    """One precondition: how it is known, whether it blocks, which rules ask for it."""

    code: str
    title: str
    how: SetupHow
    blocking: bool
    rules: tuple[str, ...]
    next_step: str


_API, _PROBE, _ATTEST = SetupHow.API, SetupHow.PROBE, SetupHow.ATTEST
# fmt: off
_ROWS = (
    ("severa_access", "Severa lets us in", _PROBE, True, "R21 R23 Q33", "Check client id and secret of Severa."),
    ("severa_scopes", "Severa grants every scope", _PROBE, True, "R22 Q33", "Give the API client of Severa the scopes named here."),
    ("financials_access", "Visma.net lets us in", _PROBE, True, "R21 R22 R23 R25 Q33", "Check client id, secret and tenant of Visma.net: the tenant of the company, not of the licence holder."),
    ("financials_scopes", "Visma.net grants every scope", _PROBE, True, "R22 Q33", "Approve the application again in the Visma App Store with all its scopes."),
    ("organization_number", "Both companies are the same organization", _API, True, "R24 Q34", "Link a Severa organization with the Visma.net company of the same organization number."),
    ("same_license", "Both companies are under one licence in Visma.net Admin", _ATTEST, True, "R25", "Look in Visma.net Admin; with two licences the local business unit of Visma joins them."),
    ("vendor_integration", "Severa's own integration is off", _API, True, "Q45", "Switch off Visma.net Financials in Severa (Upgrades > Adjust features > Interfaces)."),
    ("customer_key_length", "Customer numbers fit", _API, True, "R15", "Lengthen the segmented key CUSTOMER in Financials (CS203000)."),
    ("project_key_length", "Project numbers fit", _API, True, "R15 R16 R58", "Give the segmented key PROJECT in Financials (CS203000) the length of Severa's project numbers."),
    ("item_key_length", "Item codes fit", _API, True, "R15", "Lengthen the segmented key INVENTORY in Financials (CS203000), or shorten the codes in Severa."),
    ("numbering_ahead", "No number series is about to overflow", _API, True, "R15 R58", "Make room before the last number of that length is used."),
    ("invoice_series", "The invoice series of Financials fits into Severa", _API, True, "R6 R61 Q51", "Set a series of digits only, below 2147483648, that starts above every number in Severa (CS201010)."),
    ("numbers_kept", "Linked numbers are unchanged", _API, True, "R18 R19", "Change the number back."),
    ("item_codes", "Every item has a code", _API, True, "R41", "Give the item a code in Severa."),
    ("item_code_twice", "Item codes are unique over the three registers", _API, True, "R42", "Give each item a code of its own."),
    ("unique_identifier", "Severa keeps item codes unique", _API, True, "R43", "Switch on unique identifiers in Severa (Settings > Work time, travel expense & product registries > Registry settings)."),
    ("customer_name_twice", "Active customers in Financials have different names", _API, True, "R53 Q29", "Leave only one customer of that name active in Financials."),
    ("customer_vat", "Customers in Severa have an invoicing VAT", _API, False, "R51 R149", "Choose the invoicing VAT on the customer in Severa."),
    ("item_vat", "Items in Severa have a VAT percentage", _API, False, "R36 R149", "Choose the VAT percentage on the item in Severa."),
    ("invoice_statuses", "Invoice statuses have one clear reading", _API, True, "R80 R82 Q19", "Put the invoice statuses of Severa in order, or assign their roles by hand."),
    ("failed_status", "The first status is the one for failed transfers", _API, True, "R83 R84", "Make the status for failed invoices the first one, without settings, and not the default."),
    ("number_setting", "Numbers are on from the transfer onwards", _API, True, "R85", "Switch the setting Invoice number on for the status named here."),
    ("credit_note_numbering", "Severa does not number credit notes", _API, True, "R86", "Switch off 'Generate invoice number for credit note' in Severa (Settings > Invoicing > Invoicing defaults)."),
    ("default_after_credit", "Credit notes start in the transfer status", _API, True, "R87 Q20", "Make the transfer status the 'Default after credit' in Severa (Settings > Invoicing > Invoice statuses)."),
    ("autoinvoice_transfer", "AutoInvoice takes invoices that are in Financials", _ATTEST, True, "R129", "Set 'Status of invoices to be transferred' of AutoInvoice to the status that an invoice has once it is in Financials."),
    ("autoinvoice_after", "AutoInvoice leaves invoices as sent", _ATTEST, True, "R130", "Set 'Status of invoices after transfer' of AutoInvoice to the status for sent invoices."),
    ("autoinvoice_error", "AutoInvoice has a status for errors", _ATTEST, True, "R131 Q21", "Set 'Status of invoices after error' of AutoInvoice to a status of its own, else an invoice is sent again and again."),
    ("autoinvoice_download", "The data transfer downloads the same status", _ATTEST, True, "R136", "Set 'Status of invoices to download' to the status that an invoice has once it is in Financials."),
    ("periods_open", "The current period is open", _API, True, "R150", "Open the financial period in Financials."),
    ("vat_setup", "VAT can be worked out for every item and customer", _API, True, "R149 Q2", "Add a VAT id that category and zone have in common in Financials."),
    ("project_template", "Template Z can be used", _API, True, "R190 R221", "Create and activate the project template Z in Financials (PM208000), with an active task 10 visible in the customer and supplier ledger and general ledger."),
    ("non_project_code", "There is a code for 'no project'", _API, True, "Q41", "Set the non-project code in the project preferences of Financials."),
    ("home_currencies", "Company and branches have one home currency", _API, True, "Q38", "Link companies whose home currencies are equal."),
    ("branch_mapping", "Business units and branches are mapped", _API, False, "R27 R28 R29 R30 Q5 Q48", "Give business unit and branch the same VAT number, or map them in the settings of the integration."),
    ("payment_terms", "Payment terms can be told by their days", _API, False, "R204 Q13", "Create the terms in Financials, or choose one of several in the settings of the integration."),
    ("units", "Units of items are known in Financials", _API, False, "R219 Q39", "Add the unit to the unit table of the integration."),
    ("rounding", "Both sides round documents alike", _API, False, "Q2", "Set the rounding of Severa and of Financials alike, otherwise payments leave a residue."),
)
# fmt: on
CHECKS = {
    code: CheckType(
        code=code, title=title, how=how, blocking=block, rules=tuple(rules.split()), next_step=step
    )
    for code, title, how, block, rules, step in _ROWS
}
