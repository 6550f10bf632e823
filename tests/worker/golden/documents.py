"""Reads the golden documents, and says what each of them expects."""

import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

RATES = {"RADGIV": Decimal(25), "SERVER": Decimal(15), "BILLETT": Decimal(12)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row: item, quantity, price, and the VAT that Severa has."""

    item: str
    quantity: Decimal
    price: Decimal
    percent: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Golden:
    """A document with totals that were worked out by hand."""

    name: str
    rows: tuple[Entry, ...]
    net: Decimal
    vat: Decimal
    total: Decimal
    financials: tuple[Decimal, Decimal, Decimal]
    base: Decimal | None
    difference: Decimal | None
    refused: dict[int, Decimal]
    raw: dict[str, Any]

    @property
    def ways(self) -> tuple[str, str, str]:
        """The ways of rounding VAT, in the order of `financials`."""
        return ("line", "vat_id", "document")

    @property
    def zone(self) -> str:
        """Where the customer is: home, abroad or reverse."""
        return str(self.raw.get("zone", "home"))

    @property
    def in_ledger(self) -> Decimal:
        """The total in Financials for the way of rounding that the document asks for."""
        return self.financials[self.ways.index(self.rounding)]

    @property
    def rounding(self) -> str:
        """The way in which the ledger rounds VAT."""
        return str(self.raw.get("rounding", "vat_id"))

    @property
    def is_refused(self) -> bool:
        """Tell whether nothing may stay in Financials."""
        return "refused" in self.raw

    def flag(self, name: str) -> bool:
        """Return a mark of the document."""
        return bool(self.raw.get(name))


def documents() -> list[Golden]:
    """Return every golden document."""
    text = Path(__file__).with_name("documents.json").read_text(encoding="utf-8")
    return [_golden(raw) for raw in json.loads(text)["documents"]]


def _golden(raw: dict[str, Any]) -> Golden:
    net, vat, total = map(Decimal, raw["severa"])
    one, two, three = map(Decimal, raw["financials"])
    return Golden(
        name=raw["name"],
        rows=tuple(_entry(row) for row in raw["rows"]) * raw.get("repeat", 1),
        net=net,
        vat=vat,
        total=total,
        financials=(one, two, three),
        base=Decimal(raw["base"]) if "base" in raw else None,
        difference=Decimal(raw["difference"]) if "difference" in raw else None,
        refused={int(row): Decimal(rate) for row, rate in raw.get("refused", {}).items()},
        raw=raw,
    )


def _entry(row: list[str | None]) -> Entry:
    item, quantity, price, percent = row
    return Entry(
        item=str(item),
        quantity=Decimal(str(quantity)),
        price=Decimal(str(price)),
        percent=None if percent is None else Decimal(percent),
    )
