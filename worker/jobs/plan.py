"""Making plans, and carrying out a retry plan."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from schema import plans
from schema.errors import GatewayError
from schema.models import Plan
from schema.words import PlanState
from worker.context import Context
from worker.sync import planner

Make = Callable[[Context, Plan], Awaitable[None]]


async def sync(ctx: Context, *, plan_id: UUID) -> None:
    """Make the plan of the next sync."""
    await _make(ctx, plan_id, planner.plan_sync)


async def retry(ctx: Context, *, plan_id: UUID) -> None:
    """Make the plan of a retry."""
    await _make(ctx, plan_id, planner.plan_retry)


async def _make(ctx: Context, plan_id: UUID, make: Make) -> None:
    plan = await Plan.get_or_none(id=plan_id, integration_id=ctx.integration.id)
    if plan is None or plan.state is PlanState.READY:
        return
    await _note(ctx, plan, PlanState.RUNNING)
    ctx.actor, ctx.dry = "plan", True
    try:
        await make(ctx, plan)
    except GatewayError as error:
        await _note(ctx, plan, PlanState.FAILED, str(error))
    finally:
        ctx.dry = False


async def execute_retry(ctx: Context, *, plan_id: UUID) -> None:
    """Carry out a retry plan; one that went stale is not carried out."""
    plan = await Plan.get_or_none(id=plan_id, integration_id=ctx.integration.id)
    if plan is None or plan.executed_at is not None or plan.state is not PlanState.READY:
        return
    ctx.actor = "retry plan"
    if await plans.is_stale(plan):
        await _note(ctx, plan, PlanState.STALE, plans.CHANGED)
        return
    await planner.execute_retry(ctx, plan)
    async with ctx.transaction():
        plan.executed_at = ctx.clock()
        await plan.save(update_fields=["executed_at"])


async def _note(ctx: Context, plan: Plan, state: PlanState, reason: str | None = None) -> None:
    async with ctx.transaction():
        await Plan.filter(id=plan.id).update(
            state=state, reason=reason, finished_at=plan.finished_at
        )
        plan.state = state
