"""The three item registers: products, work types and travel expense types."""

from __future__ import annotations

from sandbox.severa import crud
from sandbox.severa.errors import invalid, not_allowed
from sandbox.severa.fields import Entity, Filter
from sandbox.severa.kinds import SINCE, computed, flag, is_flag, money, number, ref, text, texts
from sandbox.severa.state import Organization
from sandbox.severa.table import Record

REGISTERS = ("products", "worktypes", "travelexpensetypes")
PRODUCT_TYPES = ("FixedFees", "Materials", "Subcontracting")
CLASSES = ("Mileage", "DailyAllowance", "OtherTravelExpense")
USES = {
    "products": ("projectfees", "product"),
    "worktypes": ("workhours", "workType"),
    "travelexpensetypes": ("projecttravelexpenses", "travelExpense"),
}


def _check(org: Organization, record: Record | None, values: Record) -> None:
    """Refuse a code that any register has, when the organization wants codes to be unique."""
    code = values.get("code")
    if code is None or not org.settings.unique_item_codes:
        return
    own = record["guid"] if record else None
    for register in REGISTERS:
        for other in org.tables[register].where("code", code):
            if other["guid"] != own:
                raise invalid(f"The code {code} is in use.", name="code")


def _guard(name: str, org: Organization, record: Record) -> None:
    table, key = USES[name]
    if any(entry.get(key) == record["guid"] for entry in org.tables[table]):
        raise not_allowed("The record is in use; switch it off instead.")


ACCOUNT = "name number"
COMMON = (text("code"), text("name", required=True))
PRODUCTS = Entity(
    name="products",
    scope="settings",
    paging="token",
    check=_check,
    guard=lambda org, record: _guard("products", org, record),
    filters=(
        Filter(name="type", kind="texts", on="type"),
        is_flag("isActive"),
        texts("code", "code"),
        SINCE,
    ),
    fields=(
        *COMMON,
        flag("isActive", True),
        text("measurementUnit"),
        ref("productCategory", "productcategories"),
        text("proposalDescription"),
        ref("salesAccount", "salesaccounts", ACCOUNT),
        text("type", allowed=PRODUCT_TYPES),
        money("unitCost"),
        money("unitPrice"),
        number("vatRate"),
    ),
)
WORK_TYPES = Entity(
    name="worktypes",
    scope="settings",
    check=_check,
    guard=lambda org, record: _guard("worktypes", org, record),
    filters=(
        is_flag("active"),
        is_flag("productive", "isProductive"),
        texts("code", "code"),
        SINCE,
    ),
    fields=(
        *COMMON,
        money("hourCost"),
        flag("isActive", True),
        flag("isDefault"),
        flag("isProductive"),
        ref("salesAccount", "salesaccounts"),
    ),
)
TRAVEL_TYPES = Entity(
    name="travelexpensetypes",
    scope="settings",
    all_by_default=True,
    check=_check,
    guard=lambda org, record: _guard("travelexpensetypes", org, record),
    filters=(is_flag("active"), texts("code", "code"), SINCE),
    fields=(
        *COMMON,
        ref("costAccount", "costaccounts", ACCOUNT),
        text("expenseClass", required=True, allowed=CLASSES),
        flag("includeTime", True),
        flag("isActive", True),
        computed("isDailyAllowance", lambda org, row: row["expenseClass"] == "DailyAllowance"),
        computed("isMileage", lambda org, row: row["expenseClass"] == "Mileage"),
        text("measurementUnit"),
        ref("productCategory", "productcategories"),
        number("purchaseVatRate"),
        ref("salesAccount", "salesaccounts", ACCOUNT),
        money("unitCost", required=True),
        number("vatRate"),
    ),
)
CATEGORIES = Entity(
    name="productcategories",
    scope="settings",
    all_by_default=True,
    filters=(is_flag("active"), SINCE),
    fields=(*COMMON, flag("isActive", True), flag("isDefault")),
)
OPS = (
    *crud.operations(PRODUCTS),
    *crud.operations(WORK_TYPES),
    *crud.operations(TRAVEL_TYPES),
    *crud.operations(CATEGORIES),
)
