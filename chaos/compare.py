"""The verdict: both vendors side by side, joined by order numbers that the sandbox made up.

Neither our mark nor our links nor our mapping take part; of our own tables only the ledger of
numbers is read, because it has to explain every number that Financials gave.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from chaos.quiet import Look
from chaos.vendors import Seen, Vendors

TOLERANCE = Decimal("0.05")
BOOKED = ("Open", "Closed")
_LEDGER = (
    "SELECT number, outcome, kind, explanation, invoice_id IS NOT NULL AS ours FROM number_entry"
)


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What is wrong, one sentence each; empty lists are the aim."""

    lost: list[str] = field(default_factory=list)
    double: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    invoices: int = 0
    deleted: int = 0

    @property
    def clean(self) -> bool:
        """Tell whether nothing is wrong."""
        return not any((self.lost, self.double, self.differing, self.unexplained, self.stuck))


async def compare(*, vendors: Vendors, look: Look, before: set[str], wanted: int) -> Verdict:
    """Compare both sides; `before` holds the document numbers from before the run."""
    severa = [row for row in await vendors.severa_invoices() if row.order.startswith("SO")]
    documents = await vendors.financials_documents()
    numbers = (await vendors.control("GET", "/summary"))["numbers"]
    verdict = Verdict(invoices=len(severa))
    if len(severa) < wanted:
        verdict.lost.append(f"{wanted} invoices were written in Severa, {len(severa)} are there")
    _pair(verdict, severa, documents)
    await _account(verdict, look, documents, numbers, before)
    for name, rows in (await look.stuck()).items():
        verdict.stuck += [f"{name}: {row[:300]}" for row in rows]
    return verdict


def _pair(verdict: Verdict, severa: Iterable[Seen], documents: Iterable[Seen]) -> None:
    by_order: dict[str, list[Seen]] = defaultdict(list)
    for document in documents:
        if document.status != "Voided":
            by_order[document.order].append(document)
    for invoice in severa:
        twins = by_order.get(invoice.order, [])
        booked = [twin for twin in twins if twin.status in BOOKED]
        if not booked:
            states = ", ".join(twin.status for twin in twins) or "nothing"
            verdict.lost.append(f"{invoice.order} ({invoice.status}): {states} in Financials")
        if len(twins) > 1:
            held = ", ".join(f"{twin.number} {twin.status}" for twin in twins)
            verdict.double.append(f"{invoice.order}: {held}")
        if len(booked) == 1:
            verdict.differing += _differences(invoice, booked[0])


def _differences(invoice: Seen, document: Seen) -> list[str]:
    found = []
    if abs(invoice.total - document.total) > TOLERANCE:
        found.append(f"{invoice.order}: {invoice.total} in Severa, {document.total} in Financials")
    if invoice.number != document.number:
        found.append(f"{invoice.order}: number {invoice.number or 'none'}, {document.number} given")
    if invoice.credit != document.credit:
        found.append(f"{invoice.order} is a credit note on one side only")
    paid = document.status == "Closed" and document.balance == 0
    if paid != (invoice.status == "Paid"):
        found.append(
            f"{invoice.order}: {invoice.status} in Severa, {document.status} in Financials"
        )
    return found


async def _account(
    verdict: Verdict,
    look: Look,
    documents: Iterable[Seen],
    numbers: dict[str, list[str]],
    before: set[str],
) -> None:
    ledger: dict[tuple[str, bool], tuple[str, str, bool]] = {}
    outcomes: dict[str, set[str]] = defaultdict(set)
    for row in await look.rows(_LEDGER):
        credit = row["kind"] == "CREDIT_NOTE"
        ledger[row["number"], credit] = (row["outcome"], row["explanation"], row["ours"])
        outcomes[row["number"]].add(row["outcome"])
        if row["outcome"] == "MISSING":
            verdict.unexplained.append(f"{row['number']} is called missing: {row['explanation']}")
    for document in documents:
        entry = ledger.get((document.number, document.credit))
        if document.number in before:
            continue
        if entry is None or entry[0] != "USED" or not entry[2]:
            verdict.unexplained.append(f"{document.number} {document.status}: {entry}")
    for number in numbers["missing"]:
        verdict.unexplained.append(f"{number} was given and is nowhere")
    for number in numbers["deleted"]:
        verdict.deleted += 1
        if "DELETED" not in outcomes[number]:
            verdict.unexplained.append(f"{number} was deleted, the ledger says {outcomes[number]}")
