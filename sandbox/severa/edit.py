"""Edits and deletions by hand, without any check: what another program or a person may leave."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sandbox.severa import (
    contact,
    customer,
    deleted,
    entry,
    file,
    invoice_model,
    phase,
    project,
    register,
    setting,
)
from sandbox.severa import invoice as rules
from sandbox.severa.fields import Entity, Field, fold, parse_moment
from sandbox.severa.state import Organization
from sandbox.severa.table import Record

MODULES = (contact, customer, project, phase, register, entry, file, setting, invoice_model)
ENTITIES: dict[str, Entity] = {
    entity.name: entity
    for module in MODULES
    for entity in vars(module).values()
    if isinstance(entity, Entity)
}
TOTALS = {"totalexcludingtax": "net", "totaltax": "tax", "totalincludingtax": "gross"}
LINKS = {"invoicerowguid": "invoiceRow", "invoiceguid": "invoice", "projectguid": "project"}
TIMES = {"lastupdateddatetime": "updated", "createddatetime": "created"}


def edit(org: Organization, *, table: str, record: Record, fields: dict[str, Any]) -> None:
    """Merge fields in the names of the read model into a record; what depends on them follows."""
    entity = ENTITIES[table]
    values: Record = {}
    for name, value in fields.items():
        key, stored = _stored(org, entity, record, name, value)
        values[key] = stored
    if table == "customers" and "name" in values:
        values["name_key"] = customer.name_key(values["name"])
    org.update(table, record, {"by": _person(org), **values})
    _follow(org, table, record, values)


def _person(org: Organization) -> str:
    """Name a user who is not the integration's."""
    return [str(row["guid"]) for row in org.tables["users"]][-1]


def _stored(
    org: Organization, entity: Entity, record: Record, name: str, value: Any
) -> tuple[str, Any]:
    low = name.lower()
    if low in TIMES:
        return TIMES[low], parse_moment(value)
    if low in TOTALS and entity.name == "invoices":
        return TOTALS[low], _amount(value)
    if low in LINKS:
        return LINKS[low], value
    spec = entity.field_named(name)
    if spec is None:
        return name, value
    return spec.stored, _value(org, spec, record.get(spec.stored), value)


def _amount(value: Any) -> Decimal:
    return Decimal(fold(value)["amount"] if isinstance(value, dict) else value)


def _value(org: Organization, spec: Field, current: Any, value: Any) -> Any:
    if value is None:
        return None
    if spec.kind == "money":
        return _merged_money(current, value)
    if isinstance(value, dict) and spec.kind in ("ref", "link", "computed"):
        return _target(org, spec, value)
    if spec.kind == "freetext" and isinstance(value, dict):
        return fold(value).get("value")
    if spec.kind == "date":
        return date.fromisoformat(str(value)[:10])
    if spec.kind == "datetime":
        return parse_moment(str(value))
    if spec.kind == "number" or spec.name == "currencyRate":
        return Decimal(str(value))
    if spec.name == "projects":
        return [fold(row)["guid"] for row in value]
    return value


def _merged_money(current: Any, value: Any) -> dict[str, Any]:
    given = fold(value) if isinstance(value, dict) else {"amount": value}
    merged = dict(current or {})
    if "amount" in given:
        merged["amount"] = None if given["amount"] is None else Decimal(str(given["amount"]))
    if "currencycode" in given:
        merged["currencyCode"] = given["currencycode"]
    return merged


def _target(org: Organization, spec: Field, value: dict[str, Any]) -> Any:
    given = fold(value)
    guid = given.get(spec.via.lower()) or given.get("guid")
    if guid is None and spec.to and "name" in given:
        rows = org.tables[spec.to]
        guid = next((row["guid"] for row in rows if row.get("name") == given["name"]), None)
    if guid is None and spec.kind == "computed":
        return value
    return guid


def _follow(org: Organization, table: str, record: Record, values: Record) -> None:
    if table == "invoicerows":
        invoice = org.need("invoices", record["invoice"])
        rules.recount(org, invoice)
        org.update("invoices", invoice, {})
    if table == "invoices":
        if not set(values) & set(TOTALS.values()):
            rules.recount(org, record)
        rules.after_change(org, record, values)
    if table == "contactpersons":
        record["name"] = f"{record['firstName']} {record['lastName']}"
    if table == "projects" and "salesStatus" in values:
        record["salesStatusAt"] = record["updated"]


def delete(org: Organization, *, table: str, record: Record) -> None:
    """Delete a record and what belongs to it."""
    if table == "invoices":
        rules.release(org, record)
    if table == "customers":
        customer.drop_customer_parts(org, record)
    if table == "contactpersons":
        contact.drop_contact_parts(org, record)
    if table == "projects":
        phase.drop_phases(org, record)
    org.tables[table].remove(record)
    if table == "invoicerows":
        rules.recount(org, org.need("invoices", record["invoice"]))
    if f"deleted{table}" in deleted.DEAD_PLAIN:
        org.tables[f"deleted{table}"].add({**record, "deleted": org.now()})
