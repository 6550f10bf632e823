"""What people do by hand in both systems, and what stands there afterwards."""

from collections.abc import Mapping
from typing import Any

from sandbox.financials.state import LedgerCompany
from sandbox.severa.state import Organization
from schema.models import Customer, Link
from schema.words import Side, SyncState
from tests.worker.pair import Pair
from worker.vendors.endpoints import Operation
from worker.vendors.financials import operations, shapes, wrap
from worker.vendors.financials.wrap import Shape
from worker.vendors.severa import client as severa_client
from worker.vendors.severa.patch import replace

SEVERA, FINANCIALS = Side.SEVERA, Side.FINANCIALS
SCOPES = "customers:write,customers:delete,settings:write,projects:write"


async def severa_writes(
    pair: Pair, operation: Operation, body: Any, path: Mapping[str, str] | None = None
) -> Any:
    """Write something in Severa as a person does; returns what it answers."""
    login = pair.world.companies[0].severa
    async with severa_client(
        base_url=pair.settings.severa_base_url,
        client_id=login.client_id,
        client_secret=login.client_secret,
        scopes=SCOPES,
        calls_per_second=None,
    ) as client:
        if operation.method == "PATCH":
            body = [replace(f"/{name}", value) for name, value in body.items()]
        return (await client.write(operation, body=body, path=path or {})).body


async def ledger_writes(
    pair: Pair,
    operation: Operation,
    shape: Shape,
    path: Mapping[str, str] | None = None,
    **fields: Any,
) -> str | None:
    """Write something in Financials as a person does; returns the key of what was made."""
    async with pair.context() as ctx:
        answer = await ctx.financials.write(operation, body=wrap(fields, shape), path=path or {})
        return answer.location_key


async def new_ledger_customer(pair: Pair, name: str, **fields: Any) -> str:
    """Create a customer in Financials; returns its number."""
    async with pair.context() as ctx:
        fields.setdefault("customerClassId", next(iter(ctx.references.customer_classes)))
    number = await ledger_writes(
        pair, operations.CUSTOMER_CREATE, shapes.CUSTOMER, name=name, **fields
    )
    return str(number)


def org(pair: Pair) -> Organization:
    """The Severa organization."""
    found: Organization = pair.world.severa.organizations[0]
    return found


def ledger(pair: Pair) -> LedgerCompany:
    """The Visma.net company."""
    found: LedgerCompany = next(iter(pair.world.financials.companies.values()))
    return found


def severa_rows(pair: Pair, table: str, **values: Any) -> list[dict[str, Any]]:
    """Return the rows of a Severa table with some values."""
    return [
        row
        for row in org(pair).tables[table]
        if all(row.get(name) == value for name, value in values.items())
    ]


def ledger_rows(pair: Pair, table: str, **values: Any) -> list[dict[str, Any]]:
    """Return the rows of a table of Financials, as read, with some values."""
    return [
        row.dto
        for row in getattr(ledger(pair), table)
        if all(row.dto.get(name) == value for name, value in values.items())
    ]


def ledger_customer(pair: Pair, number: str) -> dict[str, Any]:
    """Return a customer of Financials as read."""
    [found] = [row.dto for row in ledger(pair).customers if row.key.strip() == number]
    return found


async def some_customer(pair: Pair, **where: Any) -> tuple[Customer, str, str]:
    """Return a customer in step, its guid in Severa and its number in Financials."""
    where = {"is_active": True, "sync_state": SyncState.IN_SYNC} | where
    customer = (await Customer.filter(**where).order_by("number"))[0]
    severa = await Link.get(record_id=customer.id, side=SEVERA.value)
    financials = await Link.get(record_id=customer.id, side=FINANCIALS.value)
    return customer, severa.external_id, financials.external_id


async def links(record: Any) -> dict[str, str]:
    """Return the keys of a record by side."""
    return {link.side: link.external_id for link in await Link.filter(record_id=record.id)}


async def quiet_sync(pair: Pair) -> dict[str, int]:
    """Sync once more; returns what was written outside, which should be nothing."""
    before = pair.writes()
    await pair.sync()
    return {
        name: count - before.get(name, 0)
        for name, count in pair.writes().items()
        if count != before.get(name, 0)
    }
