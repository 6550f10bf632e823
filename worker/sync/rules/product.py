"""Items (R31 to R42): which of them travel, and how they are stored."""

from collections.abc import Mapping
from typing import Any

from schema.models import Product
from schema.words import Entity, Side
from worker.context import Context
from worker.mapping.convert import CannotMap
from worker.mapping.field import Form
from worker.mapping.product import KIND_OF_TYPE, RESOURCES
from worker.sync.flow import Case, Flow, Seen
from worker.sync.pull import Source
from worker.sync.rules import underway
from worker.sync.rules.product_class import WORDS
from worker.sync.rules.product_side import (
    NAMES,
    FinancialsHalf,
    SeveraHalf,
    compose,
    fields,
    kind_of,
    label,
)
from worker.vendors.financials import FINANCIALS
from worker.vendors.severa import SEVERA


def _describe(seen: Seen) -> str:
    if seen.side is Side.FINANCIALS:
        return f"item {seen.body.get('inventoryNumber')} in Financials"
    return f"{NAMES[seen.resource]} {seen.body.get('code')} ({seen.body.get('name')}) in Severa"


def _skip(ctx: Context, case: Case) -> str | None:
    """Leave out what has no register, and inactive items that have no twin."""
    if len(case.seen) == 2 or case.record is not None:
        return None
    for side, seen in case.seen.items():
        if side is Side.FINANCIALS:
            if seen.body.get("type") not in KIND_OF_TYPE:
                return "The type of the item belongs to no register of Severa."
            if seen.body.get("status") not in ("Active", "NoPurchases", None):
                return "Inactive items without a twin are left alone."
        elif seen.body.get("isActive") is False:
            return "Inactive items without a twin are left alone."
    return None


def _columns(case: Case, values: Mapping[str, Any]) -> dict[str, Any]:
    columns = {name: values[name] for name in ("name", "unit_price", "is_active") if name in values}
    columns["code"] = _code_of(case)
    columns["kind"] = kind_of(case)
    bodies = case.bodies
    if Side.FINANCIALS in bodies:
        item = bodies[Side.FINANCIALS]
        columns["class_id"] = (item.get("itemClass") or {}).get("id")
        columns["vat_category"] = (item.get("vatCode") or {}).get("id")
        columns["financials_type"] = item.get("type")
        columns["unit"] = item.get("salesUnit") or item.get("baseUnit")
    if Side.SEVERA in bodies:
        columns["severa_unit"] = bodies[Side.SEVERA].get("measurementUnit")
    return columns


def _code_of(case: Case) -> str:
    """Return the code as Severa writes it: its invoice rows name the item by it."""
    bodies = case.bodies
    code = bodies.get(Side.SEVERA, {}).get("code")
    code = code or bodies.get(Side.FINANCIALS, {}).get("inventoryNumber")
    return str(code or getattr(case.record, "code", "") or "").strip()


def _code(name: str) -> Any:
    return lambda row: str(row.get(name) or "").strip().upper() or None


async def _wait(ctx: Context, case: Case) -> str | None:
    """Refuse an item without a code: it is what links both registers (R41)."""
    seen = case.seen.get(Side.SEVERA)
    if seen is not None and not str(seen.body.get("code") or "").strip():
        raise CannotMap("code_missing", f"The {NAMES[seen.resource]} has no code in Severa.")
    return None


def _warnings(case: Case) -> tuple[CannotMap, ...]:
    """Tell of a type that was changed later; an item never moves to another register (Q54)."""
    found = case.bodies.get(Side.FINANCIALS, {}).get("type")
    kind = kind_of(case)
    if found is None or KIND_OF_TYPE.get(found) is kind:
        return ()
    cause = f"its type in Financials is {found} now, but in Severa it is a {WORDS[kind]}."
    return (CannotMap("type_changed", cause),)


def _defer(wanted: Form) -> frozenset[str]:
    """Carry out an inactivation last: the item may stand on a document on its way (Q55)."""
    inactive = wanted.get("is_active", True) in (False, "Inactive")
    return frozenset({"is_active"}) if inactive else frozenset()


FLOW = Flow(
    entity=Entity.PRODUCT,
    model=Product,
    sources=(
        *(
            Source(side=Side.SEVERA, endpoint=SEVERA[resource], match=_code("code"))
            for resource in RESOURCES.values()
        ),
        Source(
            side=Side.FINANCIALS,
            endpoint=FINANCIALS["inventory"],
            match=_code("inventoryNumber"),
        ),
    ),
    resources={Side.SEVERA: tuple(RESOURCES.values()), Side.FINANCIALS: ("inventory",)},
    halves={Side.SEVERA: SeveraHalf(), Side.FINANCIALS: FinancialsHalf()},
    fields=fields,
    compose=compose,
    columns=_columns,
    number=lambda seen: (
        str(seen.body.get("code") or seen.body.get("inventoryNumber") or "").strip() or None
    ),
    label=label,
    skip=_skip,
    wait=_wait,
    defer=_defer,
    key="code",
    twice="code_twice",
    busy=underway.products,
    warnings=_warnings,
    describe=_describe,
)
