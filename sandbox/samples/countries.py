"""What a country's ledger looks like: currencies, terms, units, VAT, classes and accounts."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sandbox.samples.company import (
    DOMESTIC_ZONE,
    FOREIGN_ZONE,
    Account,
    Class,
    Currency,
    Measure,
    Terms,
    VATCategory,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """The home of a sample company; its first currency is the home currency."""

    code: str
    currencies: tuple[Currency, ...]
    terms: tuple[Terms, ...]
    measures: tuple[Measure, ...]
    vat_categories: tuple[VATCategory, ...]
    foreign_vat_id: str
    customer_classes: tuple[Class, ...]
    item_classes: tuple[Class, ...]
    accounts: tuple[Account, ...]


ITEM_CLASSES = (
    Class(id="NONSTOCK", description="Non-stock items", kind="NonStockItem"),
    Class(id="SERVICE", description="Services", kind="ServiceItem"),
    Class(id="LABOR", description="Work", kind="LaborItem"),
    Class(id="EXPENSE", description="Travel expenses", kind="ExpenseItem"),
)
CUSTOMER_CLASSES = (
    Class(id="DOMESTIC", description="Domestic customers", kind=DOMESTIC_ZONE),
    Class(id="FOREIGN", description="Customers abroad", kind=FOREIGN_ZONE),
)
ACCOUNTS = (
    Account(number="1500", description="Accounts receivable", kind="Asset"),
    Account(number="1920", description="Bank", kind="Asset"),
    Account(number="2400", description="Accounts payable", kind="Liability"),
    Account(number="2700", description="Output VAT", kind="Liability"),
    Account(number="2710", description="Input VAT", kind="Liability"),
    Account(number="3000", description="Sales", kind="Income"),
    Account(number="3100", description="Sales abroad", kind="Income"),
    Account(number="4300", description="Goods and subcontracting", kind="Expense"),
    Account(number="6500", description="Tools and equipment", kind="Expense"),
    Account(number="7100", description="Travel", kind="Expense"),
)


def _terms(*days: int) -> tuple[Terms, ...]:
    return tuple(Terms(id=f"{n:02d}", days=n, description=f"{n} days net") for n in days)


def _measures(*names: str) -> tuple[Measure, ...]:
    return tuple(Measure(severa=name, financials=name.upper()) for name in names)


def _categories(*rows: tuple[str, str, str]) -> tuple[VATCategory, ...]:
    return tuple(
        VATCategory(id=id_, description=f"VAT {percent} %", vat_id=vat_id, percent=Decimal(percent))
        for id_, vat_id, percent in rows
    )


def _country(
    code: str,
    *,
    currencies: tuple[Currency, ...],
    measures: tuple[Measure, ...],
    vat: tuple[VATCategory, ...],
) -> Country:
    return Country(
        code=code,
        currencies=currencies,
        terms=_terms(14, 30, 10),
        measures=measures,
        vat_categories=vat,
        foreign_vat_id="52",
        customer_classes=CUSTOMER_CLASSES,
        item_classes=ITEM_CLASSES,
        accounts=ACCOUNTS,
    )


COUNTRIES = (
    _country(
        "NO",
        currencies=(
            Currency(code="NOK", name="Norwegian krone", symbol="kr", rate=Decimal(1)),
            Currency(code="EUR", name="Euro", symbol="€", rate=Decimal("11.62")),
        ),
        measures=_measures("stk", "timer", "dag", "km"),
        vat=_categories(("HIGH", "3", "25"), ("MEDIUM", "31", "15"), ("LOW", "33", "12")),
    ),
    _country(
        "SE",
        currencies=(
            Currency(code="SEK", name="Swedish krona", symbol="kr", rate=Decimal(1)),
            Currency(code="EUR", name="Euro", symbol="€", rate=Decimal("11.04")),
        ),
        measures=_measures("st", "tim", "dag", "km"),
        vat=_categories(("HIGH", "05", "25"), ("MEDIUM", "06", "12"), ("LOW", "07", "6")),
    ),
    _country(
        "FI",
        currencies=(
            Currency(code="EUR", name="Euro", symbol="€", rate=Decimal(1)),
            Currency(code="SEK", name="Swedish krona", symbol="kr", rate=Decimal("0.0904")),
        ),
        measures=_measures("kpl", "h", "pv", "km"),
        vat=_categories(("HIGH", "1", "25.5"), ("MEDIUM", "2", "14"), ("LOW", "4", "10")),
    ),
)
