"""What bookkeepers and suppliers do in Financials, and the fees that Severa shows for it."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sandbox.financials import control, journal, supplier
from sandbox.financials import project as projects
from sandbox.financials.attachment import attach_content
from sandbox.financials.rows import BatchRow, SupplierInvoiceRow
from sandbox.financials.state import LedgerCompany
from sandbox.severa.crud import create
from sandbox.severa.entry import FEES
from sandbox.severa.file import add_file
from sandbox.severa.state import Organization
from sandbox.severa.table import Record
from sandbox.world import World
from schema.models import Link, Project
from schema.words import ProjectStatus, Side
from tests.worker.pair import Pair


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line; `project` is the place of one of the two known projects, `code` any other one."""

    text: str = "Work"
    amount: str = "100"
    project: int | None = 0
    code: str | None = None
    account: str | None = None
    files: tuple[tuple[str, bytes], ...] = ()


@dataclass(kw_only=True)
class Books:
    """The books of the sample company."""

    world: World
    places: list[tuple[str, str]]

    @classmethod
    async def opened(cls, pair: Pair) -> "Books":
        """Choose two open projects that both sides know."""
        found: list[tuple[str, str]] = []
        books = cls(world=pair.world, places=found)
        for project in await Project.filter(status=ProjectStatus.ACTIVE).order_by("number"):
            links = {link.side: link for link in await Link.filter(record_id=project.id)}
            if len(links) < 2:
                continue
            code = links[Side.FINANCIALS.value].external_id
            row = books.ledger.projects.get(code)
            if row is not None and row.dto["status"] == "Active" and "10" in row.tasks:
                found.append((code, str(links[Side.SEVERA.value].internal_id)))
        assert len(found) >= 2
        del found[2:]
        return books

    @property
    def ledger(self) -> LedgerCompany:
        """The Visma.net company."""
        return control.own(self.world, self.world.companies[0])

    @property
    def org(self) -> Organization:
        """The Severa organization."""
        return self.world.severa.organizations[0]

    @property
    def base(self) -> str:
        """The base currency."""
        return str(self.ledger.base_currency)

    @property
    def expense(self) -> str:
        """The account that costs are booked on."""
        return self.account("Expense")

    def account(self, kind: str) -> str:
        """Return the first account of a type."""
        return next(str(row.key) for row in self.ledger.accounts if row.dto["type"] == kind)

    def day(self) -> date:
        """Return today as the ledger has it."""
        return date.fromisoformat(self.ledger.today()[:10])

    def guid(self, place: int = 0) -> str:
        """Return the guid of a known project in Severa."""
        return self.places[place][1]

    def _code(self, row: Row) -> str | None:
        if row.code is not None or row.project is None:
            return row.code
        return self.places[row.project][0]

    # What is booked in Financials.

    def invoice(
        self,
        *rows: Row,
        files: Iterable[tuple[str, bytes]] = (),
        release: bool = True,
        day: date | None = None,
        currency: str | None = None,
        rate: str | None = None,
    ) -> SupplierInvoiceRow:
        """Enter a supplier invoice with its files."""
        rows = rows or (Row(),)
        fields: dict[str, Any] = {
            "supplierNumber": next(iter(self.ledger.suppliers)).key,
            "description": "Supplier invoice",
            "hold": False,
            "invoiceLines": [self._supplier_line(row) for row in rows],
        }
        if day is not None:
            fields["date"] = f"{day}T00:00:00"
        if currency is not None:
            fields |= {"currencyId": currency, "exchangeRate": Decimal(str(rate))}
        made = supplier.create(self.ledger, fields)
        self.attach(made.attachments, files)
        for row, line in zip(rows, made.dto["invoiceLines"], strict=True):
            self.attach(line["attachments"], row.files)
        if release:
            self.release(made)
        return made

    def _supplier_line(self, row: Row) -> dict[str, Any]:
        line: dict[str, Any] = {
            "transactionDescription": row.text,
            "quantity": Decimal(1),
            "unitCostInCurrency": Decimal(row.amount),
            "accountNumber": row.account or self.expense,
        }
        code = self._code(row)
        return line if code is None else {**line, "projectId": code, "projectTaskId": "10"}

    def attach(self, shown: list[Any], files: Iterable[tuple[str, bytes]]) -> None:
        """Attach files to a list of attachments."""
        for name, content in files:
            attach_content(
                self.ledger, shown, name=name, media_type="application/pdf", content=content
            )

    def release(self, made: SupplierInvoiceRow) -> None:
        """Release a supplier invoice into the journal."""
        supplier.release(self.ledger, made)

    def void(self, made: SupplierInvoiceRow) -> None:
        """Void a released supplier invoice."""
        supplier.void(self.ledger, made)

    def reverse(self, made: SupplierInvoiceRow) -> None:
        """Reverse a released supplier invoice by a debit adjustment, and release that."""
        supplier.release(self.ledger, supplier.reverse(self.ledger, made))

    def journal(self, *rows: Row, files: Iterable[tuple[str, bytes]] = ()) -> BatchRow:
        """Post a journal batch; a line of the bank balances it."""
        lines = [self._journal_line(row) for row in rows]
        total = sum((Decimal(row.amount) for row in rows), Decimal(0))
        if total:
            side = "credit" if total > 0 else "debit"
            bank = self.account("Liability")
            lines.append({"accountNumber": bank, f"{side}AmountInCurrency": abs(total)})
        batch = journal.create(self.ledger, {"journalTransactionLines": lines})
        self.attach(batch.attachments, files)
        for row, line in zip(rows, batch.lines, strict=False):
            self.attach(line["attachments"], row.files)
        journal.release(self.ledger, batch)
        return batch

    def _journal_line(self, row: Row) -> dict[str, Any]:
        amount = Decimal(row.amount)
        side = "debit" if amount >= 0 else "credit"
        line: dict[str, Any] = {
            "accountNumber": row.account or self.expense,
            f"{side}AmountInCurrency": abs(amount),
            "transactionDescription": row.text,
        }
        code = self._code(row)
        return line if code is None else {**line, "project": code, "projectTask": "10"}

    def void_batch(self, batch: BatchRow) -> None:
        """Void a posted batch."""
        batch.dto["status"] = "Voided"
        self.ledger.touch(self.ledger.batches, batch)

    def lone_project(self) -> str:
        """Enter a project that only Financials has."""
        fields = {"projectID": "9901", "description": "Only here", "template": "Z", "hold": False}
        made = projects.create(self.ledger, {**fields, "startDate": f"{self.day()}T00:00:00"})
        for task in made.tasks.values():
            task.dto["status"] = "Active"
        made.dto["status"] = "Active"
        return str(made.key)

    # What stands in Severa.

    def fees(self, place: int = 0) -> list[Record]:
        """List the fees of a known project with a text; those of the sample have none."""
        rows = self.org.tables["projectfees"].where("project", self.guid(place))
        return [row for row in rows if row["description"]]

    def fee(self) -> Record:
        """Return the one fee of the first project."""
        found = self.fees()
        assert len(found) == 1, found
        return found[0]

    def own_fee(self, *, text: str, amount: str, day: str) -> Record:
        """Create a fee as the vendor's own integration did."""
        return create(
            self.org,
            FEES,
            {
                "project": {"guid": self.guid()},
                "description": text,
                "eventDate": day,
                "quantity": Decimal(1),
                "unitCost": {"amount": Decimal(amount), "currencyCode": self.base},
                "unitPrice": {"amount": Decimal("45"), "currencyCode": self.base},
            },
        )

    def bill(self, fee: Record) -> None:
        """Put a fee on an invoice."""
        invoice = next(iter(self.org.tables["invoices"]))
        self.org.update("projectfees", fee, {"invoice": invoice["guid"]})

    def files(self, place: int = 0) -> list[Record]:
        """List the files of a known project."""
        return list(self.org.tables["projectfiles"].where("project", self.guid(place)))

    def own_file(self, name: str, content: bytes) -> Record:
        """Attach a file to the first project as the vendor's own integration did."""
        return add_file(
            self.org,
            table="projectfiles",
            owner=self.org.need("projects", self.guid()),
            name=name,
            content=content,
            media_type="application/pdf",
        )

    async def wait(self, pair: Pair) -> None:
        """Wait until the outcome of a write can be looked up."""
        await asyncio.sleep(pair.settings.execution_limit.total_seconds() + 0.1)
        await self.world.settle()


def amounts(fees: Iterable[Record]) -> dict[str, str]:
    """Return the cost of fees by the beginning of their text."""
    return {fee["description"].split(",")[0]: f"{fee['unitCost']['amount']:.2f}" for fee in fees}
