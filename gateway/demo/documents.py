"""Invoices as the demo sees them through the public API."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gateway.demo.api import Api
from gateway.demo.questions import INVOICES
from schema.words import InvoiceKind, InvoiceState, Side

NUMBERED = frozenset(
    (InvoiceState.NUMBERED, InvoiceState.SENT, InvoiceState.PARTIALLY_PAID, InvoiceState.PAID)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowView:
    """A row with its VAT, and the VAT that Financials would use."""

    description: str
    vat: Decimal | None
    expected_vat: Decimal | None

    @property
    def wrong(self) -> bool:
        """Whether both are known and differ."""
        return None not in (self.vat, self.expected_vat) and self.vat != self.expected_vat


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An invoice or credit note at this moment."""

    id: str
    severa_id: str
    kind: InvoiceKind
    number: str | None
    state: InvoiceState
    currency: str
    total: Decimal
    paid: Decimal | None
    balance: Decimal | None
    problem: tuple[str, str, str] | None
    rows: tuple[RowView, ...]

    @property
    def numbered(self) -> bool:
        """Whether its number is in Severa."""
        return self.state in NUMBERED

    @property
    def name(self) -> str:
        """Its number, or what it is called before it has one."""
        return self.number or f"without number ({self.severa_id[:8]})"


async def documents(api: Api, *, integration: str, severa_ids: list[str]) -> list[Document]:
    """Read invoices by their Severa ids, in that order; unknown ones are left out."""
    data = await api.ask(INVOICES, integration=integration, severaIds=severa_ids)
    found = {one.severa_id: one for one in map(_document, data["invoices"]["nodes"])}
    return [found[one] for one in severa_ids if one in found]


def _document(node: dict[str, Any]) -> Document:
    severa = [link["externalId"] for link in node["links"] if link["side"] == Side.SEVERA]
    return Document(
        id=node["id"],
        severa_id=severa[0],
        kind=InvoiceKind(node["kind"]),
        number=node["number"],
        state=InvoiceState(node["state"]),
        currency=node["currency"],
        total=Decimal(node["totalIncludingVat"]),
        paid=_amount(node["paidAmount"]),
        balance=_amount(node["balance"]),
        problem=_problem(node["issues"]),
        rows=tuple(map(_row, node["rows"])),
    )


def _row(node: dict[str, Any]) -> RowView:
    return RowView(
        description=node["description"] or "",
        vat=_amount(node["vatPercent"]),
        expected_vat=_amount(node["expectedVatPercent"]),
    )


def _problem(issues: list[dict[str, Any]]) -> tuple[str, str, str] | None:
    for issue in issues:
        if issue["resolvedAt"] is None:
            return issue["title"], issue["cause"], issue["nextStep"]
    return None


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
