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
NAMES = ("lost", "double", "differing", "unexplained", "burned", "stuck")
_LEDGER = """
SELECT number, outcome, kind, explanation, invoice_id IS NOT NULL AS ours,
       integration.financials_tenant_id AS tenant
FROM number_entry JOIN integration ON integration.id = number_entry.integration_id
"""


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What is wrong, one sentence each; empty lists are the aim."""

    lost: list[str] = field(default_factory=list)
    double: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    burned: list[str] = field(default_factory=list)
    invoices: int = 0
    deleted: int = 0

    @property
    def clean(self) -> bool:
        """Tell whether nothing is wrong."""
        return not any(getattr(self, name) for name in NAMES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What was there before the run: order numbers of Severa, document numbers of Financials."""

    orders: frozenset[str]
    numbers: frozenset[tuple[int, str]]

    @classmethod
    async def read(cls, vendors: Vendors) -> "Before":
        """Look at both sides."""
        return cls(
            orders=frozenset(row.order for row in await vendors.severa_invoices()),
            numbers=frozenset(
                (row.company, row.number) for row in await vendors.financials_documents()
            ),
        )


async def compare(
    *, vendors: Vendors, look: Look, before: Before, wanted: int, twins: int
) -> Verdict:
    """Compare both sides, what was there before left out.

    A draft is deleted only where a twin of it landed (`twins` of them did); every other deleted
    draft has burned a number.
    """
    severa = [
        row
        for row in await vendors.severa_invoices()
        if row.order.startswith("SO") and row.order not in before.orders
    ]
    documents = await vendors.financials_documents()
    verdict = Verdict(invoices=len(severa))
    if len(severa) < wanted:
        verdict.lost.append(f"{wanted} invoices were written in Severa, {len(severa)} are there")
    _pair(verdict, severa, documents)
    ledger = await Ledger.read(look, vendors)
    verdict.unexplained += ledger.missing
    fresh = [row for row in documents if (row.company, row.number) not in before.numbers]
    verdict.unexplained += list(filter(None, map(ledger.living, fresh)))
    for place in range(len(vendors.companies)):
        numbers = (await vendors.control("GET", f"/summary?company={place}"))["numbers"]
        verdict.deleted += len(numbers["deleted"])
        verdict.unexplained += ledger.gone(place, numbers)
    if verdict.deleted > twins:
        verdict.burned.append(f"{verdict.deleted} drafts were deleted for {twins} late twins")
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
    if invoice.company != document.company:
        found.append(f"{invoice.order} is booked in another company")
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


@dataclass(slots=True, kw_only=True)
class Ledger:
    """What the gateway says of document numbers, by company, number and kind."""

    entries: dict[tuple[int, str, bool], tuple[str, str, bool]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    @classmethod
    async def read(cls, look: Look, vendors: Vendors) -> "Ledger":
        """Read the number ledger."""
        places = {row["financials"]["tenantId"]: i for i, row in enumerate(vendors.companies)}
        made = cls()
        for row in await look.rows(_LEDGER):
            key = (places[row["tenant"]], row["number"], row["kind"] == "CREDIT_NOTE")
            made.entries[key] = (row["outcome"], row["explanation"], row["ours"])
            if row["outcome"] == "MISSING":
                made.missing.append(f"{row['number']} is called missing: {row['explanation']}")
        return made

    def living(self, document: Seen) -> str | None:
        """Say what is wrong with the entry of a document that is there."""
        entry = self.entries.get((document.company, document.number, document.credit))
        if entry is not None and entry[0] == "USED" and entry[2]:
            return None
        return f"{document.number} {document.status}: {entry}"

    def gone(self, place: int, numbers: dict[str, list[str]]) -> list[str]:
        """Say which numbers were given, are not there any more, and are not explained."""
        found = [f"{number} was given and is nowhere" for number in numbers["missing"]]
        for number in numbers["deleted"]:
            entries = [self.entries.get((place, number, credit)) for credit in (False, True)]
            if not any(entry is not None and entry[0] == "DELETED" for entry in entries):
                found.append(f"{number} was deleted, the ledger says {entries}")
        return found
