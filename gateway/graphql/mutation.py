"""The mutations: each calls one operation and shapes its outcome."""

from __future__ import annotations

from typing import Any

import strawberry

from gateway.graphql import more, nodes
from gateway.graphql.context import Context
from gateway.graphql.mutation_record import RecordMutations
from gateway.graphql.mutation_setup import SetupMutations
from gateway.graphql.mutation_subscriber import SubscriberMutations
from gateway.graphql.shown import errors, shown
from gateway.operations import (
    access,
    conflict,
    integration,
    invoice,
    issue,
    plan,
    replay,
    run,
    sync,
)
from gateway.operations.base import Outcome
from schema.types import inputs as i
from schema.types import user_error as p
from schema.types.access import ApiKey

Info = strawberry.Info[Context, None]


@strawberry.type
class Mutation(SetupMutations, RecordMutations, SubscriberMutations):
    """Everything that can be done."""

    @strawberry.mutation
    async def start_sync(self, info: Info, input: i.StartSyncInput) -> p.StartSyncPayload:
        """Start a sync; during a run it answers that run and queues exactly one more."""
        outcome = await sync.start_sync(info.context, input)
        return p.StartSyncPayload(
            run=await shown(info, outcome, "SyncRun"), user_errors=errors(outcome)
        )

    @strawberry.mutation
    async def retry_invoice(self, info: Info, input: i.RetryInvoiceInput) -> p.RetryInvoicePayload:
        """Send an invoice again, at once; the worker re-reads it from Severa first."""
        outcome = await invoice.retry_invoice(info.context, input)
        return p.RetryInvoicePayload(
            invoice=await shown(info, outcome, "Invoice"), user_errors=errors(outcome)
        )

    @strawberry.mutation
    async def pause_integration(
        self, info: Info, input: i.PauseIntegrationInput
    ) -> p.IntegrationPayload:
        """Let an integration stand still; nothing is written outside until it is resumed."""
        outcome = await integration.pause_integration(info.context, input)
        return p.IntegrationPayload(
            integration=await shown(info, outcome, "Integration"), user_errors=errors(outcome)
        )

    @strawberry.mutation
    async def resume_integration(
        self, info: Info, input: i.ResumeIntegrationInput
    ) -> p.IntegrationPayload:
        """Set an integration going again."""
        outcome = await integration.resume_integration(info.context, input)
        return p.IntegrationPayload(
            integration=await shown(info, outcome, "Integration"), user_errors=errors(outcome)
        )

    @strawberry.mutation
    async def dismiss_issue(self, info: Info, input: i.DismissIssueInput) -> p.IssuePayload:
        """Put an issue aside; it opens again if it is met again."""
        outcome = await issue.dismiss_issue(info.context, input)
        return p.IssuePayload(
            issue=await shown(info, outcome, "Issue"), user_errors=errors(outcome)
        )

    @strawberry.mutation
    async def resolve_conflict(
        self, info: Info, input: i.ResolveConflictInput
    ) -> p.ConflictPayload:
        """Pick the side whose value a field keeps; the next sync applies it."""
        outcome = await conflict.resolve_conflict(info.context, input)
        return p.ConflictPayload(
            conflict=await shown(info, outcome, "Conflict"), user_errors=errors(outcome)
        )

    @strawberry.mutation
    async def create_api_key(self, info: Info, input: i.CreateApiKeyInput) -> p.CreateApiKeyPayload:
        """Make a key that may do no more than the caller."""
        outcome = await access.create_api_key(info.context, input)
        return p.CreateApiKeyPayload(
            api_key=await _key(outcome), key=outcome.secret, user_errors=errors(outcome)
        )

    @strawberry.mutation
    async def revoke_api_key(self, info: Info, input: i.RevokeApiKeyInput) -> p.RevokeApiKeyPayload:
        """Revoke a key; it ends within five seconds, open sockets included."""
        outcome = await access.revoke_api_key(info.context, input)
        return p.RevokeApiKeyPayload(api_key=await _key(outcome), user_errors=errors(outcome))

    @strawberry.mutation
    async def cancel_sync(self, info: Info, input: i.CancelSyncInput) -> p.CancelSyncPayload:
        """Cancel a run; one that runs stops at its next safe place."""
        outcome = await run.cancel_sync(info.context, input)
        return p.CancelSyncPayload(
            run=await shown(info, outcome, "SyncRun"), user_errors=errors(outcome)
        )

    @strawberry.mutation
    async def start_plan(self, info: Info, input: i.StartPlanInput) -> p.PlanPayload:
        """Ask for a plan of the next sync; it writes nothing outside."""
        outcome = await plan.start_plan(info.context, input)
        return p.PlanPayload(plan=await shown(info, outcome, "Plan"), user_errors=errors(outcome))

    @strawberry.mutation
    async def plan_retry(self, info: Info, input: i.PlanRetryInput) -> p.PlanPayload:
        """Ask for a plan that says, invoice by invoice, what a retry would do."""
        outcome = await plan.plan_retry(info.context, input)
        return p.PlanPayload(plan=await shown(info, outcome, "Plan"), user_errors=errors(outcome))

    @strawberry.mutation
    async def execute_retry(self, info: Info, input: i.ExecuteRetryInput) -> p.ExecuteRetryPayload:
        """Carry out a retry plan; one failure does not stop the others."""
        outcome = await plan.execute_retry(info.context, input)
        found: Any = await shown(info, outcome, "Plan")
        items = None
        if found is not None:
            items = await info.context.loaders.plan_items.load((found.key, 100, None))
        return p.ExecuteRetryPayload(
            plan=found, results=items.nodes if items else [], user_errors=errors(outcome)
        )

    @strawberry.mutation
    async def hold_webhooks(self, info: Info, input: i.HoldWebhooksInput) -> p.IntegrationPayload:
        """Let received webhooks wait instead of being handled."""
        outcome = await replay.hold_webhooks(info.context, input)
        return p.IntegrationPayload(
            integration=await shown(info, outcome, "Integration"), user_errors=errors(outcome)
        )

    @strawberry.mutation
    async def drain_webhooks(self, info: Info, input: i.DrainWebhooksInput) -> p.IntegrationPayload:
        """Handle all webhooks that were held back."""
        outcome = await replay.drain_webhooks(info.context, input)
        return p.IntegrationPayload(
            integration=await shown(info, outcome, "Integration"), user_errors=errors(outcome)
        )

    @strawberry.mutation
    async def replay_webhook_events(
        self, info: Info, input: i.ReplayWebhookEventsInput
    ) -> p.ReplayWebhookEventsPayload:
        """Handle webhooks again."""
        outcome = await replay.replay_webhook_events(info.context, input)
        events: list[Any] = []
        if outcome.subject is not None:
            info.context.renew()
            events = await more.gathered(
                [nodes.find(info.context, one) for one in input.webhook_event_ids]
            )
        return p.ReplayWebhookEventsPayload(
            webhook_events=[one for one in events if one], user_errors=errors(outcome)
        )

    @strawberry.mutation
    async def replay_dead_letters(
        self, info: Info, input: i.ReplayDeadLettersInput
    ) -> p.ReplayDeadLettersPayload:
        """Try work again that was given up."""
        outcome = await replay.replay_dead_letters(info.context, input)
        count = len(set(input.dead_letter_ids)) if outcome.subject is not None else 0
        return p.ReplayDeadLettersPayload(replayed=count, user_errors=errors(outcome))


async def _key(outcome: Outcome) -> ApiKey | None:
    return None if outcome.subject is None else await access.load_key(outcome.subject)
