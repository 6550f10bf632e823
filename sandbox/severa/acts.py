"""What people do in Severa that no public operation does: batches of invoices, edits, deletions."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from itertools import islice
from random import Random
from typing import Any

from sandbox.severa import invoice as rules
from sandbox.severa.amounts import convert
from sandbox.severa.credit import reimburse
from sandbox.severa.crud import create
from sandbox.severa.entry import FEES, HOURS, TRAVELS, currency_of, default_vat, standard_vat
from sandbox.severa.file import add_file
from sandbox.severa.pdf import text_pdf
from sandbox.severa.project import sales_state
from sandbox.severa.state import Organization, as_money
from sandbox.severa.table import Record

QUANTITIES = tuple(Decimal(text) for text in ("1", "2", "3", "1.5", "0.5", "4", "7.5", "10"))
ITEMS_USED = 120


def create_invoices(
    org: Organization, *, count: int, mismatched: int = 0, credit_notes: int = 0
) -> dict[str, list[str]]:
    """Make invoices, and credit notes in addition, in the transfer status."""
    maker = _Maker(org)
    status = rules.transfer_status(org)
    invoices = [
        maker.invoice(place, status=status, mismatched=place >= count - mismatched)
        for place in range(count)
    ]
    good = invoices[: max(count - mismatched, 0)]
    notes = [maker.credit_note(original) for original in _originals(org, good, credit_notes)]
    while len(notes) < credit_notes:
        notes.append(maker.loose_credit_note(len(notes)))
    return {
        "invoices": [row["guid"] for row in invoices],
        "creditNotes": [row["guid"] for row in notes],
    }


def create_drafts(org: Organization, *, count: int) -> None:
    """Make invoices that nobody has approved yet."""
    maker = _Maker(org)
    for place in range(count):
        maker.invoice(place, status=rules.default_status(org))


def _originals(org: Organization, made: list[Record], count: int) -> list[Record]:
    """Choose what to credit: sent invoices first, then those just made."""
    sent = (
        row
        for row in org.tables["invoices"]
        if rules.status_of(org, row)["isSent"] and _can_be_credited(row)
    )
    chosen = list(islice(sent, count))
    return chosen + [row for row in made if _can_be_credited(row)][: count - len(chosen)]


def _can_be_credited(row: Record) -> bool:
    return not row["isCreditNote"] and row["creditNoteInvoice"] is None and row["gross"] > 0


def next_order_number(org: Organization) -> str:
    """Give an order number that no other invoice of the sandbox has."""
    org.orders += 1
    number = f"SO{org.world.seed}-{org.sample.index + 1}-{org.orders:06d}"
    org.world.order_numbers.add(number)
    return number


class _Maker:
    def __init__(self, org: Organization) -> None:
        self._org = org
        self._base = org.orders
        self._chance = Random(f"invoices-{org.world.seed}-{org.sample.index}-{org.orders}")
        shared = {item.code for item in org.sample.items if item.where == "both" and item.active}
        self._products = [
            row
            for row in islice(org.tables["products"], ITEMS_USED)
            if row["code"] in shared and row["isActive"]
        ]
        self._projects = {True: self._open(foreign=True), False: self._open(foreign=False)}
        self._shared = shared

    def _open(self, *, foreign: bool) -> list[Record]:
        org = self._org
        return [
            row
            for row in org.tables["projects"]
            if not row["isInternal"]
            and not row["isClosed"]
            and sales_state(org, row) == "Won"
            and org.need("customers", row["customer"])["isActive"]
            and (default_vat(org, row) is not None) == foreign
        ]

    def _project(self, place: int) -> Record:
        foreign = place % 5 == 4 and bool(self._projects[True])
        pool = self._projects[foreign] or self._projects[not foreign]
        return pool[(place // 5 if foreign else place) % len(pool)]

    def invoice(self, place: int, *, status: Record, mismatched: bool = False) -> Record:
        """Make one invoice with rows of two VAT rates, ring the doorbell."""
        org = self._org
        project = self._project(place + self._base)
        fees = [self._fee(project, product) for product in self._choose(place)]
        more: Record = {"orderNumber": next_order_number(org)}
        if place % 3 == 0:
            more["freeText1"] = "Thank you for the good work together."
        if place % 4 == 0:
            more["notes"] = "Hours are listed in the appendix."
        made = rules.bill(org, [project], fees=fees, status=status["guid"], more=more)
        assert made is not None
        self._add_entries(made, project, place)
        if place % 4 == 3:
            self._attach(made)
        if mismatched:
            self._spoil(made)
        rules.recount(org, made)
        rules.ring(org, made)
        return made

    def _choose(self, place: int) -> list[Record]:
        """Choose two to four products, at least two VAT rates among them."""
        rates = sorted({row["vatRate"] for row in self._products}, reverse=True)
        chosen = []
        for rate in rates[:2]:
            chosen.append(self._chance.choice([r for r in self._products if r["vatRate"] == rate]))
        chosen += [self._chance.choice(self._products) for _ in range(place % 3)]
        return chosen

    def _price(self, value: Record, project: Record) -> Record:
        """Give a price in the project's currency, a multiple of four so that cents are exact."""
        code = currency_of(self._org, project)
        amount = convert(self._org, value, code)["amount"]
        whole = (amount / 4).quantize(Decimal(1), rounding=ROUND_HALF_UP) * 4
        return as_money(max(whole, Decimal(4)), code)

    def _fee(self, project: Record, product: Record) -> Record:
        body = {
            "project": {"guid": project["guid"]},
            "product": {"guid": product["guid"]},
            "quantity": self._chance.choice(QUANTITIES),
            "unitPrice": self._price(product["unitPrice"], project),
            "invoiceRowDescription": product["name"],
            "name": product["name"],
        }
        return create(self._org, FEES, body)

    def _add_entries(self, invoice: Record, project: Record, place: int) -> None:
        """Put work hours on every fourth invoice and travel on every sixth."""
        org = self._org
        if place % 4 == 2:
            kind = next(r for r in org.tables["worktypes"] if r["code"] in self._shared)
            self._add_hours(invoice, project, kind)
        if place % 6 == 5:
            kind = next(r for r in org.tables["travelexpensetypes"] if r["code"] in self._shared)
            self._add_travel(invoice, project, kind)

    def _entry(self, project: Record) -> dict[str, Any]:
        return {
            "project": {"guid": project["guid"]},
            "phase": {"guid": project["rootPhase"]},
            "user": {"guid": project["projectOwner"]},
            "quantity": self._chance.choice(QUANTITIES),
            "eventDate": self._org.now().date().isoformat(),
        }

    def _add_hours(self, invoice: Record, project: Record, kind: Record) -> None:
        org = self._org
        price = self._price(as_money(kind["hourCost"]["amount"] * 2, org.home), project)
        body = {**self._entry(project), "workType": {"guid": kind["guid"]}, "unitPrice": price}
        entry = create(org, HOURS, body, project=project["guid"])
        unit = next(i.unit for i in org.sample.items if i.code == kind["code"])
        vat = default_vat(org, project)
        self._behind(
            invoice,
            entry,
            table="workhours",
            kind="Hours",
            item=kind,
            vat=standard_vat(org) if vat is None else vat,
            unit=unit,
        )

    def _add_travel(self, invoice: Record, project: Record, kind: Record) -> None:
        price = self._price(kind["unitCost"], project)
        body = {**self._entry(project), "travelExpense": {"guid": kind["guid"]}, "unitPrice": price}
        entry = create(self._org, TRAVELS, body)
        self._behind(
            invoice, entry, table="projecttravelexpenses", kind="TravelExpenses", item=kind
        )

    def _behind(
        self,
        invoice: Record,
        entry: Record,
        *,
        table: str,
        kind: str,
        item: Record,
        vat: Decimal | None = None,
        unit: str | None = None,
    ) -> None:
        """Put an entry on the invoice as a row of its own."""
        org = self._org
        row = rules.add_row(
            org,
            invoice,
            place=len(rules.rows_of(org, invoice)),
            kind=kind,
            code=item["code"],
            description=item["name"],
            entry=entry,
            vat=vat,
            unit=unit,
        )
        org.update(table, entry, {"invoice": invoice["guid"], "invoiceRow": row["guid"]})

    def _attach(self, invoice: Record) -> None:
        add_file(
            self._org,
            table="invoicefiles",
            owner=invoice,
            name=f"timesheet-{invoice['orderNumber']}.pdf",
            content=text_pdf(["Time sheet", f"Order {invoice['orderNumber']}"]),
            media_type="application/pdf",
            description="Time sheet",
        )

    def _spoil(self, invoice: Record) -> None:
        """Give the dearest row a VAT percentage that the ledger would not use for it."""
        org = self._org
        rows = rules.rows_of(org, invoice)
        dearest = max(rows, key=lambda row: row["unitPrice"]["amount"] * row["quantity"])
        rates = sorted({row["percentage"] for row in org.tables["vatrates"]}, reverse=True)
        wrong = next(rate for rate in rates if rate != dearest["vatRate"])
        org.update("invoicerows", dearest, {"vatRate": wrong})

    def credit_note(self, original: Record) -> Record:
        """Reimburse an invoice and set the note to the transfer status."""
        org = self._org
        note = reimburse(org, original, order_number=next_order_number(org))
        if note["status"] != rules.transfer_status(org)["guid"]:
            rules.set_status(org, note, rules.transfer_status(org))
        return note

    def loose_credit_note(self, place: int) -> Record:
        """Make a credit note by hand, without an original."""
        org = self._org
        project = self._project(place)
        fees = [self._fee(project, product) for product in self._choose(0)]
        more: Record = {"orderNumber": next_order_number(org), "isCreditNote": True}
        status = rules.transfer_status(org)["guid"]
        note = rules.bill(org, [project], fees=fees, status=status, more=more)
        assert note is not None
        for row in rules.rows_of(org, note):
            org.update("invoicerows", row, {"quantity": -row["quantity"]})
        rules.recount(org, note)
        rules.ring(org, note)
        return note


def press_reimburse(org: Organization, invoice: Record) -> Record:
    """Press Reimburse on an invoice; the credit note gets an order number of its own."""
    return reimburse(org, invoice, order_number=next_order_number(org))


def summary(org: Organization) -> dict[str, Any]:
    """Count invoices by status and sum their totals by currency."""
    by_status: dict[str, int] = {}
    totals: dict[str, Decimal] = {}
    for row in org.tables["invoices"]:
        name = rules.status_of(org, row)["name"]
        by_status[name] = by_status.get(name, 0) + 1
        code = org.need("currencies", row["currency"])["code"]
        totals[code] = totals.get(code, Decimal(0)) + row["gross"]
    return {"byStatus": by_status, "totals": totals}
