"""The neutral description of one pair of companies: what both vendors are filled from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Where = Literal["both", "severa", "financials"]
State = Literal["open", "sales", "lost", "closed"]

DOMESTIC_ZONE = "01"
FOREIGN_ZONE = "02"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A street address; `country` is the ISO 3166 two-letter code."""

    lines: tuple[str, ...]
    postal_code: str
    city: str
    country: str
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A contact person of a firm; `salutation` is written as Severa does (`Mr.`)."""

    first_name: str
    last_name: str
    salutation: str
    title: str
    email: str
    mobile: str
    phone: str
    do_not_email: bool
    where: Where


@dataclass(frozen=True, slots=True, kw_only=True)
class Firm:
    """A customer; `number` is Financials' customer number, `severa_number` the one before take-over
    (equal in a matched load). `where` says which side has it in an unmatched load."""

    key: str
    number: int
    severa_number: int
    name: str
    country: str
    corporate_id: str
    vat_number: str
    currency: str
    terms_days: int
    email: str
    website: str
    notes: str
    headquarters: Address
    billing: Address | None
    postal: Address | None
    people: tuple[Person, ...]
    customer_class: str
    vat_zone: str
    active: bool
    where: Where

    @property
    def foreign(self) -> bool:
        """Tell whether no domestic VAT is charged."""
        return self.vat_zone == FOREIGN_ZONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An article; `kind` is Financials' item type, `register` Severa's register."""

    code: str
    name: str
    kind: Literal["NonStockItem", "ServiceItem", "LaborItem", "ExpenseItem"]
    register: Literal["product", "worktype", "travel"]
    item_class: str
    price: Decimal
    cost: Decimal
    vat_category: str
    vat_percent: Decimal
    unit: str
    active: bool
    where: Where


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project or sales case of Severa; `firm` is a firm's key, None for an internal project."""

    number: int
    name: str
    firm: str | None
    state: State
    start: date
    division: str
    order_number: str
    our_reference: str
    your_reference: str
    person: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Payment terms of a fixed number of days."""

    id: str
    days: int
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Currency:
    """A currency; `rate` is home currency per one unit of it."""

    code: str
    name: str
    symbol: str
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One row of the unit table: Severa's text and Financials' code."""

    severa: str
    financials: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VATCategory:
    """A VAT category of Financials with the VAT id that it gives in the domestic zone."""

    id: str
    description: str
    vat_id: str
    percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A branch in Financials; the first one is the company itself."""

    number: str
    name: str
    corporate_id: str
    vat_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """A business unit in Severa; with a VAT number it is a company of its own, with a branch."""

    code: str
    name: str
    vat_number: str | None
    branch: str | None
    parent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """A customer or item class of Financials; `kind` is the item type or VAT zone it stands for."""

    id: str
    description: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplier:
    """A supplier in Financials."""

    number: str
    name: str
    corporate_id: str
    address: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A ledger account in Financials; `kind` is Asset, Liability, Income or Expense."""

    number: str
    description: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeveraLogin:
    """Credentials of the Severa organization."""

    client_id: str
    client_secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FinancialsLogin:
    """Credentials of the Visma.net company; `company_number` is its number in the ERP."""

    client_id: str
    client_secret: str
    tenant_id: str
    company_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A Severa organization and a Visma.net company that belong together."""

    index: int
    seed: int
    size: str
    today: date
    country: str
    name: str
    org_number: str
    vat_number: str
    address: Address
    home: str
    currencies: tuple[Currency, ...]
    terms: tuple[Terms, ...]
    measures: tuple[Measure, ...]
    vat_categories: tuple[VATCategory, ...]
    foreign_vat_id: str
    customer_classes: tuple[Class, ...]
    item_classes: tuple[Class, ...]
    branches: tuple[Branch, ...]
    divisions: tuple[Division, ...]
    accounts: tuple[Account, ...]
    suppliers: tuple[Supplier, ...]
    people: tuple[Person, ...]
    firms: tuple[Firm, ...]
    items: tuple[Item, ...]
    projects: tuple[Project, ...]
    severa: SeveraLogin
    financials: FinancialsLogin


def make_company(
    *, size: str, seed: int, index: int, branches: int = 2, today: date | None = None
) -> Company:
    """Make the sample company of that size, seed and index; the same every time."""
    from sandbox.samples.build import Builder

    return Builder(size=size, seed=seed, index=index, branches=branches, today=today).build()
