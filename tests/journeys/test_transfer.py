"""An invoice reaches the books and comes back paid, by the doorbell alone or by the timer alone."""

import os
import signal
import time
from decimal import Decimal

from schema.words import InvoiceState
from tests.journeys.conftest import Town


class TestByWebhook:
    """R26, Q16: webhooks make it faster than the timer."""

    async def test_reaches_the_books_and_comes_back_paid(self, by_webhook: Town) -> None:
        town = by_webhook
        began = time.monotonic()
        made = await town.control.bill(count=2, mismatched=0, credit_notes=0)
        one, other = await town.watch(made["invoices"], lambda it: it.numbered, limit=10)
        took = time.monotonic() - began
        await town.control.pay(reference=one.number)
        await town.control.pay(reference=other.number, share=Decimal("0.4"))
        [paid] = await town.watch(
            [one.severa_id], lambda it: it.state is InvoiceState.PAID, limit=10
        )
        await town.watch(
            [other.severa_id], lambda it: it.state is InvoiceState.PARTIALLY_PAID, limit=10
        )

        assert took < 10
        assert paid.balance == 0
        summary = await town.control.summary()
        assert summary["duplicates"] == []
        assert summary["numbers"]["missing"] == []
        assert summary["financials"]["sentByFinancials"] == 0
        assert summary["severa"]["invoices"]["byStatus"].keys() >= {"Paid", "Partially paid"}

    async def test_of_many_at_once_goes_on_when_the_worker_is_killed(
        self, by_webhook: Town
    ) -> None:
        town = by_webhook
        made = await town.control.bill(count=6, mismatched=1, credit_notes=1)
        ids = [*made["invoices"], *made["creditNotes"]]
        await town.watch(ids[:1], lambda it: it.state is not InvoiceState.READY, limit=10)
        killed = town.scene.house.demo_file.pids["worker"]
        assert killed is not None
        os.kill(killed, signal.SIGKILL)

        # The lease of the dead worker and its last call are waited out first.
        found = await town.watch(
            ids, lambda it: it.numbered or it.state is InvoiceState.FAILED, limit=60
        )

        assert sum(one.state is InvoiceState.FAILED for one in found) == 1
        summary = await town.control.summary()
        assert summary["duplicates"] == []
        assert summary["numbers"]["missing"] == []


class TestByTimer:
    """R26: the timer is the safety net when every webhook gets lost."""

    async def test_reaches_the_books_and_comes_back_paid(self, by_timer: Town) -> None:
        town = by_timer
        made = await town.control.bill(count=1, mismatched=0, credit_notes=0)
        [one] = await town.watch(made["invoices"], lambda it: it.numbered, limit=13)
        await town.control.pay(reference=one.number)

        [paid] = await town.watch(
            made["invoices"], lambda it: it.state is InvoiceState.PAID, limit=13
        )

        assert paid.paid == paid.total
