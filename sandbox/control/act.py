"""Acts on records: batches of invoices, Reimburse, edits and deletions on either side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.control.errors import ControlRefused
from sandbox.control.load import company_of
from sandbox.financials import control
from sandbox.severa import acts, edit
from sandbox.severa.state import Organization
from sandbox.severa.table import Record

if TYPE_CHECKING:
    from sandbox.world import World


def severa_invoices(world: World, payload: dict[str, Any]) -> dict[str, list[str]]:
    """Create invoices, and credit notes in addition, in the transfer status."""
    company = company_of(world, payload)
    count = int(payload.get("count") or 0)
    return acts.create_invoices(
        world.severa.organizations[company.index],
        count=count,
        mismatched=min(int(payload.get("mismatched") or 0), count),
        credit_notes=int(payload.get("creditNotes") or 0),
    )


def reimburse(world: World, payload: dict[str, Any]) -> dict[str, str]:
    """Press Severa's Reimburse button."""
    org, invoice = _held(world, "invoices", str(payload["invoiceGuid"]))
    return {"guid": acts.press_reimburse(org, invoice)["guid"]}


def _held(world: World, table: str, guid: str) -> tuple[Organization, Record]:
    if table not in edit.ENTITIES:
        raise ControlRefused(f"Severa has no {table}.")
    found = world.severa.holding(table, guid)
    if found is None:
        raise ControlRefused(f"There is no {table} {guid}.", status=404)
    return found


def _side(payload: dict[str, Any]) -> str:
    side = str(payload["side"]).lower()
    if side not in ("severa", "financials"):
        raise ControlRefused("side is SEVERA or FINANCIALS.")
    return side


def edit_record(world: World, payload: dict[str, Any]) -> Any:
    """Merge fields into a record of either side, without any check."""
    if _side(payload) == "financials":
        return control.edit(world, company_of(world, payload), payload)
    table, guid = str(payload["entity"]).lower(), str(payload["id"])
    org, record = _held(world, table, guid)
    edit.edit(org, table=table, record=record, fields=dict(payload["fields"]))
    return {"id": guid}


def delete_record(world: World, payload: dict[str, Any]) -> Any:
    """Delete a record of either side, without any check."""
    if _side(payload) == "financials":
        return control.delete(world, company_of(world, payload), payload)
    table, guid = str(payload["entity"]).lower(), str(payload["id"])
    org, record = _held(world, table, guid)
    edit.delete(org, table=table, record=record)
    return {"id": guid}
