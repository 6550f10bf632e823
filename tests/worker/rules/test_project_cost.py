"""Supplier invoices and other transactions reach Severa as costs of projects (R12, R55, R105)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from schema.models import Attempt, Change, Integration, IssueRecord, Link, ProjectCost
from schema.words import AttemptState, Entity, Side, SyncState
from tests.worker.pair import Pair
from tests.worker.rules.cost_desk import Books, Row, amounts
from worker import faultpoint

CREATE = "POST /v1/projectfees"


@pytest.fixture
async def books(pair: Pair) -> Books:
    """The ledger, and two projects that both sides know."""
    return await Books.opened(pair)


async def options(pair: Pair, **more: Any) -> None:
    """Choose settings of the integration."""
    integration = await Integration.get(id=pair.integration.id)
    integration.options = {**integration.options, **more}
    await integration.save()


class TestSupplierInvoice:
    async def test_becomes_a_cost_of_its_project(self, pair: Pair, books: Books) -> None:
        """R105, R110, R111: costs only unless a person chose otherwise, at a price of 0.00."""
        made = books.invoice(Row(text="Hotel", amount="250.40"))
        run = await pair.sync()

        fee = books.fee()
        supplier = made.supplier
        text = f"Hotel, {made.number}, {supplier.key} {supplier.ref['name']}"
        assert fee["description"] == text
        assert fee["eventDate"].isoformat() == made.dto["date"][:10]
        assert fee["quantity"] == 1
        assert fee["unitCost"] == {"amount": Decimal("250.40"), "currencyCode": books.base}
        assert fee["unitPrice"] == {"amount": 0, "currencyCode": books.base}
        assert fee["isBillable"] is False

        cost = await ProjectCost.get()
        assert cost.description == text
        assert (cost.unit_cost, cost.unit_price, cost.quantity) == (Decimal("250.40"), 0, 1)
        assert cost.sync_state is SyncState.IN_SYNC
        links = {link.side: link.external_id for link in await Link.filter(record_id=cost.id)}
        assert made.batch is not None
        assert links == {
            "FINANCIALS": f"ModuleAP/{made.batch.number}/1",
            "SEVERA": fee["guid"],
        }
        kinds = [row.kind for row in await Change.filter(record_id=cost.id).order_by("id")]
        assert kinds[:2] == ["project_cost.created", "project_cost.transferred"]
        step = (await pair.steps(run))["costs"]
        assert (step.created, step.failed, step.reason) == (1, 0, None)

    async def test_sends_nothing_that_severa_decides(self, pair: Pair, books: Books) -> None:
        books.invoice()
        await pair.sync()
        sent = (await pair.requests(CREATE))[0]["body"]
        assert set(sent) == {
            *("project", "eventDate", "description", "quantity"),
            *("unitCost", "unitPrice", "isBillable"),
        }

    async def test_a_second_run_does_nothing(self, pair: Pair, books: Books) -> None:
        books.invoice(Row(), Row(project=1))
        await pair.sync()
        before = pair.writes()
        await pair.sync()
        await pair.sync(full=True)
        assert pair.writes() == before

    async def test_waits_for_the_release(self, pair: Pair, books: Books) -> None:
        draft = books.invoice(release=False)
        await pair.sync()
        assert books.fees() == []
        books.release(draft)
        await pair.sync()
        assert len(books.fees()) == 1

    async def test_takes_the_amount_in_base_currency(self, pair: Pair, books: Books) -> None:
        books.invoice(Row(amount="100.00"), currency="EUR", rate="11.5")
        await pair.sync()
        assert books.fee()["unitCost"] == {
            "amount": Decimal("1150.00"),
            "currencyCode": books.base,
        }

    async def test_older_ones_are_left_alone(self, pair: Pair, books: Books) -> None:
        """Q45: nothing before the start, and the start day itself is in."""
        today = books.day()
        books.invoice(Row(text="Old"), day=today - timedelta(days=1))
        books.invoice(Row(text="New"), day=today)
        await pair.sync()
        assert [fee["description"].split(",")[0] for fee in books.fees()] == ["New"]


class TestModes:
    @pytest.mark.parametrize(
        ("percent", "price"),
        [(None, "33.35"), ("100", "33.35"), ("150", "50.03"), ("110.5", "36.85")],
    )
    async def test_price_follows_the_multiplier(
        self, pair: Pair, books: Books, percent: str | None, price: str
    ) -> None:
        """R112 to R114, rounded half up (Q6)."""
        await options(pair, cost_mode="COSTS_AND_FEES", cost_multiplier=percent)
        books.invoice(Row(amount="33.35"))
        await pair.sync()
        fee = books.fee()
        assert fee["unitPrice"]["amount"] == Decimal(price)
        assert fee["isBillable"] is True


class TestJournal:
    async def test_other_transactions_count_too(self, pair: Pair, books: Books) -> None:
        """Q6: debit minus credit, on Expense accounts, of real projects; Q26: no loose commas."""
        books.journal(
            Row(text="Postage", amount="40"),
            Row(text="Refund", amount="-15", project=1),
            Row(text="Not a project", amount="7", project=None),
            Row(text="An asset", amount="9", account=books.account("Asset")),
        )
        await pair.sync()
        assert amounts(books.fees()) == {"Postage": "40.00"}
        assert amounts(books.fees(1)) == {"Refund": "-15.00"}

    async def test_what_nets_to_zero_is_not_transferred(self, pair: Pair, books: Books) -> None:
        books.journal(
            Row(text="There", amount="40"),
            Row(text="And back", amount="-40"),
            Row(text="Stays", amount="12"),
            Row(text="Elsewhere", amount="40", project=1),
        )
        await pair.sync()
        assert amounts(books.fees()) == {"Stays": "12.00"}
        assert amounts(books.fees(1)) == {"Elsewhere": "40.00"}

    async def test_accounts_can_be_chosen(self, pair: Pair, books: Books) -> None:
        asset = books.account("Asset")
        await options(pair, cost_accounts={"include": [asset], "exclude": [books.expense]})
        books.journal(Row(text="Kept out", amount="40"), Row(text="In", amount="9", account=asset))
        await pair.sync()
        assert amounts(books.fees()) == {"In": "9.00"}

    async def test_our_own_invoices_do_not_come_back(self, pair: Pair, books: Books) -> None:
        await pair.bill(3)
        await pair.sync()
        await pair.sync()
        assert await ProjectCost.all().count() == 0

    async def test_a_batch_over_two_pages_is_one(
        self, pair: Pair, books: Books, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sandbox.financials.serve_ledger.JOURNAL_PAGE", 3)
        rows = [Row(text=f"Part {place}", amount=str(place)) for place in range(1, 8)]
        books.journal(*rows)
        books.journal(Row(text="Last", amount="99"))
        await pair.sync()
        wanted = {f"Part {place}": f"{place}.00" for place in range(1, 8)} | {"Last": "99.00"}
        assert amounts(books.fees()) == wanted


class TestProjects:
    async def test_an_unknown_project_is_an_issue(self, pair: Pair, books: Books) -> None:
        code = books.lone_project()
        books.journal(Row(text="Alone", amount="5", code=code), Row(text="Known", amount="6"))
        run = await pair.sync()
        assert amounts(books.fees()) == {"Known": "6.00"}
        issue = (await pair.open_issues())["cost_project_unknown"]
        assert code in issue.cause
        assert (await pair.steps(run))["costs"].failed == 0
        before = pair.writes()
        await pair.sync()
        assert pair.writes() == before

    async def test_a_closed_project_waits_until_it_opens(self, pair: Pair, books: Books) -> None:
        await pair.edit(Side.SEVERA, "projects", books.guid(), isClosed=True)
        books.invoice()
        await pair.sync()
        assert books.fees() == []
        cost = await ProjectCost.get()
        assert cost.sync_state is SyncState.WAITING
        issue = (await pair.open_issues())["cost_project_closed"]
        assert await IssueRecord.exists(issue_id=issue.id, record_id=cost.id)

        await pair.edit(Side.SEVERA, "projects", books.guid(), isClosed=False)
        await pair.sync()
        assert len(books.fees()) == 1
        assert "cost_project_closed" not in await pair.open_issues()

    async def test_a_refusal_is_an_issue_and_stops_no_other(self, pair: Pair, books: Books) -> None:
        books.invoice(Row(text="First"), Row(text="Second"))
        await pair.fault("error_400", CREATE, Side.SEVERA)
        run = await pair.sync()
        assert len(books.fees()) == 1
        assert "vendor_refused" in await pair.open_issues()
        assert (await pair.steps(run))["costs"].failed == 1
        await pair.sync(full=True)
        assert len(books.fees()) == 2
        assert "vendor_refused" not in await pair.open_issues()


class TestCorrections:
    async def test_a_voided_document_is_taken_back(self, pair: Pair, books: Books) -> None:
        """Q25: a compensating cost with a link to the original."""
        await options(pair, cost_mode="COSTS_AND_FEES", cost_multiplier="150")
        made = books.invoice(Row(text="Hotel", amount="100"))
        await pair.sync()
        await options(pair, cost_mode="COSTS_ONLY")
        books.void(made)
        await pair.sync()
        first, second = await ProjectCost.all().order_by("id")
        assert second.compensates_id == first.id
        assert [fee["unitCost"]["amount"] for fee in books.fees()] == [100, -100]
        assert [fee["unitPrice"]["amount"] for fee in books.fees()] == [150, -150]
        assert "cost_reinvoiced" not in await pair.open_issues()

    async def test_a_debit_adjustment_names_its_invoice(self, pair: Pair, books: Books) -> None:
        first, second = (books.invoice(Row(text="Hotel", amount="100")) for _ in range(2))
        await pair.sync()
        books.reverse(second)
        await pair.sync()
        costs = await ProjectCost.all().order_by("id")
        taken = next(cost for cost in costs if second.number in cost.description)
        assert first.number not in taken.description
        assert costs[-1].compensates_id == taken.id

    async def test_warns_when_it_was_billed_already(self, pair: Pair, books: Books) -> None:
        made = books.invoice(Row(text="Hotel", amount="100"))
        await pair.sync()
        books.bill(books.fee())
        books.void(made)
        await pair.sync()
        assert sum(fee["unitCost"]["amount"] for fee in books.fees()) == 0
        issue = (await pair.open_issues())["cost_reinvoiced"]
        assert await IssueRecord.filter(issue_id=issue.id).count() == 2

    async def test_a_voided_batch_is_taken_back(self, pair: Pair, books: Books) -> None:
        batch = books.journal(Row(text="Postage", amount="40"))
        await pair.sync()
        books.void_batch(batch)
        await pair.sync()
        await pair.sync(full=True)
        assert [fee["unitCost"]["amount"] for fee in books.fees()] == [40, -40]


class TestOnce:
    @pytest.mark.parametrize("kind", ["timeout_after_write", "late_write", "error_500"])
    async def test_doubt_is_looked_up(self, pair: Pair, books: Books, kind: str) -> None:
        """Q44: one fee, whether the write landed, lands late or never did."""
        books.invoice()
        await pair.fault(kind, CREATE, Side.SEVERA, delay=0.05)
        await pair.sync()
        cost = await ProjectCost.get()
        assert cost.sync_state is SyncState.UNCERTAIN
        assert "outcome_unknown" in await pair.open_issues()
        await books.wait(pair)
        await pair.sync()
        await pair.sync()
        assert len(books.fees()) == 1
        await cost.refresh_from_db()
        assert cost.sync_state is SyncState.IN_SYNC
        assert "outcome_unknown" not in await pair.open_issues()
        assert not await Attempt.exists(state__in=[AttemptState.OPEN, AttemptState.UNCERTAIN])

    async def test_two_equal_receipts_are_two_costs(self, pair: Pair, books: Books) -> None:
        books.journal(Row(text="Taxi", amount="30"), Row(text="Taxi", amount="30"))
        await pair.fault("timeout_after_write", CREATE, Side.SEVERA)
        await pair.sync()
        assert len(books.fees()) == 1  # The other one waits: they go one at a time.
        await books.wait(pair)
        await pair.sync()
        assert amounts(books.fees()) == {"Taxi": "30.00"}
        assert len(books.fees()) == 2
        assert await Link.filter(entity="PROJECT_COST", side="SEVERA").count() == 2

    @pytest.mark.parametrize("place", ["before", "after", "committed"])
    async def test_a_crash_leaves_no_second_fee(self, pair: Pair, books: Books, place: str) -> None:
        books.invoice(Row(text="One"), Row(text="Two"))

        async def crash() -> None:
            faultpoint.disarm()
            raise RuntimeError("crashed")

        faultpoint.arm(f"cost.create.{place}", crash)
        await pair.sync()
        await Attempt.filter(state=AttemptState.OPEN).update(look_after=None)
        await pair.sync()
        assert sorted(amounts(books.fees())) == ["One", "Two"]
        assert len(books.fees()) == 2

    async def test_fees_of_the_vendors_own_integration_are_adopted(
        self, pair: Pair, books: Books
    ) -> None:
        """Q45: by project, date, cost and description; one fee for one of two equal costs."""
        batch = books.journal(Row(text="Taxi", amount="30"), Row(text="Taxi", amount="30"))
        theirs = books.own_fee(text="Taxi", amount="30", day=batch.dto["transactionDate"][:10])
        run = await pair.sync()
        assert len(books.fees()) == 2
        step = (await pair.steps(run))["costs"]
        assert (step.created, step.updated) == (1, 1)
        adopted = await Link.get(entity=Entity.PROJECT_COST, external_id=theirs["guid"])
        cost = await ProjectCost.get(id=adopted.record_id)
        assert cost.unit_price == Decimal("45")
