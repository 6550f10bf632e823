"""A process that stood still before its call must not make it afterwards (J2)."""

import pytest

from schema.models import Invoice
from schema.words import AttemptState, InvoiceState
from tests.worker.pair import CREATE, Pair
from worker import faultpoint, lease


class TestStandingStill:
    async def test_before_a_create_sends_nothing(
        self, pair: Pair, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The clock that counts suspended time jumps by ten minutes between intent and call."""
        [guid] = await pair.bill()
        real = lease.boot_time

        async def sleep_long() -> None:
            monkeypatch.setattr("worker.sync.push.boot_time", lambda: real() + 600)

        faultpoint.once("invoice.create.before", sleep_long)
        await pair.sync(settle=False)

        invoice = await pair.invoice(guid)
        [attempt] = await pair.attempts(invoice.id, "invoice.create")
        assert await pair.requests(CREATE) == []
        assert attempt.state is AttemptState.UNCERTAIN
        assert "Stopped at the last moment" in attempt.evidence
        assert invoice.state is InvoiceState.UNCERTAIN

    async def test_is_made_up_for_by_a_look_up(
        self, pair: Pair, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        [guid] = await pair.bill()
        real = lease.boot_time

        async def sleep_long() -> None:
            monkeypatch.setattr("worker.sync.push.boot_time", lambda: real() + 600)

        faultpoint.once("invoice.create.before", sleep_long)
        await pair.sync(settle=False)
        monkeypatch.undo()
        await pair.drained()

        assert (await Invoice.get(severa_id=guid)).state is InvoiceState.NUMBERED
        assert len(pair.marked(guid)) == 1
