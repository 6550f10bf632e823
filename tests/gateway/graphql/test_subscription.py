"""What the subscriptions send: in order, without gap or repeat, and only what one may see."""

import asyncio
from contextlib import aclosing
from datetime import timedelta
from typing import Any

from schema import bell
from schema.models import Change, Issue, SyncRun, SyncStep
from schema.words import InvoiceState, SyncRunState

CHANGES = """subscription ($after: String, $entities: [Entity!], $in: ID) {
  changes(after: $after, entities: $entities, integrationId: $in) {
    kind cursor entity record { id } fields { field } } }"""
INVOICES = """subscription ($after: String, $filter: InvoiceFilter) {
  invoiceChanged(after: $after, filter: $filter) {
    cursor previousState invoice { number state customer { name } } } }"""
ISSUES = "subscription ($after: String) { issueChanged(after: $after) { cursor issue { code } } }"
RUN = """subscription ($in: ID) { syncProgress(integrationId: $in) {
  id state steps { name state processed } } }"""


async def take(stream: Any, field: str) -> Any:
    """Wait for the next answer of a subscription."""
    async with asyncio.timeout(10):
        body = (await anext(stream)).body
    assert "errors" not in body, body
    return body["data"][field]


class TestChanges:
    async def test_begin_with_a_snapshot(self, ask: Any, make: Any, services: Any) -> None:
        customer = await make.customer(await make.integration())
        await make.change(customer, kind="customer.created")

        async with aclosing(ask.stream(CHANGES)) as stream:
            first = await take(stream, "changes")
            await make.change(customer)
            await bell.ring(services.redis)
            second = await take(stream, "changes")

        assert (first["kind"], first["entity"], first["record"]) == ("snapshot", None, None)
        assert second["kind"] == "customer.changed"

    async def test_go_on_from_a_cursor_without_gap_or_repeat(
        self, ask: Any, make: Any, services: Any
    ) -> None:
        customer = await make.customer(await make.integration())
        for number in range(30):
            await make.change(customer, kind=f"k.{number}", stamped=number % 7 == 0)
        seen: list[str] = []
        after = "ajE6MA"  # The start of the journal: j1:0.
        while len(seen) < 40:
            async with aclosing(ask.stream(CHANGES, {"after": after})) as stream:
                for _ in range(5):
                    change = await take(stream, "changes")
                    seen.append(change["kind"])
                    after = change["cursor"]
                    if len(seen) % 3 == 0:
                        await make.change(customer, kind=f"k.{29 + len(seen) // 3}")
                        await bell.ring(services.redis)

        assert seen == [f"k.{number}" for number in range(len(seen))]

    async def test_keep_to_the_integration_and_kind(
        self, ask: Any, make: Any, services: Any, principal: Any, global_id: Any
    ) -> None:
        mine, other = await make.integration(), await make.integration()
        ours, theirs = await make.customer(mine), await make.customer(other)
        project = await make.project(mine)
        me = principal(integrations=frozenset({mine.id}))
        variables = {"after": "ajE6MA", "entities": ["CUSTOMER"], "in": None}

        async with aclosing(ask.stream(CHANGES, variables, me)) as stream:
            await make.change(theirs)
            await make.change(project)
            await make.change(ours, kind="customer.created")
            await bell.ring(services.redis)
            first = await take(stream, "changes")

        assert first["kind"] == "customer.created"
        assert first["record"]["id"] == global_id(ours)

    async def test_send_heartbeats_at_rest(self, ask: Any, make: Any, services: Any) -> None:
        services.hub.heartbeat = 0.2
        async with aclosing(ask.stream(CHANGES)) as stream:
            kinds = [(await take(stream, "changes"))["kind"] for _ in range(3)]

        assert kinds == ["snapshot", "heartbeat", "heartbeat"]

    async def test_refuse_a_foreign_cursor(self, ask: Any) -> None:
        stream = ask.stream(CHANGES, {"after": "nonsense"})
        body = (await anext(stream)).body

        assert body["errors"][0]["extensions"]["code"] == "BAD_CURSOR"

    async def test_lose_nothing_when_the_reader_is_slow(
        self, ask: Any, make: Any, services: Any, monkeypatch: Any
    ) -> None:
        monkeypatch.setattr("gateway.graphql.hub.QUEUE", 3)
        customer = await make.customer(await make.integration())

        async with aclosing(ask.stream(CHANGES)) as stream:
            await take(stream, "changes")
            pending = asyncio.ensure_future(take(stream, "changes"))
            await asyncio.sleep(0.05)
            for number in range(40):
                await make.change(customer, kind=f"k.{number}", stamped=False)
            await services.hub.now()
            await bell.ring(services.redis)
            seen = [(await pending)["kind"]]
            while services.hub.subscribers and len(seen) < 40:
                seen.append((await take(stream, "changes"))["kind"])

        assert seen == [f"k.{number}" for number in range(40)]

    async def test_stamp_rows_that_nobody_stamped(self, ask: Any, make: Any, services: Any) -> None:
        customer = await make.customer(await make.integration())
        async with aclosing(ask.stream(CHANGES)) as stream:
            await take(stream, "changes")
            await make.change(customer, stamped=False)
            change = await take(stream, "changes")

        assert change["kind"] == "customer.changed"
        assert await Change.filter(position__isnull=True).count() == 0


class TestInvoices:
    async def test_show_the_invoice_as_it_is_and_the_state_before(
        self, ask: Any, make: Any, services: Any
    ) -> None:
        customer = await make.customer(await make.integration())
        invoice = await make.invoice(customer, number="1")

        async with aclosing(ask.stream(INVOICES)) as one, aclosing(ask.stream(INVOICES)) as two:
            tasks = [asyncio.ensure_future(take(each, "invoiceChanged")) for each in (one, two)]
            while services.hub.subscribers < 2:  # noqa: ASYNC110  the hub has no event for it
                await asyncio.sleep(0.01)
            await make.change(customer)
            invoice.state = InvoiceState.PAID
            await invoice.save()
            await make.change(invoice, previous_state="SENT")
            await bell.ring(services.redis)
            first, second = [await task for task in tasks]

        assert first == second
        assert first["previousState"] == "SENT"
        assert first["invoice"]["state"] == "PAID"
        assert first["invoice"]["customer"]["name"] == customer.name

    async def test_fit_the_filter(self, ask: Any, make: Any, services: Any) -> None:
        customer = await make.customer(await make.integration())
        ready = await make.invoice(customer, number="1")
        failed = await make.invoice(customer, number="2", state=InvoiceState.FAILED)
        for invoice in (ready, failed):
            await make.change(invoice)
        variables = {"after": "ajE6MA", "filter": {"states": ["FAILED"]}}

        async with aclosing(ask.stream(INVOICES, variables)) as stream:
            change = await take(stream, "invoiceChanged")

        assert change["invoice"]["number"] == "2"
        assert change["previousState"] is None


class TestProgress:
    async def test_shows_every_step_forward_and_the_end(
        self, ask: Any, make: Any, services: Any, global_id: Any
    ) -> None:
        pair = await make.integration()
        run = await make.run(pair, state=SyncRunState.RUNNING)
        step = await make.step(run, 1, state=SyncRunState.RUNNING, finished_at=None)

        async with aclosing(ask.stream(RUN, {"in": global_id(pair)})) as stream:
            first = await take(stream, "syncProgress")
            await SyncStep.filter(id=step.id).update(processed=7)
            await bell.ring(services.redis)
            second = await take(stream, "syncProgress")
            await SyncRun.filter(id=run.id).update(state=SyncRunState.SUCCEEDED)
            following = await make.run(pair, state=SyncRunState.RUNNING)
            await bell.ring(services.redis)
            third, fourth = [await take(stream, "syncProgress") for _ in range(2)]

        assert (first["state"], first["steps"][0]["processed"]) == ("RUNNING", 0)
        assert second["steps"][0]["processed"] == 7
        assert (third["id"], third["state"]) == (global_id(run), "SUCCEEDED")
        assert fourth["id"] == global_id(following)


class TestIssues:
    async def test_come_when_opened_and_when_closed_each_once(
        self, ask: Any, make: Any, services: Any
    ) -> None:
        customer = await make.customer(await make.integration())
        now = services.clock()
        await make.issue(customer, code="old", opened_at=now, last_seen_at=now)
        begun = asyncio.Event()
        services.hub.clock = lambda: begun.set() or now
        async with aclosing(ask.stream(ISSUES)) as stream:
            pending = asyncio.ensure_future(take(stream, "issueChanged"))
            await begun.wait()
            await asyncio.sleep(0.2)
            late = now - timedelta(seconds=2)
            issue = await make.issue(customer, opened_at=late, last_seen_at=late)
            await bell.ring(services.redis)
            first = await pending
            await Issue.filter(id=issue.id).update(resolved_at=now + timedelta(seconds=1))
            await bell.ring(services.redis)
            second = await take(stream, "issueChanged")
        async with aclosing(ask.stream(ISSUES, {"after": first["cursor"]})) as stream:
            again = await take(stream, "issueChanged")

        assert first["issue"]["code"] == second["issue"]["code"] == "vat_mismatch"
        assert again["cursor"] == second["cursor"]
