"""The command `plan`: shows what a sync or a retry would do, and carries a retry out."""

from argparse import Namespace
from typing import Any

from gateway.cli.as_admin import as_admin, demand
from gateway.cli.patience import wait_for
from gateway.cli.table import show_json, show_table
from gateway.graphql.context import Context
from gateway.operations.plan import execute_retry, plan_retry, start_plan
from schema.errors import ConfigError
from schema.models import Integration, Plan, PlanItem
from schema.types.ids import write_id
from schema.types.inputs import ExecuteRetryInput, PlanRetryInput, StartPlanInput
from schema.words import IntegrationState, PlanState

GOING = (PlanState.QUEUED, PlanState.RUNNING)
COLUMNS = ("record", "side", "action", "changes", "forecast", "cause", "next step", "outcome")
Found = tuple[Plan, list[PlanItem]]


def run(arguments: Namespace) -> int:
    """Make a plan and show it; 1 when it failed, or when something of a retry did."""

    async def work(context: Context) -> Found:
        one = await _integration(arguments.integration)
        plan = await _make(context, one, arguments)
        if arguments.execute and plan.state is PlanState.READY:
            plan = await _execute(context, plan, arguments.wait)
        return plan, await PlanItem.filter(plan_id=plan.id).order_by("position")

    plan, items = as_admin(work)
    rows = [_row(item) for item in items]
    if arguments.json:
        show_json(
            {
                "id": plan.id,
                "kind": plan.kind,
                "state": plan.state,
                "reason": plan.reason,
                "items": [dict(zip(COLUMNS, row, strict=True)) for row in rows],
            }
        )
    else:
        reason = f": {plan.reason}" if plan.reason else ""
        show_table(f"Plan {plan.id} is {plan.state.value}{reason}", COLUMNS, rows)
    return 0 if plan.state is PlanState.READY else 1


async def _integration(wanted: str | None) -> Integration:
    found = await Integration.exclude(state=IntegrationState.PAUSED).order_by("id")
    chosen = [one for one in found if wanted in (None, str(one.id))]
    if not chosen:
        raise ConfigError("There is no such integration; `status` shows them.")
    active = [one for one in chosen if one.state is IntegrationState.ACTIVE] or chosen
    if len(active) > 1:
        raise ConfigError("There are several integrations; name one with --integration.")
    return active[0]


async def _make(context: Context, one: Integration, arguments: Namespace) -> Plan:
    if arguments.execute and not arguments.retry:
        raise ConfigError("Only a retry can be carried out from its plan; use `sync` otherwise.")
    key = write_id("Integration", one.id)
    if arguments.retry:
        outcome = await plan_retry(context, PlanRetryInput(integration_id=key))
    else:
        outcome = await start_plan(context, StartPlanInput(integration_id=key))
    wanted = demand(outcome).subject

    async def ready() -> Plan | None:
        plan = await Plan.get(id=wanted)
        return None if plan.state in GOING else plan

    return await wait_for(ready, seconds=arguments.wait)


async def _execute(context: Context, plan: Plan, seconds: float) -> Plan:
    given = ExecuteRetryInput(plan_id=write_id("Plan", plan.id))
    demand(await execute_retry(context, given))

    async def done() -> Plan | None:
        found = await Plan.get(id=plan.id)
        ended = found.executed_at is not None or found.state is not PlanState.READY
        return found if ended else None

    return await wait_for(done, seconds=seconds)


def _row(item: PlanItem) -> tuple[Any, ...]:
    changes = ", ".join(
        f"{one['field']}: {one.get('before') or '-'} > {one.get('after') or '-'}"
        for one in item.fields_changed or ()
    )
    return (
        item.label,
        item.side.value,
        item.action.value,
        changes,
        item.forecast,
        item.cause,
        item.next_step,
        item.outcome,
    )
