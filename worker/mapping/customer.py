"""The customer register: one row per row of the mapping table (R157 to R175)."""

from schema.words import Side
from worker.mapping.address import ADDRESS
from worker.mapping.convert import ACTIVE, CURRENCY, NOTES, NUMBER, TERM
from worker.mapping.field import Field

SEVERA, FINANCIALS = Side.SEVERA, Side.FINANCIALS

# In Severa's body `_addresses` holds office, billing and postal address by use (Q8).
# fmt: off
CUSTOMER = (
    Field(name="name",              severa="name",          financials="name", mandatory=True),
    Field(name="number",            severa="number",        financials="number", owner=FINANCIALS, only_to=SEVERA, convert=NUMBER),
    Field(name="vat_number",        severa="vatNumber",     financials="vatRegistrationId"),
    Field(name="currency",          severa="currency.code", severa_write="currency.guid", financials="currencyId", convert=CURRENCY),
    Field(name="payment_term_days", severa="paymentTerm",   financials="creditTerms.id", financials_write="creditTermsId", convert=TERM),
    Field(name="email",             severa="email",         financials="mainContact.email"),
    Field(name="website",           severa="website",       financials="mainContact.web"),
    Field(name="notes",             severa="notes",         financials="mainContact.attention", convert=NOTES),
    Field(name="office",            severa="_addresses.office", financials="mainAddress", convert=ADDRESS),
    Field(name="is_active",         severa="isActive",      financials="status", convert=ACTIVE),
    Field(name="billing",           severa="_addresses.billing", financials="invoiceAddress", convert=ADDRESS),
    Field(name="postal",            severa="_addresses.postal",  financials="deliveryAddress", convert=ADDRESS),
)
# Kept in Financials; Severa has no place for it (R167, Q42).
CLASS = Field(name="class_id",          financials="customerClass.id", financials_write="customerClassId", owner=FINANCIALS)
# fmt: on
ADDRESS_FIELDS = ("office", "billing", "postal")
