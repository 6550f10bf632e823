"""The first sync of two sample companies, and what a second one leaves alone."""

from schema.models import Customer, Link, Product, Project, SyncStep
from schema.words import Entity, Side, SyncRunState, SyncState
from tests.worker.conftest import Settled
from tests.worker.pair import Pair


class TestFirstSync:
    async def test_settles_without_an_issue(self, pair: Pair, settled: Settled) -> None:
        steps = await SyncStep.filter(run_id=settled.first.id)

        assert settled.first.state is SyncRunState.SUCCEEDED
        assert {step.state for step in steps} == {SyncRunState.SUCCEEDED}
        assert await pair.open_issues() == {}

    async def test_carries_out_its_steps_in_the_order_of_the_design(
        self, pair: Pair, settled: Settled
    ) -> None:
        steps = await SyncStep.filter(run_id=settled.first.id).order_by("position")

        names = [step.name for step in steps]
        assert names[:5] == ["reference", "products", "customers", "projects", "invoices"]
        assert names[-1] == "inactivations"  # Q55

    async def test_links_every_customer_and_item_on_both_sides(self, pair: Pair) -> None:
        for entity, model in ((Entity.CUSTOMER, Customer), (Entity.PRODUCT, Product)):
            for record in await model.all():
                sides = {link.side for link in await Link.filter(record_id=record.id)}
                assert sides == {"SEVERA", "FINANCIALS"}, record
                assert record.sync_state is SyncState.IN_SYNC, record
            assert await Link.filter(entity=entity.value).count() > 10

    async def test_gives_every_customer_the_number_of_financials(self, pair: Pair) -> None:
        """R47, R158."""
        org = pair.world.severa.organizations[0]
        for customer in await Customer.all():
            link = await Link.get(record_id=customer.id, side=Side.SEVERA.value)
            stored = org.need("customers", link.external_id)

            assert str(stored["number"]) == customer.number

    async def test_leaves_out_the_internal_customer_and_project(self, pair: Pair) -> None:
        """R45, R57."""
        org = pair.world.severa.organizations[0]
        inner = [row["name"] for row in org.tables["customers"] if row["isInternal"]]
        hidden = [str(row["number"]) for row in org.tables["projects"] if row["isInternal"]]

        assert inner
        assert not await Customer.filter(name__in=inner).exists()
        assert hidden
        assert not await Project.filter(number__in=hidden).exists()

    async def test_leaves_out_inactive_customers_of_financials(self, pair: Pair) -> None:
        """R46."""
        company = next(iter(pair.world.financials.companies.values()))
        sample = pair.world.companies[0]
        names = {row.dto["name"] for row in company.customers if row.dto["status"] == "Inactive"}
        names -= {firm.name for firm in sample.firms if firm.where != "financials"}
        org = pair.world.severa.organizations[0]

        assert names
        assert not names & {row["name"] for row in org.tables["customers"]}


class TestSecondRun:
    async def test_writes_nothing(self, pair: Pair) -> None:
        before = pair.writes()

        run = await pair.sync()

        assert run.state is SyncRunState.SUCCEEDED
        assert pair.writes() == before

    async def test_reads_little(self, pair: Pair) -> None:
        """A tick with nothing changed: at most 25 Financials and 40 Severa requests."""
        await pair.sync()
        before = pair.world.log.counts()

        await pair.sync()

        after = pair.world.log.counts()
        spent = {side: sum(after[side].values()) - sum(before[side].values()) for side in after}
        assert spent["severa"] <= 40
        assert spent["financials"] <= 25

    async def test_of_everything_writes_nothing_either(self, pair: Pair) -> None:
        before = pair.writes()

        run = await pair.sync(full=True)

        assert run.state is SyncRunState.SUCCEEDED
        assert pair.writes() == before
