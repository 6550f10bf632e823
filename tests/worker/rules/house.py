"""A linked pair of companies in one process: the sandbox over ASGI, a worker's context, a clock."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from sandbox import snapshot
from sandbox.app import create_app
from sandbox.faults import Fault
from sandbox.financials import control
from sandbox.financials.rows import DocumentRow
from sandbox.financials.state import LedgerCompany
from sandbox.severa import acts
from sandbox.severa import invoice as bills
from sandbox.severa.crud import create
from sandbox.severa.edit import edit
from sandbox.severa.entry import FEES, HOURS, TRAVELS, currency_of, default_vat
from sandbox.severa.state import Organization, as_money
from sandbox.severa.table import Record
from sandbox.world import World, make_world
from schema import database
from schema.clock import utc_now
from schema.ids import new_id
from schema.models import Integration, Invoice, InvoiceRow, Issue, Job, NumberEntry, SyncRun
from schema.settings import Hidden, Settings
from schema.words import IntegrationState, Role, Side, SyncTrigger
from worker import lease as leases
from worker.context import Context
from worker.jobs import invoice as jobs
from worker.mapping.reference import References
from worker.sync import engine, reference
from worker.sync.pull import pull
from worker.sync.rules import payment
from worker.sync.rules.invoice import intake, transfer
from worker.vendors import financials, severa
from worker.vendors.client import Client

ROOT = "http://sandbox.test"
SCALE = 0.001
Fields = dict[str, Any]


class _Nobody:
    """Hears of commits and tells nobody."""

    def touch(self) -> None:
        """Do nothing."""


class _Wrist:
    """A clock that runs with the real one, and that a test moves on."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.offset


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of an invoice to be made in Severa; by default its entry is a project fee."""

    code: str | None = None
    price: str = "100"
    quantity: str = "1"
    vat: str | None = None
    text: str = "Work"
    unit: str | None = None
    kind: str = "ProjectFees"
    project: Record | None = None


@dataclass(kw_only=True)
class House:
    """What a test does on both sides, and what the worker does in between."""

    world: World
    ctx: Context
    clock: _Wrist

    @property
    def org(self) -> Organization:
        """The Severa organization."""
        return self.world.severa.organizations[0]

    @property
    def ledger(self) -> LedgerCompany:
        """The Visma.net company."""
        return control.own(self.world, self.world.companies[0])

    # What stands in Severa ----------------------------------------------------------------------

    def products(self, percent: str | None = None) -> list[Record]:
        """List active products of one VAT rate, the standard rate first."""
        rows = [row for row in self.org.tables["products"] if row["isActive"] and row["code"]]
        if percent is not None:
            rows = [row for row in rows if row["vatRate"] == Decimal(percent)]
        return sorted(rows, key=lambda row: (-row["vatRate"], row["code"]))

    def rates(self) -> list[Decimal]:
        """List the VAT rates of the products, highest first."""
        return sorted({row["vatRate"] for row in self.products()}, reverse=True)

    def projects(self, *, foreign: bool = False) -> list[Record]:
        """List open projects that can be billed."""
        return acts._Maker(self.org)._projects[foreign]

    def invoice(
        self,
        rows: Sequence[Row] = (Row(),),
        *,
        projects: Sequence[Record] | None = None,
        status: str | None = None,
        **more: Any,
    ) -> Record:
        """Make an invoice in the transfer status; `more` are stored header fields."""
        org = self.org
        chosen = list(projects or self.projects()[:1])
        chosen_status = status or bills.transfer_status(org)["guid"]
        header = bills.header_of(org, chosen, status=chosen_status)
        number = acts.next_order_number(org)
        made = org.insert("invoices", {**header, "orderNumber": number, **more})
        org.insert("invoicesettings", {"invoice": made["guid"]})
        for place, row in enumerate(rows):
            self.add_row(made, row, place=place, project=row.project or chosen[0])
        bills.recount(org, made)
        return made

    def add_row(self, invoice: Record, row: Row, *, place: int, project: Record) -> Record:
        """Put a row with its entry on an invoice."""
        org = self.org
        currency = currency_of(org, project)
        register = {"Hours": "worktypes", "TravelExpenses": "travelexpensetypes"}.get(
            row.kind, "products"
        )
        item = self._item(register, row.code)
        body: Fields = {
            "project": {"guid": project["guid"]},
            "phase": {"guid": project["rootPhase"]},
            "user": {"guid": project["projectOwner"]},
            "quantity": Decimal(row.quantity),
            "unitPrice": as_money(Decimal(row.price), currency),
            "eventDate": org.now().date().isoformat(),
        }
        vat = self._vat(row, item, project)
        if row.kind == "Hours":
            entry = create(
                org, HOURS, body | {"workType": {"guid": item["guid"]}}, project=project["guid"]
            )
        elif row.kind == "TravelExpenses":
            entry = create(org, TRAVELS, body | {"travelExpense": {"guid": item["guid"]}})
        else:
            entry = create(org, FEES, body | {"product": {"guid": item["guid"]}})
        made = bills.add_row(
            org,
            invoice,
            place=place,
            kind=row.kind,
            code=item["code"],
            description=row.text,
            entry=entry,
            vat=vat,
            unit=row.unit or item.get("measurementUnit"),
        )
        table = {"Hours": "workhours", "TravelExpenses": "projecttravelexpenses"}.get(
            row.kind, "projectfees"
        )
        org.update(table, entry, {"invoice": invoice["guid"], "invoiceRow": made["guid"]})
        return made

    def _item(self, register: str, code: str | None) -> Record:
        if code is not None:
            return self.org.tables[register].where("code", code)[0]
        if register == "products":
            return self.products()[0]
        return next(row for row in self.org.tables[register] if row["isActive"] and row["code"])

    def _vat(self, row: Row, item: Record, project: Record) -> Decimal:
        if row.vat is not None:
            return Decimal(row.vat)
        own = default_vat(self.org, project)
        if own is not None:
            return own
        return Decimal(item.get("vatRate") or self.rates()[0])

    def rows_of(self, invoice: Record) -> list[Record]:
        """List the rows of an invoice."""
        return bills.rows_of(self.org, invoice)

    def edit(self, invoice: Record, **fields: Any) -> None:
        """Change an invoice in Severa by hand, in the names of the read model."""
        edit(self.org, table="invoices", record=invoice, fields=fields)

    def edit_row(self, row: Record, **fields: Any) -> None:
        """Change a row in Severa by hand."""
        edit(self.org, table="invoicerows", record=row, fields=fields)

    def set_role(self, invoice: Record, role: Role) -> None:
        """Give an invoice the status of a role, by hand."""
        wanted = self.ctx.references.status(role)
        bills.set_status(self.org, invoice, self.org.need("invoicestatuses", wanted))

    def role(self, invoice: Record) -> Role | None:
        """Tell the role of the invoice's present status in Severa."""
        return self.ctx.references.status_roles.get(invoice["status"])

    def reimburse(self, invoice: Record) -> Record:
        """Press Severa's Reimburse button."""
        return acts.press_reimburse(self.org, invoice)

    # What stands in Financials ------------------------------------------------------------------

    def documents(self, invoice: Record) -> list[DocumentRow]:
        """List the documents that carry the mark of an invoice."""
        mark = f"Severa {invoice['guid']}"
        return [row for row in self.ledger.documents if row.dto.get("note") == mark]

    def document(self, invoice: Record) -> DocumentRow:
        """Return the one document of an invoice."""
        found = self.documents(invoice)
        assert len(found) == 1, [row.number for row in found]
        return found[0]

    def pay(self, document: DocumentRow, share: str | None = None) -> str:
        """Pay a document; returns the number of the payment."""
        body: Fields = {"referenceNumber": document.number}
        if share is not None:
            body["share"] = share
        return str(control.pay(self.world, self.world.companies[0], body)[0]["paymentNumber"])

    def act(self, word: str, **body: Any) -> Any:
        """Do what a bookkeeper does, by the name of the control route."""
        return getattr(control, word)(self.world, self.world.companies[0], body)

    def fault(self, side: str, operation: str, kind: str, *, times: int = 1) -> None:
        """Let the next calls of an operation go wrong."""
        self.world.faults.plan(
            Fault(side=side, operation=operation, kind=kind, times=times, delay=0.01)
        )

    def sent(self, operation: str, *, side: str = "financials") -> list[Any]:
        """Return the bodies that were sent to an operation."""
        found = self.world.log.requests(side=side, operation=operation)
        return [row["body"] for row in found]

    def forward(self, **span: float) -> None:
        """Let time pass, on both sides and for the worker."""
        self.clock.offset += timedelta(**span)
        self.world.clock.advance(timedelta(**span).total_seconds())

    # What the worker does -----------------------------------------------------------------------

    async def options(self, **values: Any) -> None:
        """Change options of the integration."""
        self.ctx.integration.options = {**self.ctx.integration.options, **values}
        await self.ctx.integration.save()
        self.ctx.references = await reference.load(self.ctx)

    async def read_references(self) -> None:
        """Read the reference data of both sides again."""
        await reference.refresh(self.ctx, full=True)
        self.ctx.references = await reference.load(self.ctx)

    async def carry(self, invoice: Record) -> Invoice:
        """Take one invoice in and as far as it goes now."""
        record = await intake.absorb(self.ctx, await intake.read_header(self.ctx, invoice["guid"]))
        await transfer.carry_one(self.ctx, record.id, wait=True)
        return await self.record(invoice)

    async def again(self, invoice: Record, times: int = 1) -> Invoice:
        """Carry an invoice on as the next sync run does."""
        for _ in range(times):
            record = await self.record(invoice)
            await transfer.carry_one(self.ctx, record.id, wait=True)
        return await self.record(invoice)

    async def sync(self, *entities: str) -> SyncRun:
        """Run a whole sync, or the steps of some entities."""
        run = await SyncRun.create(
            integration_id=self.ctx.integration.id,
            trigger=SyncTrigger.MANUAL,
            entities=list(entities) or None,
        )
        await engine.run_sync(self.ctx, run)
        return run

    async def retry(self, invoice: Record) -> Invoice:
        """Retry an invoice at a person's wish."""
        record = await self.record(invoice)
        await jobs.retry(self.ctx, invoice_id=record.id)
        return await self.record(invoice)

    async def payments(self) -> None:
        """Bring payments back as a sync run does."""

        async def nothing(*_: Any) -> None:
            """Count nothing."""

        await pull(self.ctx, payment.DOCUMENTS, count=nothing)
        await pull(self.ctx, payment.PAYMENTS, count=nothing)
        await payment.settle_payments(self.ctx, tally=nothing)
        await payment.settle_documents(self.ctx, tally=nothing)

    async def record(self, invoice: Record) -> Invoice:
        """Return our record of an invoice."""
        return await Invoice.get(severa_id=invoice["guid"])

    async def our_rows(self, invoice: Record) -> list[InvoiceRow]:
        """Return our rows of an invoice."""
        record = await self.record(invoice)
        return await InvoiceRow.filter(invoice_id=record.id).order_by("position")

    async def issues(self, invoice: Record | None = None) -> dict[str, Issue]:
        """Return open issues by code, of one invoice or all."""
        query = Issue.filter(resolved_at=None)
        if invoice is not None:
            record = await self.record(invoice)
            query = query.filter(subject__contains=str(record.id))
        return {row.code: row for row in await query}

    async def ledger_of_numbers(self, number: str) -> NumberEntry:
        """Return what our ledger says of a number."""
        return await NumberEntry.get(number=number)

    async def jobs(self) -> list[Job]:
        """Return the rows that wait."""
        return await Job.filter(state="QUEUED")


# How a house is built ----------------------------------------------------------------------------


def new_world(**options: Any) -> World:
    """Build a sandbox whose own limits are off; both sides hold the same records."""
    world = make_world(**{"size": "small", "seed": 1, "matched": True, **options})
    _hurry(world)
    return world


def _hurry(world: World) -> None:
    world.time_scale = SCALE
    for side in ("severa", "financials"):
        world.limits.set(side=side, allowed=None)
    world.assume.release_delay = 0.002
    world.assume.execution_limit = 0.05
    world.assume.latency = 0.0


def frozen(world: World) -> bytes:
    """Return the whole state of a sandbox."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "state"
        snapshot.save(world, path)
        return path.read_bytes()


def thawed(state: bytes) -> World:
    """Build a sandbox from its state."""
    world = World(seed=1, time_scale=SCALE)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "state"
        path.write_bytes(state)
        snapshot.restore(world, path)
    _hurry(world)
    return world


def _clients(world: World, clock: _Wrist) -> dict[Side, Client]:
    login = world.companies[0]
    transport = httpx.ASGITransport(create_app(world))
    one = severa.client(
        base_url=f"{ROOT}/severa/rest-api",
        client_id=login.severa.client_id,
        client_secret=login.severa.client_secret,
        calls_per_second=None,
        time_scale=SCALE,
        clock=clock,
        transport=transport,
    )
    other = financials.client(
        base_url=f"{ROOT}/financials",
        token_url=f"{ROOT}/connect/token",
        client_id=login.financials.client_id,
        client_secret=login.financials.client_secret,
        tenant_id=login.financials.tenant_id,
        time_scale=SCALE,
        clock=clock,
        transport=transport,
    )
    return {Side.SEVERA: one, Side.FINANCIALS: other}


@asynccontextmanager
async def opened(database_url: str, world: World) -> AsyncIterator[House]:
    """Open a house on a database; its integration is made when there is none."""
    clock = _Wrist()
    settings = Settings(
        database_url=Hidden(database_url),
        vendor_time_scale=SCALE,
        vendor_execution_seconds=100,
        lease_seconds=300,
    )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(database.opened(database_url))
        integration = await Integration.first() or await _integration(world)
        lease = await leases.acquire(
            integration_id=integration.id, holder=str(new_id()), seconds=300
        )
        assert lease is not None
        clients = _clients(world, clock)
        for client in clients.values():
            await stack.enter_async_context(client)
        nobody: Any = _Nobody()
        ctx = Context(
            integration=integration,
            lease=lease,
            clients=clients,
            settings=settings,
            clock=clock,
            notifier=nobody,
            references=References(),
        )
        ctx.references = await reference.load(ctx)
        yield House(world=world, ctx=ctx, clock=clock)
        await leases.release(lease)
        await world.close()


async def _integration(world: World) -> Integration:
    units = {row.severa: row.financials for row in world.companies[0].measures}
    return await Integration.create(
        name="Under test", state=IntegrationState.ACTIVE, options={"units": units}
    )


async def prepare(database_url: str, world: World) -> bytes:
    """Run the first sync of a house and return the sandbox as it stands then."""
    async with opened(database_url, world) as house:
        run = await house.sync()
        assert run.finished_at is not None
    return frozen(world)


def plain(value: Mapping[str, Any]) -> Fields:
    """Unwrap the `{"value": ...}` of a written body."""
    return {
        name: item["value"] if isinstance(item, dict) and set(item) == {"value"} else item
        for name, item in value.items()
    }
