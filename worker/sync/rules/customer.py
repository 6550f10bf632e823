"""Customers with their addresses (R44 to R53): which of them travel, and how they are stored."""

from collections.abc import Mapping, Sequence
from typing import Any

from schema import database
from schema.models import Address, Customer
from schema.words import AddressKind, Entity, Side
from worker.context import Context
from worker.mapping.convert import CannotMap
from worker.mapping.field import Form
from worker.sync.flow import Case, Flow
from worker.sync.pull import Source
from worker.sync.reference import digits
from worker.sync.rules import customer_number, underway
from worker.sync.rules.customer_side import FIELDS, FinancialsHalf, SeveraHalf, compose, label
from worker.vendors.financials import FINANCIALS
from worker.vendors.severa import SEVERA
from worker.vendors.severa import operations as severa

_KINDS = {
    "office": AddressKind.OFFICE,
    "billing": AddressKind.BILLING,
    "postal": AddressKind.POSTAL,
}
_HOLDS = ("OnHold", "CreditHold")


def _skip(ctx: Context, case: Case) -> str | None:
    """Leave out the internal customer (R45), one-time and, without a twin, inactive ones."""
    for side, seen in case.seen.items():
        if side is Side.SEVERA and seen.body.get("isInternal"):
            return "The company's own customer is not transferred."
        if side is Side.FINANCIALS and seen.body.get("status") == "OneTime":
            return "A one-time customer stands for many customers."
    if len(case.seen) == 2 or len(case.links) == 2:
        return None
    for side, seen in case.seen.items():
        if side is Side.FINANCIALS and seen.body.get("status") == "Inactive":
            return "Inactive customers of Financials are not transferred (R46)."
        unused = side is Side.SEVERA and not case.needed
        if unused and seen.body.get("isActive") is False:
            return "Inactive customers of Severa wait until they are used (Q36)."
    return None


def _pair(case: Case) -> str | None:
    """Refuse a match whose VAT numbers contradict each other (Q14)."""
    severa_vat = (case.seen[Side.SEVERA].body.get("vatNumber") or "").strip()
    financials_vat = (case.seen[Side.FINANCIALS].body.get("vatRegistrationId") or "").strip()
    ours, theirs = digits(severa_vat), digits(financials_vat)
    if ours and theirs and ours != theirs:
        number = str(case.seen[Side.FINANCIALS].body["number"]).strip()
        return (
            f"the VAT number {severa_vat} in Severa and {financials_vat} of customer {number} in "
            "Financials contradict each other"
        )
    return None


def _warnings(case: Case) -> tuple[CannotMap, ...]:
    """Tell of a hold, which counts as active and stays (Q28)."""
    status = case.bodies.get(Side.FINANCIALS, {}).get("status")
    if status not in _HOLDS:
        return ()
    return (CannotMap("on_hold", f"it has the status {status} in Financials."),)


def _columns(case: Case, values: Mapping[str, Any]) -> dict[str, Any]:
    names = ("name", "vat_number", "currency", "payment_term_days", "email", "website")
    columns = {name: values[name] for name in names if name in values}
    columns |= {name: values[name] for name in ("notes", "is_active") if name in values}
    body = case.bodies.get(Side.FINANCIALS)
    if body is not None:
        columns["number"] = str(body["number"]).strip()
        columns["class_id"] = (body.get("customerClass") or {}).get("id")
        columns["vat_zone"] = (body.get("vatZone") or {}).get("id")
    return columns


_ADDRESS = """
INSERT INTO address (id, created_at, customer_id, kind, lines, postal_code, city, state, country)
VALUES (gen_random_uuid(), now(), $1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (customer_id, kind) DO UPDATE SET lines = excluded.lines,
    postal_code = excluded.postal_code, city = excluded.city, state = excluded.state,
    country = excluded.country
"""


async def _saved(ctx: Context, cases: Sequence[tuple[Case, Mapping[str, Any]]]) -> None:
    rows: list[list[Any]] = []
    empty: list[tuple[Any, AddressKind]] = []
    for case, values in cases:
        assert isinstance(case.record, Customer)
        for name, kind in _KINDS.items():
            if name not in values:
                continue
            value = values[name]
            if value is None:
                if case.links:
                    empty.append((case.record.id, kind))
                continue
            country = value["country"] if len(value["country"] or "") == 2 else None
            parts = [value["postal_code"], value["city"], value["state"], country]
            rows.append([case.record.id, kind.value, value["lines"] or "", *parts])
    if rows:
        await database.connection().execute_many(_ADDRESS, rows)
    for customer_id, kind in empty:
        await Address.filter(customer_id=customer_id, kind=kind).delete()


def _defer(wanted: Form) -> frozenset[str]:
    """Carry out an inactivation last: the customer may have a document on its way (Q55)."""
    inactive = wanted.get("is_active", True) in (False, "Inactive")
    return frozenset({"is_active"}) if inactive else frozenset()


FLOW = Flow(
    entity=Entity.CUSTOMER,
    model=Customer,
    sources=(
        Source(side=Side.SEVERA, endpoint=SEVERA["customers"], match=customer_number.name),
        Source(
            side=Side.SEVERA,
            endpoint=SEVERA["addresses"],
            parent="customer.guid",
            parent_resource="customers",
            read=severa.ADDRESS_READ,
        ),
        Source(side=Side.FINANCIALS, endpoint=FINANCIALS["customer"], match=customer_number.name),
    ),
    resources={Side.SEVERA: ("customers",), Side.FINANCIALS: ("customer",)},
    halves={Side.SEVERA: SeveraHalf(), Side.FINANCIALS: FinancialsHalf()},
    fields=lambda case: FIELDS,
    compose=compose,
    columns=_columns,
    number=lambda seen: (
        None if seen.body.get("number") is None else str(seen.body["number"]).strip()
    ),
    label=label,
    skip=_skip,
    pair=_pair,
    saved=_saved,
    defer=_defer,
    key="number",
    busy=underway.customers,
    warnings=_warnings,
)
