"""Plans, cancelled runs, held webhooks and revived work."""

from datetime import UTC, datetime, timedelta
from typing import Any

from schema import plans
from schema.models import Change, Integration, Invoice, Job, Plan, PlanItem, SyncRun, WebhookEvent
from schema.types.ids import write_id
from schema.words import (
    Entity,
    InvoiceState,
    JobState,
    PlanAction,
    PlanKind,
    PlanState,
    Side,
    SyncRunState,
    SyncTrigger,
    WebhookEventState,
)

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
PLAN = """mutation ($input: PlanRetryInput!) { planRetry(input: $input) {
  plan { id kind state counts { action count } } userErrors { code } } }"""
START = """mutation ($input: StartPlanInput!) { startPlan(input: $input) {
  plan { id kind state } userErrors { code } } }"""
EXECUTE = """mutation ($input: ExecuteRetryInput!) { executeRetry(input: $input) {
  plan { state } results { label forecast record { id } } userErrors { code } } }"""
CANCEL = """mutation ($input: CancelSyncInput!) { cancelSync(input: $input) {
  run { state } userErrors { code } } }"""
HOLD = """mutation ($input: HoldWebhooksInput!) { holdWebhooks(input: $input) {
  integration { webhooksHeld } userErrors { code } } }"""
DRAIN = """mutation ($input: DrainWebhooksInput!) { drainWebhooks(input: $input) {
  integration { webhooksHeld } userErrors { code } } }"""
REPLAY = """mutation ($input: ReplayWebhookEventsInput!) { replayWebhookEvents(input: $input) {
  webhookEvents { state } userErrors { code } } }"""
REVIVE = """mutation ($input: ReplayDeadLettersInput!) { replayDeadLetters(input: $input) {
  replayed userErrors { code } } }"""


class TestPlans:
    async def test_of_a_sync_are_asked_for(self, do: Any, pair: Integration) -> None:
        answer = await do(START, integrationId=write_id("Integration", pair.id))

        plan = await Plan.get()
        assert answer["plan"]["state"] == "QUEUED"
        assert (await Job.get()).arguments == {"plan_id": str(plan.id)}

    async def test_of_a_retry_take_only_what_can_be_retried(
        self, do: Any, pair: Integration, invoice: Invoice
    ) -> None:
        await Invoice.create(
            integration_id=pair.id, customer_id=invoice.customer_id, severa_id="s-2",
            state=InvoiceState.PAID, currency="NOK",
        )  # fmt: skip
        await do(PLAN, integrationId=write_id("Integration", pair.id), filter={"currency": "NOK"})

        assert (await Plan.get()).selection == {"invoice_ids": [str(invoice.id)]}
        assert (await Job.get()).kind == "plan.retry"

    async def test_are_carried_out_once_they_are_ready(
        self, do: Any, pair: Integration, invoice: Invoice
    ) -> None:
        plan = await Plan.create(integration_id=pair.id, kind=PlanKind.RETRY)
        await PlanItem.create(
            plan_id=plan.id, position=0, entity=Entity.INVOICE, record_id=invoice.id,
            label="Invoice", side=Side.FINANCIALS, action=PlanAction.CREATE, forecast="passes",
        )  # fmt: skip
        name = write_id("Plan", plan.id)
        early = await do(EXECUTE, planId=name)
        await Plan.filter(id=plan.id).update(state=PlanState.STALE)
        stale = await do(EXECUTE, planId=name)
        await Plan.filter(id=plan.id).update(state=PlanState.READY)
        done = await do(EXECUTE, planId=name)

        assert early["userErrors"][0]["code"] == "PLAN_NOT_READY"
        assert stale["userErrors"][0]["code"] == "STALE_PLAN"
        assert done["results"][0]["record"]["id"] == write_id("Invoice", invoice.id)
        assert (await Job.get()).kind == "plan.execute_retry"

    async def test_are_refused_and_marked_once_an_invoice_changed(
        self, do: Any, pair: Integration, invoice: Invoice
    ) -> None:
        plan = await ready_plan(pair, invoice)
        await change(invoice, seconds=1)

        answer = await do(EXECUTE, planId=write_id("Plan", plan.id))

        assert answer["userErrors"][0]["code"] == "STALE_PLAN"
        assert (await Plan.get()).state is PlanState.STALE
        assert not await Job.exists()

    async def test_are_not_stale_from_what_came_before_or_from_their_own_work(
        self, do: Any, pair: Integration, invoice: Invoice
    ) -> None:
        plan = await ready_plan(pair, invoice)
        await change(invoice, seconds=-1)
        assert not await plans.is_stale(plan)
        await change(invoice, seconds=1)
        await PlanItem.filter(plan_id=plan.id).update(outcome="NUMBERED")

        answer = await do(EXECUTE, planId=write_id("Plan", plan.id))

        assert answer["userErrors"] == []


async def ready_plan(pair: Integration, invoice: Invoice) -> Plan:
    """Make a retry plan of one invoice that can be carried out."""
    plan = await Plan.create(
        integration_id=pair.id, kind=PlanKind.RETRY, state=PlanState.READY, finished_at=NOW
    )
    await PlanItem.create(
        plan_id=plan.id, position=0, entity=Entity.INVOICE, record_id=invoice.id,
        label="Invoice", side=Side.FINANCIALS, action=PlanAction.CREATE, forecast="will succeed",
    )  # fmt: skip
    return plan


async def change(invoice: Invoice, *, seconds: int) -> None:
    """Note a change of an invoice, some time after the plan was ready."""
    await Change.create(
        integration_id=invoice.integration_id, entity=Entity.INVOICE, record_id=invoice.id,
        kind="invoice.changed", actor="sync", at=NOW + timedelta(seconds=seconds),
    )  # fmt: skip


class TestRuns:
    async def test_are_cancelled(self, do: Any, pair: Integration) -> None:
        queued = await SyncRun.create(integration_id=pair.id, trigger=SyncTrigger.MANUAL)
        running = await SyncRun.create(
            integration_id=pair.id, trigger=SyncTrigger.MANUAL, state=SyncRunState.RUNNING
        )
        first = await do(CANCEL, runId=write_id("SyncRun", queued.id))
        second = await do(CANCEL, runId=write_id("SyncRun", running.id))
        third = await do(CANCEL, runId=write_id("SyncRun", queued.id))

        assert first["run"]["state"] == "CANCELLED"
        assert second["run"]["state"] == "RUNNING"
        assert (await SyncRun.get(id=running.id)).cancel_asked
        assert third["userErrors"][0]["code"] == "ALREADY_FINISHED"


class TestReplay:
    async def _event(self, pair: Integration, state: WebhookEventState) -> WebhookEvent:
        return await WebhookEvent.create(
            integration_id=pair.id, side=Side.SEVERA, source="s", event_id="e", type="t",
            body=b"{}", digest="d", state=state, received_at=NOW, reason="failed",
        )  # fmt: skip

    async def test_held_webhooks_are_handled_when_drained(self, do: Any, pair: Integration) -> None:
        name = write_id("Integration", pair.id)
        held = await do(HOLD, integrationId=name)
        event = await self._event(pair, WebhookEventState.RECEIVED)
        drained = await do(DRAIN, integrationId=name)

        assert (held["integration"]["webhooksHeld"], drained["integration"]["webhooksHeld"]) == (
            True,
            False,
        )
        assert (await Job.get()).arguments == {"event_id": str(event.id)}

    async def test_webhooks_are_handled_again(self, do: Any, pair: Integration, who: Any) -> None:
        event = await self._event(pair, WebhookEventState.DEAD)
        names = [write_id("WebhookEvent", event.id)]
        stranger = await do(REPLAY, who(integrations=frozenset()), webhookEventIds=names)
        done = await do(REPLAY, webhookEventIds=names)

        assert stranger["userErrors"][0]["code"] == "NOT_FOUND"
        assert done["webhookEvents"] == [{"state": "RECEIVED"}]
        assert (await Job.get()).kind == "webhook.handle"

    async def test_given_up_work_is_tried_again(self, do: Any, pair: Integration) -> None:
        job = await Job.create(
            integration_id=pair.id, kind="invoice.retry", dedupe_key="k", state=JobState.DEAD,
            due_at=NOW, tries=5, error="no",
        )  # fmt: skip
        answer = await do(REVIVE, deadLetterIds=[write_id("DeadLetter", job.id)])

        found = await Job.get()
        assert answer == {"replayed": 1, "userErrors": []}
        assert (found.state, found.tries) == (JobState.QUEUED, 0)
