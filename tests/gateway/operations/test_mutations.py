"""What the mutations do, refuse, and answer again."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.auth import authenticate
from schema.models import (
    ApiKey,
    Audit,
    Conflict,
    IdempotencyKey,
    Integration,
    Invoice,
    Issue,
    Job,
    Link,
    Sighting,
    SyncRun,
)
from schema.types.ids import write_id
from schema.words import Entity, InvoiceState, Role, Scope, Side, SyncRunState, SyncTrigger

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
START = """mutation ($input: StartSyncInput!) { startSync(input: $input) {
  run { id state trigger full entities } userErrors { code message nextStep path } } }"""
RETRY = """mutation ($input: RetryInvoiceInput!) { retryInvoice(input: $input) {
  invoice { id state } userErrors { code message nextStep path } } }"""
PAUSE = """mutation ($input: PauseIntegrationInput!) { pauseIntegration(input: $input) {
  integration { state pausedReason } userErrors { code } } }"""
RESUME = """mutation ($input: ResumeIntegrationInput!) { resumeIntegration(input: $input) {
  integration { state pausedReason } userErrors { code } } }"""
DISMISS = """mutation ($input: DismissIssueInput!) { dismissIssue(input: $input) {
  issue { resolvedAt dismissedReason dismissedBy } userErrors { code } } }"""
RESOLVE = """mutation ($input: ResolveConflictInput!) { resolveConflict(input: $input) {
  conflict { chosenSide resolvedAt } userErrors { code } } }"""
CREATE = """mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) {
  apiKey { id name scopes integrations { id } } key userErrors { code } } }"""
REVOKE = """mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) {
  apiKey { revokedAt } userErrors { code } } }"""


class TestStartSync:
    async def test_queues_one_run_however_often_it_is_asked(
        self, do: Any, pair: Integration
    ) -> None:
        given = {"integrationId": write_id("Integration", pair.id)}

        answers = await asyncio.gather(*(do(START, **given) for _ in range(8)))

        assert len({answer["run"]["id"] for answer in answers}) == 1
        assert await SyncRun.all().count() == await Job.filter(kind="sync.run").count() == 1
        assert answers[0]["run"]["trigger"] == "MANUAL"

    async def test_answers_the_running_run_and_queues_exactly_one_more(
        self, do: Any, pair: Integration
    ) -> None:
        running = await SyncRun.create(
            integration_id=pair.id, trigger=SyncTrigger.SCHEDULE, state=SyncRunState.RUNNING
        )
        given = {"integrationId": write_id("Integration", pair.id), "entities": ["INVOICE"]}

        answers = [await do(START, **given) for _ in range(3)]

        assert {answer["run"]["id"] for answer in answers} == {write_id("SyncRun", running.id)}
        queued = await SyncRun.filter(state=SyncRunState.QUEUED)
        assert len(queued) == 1
        assert queued[0].entities == ["INVOICE"]

    async def test_widens_a_run_that_still_waits(self, do: Any, pair: Integration) -> None:
        name = write_id("Integration", pair.id)
        await do(START, integrationId=name, entities=["INVOICE"])
        more = await do(START, integrationId=name, entities=["CUSTOMER"], full=True)
        everything = await do(START, integrationId=name)

        assert (more["run"]["entities"], more["run"]["full"]) == (["CUSTOMER", "INVOICE"], True)
        assert (everything["run"]["entities"], everything["run"]["full"]) == (None, True)

    async def test_refuses_what_it_cannot_do(self, do: Any, who: Any, pair: Integration) -> None:
        name = write_id("Integration", pair.id)
        stranger = who(integrations=frozenset())
        await do(PAUSE, integrationId=name, reason="holiday")

        paused = await do(START, integrationId=name)
        hidden = await do(START, stranger, integrationId=name)
        unknown = await do(START, integrationId="nonsense")

        assert paused["userErrors"][0]["code"] == "INTEGRATION_PAUSED"
        assert hidden["userErrors"] == unknown["userErrors"]
        assert hidden["userErrors"][0]["code"] == "NOT_FOUND"
        assert hidden["userErrors"][0]["path"] == ["input", "integrationId"]

    async def test_needs_its_scope(self, do: Any, who: Any, pair: Integration) -> None:
        given = {"integrationId": write_id("Integration", pair.id)}
        body = await do.raw(START, given, who(Scope.READ))

        assert body["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        assert await SyncRun.all().count() == 0


class TestRetryInvoice:
    async def test_queues_an_urgent_job_and_answers_the_invoice_as_it_stands(
        self, do: Any, invoice: Invoice
    ) -> None:
        answer = await do(RETRY, invoiceId=write_id("Invoice", invoice.id))

        job = await Job.get()
        assert answer == {
            "invoice": {"id": write_id("Invoice", invoice.id), "state": "FAILED"},
            "userErrors": [],
        }
        assert (job.kind, job.arguments) == ("invoice.retry", {"invoice_id": str(invoice.id)})
        assert (await Audit.get()).actor == "key:tester"

    @pytest.mark.parametrize("state", list(InvoiceState))
    async def test_allows_the_states_of_q56(
        self, do: Any, invoice: Invoice, state: InvoiceState
    ) -> None:
        await Invoice.filter(id=invoice.id).update(state=state, severa_role=Role.TRANSFER)
        allowed = state.value in ("FAILED", "ORPHANED", "UNCERTAIN", "WAITING")

        answer = await do(RETRY, invoiceId=write_id("Invoice", invoice.id))

        codes = [error["code"] for error in answer["userErrors"]]
        assert codes == ([] if allowed else ["NOT_RETRYABLE"])
        assert await Job.all().count() == allowed

    async def test_needs_the_failed_or_the_transfer_status(self, do: Any, invoice: Invoice) -> None:
        for role in (Role.DRAFT, Role.SENT, Role.PAID, None):
            await Invoice.filter(id=invoice.id).update(severa_role=role)
            answer = await do(RETRY, invoiceId=write_id("Invoice", invoice.id))
            assert answer["userErrors"][0]["code"] == "NOT_RETRYABLE", role

    async def test_hides_the_invoices_of_others(self, do: Any, who: Any, invoice: Invoice) -> None:
        stranger = who(integrations=frozenset())
        answer = await do(RETRY, stranger, invoiceId=write_id("Invoice", invoice.id))

        assert answer["userErrors"][0]["code"] == "NOT_FOUND"


class TestIdempotency:
    async def test_does_nothing_twice(self, do: Any, pair: Integration) -> None:
        given = {"name": "one", "scopes": ["READ"], "idempotencyKey": "k"}

        answers = await asyncio.gather(*(do(CREATE, **given) for _ in range(6)))

        assert await ApiKey.all().count() == 1
        assert len({answer["apiKey"]["id"] for answer in answers}) == 1
        assert sum(answer["key"] is not None for answer in answers) == 1

    async def test_refuses_another_input(self, do: Any, invoice: Invoice) -> None:
        await do(CREATE, name="one", scopes=["READ"], idempotencyKey="k")
        other = await do(CREATE, name="two", scopes=["READ"], idempotencyKey="k")
        another = await do(RETRY, invoiceId=write_id("Invoice", invoice.id), idempotencyKey="k")

        assert other["userErrors"][0]["code"] == "IDEMPOTENCY_KEY_REUSED"
        assert another["userErrors"][0]["code"] == "IDEMPOTENCY_KEY_REUSED"

    async def test_belongs_to_its_caller(self, do: Any, who: Any) -> None:
        given = {"name": "one", "scopes": ["READ"], "idempotencyKey": "k"}
        await do(CREATE, **given)
        await do(CREATE, who(name="other"), **given)

        assert await ApiKey.all().count() == 2

    async def test_keeps_no_refusal(self, do: Any, invoice: Invoice) -> None:
        given = {"invoiceId": write_id("Invoice", invoice.id), "idempotencyKey": "k"}
        await Invoice.filter(id=invoice.id).update(state=InvoiceState.PAID)
        refused = await do(RETRY, **given)
        await Invoice.filter(id=invoice.id).update(state=InvoiceState.FAILED)
        done = await do(RETRY, **given)

        assert refused["userErrors"]
        assert not done["userErrors"]
        assert await IdempotencyKey.all().count() == 1

    async def test_forgets_after_two_days(self, do: Any) -> None:
        given = {"name": "one", "scopes": ["READ"], "idempotencyKey": "k"}
        await do(CREATE, **given)
        await IdempotencyKey.all().update(expires_at=NOW - timedelta(seconds=1))
        await do(CREATE, **given)

        assert await ApiKey.all().count() == 2


class TestIntegrations:
    async def test_pause_and_resume(self, do: Any, pair: Integration) -> None:
        name = write_id("Integration", pair.id)
        paused = await do(PAUSE, integrationId=name, reason="year end")
        resumed = await do(RESUME, integrationId=name)

        assert paused["integration"] == {"state": "PAUSED", "pausedReason": "year end"}
        assert resumed["integration"] == {"state": "ACTIVE", "pausedReason": None}

    async def test_cannot_be_paused_before_they_are_active(self, do: Any) -> None:
        pair = await Integration.create(name="New")
        answer = await do(PAUSE, integrationId=write_id("Integration", pair.id))

        assert answer["userErrors"][0]["code"] == "NOT_ACTIVE"


class TestIssuesAndConflicts:
    async def test_an_issue_is_dismissed_with_a_reason(self, do: Any, pair: Integration) -> None:
        issue = await Issue.create(
            integration_id=pair.id, code="name_twice", subject="x", cause="c", next_step="n",
            opened_at=NOW, last_seen_at=NOW,
        )  # fmt: skip
        name = write_id("Issue", issue.id)
        empty = await do(DISMISS, issueId=name, reason=" ")
        done = await do(DISMISS, issueId=name, reason="known")
        again = await do(DISMISS, issueId=name, reason="known")

        assert empty["userErrors"][0]["code"] == "REASON_MISSING"
        assert done["issue"]["dismissedReason"] == "known"
        assert done["issue"]["resolvedAt"] == NOW.isoformat()
        assert again["userErrors"][0]["code"] == "ALREADY_RESOLVED"

    async def test_a_conflict_keeps_the_choice_for_the_worker(
        self, do: Any, invoice: Invoice
    ) -> None:
        seen = await _seen_customer(invoice)
        conflict = await Conflict.create(
            integration_id=invoice.integration_id, entity=Entity.CUSTOMER,
            record_id=invoice.customer_id, field="website", opened_at=NOW,
        )  # fmt: skip
        name = write_id("Conflict", conflict.id)
        answer = await do(RESOLVE, conflictId=name, side="SEVERA", makeRule=True)

        found = await Integration.get(id=invoice.integration_id)
        assert answer["conflict"] == {"chosenSide": "SEVERA", "resolvedAt": None}
        assert (await Conflict.get()).chosen_side is Side.SEVERA
        assert found.options["field_owners"] == {"CUSTOMER.website": "SEVERA"}
        assert await Job.filter(kind="sync.run").count() == 1
        assert (await Sighting.get(id=seen.id)).dirty


async def _seen_customer(invoice: Invoice) -> Sighting:
    """A customer in Severa that was read and merged before."""
    integration_id = invoice.integration_id
    await Link.create(
        integration_id=integration_id, entity=Entity.CUSTOMER, record_id=invoice.customer_id,
        side=Side.SEVERA, external_id="guid", internal_id="guid",
    )  # fmt: skip
    return await Sighting.create(
        integration_id=integration_id, side=Side.SEVERA, resource="customers", external_id="guid",
        digest="x", seen_at=NOW, dirty=False,
    )  # fmt: skip


class TestKeys:
    async def test_can_do_no_more_than_their_maker(
        self, do: Any, who: Any, pair: Integration
    ) -> None:
        maker = who(Scope.KEYS, Scope.READ, integrations=frozenset({pair.id}))
        other = await Integration.create(name="Other")

        more = await do(CREATE, maker, name="x", scopes=["SYNC"])
        far = await do(
            CREATE, maker, name="x", scopes=["READ"],
            integrationIds=[write_id("Integration", other.id)],
        )  # fmt: skip
        fine = await do(CREATE, maker, name="x", scopes=["READ"])

        assert more["userErrors"][0]["code"] == "SCOPE_NOT_HELD"
        assert far["userErrors"][0]["code"] == "NOT_FOUND"
        assert fine["apiKey"]["integrations"] == [{"id": write_id("Integration", pair.id)}]
        assert (await authenticate(f"Bearer {fine['key']}")).scopes == {Scope.READ}

    async def test_are_revoked(self, do: Any) -> None:
        made = await do(CREATE, name="x", scopes=["READ"])
        revoked = await do(REVOKE, apiKeyId=made["apiKey"]["id"])

        assert revoked["apiKey"]["revokedAt"] == NOW.isoformat()
        assert (await ApiKey.get()).revoked_at == NOW
