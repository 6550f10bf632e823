"""Projects and sales cases, from Severa to Financials only (R185 to R192)."""

from schema.words import Side
from worker.mapping.convert import DAY, NUMBER, STATUS
from worker.mapping.field import Field, Fixed

SEVERA, FINANCIALS = Side.SEVERA, Side.FINANCIALS

# In Severa's body `_status` and `_customerNumber` are worked out beforehand (Q43, R187).
# fmt: off
PROJECT = (
    Field(name="number",     severa="number",         financials="projectID",       owner=SEVERA, only_to=FINANCIALS, convert=NUMBER, mandatory=True),
    Field(name="name",       severa="name",           financials="description",     owner=SEVERA, only_to=FINANCIALS, mandatory=True),
    Field(name="customer",   severa="_customerNumber", financials="customer.number", financials_write="customer", owner=SEVERA, only_to=FINANCIALS),
    Field(name="start_date", severa="startDate",      financials="startDate",       owner=SEVERA, only_to=FINANCIALS, convert=DAY),
    Field(name="status",     severa="_status",         financials="status",          owner=SEVERA, only_to=FINANCIALS, convert=STATUS),
)
CONSTANTS = (
    Fixed(financials="billingPeriod", value="OnDemand"),  # R189
    Fixed(financials="template",      value="Z"),         # R190
    Fixed(financials="hold",          value=True),        # R191: "Hold" in the table
)
# fmt: on
TASK = "10"  # R221
