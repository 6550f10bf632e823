"""The story of the demo: records are synced, invoices reach the books, one is refused and
corrected, customers pay. Every step can be told again after an interruption.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from gateway.demo.api import Api, ApiFailed
from gateway.demo.control import Control
from gateway.demo.documents import Document, documents
from gateway.demo.patience import Patience, Stuck
from gateway.demo.person import Person
from gateway.demo.progress import Told
from gateway.demo.questions import RETRY
from gateway.demo.screen import Screen
from gateway.demo.sync_run import follow, say, start_sync
from schema.words import InvoiceKind, InvoiceState

INVOICES, MISMATCHED, CREDIT_NOTES = 24, 1, 2
IN_PART = 2
SHARE = Decimal("0.4")
_KINDS = ((InvoiceKind.INVOICE, "invoices"), (InvoiceKind.CREDIT_NOTE, "credit notes"))
_PAUSE = 0.3
_NUDGE_AFTER = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Tells the story with the means of ordinary clients."""

    api: Api
    control: Control
    person: Person
    screen: Screen
    told: Told
    integration: str
    limit: float

    nudge_after: ClassVar[float] = _NUDGE_AFTER

    async def tell(self) -> None:
        """Tell what has not been told yet; raises Stuck with a reason."""
        await self.first_sync()
        await self.bill()
        await self.number()
        await self.correct()
        await self.pay()
        await self.settle()

    async def first_sync(self) -> None:
        """Bring both systems in step (R31, R44, R54)."""
        self.screen.title("The first sync")
        if self.told.first_sync:
            self.screen.line("  It was run before.")
            return
        run = await start_sync(self.api, integration=self.integration)
        node = await follow(
            self.api, run=run, screen=self.screen, patience=self._patience("the first sync")
        )
        say(node, screen=self.screen)
        self.screen.line(f"  The run ended as {node['state']}.")
        self.told.first_sync = True
        self.told.save()

    async def bill(self) -> None:
        """Somebody bills projects in Severa and sets the transfer status (R65, R134)."""
        self.screen.title("Invoices from Severa into the books")
        if self.told.invoices:
            return
        made = await self.control.bill(
            count=INVOICES, mismatched=MISMATCHED, credit_notes=CREDIT_NOTES
        )
        self.told.invoices, self.told.credit_notes = made["invoices"], made["creditNotes"]
        self.told.save()
        self.screen.line(
            f"  Severa has {len(made['invoices'])} new invoices, {MISMATCHED} of them with a wrong "
            f"VAT percentage, and {len(made['creditNotes'])} credit notes; it rings our doorbell."
        )

    async def number(self) -> None:
        """Watch Financials number them (R68); the mismatched one is refused (R74, R75)."""
        found = await self._watch(
            "numbered or refused", lambda one: one.numbered or one.state is InvoiceState.FAILED
        )
        if not self.told.mismatch:
            for kind, word in _KINDS:
                self.screen.line(f"  {_series(found, kind=kind, word=word)}")
            self._note_mismatch(found)

    def _note_mismatch(self, found: list[Document]) -> None:
        failed = [one for one in found if one.state is InvoiceState.FAILED]
        if not failed or failed[0].problem is None:
            raise Stuck("No invoice was refused, although one has a wrong VAT percentage.")
        title, cause, step = failed[0].problem
        self.told.mismatch = {"severaId": failed[0].severa_id, "issue": title, "cause": cause}
        self.told.passed(InvoiceState.FAILED)
        self.screen.line(f"  Refused: {title} {cause}")
        self.screen.line(f"  What helps: {step}")

    async def correct(self) -> None:
        """A person corrects the VAT percentage in Severa and asks for a retry (R77, Q56)."""
        [document] = await self._read([self.told.mismatch["severaId"]])
        if document.state is InvoiceState.FAILED:
            self.screen.title("A person corrects the refused invoice")
            await self._correct_rows(document)
            await self._retry(document)
        [document] = await self._watch(
            "numbered", lambda one: one.numbered, ids=[document.severa_id], spot=True
        )
        self.told.passed(InvoiceState.NUMBERED)
        self.screen.line(f"  The corrected invoice is booked as {document.number}.")

    async def _correct_rows(self, document: Document) -> None:
        rows = await self.person.rows(document.severa_id)
        for row, view in zip(rows, document.rows, strict=True):
            if view.wrong and view.expected_vat is not None:
                await self.person.set_vat(row["guid"], percent=view.expected_vat)
                fix = f"{_percent(view.vat)} becomes {_percent(view.expected_vat)}"
                self.told.mismatch["fix"] = fix
                self.screen.line(f"  In Severa, VAT of the row {view.description!r}: {fix}.")
        self.told.save()

    async def _retry(self, document: Document) -> None:
        answer = (await self.api.ask(RETRY, input={"invoiceId": document.id}))["retryInvoice"]
        if answer["userErrors"]:
            raise ApiFailed(f"No retry: {answer['userErrors'][0]['message']}")
        self.screen.line("  retryInvoice asks the gateway to try it again.")

    async def pay(self) -> None:
        """Customers pay in Financials: most in full, some in part (R63)."""
        self.screen.title("Customers pay")
        await self._see_credits()
        for document in await self._read(self.told.invoices):
            await self._pay_one(document, in_part=len(self.told.paid_in_part) < IN_PART)
        self.screen.line(
            f"  In Financials {len(self.told.paid)} invoices are paid in full and "
            f"{len(self.told.paid_in_part)} in part."
        )

    async def _see_credits(self) -> None:
        """Let credit notes settle their invoices first: nobody pays what was credited (Q40)."""
        if self.told.paid or self.told.paid_in_part:
            return
        await self._watch("credit notes applied", _applied, ids=self.told.credit_notes)
        patience = self._patience("the step 'credited invoices closed'")
        while await self._open() > len(self.told.invoices) - len(self.told.credit_notes):
            patience.check("an invoice is open although it was credited")
            run = await start_sync(self.api, integration=self.integration)
            await follow(self.api, run=run, screen=self.screen, patience=patience)

    async def _open(self) -> int:
        return sum(one.balance != 0 for one in await self._read(self.told.invoices))

    async def _pay_one(self, document: Document, *, in_part: bool) -> None:
        number = document.number or ""
        if number in self.told.paid + self.told.paid_in_part or document.balance == 0:
            return  # A credit note has settled it, or it was paid before.
        if in_part:
            await self.control.pay(reference=number, share=SHARE)
            self.told.paid_in_part.append(number)
        else:
            await self.control.pay(reference=number)
            self.told.paid.append(number)
        self.told.save()

    async def settle(self) -> None:
        """Watch the payments come back to Severa (R71)."""
        part = set(self.told.paid_in_part)
        found = await self._watch("settled", lambda one: _settled(one, part))
        wrong = [one for one in found if one.severa_id == self.told.mismatch["severaId"]]
        self.told.passed(wrong[0].state)
        self.told.settled = True
        self.told.save()
        states = [one.state for one in found if one.kind is InvoiceKind.INVOICE]
        notes = [one for one in found if one.kind is InvoiceKind.CREDIT_NOTE]
        applied = sum(one.balance == 0 for one in notes)
        self.screen.line(
            f"  Severa shows {states.count(InvoiceState.PAID)} invoices as paid and "
            f"{states.count(InvoiceState.PARTIALLY_PAID)} as partially paid; "
            f"{applied} of {len(notes)} credit notes are applied to their invoices."
        )

    async def _watch(
        self,
        word: str,
        good: Callable[[Document], bool],
        *,
        ids: list[str] | None = None,
        spot: bool = False,
    ) -> list[Document]:
        """Wait until documents are as wanted; a sync is asked for when nothing moves."""
        ids = ids or self.told.all
        patience = self._patience(f"the step {word!r}")
        moved_at, before = time.monotonic(), -1
        with self.screen.bar(word) as bar:
            while True:
                found = await self._read(ids)
                ready = sum(map(good, found))
                bar.show(done=ready, total=len(ids))
                if ready == len(ids):
                    return found
                if ready != before:
                    moved_at, before = time.monotonic(), ready
                if time.monotonic() - moved_at > self.nudge_after:
                    moved_at = time.monotonic()
                    await start_sync(self.api, integration=self.integration)
                patience.check(_reason(found, good, ids))
                await asyncio.sleep(_PAUSE)

    async def _read(self, ids: list[str]) -> list[Document]:
        return await documents(self.api, integration=self.integration, severa_ids=ids)

    def _patience(self, step: str) -> Patience:
        return Patience(step, limit=self.limit)


def _series(found: list[Document], *, kind: InvoiceKind, word: str) -> str:
    numbers = [int(one.number) for one in found if one.kind is kind and one.number is not None]
    if not numbers:
        return f"No {word} are booked."
    return (
        f"{len(numbers)} {word} are booked and have their numbers in Severa, "
        f"{min(numbers)} to {max(numbers)}."
    )


def _percent(value: Decimal | None) -> str:
    return "nothing" if value is None else f"{value.normalize():f} %"


def _settled(document: Document, in_part: set[str]) -> bool:
    if document.number in in_part:
        return document.state is InvoiceState.PARTIALLY_PAID
    return document.state is InvoiceState.PAID


def _applied(document: Document) -> bool:
    """Whether a credit note has nothing left to settle."""
    return document.balance == 0


def _reason(found: list[Document], good: Callable[[Document], bool], ids: list[str]) -> str:
    late = [one for one in found if not good(one)]
    if not late:
        return f"{len(ids) - len(found)} invoices of Severa are not known to the gateway"
    first = late[0]
    cause = f", because: {first.problem[0]} {first.problem[1]}" if first.problem else ""
    return f"{len(late)} invoices lag, the invoice {first.name} is {first.state}{cause}"
