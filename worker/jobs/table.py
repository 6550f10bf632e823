"""Which function carries out which kind of job."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from schema import jobs
from worker.context import Context
from worker.jobs import invoice, plan, record, setup, sync, webhook

Function = Callable[..., Awaitable[None]]

FUNCTIONS: dict[str, Function] = {
    jobs.SYNC.name: sync.run,
    jobs.INVOICE_RETRY.name: invoice.retry,
    jobs.INVOICE_LOOK_UP.name: invoice.look_up,
    jobs.RECORD_WISH.name: record.wish,
    jobs.WEBHOOK_HANDLE.name: webhook.handle,
    jobs.PLAN_SYNC.name: plan.sync,
    jobs.PLAN_RETRY.name: plan.retry,
    jobs.EXECUTE_RETRY.name: plan.execute_retry,
    jobs.TEST_INTEGRATION.name: setup.run,
}


async def carry_out(ctx: Context, kind: str, arguments: dict[str, str]) -> None:
    """Run the function of a job; its arguments are ids."""
    named = {name: UUID(value) for name, value in arguments.items()}
    await FUNCTIONS[kind](ctx, **named)
