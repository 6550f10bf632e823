"""The catalogue of issues: what each code means, who can fix it and whether retrying helps.

Issues are the error log of the automatic runs (R151).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueType:
    """One kind of problem; `next_step` is the default advice when the finder knows no better."""

    code: str
    title: str
    next_step: str
    fixable_by: str
    retryable: bool = False


_FINANCE = "Finance person in Severa"
_BOOKKEEPER = "Bookkeeper in Financials"
_ADMIN = "Administrator"
_NOBODY = "Nobody; it passes"

# fmt: off
_ROWS = (
    ("vat_mismatch", "VAT of a row differs", "Correct the VAT percentage of the row in Severa, then set the transfer status again or retry here.", _FINANCE, True),
    ("totals_differ", "Totals differ by more than 0.05", "Check the VAT percentages of the rows in Severa, then set the transfer status again or retry here.", _FINANCE, True),
    ("draft_not_deleted", "A refused draft is still in Financials", "Delete the draft in Financials; it must not be released.", _BOOKKEEPER, True),
    ("duplicate_mark", "Two documents carry the mark of one invoice", "Look at both documents in Financials and remove the wrong one.", _BOOKKEEPER, True),
    ("draft_changed", "A bookkeeper changed or removed the draft", "Look at the document in Financials, then retry here.", _BOOKKEEPER, True),
    ("waiting_in_financials", "The document waits for a person in Financials", "Finish the step in Financials.", _BOOKKEEPER, True),
    ("release_without_effect", "Releasing had no effect", "Release the document in Financials or look why it is refused.", _BOOKKEEPER, True),
    ("total_changed_after_release", "The total changed at release", "Compare the document in both systems.", _BOOKKEEPER, False),
    ("numbered_outside", "A number was given outside the gateway", "Clear the number in Severa, or link the document by hand.", _FINANCE, True),
    ("invoice_changed_meanwhile", "The invoice changed during its transfer", "Set the transfer status again once the changes are finished.", _FINANCE, True),
    ("no_rows", "The invoice has no rows", "Add rows to the invoice in Severa.", _FINANCE, True),
    ("no_item_code", "A row has no item code", "Give the row a product, work type or travel expense with a code.", _FINANCE, True),
    ("several_item_codes", "A row bundles several item codes", "Ungroup the row in Severa.", _FINANCE, True),
    ("item_unknown", "An item is not known in Financials", "Give the item a code that exists on both sides.", _FINANCE, True),
    ("several_projects", "Rows belong to several projects", "Invoice each project by itself, or choose another setting for several projects.", _FINANCE, True),
    ("several_companies", "Rows belong to projects of several companies", "Invoice each company by itself.", _FINANCE, True),
    ("unknown_unit", "A unit is not known in Financials", "Add the unit to the unit table of the integration or use another one.", _ADMIN, True),
    ("unknown_terms", "Payment terms are not known in Financials", "Create payment terms with this number of days in Financials.", _BOOKKEEPER, True),
    ("unknown_currency", "A currency is not known on the other side", "Set the currency up in both systems.", _ADMIN, True),
    ("exchange_rate", "The exchange rate cannot be read", "Give the invoice an exchange rate in Severa.", _FINANCE, True),
    ("customer_waiting", "The customer is not in Financials yet", "It follows by itself once the customer is transferred.", _NOBODY, True),
    ("project_waiting", "The project is not in Financials yet", "It follows by itself once the project is transferred.", _NOBODY, True),
    ("credit_waits", "The credited invoice is not booked yet", "It follows by itself once the invoice that it credits is booked.", _NOBODY, True),
    ("already_refused", "Nothing changed since the last refusal", "Correct the invoice in Severa first.", _FINANCE, True),
    ("vendor_refused", "The other system refused the record", "Read the reason and correct the record.", _FINANCE, True),
    ("vendor_denied", "The other system does not let us in", "Check the credentials, roles and licence of the integration.", _ADMIN, True),
    ("vendor_down", "The other system does not answer", "Wait; the transfer goes on by itself.", _NOBODY, True),
    ("outcome_unknown", "It is not known yet whether a write landed", "Wait; it is looked up once the vendor's longest execution time is over.", _NOBODY, True),
    ("name_twice", "A customer name exists twice", "Leave only one customer of that name active in Financials.", _BOOKKEEPER, True),
    ("match_unclear", "It is not clear which records belong together", "Look at both records and correct the one that is wrong.", _ADMIN, True),
    ("number_taken", "A number belongs to another record", "Give one of the two another number.", _ADMIN, True),
    ("number_does_not_fit", "A number does not fit into Severa", "Use a number of digits only, without leading zeros, in Financials.", _BOOKKEEPER, True),
    ("number_changed", "A linked number was changed", "Change the number back.", _ADMIN, True),
    ("code_missing", "An item has no code", "Give the item a code; it links both registers.", _FINANCE, True),
    ("code_twice", "A code exists twice", "Give every item its own code over all three registers.", _FINANCE, True),
    ("class_missing", "No class fits a new record", "Choose a default class in the settings of the integration.", _ADMIN, True),
    ("class_type", "A class does not fit the register", "Choose a class whose type fits the register of the item.", _ADMIN, True),
    ("type_changed", "The type of an item was changed", "Change the type back in Financials; items do not move between registers.", _BOOKKEEPER, True),
    ("on_hold", "A customer is on hold", "It counts as active in Severa; the hold is kept in Financials.", _BOOKKEEPER, False),
    ("address_split", "An address was split", "Check the addresses of the customer in Severa: one that had several uses was divided.", _FINANCE, False),
    ("channel_missing", "Severa has no place for a phone or mail address", "Add a communication type of this kind in Severa's settings.", _ADMIN, True),
    ("country_unknown", "A country is not known in Severa", "Use a country that Severa knows.", _FINANCE, True),
    ("conflict", "Both sides changed the same field", "Pick a side.", _FINANCE, True),
    ("roles_unclear", "The invoice statuses have no clear meaning", "Put the statuses of Severa in order, or assign their roles by hand.", _ADMIN, True),
    ("payment_backwards", "A payment was taken back", "Check the payment in Financials.", _BOOKKEEPER, False),
    ("address_differs", "The receiver's address is none of the customer's in Financials", "Correct the address on one side, or add a location to the customer in Financials.", _FINANCE, False),
    ("text_cut", "A text was too long for Financials", "Shorten the text in Severa if the whole of it is needed in the books.", _FINANCE, False),
    ("customer_blocked", "The customer is not active in Financials", "Make the customer active in Financials; the invoice follows by itself.", _BOOKKEEPER, True),
    ("item_blocked", "An item may not be sold in Financials", "Make the item active in Financials; the invoice follows by itself.", _BOOKKEEPER, True),
    ("sent_without_number", "An invoice was sent before it had a number", "Set the transfer status, and send the invoice again once it has its number.", _FINANCE, False),
    ("rounding_differs", "Only one side rounds whole documents", "Let both sides round, or neither: otherwise payments leave a residue.", _ADMIN, False),
    ("credit_not_applied", "A credit note is not applied to its invoice", "Apply the credit note in Financials, otherwise reminders go on.", _BOOKKEEPER, False),
    ("cost_project_unknown", "A cost is on a project that Severa does not have", "Move the cost to a project of Severa in Financials, or leave it: nothing else is held up.", _BOOKKEEPER, True),
    ("cost_project_closed", "A cost is on a closed project", "Open the project in Severa again, or move the cost to another project in Financials.", _FINANCE, True),
    ("cost_reinvoiced", "A corrected cost was already re-invoiced", "Look at the invoice in Severa that bills the cost; credit it when needed.", _FINANCE, False),
    ("file_refused", "A file could not be attached", "Attach the file by hand.", _FINANCE, True),
    ("missing_record", "A record has disappeared", "Decide what should become of its twin; nothing is deleted by itself.", _FINANCE, False),
    ("wish_refused", "A wished change could not be carried out", "Read the reason; wish for something else, or change the record by hand.", _FINANCE, True),
    ("step_failed", "A step of the sync failed", "Wait for the next run; tell support if it stays.", _NOBODY, True),
    ("surprise", "Something unexpected happened", "Tell support the error id.", "Support", True),
)
# fmt: on
CATALOGUE = {
    code: IssueType(code=code, title=title, next_step=step, fixable_by=who, retryable=again)
    for code, title, step, who, again in _ROWS
}
