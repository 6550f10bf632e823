"""Desks: never two at one integration, urgent work in between, and honest ends of jobs."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from schema import jobs, queue
from schema.clock import utc_now
from schema.ids import new_id
from schema.models import Attempt, Integration, Invoice, Job, Lease, SyncRun
from schema.words import (
    AttemptState,
    IntegrationState,
    InvoiceState,
    JobState,
    SyncRunState,
    SyncTrigger,
)
from tests.worker.pair import CREATE, Pair, until
from worker import faultpoint, schedule


class TestTwoDesks:
    async def test_never_overlap(self, pair: Pair) -> None:
        """J2, R26."""
        other = pair.desk(holder="other")
        inside, most = 0, 0

        async def enter() -> None:
            nonlocal inside, most
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.02)
            inside -= 1

        for place in ("invoice.create.before", "invoice.release.before", "invoice.number.before"):
            faultpoint.arm(place, enter)
        guids = await pair.bill(4)
        await pair.ask_for_a_run()

        async def done() -> bool:
            for desk in (pair.desks[0], other):
                desk.knock(pair.integration.id)
                await desk.sweep()
            return not await Job.filter(state__in=[JobState.QUEUED, JobState.RUNNING]).exists()

        await until(done, what="both desks to be done")

        assert most == 1
        assert [len(pair.marked(guid)) for guid in guids] == [1, 1, 1, 1]

    async def test_hand_over_when_the_holder_stands_still(self, pair: Pair) -> None:
        """A paused holder's outcome is refused; the next one finds the document."""
        [guid] = await pair.bill()
        stalled = asyncio.Event()

        async def stand_still() -> None:
            faultpoint.disarm()
            past = utc_now() - timedelta(seconds=1)
            await Attempt.filter(purpose="invoice.create").update(look_after=utc_now())
            await Lease.filter(integration_id=pair.integration.id).update(expires_at=past)
            stalled.set()
            other = pair.desk(holder="other")
            other.knock(pair.integration.id)

            async def numbered() -> bool:
                await other.sweep()
                return await Invoice.filter(severa_id=guid, state=InvoiceState.NUMBERED).exists()

            await until(numbered, what="the other desk to number it")

        faultpoint.arm("invoice.create.after", stand_still)
        await pair.ask_for_a_run()
        pair.desks[0].knock(pair.integration.id)
        await asyncio.wait_for(stalled.wait(), timeout=20)
        await pair.drained()

        invoice = await pair.invoice(guid)
        [attempt] = await pair.attempts(invoice.id, "invoice.create")
        assert pair.marked(guid) == [invoice.number]
        assert attempt.state is AttemptState.SUCCEEDED
        assert "and adopted it" in attempt.evidence


class TestUrgentWork:
    async def test_passes_by_a_long_run(self, pair: Pair) -> None:
        [refused] = await pair.bill(mismatched=1)
        await pair.sync()
        await pair.bill(6)
        order: list[str] = []

        async def note() -> None:
            order.append("create")
            if len(order) == 1:
                invoice = await pair.invoice(refused)
                await queue.enqueue(
                    jobs.INVOICE_RETRY,
                    integration_id=pair.integration.id,
                    arguments={"invoice_id": invoice.id},
                )

        faultpoint.arm("invoice.create.before", note)
        run = await pair.ask_for_a_run()
        await pair.drained()

        retried = await Job.get(kind="invoice.retry")
        carried = await Job.get(kind="sync.run", arguments={"run_id": str(run.id)})
        assert retried.finished_at is not None
        assert carried.finished_at is not None
        assert retried.finished_at < carried.finished_at


class TestEndOfAJob:
    async def test_with_denied_credentials_pauses_the_integration(self, pair: Pair) -> None:
        """J6: auth pauses the connection; the work goes on when a person has mended it."""
        pair.integration.severa_credentials = pair.integration.financials_credentials
        await pair.integration.save()
        await pair.ask_for_a_run()

        async def paused() -> bool:
            return await Integration.filter(state=IntegrationState.PAUSED).exists()

        pair.desks[0].knock(pair.integration.id)
        await until(paused, what="the integration to be paused")

        assert "vendor_denied" in await pair.open_issues()

    async def test_of_an_unknown_kind_is_a_dead_letter(self, pair: Pair) -> None:
        """J10."""
        await Job.create(
            integration_id=pair.integration.id,
            kind="invoice.paint",
            dedupe_key="x",
            due_at=utc_now(),
        )
        await pair.idle()

        job = await Job.get(kind="invoice.paint")
        assert job.state is JobState.DEAD
        assert job.error

    async def test_of_a_missing_record_is_done(self, pair: Pair) -> None:
        await queue.enqueue(
            jobs.INVOICE_RETRY,
            integration_id=pair.integration.id,
            arguments={"invoice_id": new_id()},
        )
        await pair.drained()

        assert (await Job.get(kind="invoice.retry")).state is JobState.DONE

    async def test_of_a_paused_integration_waits(self, pair: Pair) -> None:
        pair.integration.state = IntegrationState.PAUSED
        await pair.integration.save()
        await pair.ask_for_a_run()
        pair.desks[0].knock(pair.integration.id)
        await pair.desks[0].stop()

        assert (await Job.get(kind="sync.run", state="QUEUED")).tries == 0


class TestStopping:
    async def test_leaves_the_run_to_the_next_desk(self, pair: Pair) -> None:
        guids = await pair.bill(4)
        run = await pair.ask_for_a_run()
        begun = asyncio.Event()

        async def note() -> None:
            begun.set()

        faultpoint.arm("invoice.create.committed", note)
        pair.desks[0].knock(pair.integration.id)
        await asyncio.wait_for(begun.wait(), timeout=20)
        await pair.desks[0].stop()
        stopped = await SyncRun.get(id=run.id)
        pair.desks.insert(0, pair.desk(holder="next"))
        await pair.drained()

        finished = await SyncRun.get(id=run.id)
        assert finished.state is SyncRunState.SUCCEEDED
        assert stopped.finished_at is None or stopped.finished_at == finished.finished_at
        assert [len(pair.marked(guid)) for guid in guids] == [1, 1, 1, 1]


class TestTimer:
    """R26, Q16."""

    async def test_makes_one_run_however_many_workers_tick(self, pair: Pair) -> None:
        ticks = await asyncio.gather(*(schedule.tick(pair.settings) for _ in range(6)))

        assert sum(len(ids) for ids in ticks) == 1
        assert await SyncRun.filter(trigger=SyncTrigger.SCHEDULE).count() == 1

    async def test_keeps_its_interval(self, pair: Pair) -> None:
        await schedule.tick(pair.settings)
        await pair.integration.refresh_from_db()

        due = pair.integration.next_tick_at
        assert due is not None
        assert timedelta(seconds=290) < due - utc_now() <= timedelta(seconds=300)
        assert await schedule.tick(pair.settings) == []

    async def test_makes_up_for_missed_ticks_once(self, pair: Pair) -> None:
        hours_ago = utc_now() - timedelta(hours=5)
        await Integration.all().update(next_tick_at=hours_ago)

        first, second = await schedule.tick(pair.settings), await schedule.tick(pair.settings)

        assert (len(first), second) in ((1, []), (1, first))
        assert await SyncRun.filter(trigger=SyncTrigger.SCHEDULE).count() == 1

    async def test_records_a_tick_that_it_skips(self, pair: Pair) -> None:
        await SyncRun.create(
            integration_id=pair.integration.id,
            trigger=SyncTrigger.MANUAL,
            state=SyncRunState.RUNNING,
        )

        await schedule.tick(pair.settings)

        run = await SyncRun.get(trigger=SyncTrigger.SCHEDULE)
        assert run.state is SyncRunState.SKIPPED
        assert run.reason

    async def test_leaves_a_paused_integration_alone(self, pair: Pair) -> None:
        await Integration.all().update(state=IntegrationState.PAUSED)

        assert await schedule.tick(pair.settings) == []

    async def test_of_zero_seconds_never_ticks(self, pair: Pair) -> None:
        off = replace(pair.settings, sync_interval_seconds=0)

        assert await schedule.tick(off) == []


class TestCalls:
    async def test_reach_financials_one_at_a_time(self, pair: Pair) -> None:
        await pair.bill(2)
        await pair.sync()

        statuses = {request["status"] for request in await pair.requests(CREATE)}
        assert statuses == {201}
