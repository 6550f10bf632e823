"""Project costs: how a journal line of Financials becomes a fee of a Severa project (R223-R232)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from schema.money import cents
from schema.words import CostMode
from worker.vendors.severa import find_amount, money_in

HUNDRED = Decimal(100)
VOID = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a journal batch, with what a cost is made of; `cost` is in base currency."""

    number: int
    account: str
    project: str | None
    project_id: str | None
    cost: Decimal
    text: str
    reference: str
    business_account: str
    kind: str
    attachments: tuple[Mapping[str, Any], ...] = ()


def lines_of(body: Mapping[str, Any]) -> list[Line]:
    """Read the lines of a batch in their order; cost is debit minus credit (R228, Q6)."""
    return [_line(row) for row in body.get("journalTransactionLines") or ()]


def _line(row: Mapping[str, Any]) -> Line:
    project = row.get("project") or {}
    return Line(
        number=int(row.get("lineNumber") or 0),
        account=_text(row, "accountNumber"),
        project=_text(project, "id") or None,
        project_id=_text(project, "internalId") or None,
        cost=amount(row, "debitAmount") - amount(row, "creditAmount"),
        text=_text(row, "transactionDescription"),
        reference=_text(row, "referenceNumber"),
        business_account=_text(row, "customerSupplier"),
        kind=_text(row, "transactionType"),
        attachments=tuple(row.get("attachments") or ()),
    )


def _text(row: Mapping[str, Any], name: str) -> str:
    found = row.get(name)
    return "" if found is None else str(found).strip()


def amount(row: Mapping[str, Any], name: str) -> Decimal:
    """Read an amount that the vendor may have left out."""
    return Decimal(str(row.get(name) or 0))


def date_of(body: Mapping[str, Any]) -> date:
    """Return the transaction date (R225)."""
    return date.fromisoformat(str(body["transactionDate"])[:10])


def batch_key(body: Mapping[str, Any]) -> str:
    """Return the key of a batch: its number is unique within its module only."""
    return f"{_text(body, 'module')}/{_text(body, 'batchNumber')}"


def journal_key(body: Mapping[str, Any], line: int) -> str:
    """Return the key of a line over the whole journal."""
    return f"{batch_key(body)}/{line}"


def description(line: Line, *, name: str | None) -> str:
    """Return the text of cost and file: text, reference, number and name (R109, R224, Q26)."""
    who = " ".join(filter(None, (line.business_account, (name or "").strip())))
    return ", ".join(filter(None, (line.text, line.reference, who)))


def unit_price(cost: Decimal, *, mode: CostMode, percent: Decimal) -> Decimal:
    """Return the price: 0.00 for costs only, else cost times the multiplier (R111-R114)."""
    if mode is CostMode.COSTS_ONLY:
        return Decimal("0.00")
    return cents(cost * percent / HUNDRED)


def mode_of(options: Mapping[str, Any]) -> CostMode:
    """Read the mode from the options of an integration (R110)."""
    return CostMode(options.get("cost_mode") or CostMode.COSTS_ONLY)


def percent_of(options: Mapping[str, Any]) -> Decimal:
    """Read the multiplier in percent; 100 unless a person chose another one."""
    found = options.get("cost_multiplier")
    return HUNDRED if found is None else Decimal(str(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """What is written to Severa for one cost; VAT, type and product are Severa's (R229-R231)."""

    project_guid: str
    day: date
    text: str
    cost: Decimal
    price: Decimal
    currency: str
    billable: bool


def fee_body(fee: Fee) -> dict[str, Any]:
    """Write the body of a project fee; the quantity is always 1 (R226)."""
    return {
        "project": {"guid": fee.project_guid},
        "eventDate": fee.day.isoformat(),
        "description": fee.text,
        "quantity": 1,
        "unitCost": money_in(fee.cost, fee.currency),
        "unitPrice": money_in(fee.price, fee.currency),
        "isBillable": fee.billable,
    }


def same_fee(body: Mapping[str, Any], fee: Fee) -> bool:
    """Tell whether a fee of the project has the same date, cost and description (Q44, Q45)."""
    cost = find_amount(body.get("unitCost"), fee.currency)
    quantity = Decimal(str(1 if body.get("quantity") is None else body["quantity"]))
    return (
        cost is not None
        and cost * quantity == fee.cost
        and str(body.get("eventDate") or "")[:10] == fee.day.isoformat()
        and plain(body.get("description")) == plain(fee.text)
    )


def plain(text: Any) -> str:
    """Return a text with its spaces evened out, so that storage habits do not matter."""
    return " ".join(str(text or "").split())


def words(text: Any) -> frozenset[str]:
    """Return the words of a text that hold a digit: numbers of documents, mostly."""
    cut = "".join(char if char.isalnum() else " " for char in str(text or ""))
    return frozenset(word for word in cut.split() if any(char.isdigit() for char in word))


def unique_files(files: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return attached files once each, in their order."""
    seen: dict[str, Mapping[str, Any]] = {}
    for file in files:
        seen.setdefault(source_of(file), file)
    return list(seen.values())


def source_of(file: Mapping[str, Any]) -> str:
    """Return the key of an attached file; another revision is another content."""
    revision = str(file.get("revision") or 1)
    return str(file.get("id")) if revision == "1" else f"{file.get('id')}@{revision}"
