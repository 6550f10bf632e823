"""What a Severa organization holds, and the tokens that open it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from sandbox.severa.table import Record, Table

if TYPE_CHECKING:
    from sandbox.samples.company import Company
    from sandbox.world import World

INDEXED: dict[str, tuple[str, ...]] = {
    "addresses": ("customer",),
    "contactpersons": ("customer",),
    "contactcommunications": ("contact",),
    "customers": ("name_key", "number"),
    "projects": ("customer", "number"),
    "phases": ("project",),
    "products": ("code",),
    "worktypes": ("code",),
    "travelexpensetypes": ("code",),
    "invoices": ("customer", "number", "status", "orderNumber"),
    "invoicerows": ("invoice",),
    "projectfees": ("project", "invoice", "invoiceRow"),
    "projecttravelexpenses": ("project", "invoice", "invoiceRow"),
    "workhours": ("project", "invoice", "invoiceRow"),
    "flatrates": ("project", "invoice"),
    "reimbursed": ("invoice", "invoiceRow"),
    "invoicefiles": ("invoice",),
    "projectfiles": ("project",),
    "invoicesettings": ("invoice",),
    "salesstatushistory": ("project",),
    "countryregions": ("country",),
    "countries": ("code2",),
    "currencies": ("code",),
    "projectbillingcustomers": ("project",),
    "customercountrysettings": ("customer",),
}
PLAIN = (
    *("communicationtypes", "productcategories", "vatrates", "businessunits", "invoicestatuses"),
    *("salesstatustypes", "projectstatustypes", "phasestatustypes", "users", "salesaccounts"),
    *("costaccounts", "costcenters", "bankaccounts", "invoicetemplates", "languages", "timezones"),
    *("files", "deletedprojectfees", "deletedworkhours", "deletedprojecttravelexpenses"),
    *("industries", "pricelists", "leadsources", "contactroles", "overtimes", "cultures"),
    *("travelreimbursements", "deletedphasemembers"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An access or refresh token."""

    organization: Organization
    client_id: str
    scopes: frozenset[str]
    expires: datetime


@dataclass(slots=True, kw_only=True)
class Settings:
    """The organization settings that matter, and the counters behind the series."""

    next_customer_number: int = 1
    next_project_number: int = 1
    next_invoice_number: int = 1
    last_invoice_number: int | None = None
    payment_term: int = 14
    unique_item_codes: bool = True
    set_credit_note_number: bool = False
    rounding: str = "AwayFromZero"
    reference_display: str = "Kid"


class Organization:
    """One Severa organization: its tables, its settings and the bytes of its files."""

    def __init__(self, world: World, company: Company) -> None:
        self.world = world
        self.sample = company
        self.client_id = company.severa.client_id
        self.client_secret = company.severa.client_secret
        self.chance = Random(f"severa-{company.size}-{company.seed}-{company.index}")
        self.guid = self.new_guid()
        self.tables = {name: Table(*indexed) for name, indexed in INDEXED.items()}
        self.tables.update({name: Table() for name in PLAIN})
        self.settings = Settings()
        self.bytes: dict[str, bytes] = {}
        self.home = ""
        self.api_user = ""
        self.orders = 0

    def new_guid(self) -> str:
        """Make a guid that is the same for the same seed and history."""
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    def now(self) -> datetime:
        """Tell the time of the sandbox."""
        return self.world.clock.now()

    def find(self, table: str, guid: str | None) -> Record | None:
        """Find a record of any table."""
        return self.tables[table].get(guid)

    def need(self, table: str, guid: str | None) -> Record:
        """Find a record that must be there.

        Raises `KeyError` when it is not.
        """
        record = self.find(table, guid)
        if record is None:
            raise KeyError(f"{table} {guid}")
        return record

    def insert(self, table: str, values: Record, *, at: datetime | None = None) -> Record:
        """Add a record with a new guid and its audit times."""
        moment = at or self.now()
        audit = {"created": moment, "updated": moment, "by": self.api_user}
        return self.tables[table].add({"guid": self.new_guid(), **audit, **values})

    def update(self, table: str, record: Record, values: Record) -> None:
        """Change a record; its time of change follows."""
        stamp = {"updated": self.now(), "by": self.api_user}
        self.tables[table].change(record, {**stamp, **values})

    def rate(self, code: str) -> Decimal:
        """Give the rate of a currency, home currency per unit."""
        found = self.tables["currencies"].where("code", code)
        return Decimal(found[0]["rate"]) if found else Decimal(1)


@dataclass(slots=True, kw_only=True)
class SeveraState:
    """All organizations of the sandbox and their tokens."""

    seed: int
    organizations: list[Organization] = field(default_factory=list)
    access: dict[str, Token] = field(default_factory=dict)
    refresh: dict[str, Token] = field(default_factory=dict)
    issued: int = 0

    def by_client(self, client_id: str | None) -> Organization | None:
        """Find the organization of a client id."""
        return next((org for org in self.organizations if org.client_id == client_id), None)

    def holding(self, table: str, guid: str) -> tuple[Organization, Record] | None:
        """Find a record of that guid in any organization."""
        for org in self.organizations:
            record = org.find(table, guid)
            if record is not None:
                return org, record
        return None


def as_money(amount: Any, code: str) -> dict[str, Any]:
    """Store an amount with its currency."""
    return {"amount": None if amount is None else Decimal(amount), "currencyCode": code}
