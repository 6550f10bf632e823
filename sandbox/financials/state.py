"""The state of the fake Financials: clients, tokens, and one company per tenant."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from . import moment
from .numbering import Series
from .rows import (
    BatchRow,
    ContactRow,
    CustomerRow,
    DocumentRow,
    ItemRow,
    LocationRow,
    PaymentRow,
    ProjectRow,
    SupplierInvoiceRow,
    SupplierRow,
    TaskRow,
)
from .table import JSON, Row, Table

if TYPE_CHECKING:
    from sandbox.assume import Assume
    from sandbox.world import World

VERBS = ("read", "create", "update", "delete")
SCOPES = tuple(f"vismanet_erp_service_api:{verb}" for verb in VERBS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A service application that one or more tenants have let in."""

    id: str
    secret: str
    scopes: frozenset[str]
    tenants: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An access token: one client, one tenant, some scopes, for an hour."""

    client: str
    tenant: str
    scopes: frozenset[str]
    expires: datetime


class FinancialsState:
    """Everything that Financials and its token host know."""

    def __init__(self) -> None:
        self.companies: dict[str, LedgerCompany] = {}
        self.clients: dict[str, Client] = {}
        self.tokens: dict[str, Token] = {}
        self.licence_tenants: set[str] = set()
        self.feedback: list[JSON] = []


@dataclass(slots=True, kw_only=True)
class File:
    """One attached file with its revisions."""

    id: str
    name: str
    media_type: str
    revisions: list[bytes]
    created: datetime
    to_autoinvoice: bool = False
    with_email: bool = False


@dataclass(slots=True, kw_only=True)
class Job:
    """One background call."""

    id: str
    operation: str
    uri: str
    received: datetime
    had_body: bool
    started: datetime | None = None
    finished: datetime | None = None
    status: str = "Started"
    status_code: int = 0
    body: bytes = b""
    media_type: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    error: str | None = None
    notify: str = "none"


class LedgerCompany:
    """One company of Financials, with its registers, ledgers and settings."""

    def __init__(self, world: World, *, tenant: str, number: int, name: str, country: str) -> None:
        self._world = world
        self.tenant, self.number, self.name, self.country = tenant, number, name, country
        self.zone = ZoneInfo(moment.ZONES.get(country, "Europe/Helsinki"))
        self.base_currency = "EUR"
        self.organization: JSON = {}
        self.branches: dict[str, JSON] = {}
        self.currencies: dict[str, JSON] = {}
        self.rates: list[JSON] = []
        self.rate_types: list[JSON] = []
        self.vats: dict[str, JSON] = {}
        self.vat_categories: dict[str, JSON] = {}
        self.vat_zones: dict[str, JSON] = {}
        self.zone_vats: dict[str, frozenset[str]] = {}
        self.terms: dict[str, JSON] = {}
        self.customer_classes: dict[str, JSON] = {}
        self.class_terms: dict[str, str] = {}
        self.item_classes: dict[str, JSON] = {}
        self.class_items: dict[str, JSON] = {}
        self.posting_classes: dict[str, JSON] = {}
        self.units: list[JSON] = []
        self.periods: dict[str, JSON] = {}
        self.dimensions: dict[str, JSON] = {}
        self.series: dict[str, Series] = {}
        self.accounts: Table[Row] = Table()
        self.countries: dict[str, JSON] = {}
        self.payment_methods: dict[str, JSON] = {}
        self.discounts: dict[str, Decimal] = {}
        self.customers: Table[CustomerRow] = Table()
        self.contacts: Table[ContactRow] = Table()
        self.locations: Table[LocationRow] = Table()
        self.items: Table[ItemRow] = Table()
        self.projects: Table[ProjectRow] = Table()
        self.tasks: Table[TaskRow] = Table()
        self.templates: dict[str, ProjectRow] = {}
        self.documents: Table[DocumentRow] = Table()
        self.documents_of: dict[int, list[DocumentRow]] = {}
        self.payments: Table[PaymentRow] = Table()
        self.suppliers: Table[SupplierRow] = Table()
        self.supplier_invoices: Table[SupplierInvoiceRow] = Table()
        self.batches: Table[BatchRow] = Table()
        self.files: dict[str, File] = {}
        self.jobs: dict[str, Job] = {}
        self.deleted: list[str] = []
        self.next_shift = Decimal(0)
        self.quiet = True
        self._past: datetime | None = None
        self._past_step = timedelta()
        self._version = 0x4D182200
        self._ids: dict[str, int] = {}

    @property
    def assume(self) -> Assume:
        """The assumed vendor facts of this sandbox."""
        return self._world.assume

    def utc(self) -> datetime:
        """Tell the time in UTC."""
        if self._past is not None:
            self._past += self._past_step
            return self._past
        return self._world.clock.now()

    @contextmanager
    def past(self, *, days: float, step: float) -> Iterator[None]:
        """Live some days ago for a while; each look at the clock moves it by a step."""
        self._past = self._world.clock.now() - timedelta(days=days)
        self._past_step = timedelta(seconds=step)
        try:
            yield
        finally:
            self._past = None

    def now(self) -> str:
        """Tell the company's local time as it is shown."""
        return moment.stamp(self.utc().astimezone(self.zone))

    def today(self) -> str:
        """Tell the company's day as it is shown."""
        return self.now()[:10] + "T00:00:00"

    def next_id(self, kind: str, *, start: int = 1) -> int:
        """Count up the internal ids of one kind."""
        self._ids[kind] = self._ids.get(kind, start - 1) + 1
        return self._ids[kind]

    def next_version(self) -> str:
        """Give a new row version, base64 of eight bytes."""
        self._version += 1
        return base64.b64encode(self._version.to_bytes(8, "big")).decode()

    def length(self, dimension: str) -> int:
        """Give the key length of a segmented key."""
        return int(self.dimensions[dimension]["length"])

    def fresh(self, row: Row, *, at: str | None = None) -> None:
        """Stamp a new row before it goes into its table."""
        row.created = row.modified = at or self.now()
        row.version = self.next_version()
        self._show(row, created=True)

    def touch(self, table: Table[Any], row: Row, *, quietly: bool = False) -> None:
        """Give a changed row a new version and time; `quietly` leaves the time alone."""
        row.version = self.next_version()
        if not quietly:
            table.moved(row, self.now())
        else:
            table.revision += 1
        self._show(row)

    def _show(self, row: Row, *, created: bool = False) -> None:
        if not isinstance(row, LocationRow):
            name = "timestamp" if isinstance(row, ItemRow) else "timeStamp"
            row.dto[name] = row.version
        row.dto["lastModifiedDateTime"] = row.modified
        if created and isinstance(row, CustomerRow | DocumentRow | TaskRow | SupplierInvoiceRow):
            row.dto["createdDateTime"] = row.created

    def later(self, delay: float, work: Callable[[], None]) -> None:
        """Do something after real seconds; at once when there is nothing to wait for."""
        if delay <= 0:
            work()
        else:
            self._world.later(_after(delay, work))

    def fault(self, operation: str, kind: str) -> bool:
        """Take a planned fault, if there is one."""
        return self._world.faults.take("financials", operation, kind) is not None

    def ring(self, event: str, payload: JSON) -> None:
        """Send a webhook; nothing rings while a sample is filled in."""
        if not self.quiet:
            notification = str(uuid4())
            about = {
                "id": notification,
                "notificationId": notification,
                "eventName": event,
                "tenantId": self.tenant,
                "createdUtc": self.utc(),
            }
            self._world.hooks.send(url_kind="financials", payload={**about, **payload})


async def _after(delay: float, work: Callable[[], None]) -> None:
    await asyncio.sleep(delay)
    work()


def as_date(text: str) -> date:
    """Read the day of a shown date-time."""
    return date.fromisoformat(text[:10])
