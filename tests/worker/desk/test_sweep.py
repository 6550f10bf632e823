"""Sweeps: no run, plan or webhook stays in a state that nobody will ever end (J10)."""

from datetime import timedelta

from schema import database, jobs, queue
from schema.clock import utc_now
from schema.models import Attempt, Job, Plan, SetupReport, SyncRun, SyncStep, WebhookEvent
from schema.words import (
    AttemptState,
    InvoiceState,
    JobState,
    PlanKind,
    PlanState,
    SetupReportState,
    Side,
    SyncDirection,
    SyncRunState,
    SyncTrigger,
    WebhookEventState,
)
from tests.worker.pair import Pair
from worker import sweep


async def event(pair: Pair, state: WebhookEventState) -> WebhookEvent:
    """Store a webhook that came in a while ago."""
    return await WebhookEvent.create(
        integration_id=pair.integration.id,
        side=Side.SEVERA,
        source=str(pair.integration.id),
        event_id=f"msg_{state.value}",
        type="invoice.status_changed",
        body=b"{}",
        digest="0" * 64,
        state=state,
        received_at=utc_now() - timedelta(minutes=5),
    )


class TestRun:
    async def test_without_a_job_is_ended(self, pair: Pair) -> None:
        run = await SyncRun.create(
            integration_id=pair.integration.id,
            trigger=SyncTrigger.MANUAL,
            state=SyncRunState.RUNNING,
        )
        step = await SyncStep.create(
            run_id=run.id, position=0, name="products", direction=SyncDirection.BOTH
        )

        await sweep.sweep()

        await run.refresh_from_db()
        await step.refresh_from_db()
        assert run.state is SyncRunState.FAILED
        assert run.reason == "Its job was lost."
        assert step.state is SyncRunState.FAILED

    async def test_of_a_dead_letter_says_why(self, pair: Pair) -> None:
        run = await SyncRun.create(integration_id=pair.integration.id, trigger=SyncTrigger.MANUAL)
        job_id = await queue.enqueue(
            jobs.SYNC, integration_id=pair.integration.id, arguments={"run_id": run.id}
        )
        await Job.filter(id=job_id).update(state=JobState.DEAD, error="The vendor is gone.")

        await sweep.sweep()

        await run.refresh_from_db()
        assert run.reason == "Its job was given up: The vendor is gone."

    async def test_with_a_job_is_left_alone(self, pair: Pair) -> None:
        run = await SyncRun.create(integration_id=pair.integration.id, trigger=SyncTrigger.MANUAL)
        await queue.enqueue(
            jobs.SYNC, integration_id=pair.integration.id, arguments={"run_id": run.id}
        )

        await sweep.sweep()

        await run.refresh_from_db()
        assert run.state is SyncRunState.QUEUED


class TestPlan:
    async def test_without_a_job_is_failed(self, pair: Pair) -> None:
        plan = await Plan.create(
            integration_id=pair.integration.id, kind=PlanKind.SYNC, state=PlanState.RUNNING
        )

        await sweep.sweep()

        await plan.refresh_from_db()
        assert plan.state is PlanState.FAILED


class TestReport:
    async def test_without_a_job_is_failed(self, pair: Pair) -> None:
        report = await SetupReport.create(
            integration_id=pair.integration.id, state=SetupReportState.RUNNING
        )

        await sweep.sweep()

        await report.refresh_from_db()
        assert report.state is SetupReportState.FAILED


class TestWebhook:
    async def test_without_a_job_gets_one(self, pair: Pair) -> None:
        left = await event(pair, WebhookEventState.QUEUED)

        woken = await sweep.sweep()

        [job] = await Job.filter(kind=jobs.WEBHOOK_HANDLE.name, state=JobState.QUEUED)
        assert woken == [pair.integration.id]
        assert job.arguments == {"event_id": str(left.id)}

    async def test_of_a_dead_letter_is_shown_as_dead(self, pair: Pair) -> None:
        given_up = await event(pair, WebhookEventState.QUEUED)
        job_id = await queue.enqueue(
            jobs.WEBHOOK_HANDLE,
            integration_id=pair.integration.id,
            arguments={"event_id": given_up.id},
        )
        await Job.filter(id=job_id).update(state=JobState.DEAD, error="No answer.")

        await sweep.sweep()

        await given_up.refresh_from_db()
        assert given_up.state is WebhookEventState.DEAD
        assert given_up.reason == "No answer."


class TestAttempt:
    async def test_of_a_numbered_invoice_is_looked_up(self, pair: Pair) -> None:
        """A worker died between the call and its outcome, when everything else was done."""
        [guid] = await pair.bill()
        await pair.sync()
        invoice = await pair.invoice(guid)
        [attempt] = await pair.attempts(invoice.id, "invoice.number")
        await Attempt.filter(id=attempt.id).update(
            state=AttemptState.OPEN, look_after=utc_now(), finished_at=None
        )

        await pair.sync()

        await attempt.refresh_from_db()
        await invoice.refresh_from_db()
        assert attempt.state is AttemptState.NOT_DONE
        assert "Its outcome was not stored" in attempt.evidence
        assert invoice.state is InvoiceState.NUMBERED

    async def test_of_nobody_is_closed(self, pair: Pair) -> None:
        """Renumbering a customer of no record leaves an attempt under the integration itself."""
        lost = await Attempt.create(
            integration_id=pair.integration.id,
            entity="CUSTOMER",
            record_id=pair.integration.id,
            side=Side.SEVERA,
            operation="PATCH /v1/customers/{guid}",
            purpose="customer.park",
            look_after=utc_now() - timedelta(seconds=1),
        )

        await pair.sync()

        await lost.refresh_from_db()
        assert lost.state is AttemptState.NOT_DONE

    async def test_of_a_register_wakes_its_record(self, pair: Pair) -> None:
        link = (await database.rows("SELECT record_id FROM link WHERE entity = 'PRODUCT' LIMIT 1"))[
            0
        ]
        lost = await Attempt.create(
            integration_id=pair.integration.id,
            entity="PRODUCT",
            record_id=link["record_id"],
            side=Side.FINANCIALS,
            operation="PUT /v1/inventory/internal/{inventoryId}",
            purpose="product.update",
            look_after=utc_now() - timedelta(seconds=1),
        )

        await pair.sync()
        await pair.sync()

        await lost.refresh_from_db()
        assert lost.state is AttemptState.NOT_DONE
