"""Asks for plans and has them carried out; the worker makes them."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from gateway.graphql import conditions
from gateway.graphql.context import Context
from gateway.graphql.where import Where
from gateway.operations.base import Outcome, note, perform, refused, unknown
from gateway.operations.invoice import ROLES, STATES
from schema import database, jobs, plans, queue
from schema.jobs import JobKind
from schema.models import Integration, Plan
from schema.types.filters import InvoiceFilter
from schema.types.ids import key_of
from schema.types.inputs import ExecuteRetryInput, PlanRetryInput, StartPlanInput
from schema.words import PlanKind, PlanState

MOST = 1000
STALE = "STALE_PLAN"


async def start_plan(context: Context, given: StartPlanInput) -> Outcome:
    """Ask for a plan of the next sync; nothing is written outside."""
    key = key_of(given.integration_id, "Integration")
    if key is None or not context.principal.may_see(key):
        return unknown("integration", "integrationId")

    async def work() -> Outcome:
        if not await Integration.exists(id=key):
            return unknown("integration", "integrationId")
        return await _ask(context, key, PlanKind.SYNC, jobs.PLAN_SYNC, None)

    return await perform(context, "startPlan", given, work)


async def plan_retry(context: Context, given: PlanRetryInput) -> Outcome:
    """Ask for a plan with a forecast for every invoice that fits and can be retried."""
    key = key_of(given.integration_id, "Integration")
    if key is None or not context.principal.may_see(key):
        return unknown("integration", "integrationId")

    async def work() -> Outcome:
        if not await Integration.exists(id=key):
            return unknown("integration", "integrationId")
        found = await _retryable(key, given.filter, context.services.clock().date())
        selection = {"invoice_ids": [str(one) for one in found]}
        return await _ask(context, key, PlanKind.RETRY, jobs.PLAN_RETRY, selection)

    return await perform(context, "planRetry", given, work)


async def _retryable(key: UUID, given: InvoiceFilter | None, today: date) -> list[UUID]:
    where = Where()
    where.add("t.integration_id = ?", key)
    where.one_of("t.state", sorted(STATES))
    where.one_of("t.severa_role", sorted(ROLES))
    if given is not None:
        conditions.invoices(where, given, today)
    rows = await database.rows(
        f"SELECT t.id FROM invoice t WHERE {where.sql} ORDER BY t.id LIMIT {MOST}", *where.values
    )
    return [row["id"] for row in rows]


async def _ask(
    context: Context, key: UUID, kind: PlanKind, job: JobKind, selection: Any
) -> Outcome:
    plan = await Plan.create(integration_id=key, kind=kind, selection=selection)
    await queue.enqueue(job, integration_id=key, arguments={"plan_id": plan.id})
    await note(context, f"plan.{kind.value.lower()}", integration_id=key, subject=str(plan.id))
    return Outcome(subject=plan.id, ring=key)


async def execute_retry(context: Context, given: ExecuteRetryInput) -> Outcome:
    """Have a retry plan carried out; a stale one is refused."""
    key = key_of(given.plan_id, "Plan")
    if key is None:
        return unknown("plan", "planId")

    async def work() -> Outcome:
        plan = await Plan.filter(id=key).select_for_update().first()
        if plan is None or not context.principal.may_see(plan.integration_id):
            return unknown("plan", "planId")
        problem = _problem(plan) or await _stale(plan)
        if problem is not None:
            return problem
        await queue.enqueue(
            jobs.EXECUTE_RETRY, integration_id=plan.integration_id, arguments={"plan_id": plan.id}
        )
        await note(
            context, "plan.execute", integration_id=plan.integration_id, subject=str(plan.id)
        )
        return Outcome(subject=plan.id, ring=plan.integration_id)

    outcome = await perform(context, "executeRetry", given, work)
    if any(refusal.code == STALE for refusal in outcome.refusals):
        # A refusal leaves nothing of its transaction behind; that the plan is stale is kept.
        await Plan.filter(id=key, state=PlanState.READY, executed_at=None).update(
            state=PlanState.STALE, reason=plans.CHANGED
        )
    return outcome


async def _stale(plan: Plan) -> Outcome | None:
    if not await plans.is_stale(plan):
        return None
    return refused(STALE, plans.CHANGED, "Make a new plan.", path=("input", "planId"))


def _problem(plan: Plan) -> Outcome | None:
    path = ("input", "planId")
    if plan.kind is not PlanKind.RETRY:
        return refused(
            "NOT_A_RETRY_PLAN", "This is the plan of a sync.", "Use startSync for it.", path=path
        )
    if plan.state is PlanState.STALE:
        return refused(
            STALE,
            plan.reason or plans.CHANGED,
            "Make a new plan.",
            path=path,
        )
    if plan.executed_at is not None:
        return refused(
            "ALREADY_EXECUTED",
            "The plan was carried out already.",
            "Make a new plan.",
            path=path,
        )
    if plan.state is not PlanState.READY:
        return refused(
            "PLAN_NOT_READY",
            f"The plan is {plan.state.value}.",
            "Wait until it is READY; follow it with planProgress.",
            path=path,
        )
    return None
