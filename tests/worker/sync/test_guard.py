"""What must not happen to linked records: numbers changed, records gone, runs that never end."""

import asyncio

from schema.models import Customer, Link, Product, Project, SyncRun
from schema.words import Side, SyncRunState, SyncState
from tests.worker.pair import Pair
from worker import faultpoint


async def linked(record_id: object, side: Side) -> Link:
    """Return the link of a record to one side."""
    return await Link.get(record_id=record_id, side=side.value)


class TestNumber:
    """R18, R19: numbers must not change after linking; a change is found and reported."""

    async def test_of_a_customer_that_changed_in_severa_is_reported(self, pair: Pair) -> None:
        customer = (await Customer.filter(is_active=True).order_by("number"))[0]
        link = await linked(customer.id, Side.SEVERA)
        await pair.edit(Side.SEVERA, "customers", link.external_id, number=987654)

        await pair.sync()

        issue = (await pair.open_issues())["number_changed"]
        assert "987654" in issue.cause
        await customer.refresh_from_db()
        assert customer.sync_state is SyncState.BLOCKED
        assert customer.number != "987654"

    async def test_that_was_changed_back_is_fine_again(self, pair: Pair) -> None:
        customer = (await Customer.filter(is_active=True).order_by("number"))[0]
        link = await linked(customer.id, Side.SEVERA)
        for number in (987654, int(str(customer.number))):
            await pair.edit(Side.SEVERA, "customers", link.external_id, number=number)
            await pair.sync()

        await customer.refresh_from_db()
        assert customer.sync_state is SyncState.IN_SYNC
        assert await pair.open_issues() == {}

    async def test_of_an_item_that_changed_is_reported(self, pair: Pair) -> None:
        product = await Product.filter(kind="PRODUCT", is_active=True).order_by("code").first()
        assert product is not None
        link = await linked(product.id, Side.SEVERA)
        await pair.edit(Side.SEVERA, "products", link.external_id, code="ANDERS")

        await pair.sync()

        assert "ANDERS" in (await pair.open_issues())["number_changed"].cause
        await product.refresh_from_db()
        assert product.code != "ANDERS"

    async def test_of_a_project_that_changed_is_reported(self, pair: Pair) -> None:
        link = await Link.filter(entity="PROJECT", side="FINANCIALS").order_by("id").first()
        assert link is not None
        project = await Project.get(id=link.record_id)
        severa = await linked(project.id, Side.SEVERA)
        await pair.edit(Side.SEVERA, "projects", severa.external_id, number=9753)

        await pair.sync()

        assert "9753" in (await pair.open_issues())["number_changed"].cause


async def without_project(pair: Pair) -> tuple[Customer, Link]:
    """Return a customer that no project of Severa names."""
    org = pair.world.severa.organizations[0]
    used = {row["customer"] for row in org.tables["projects"]}
    for customer in await Customer.filter(is_active=True).order_by("number"):
        link = await linked(customer.id, Side.SEVERA)
        if link.external_id not in used:
            return customer, link
    raise AssertionError("every customer has a project")


class TestMissingRecord:
    """Q24: never deleted across, marked and shown."""

    async def test_of_severa_is_marked_and_shown(self, pair: Pair) -> None:
        _, link = await without_project(pair)
        await pair.control(
            "/delete", {"side": "SEVERA", "entity": "customers", "id": link.external_id}
        )
        before = pair.writes()

        await pair.sync(full=True)

        await link.refresh_from_db()
        assert link.missing_since is not None
        assert "missing_record" in await pair.open_issues()
        assert pair.writes() == before

    async def test_is_not_created_again(self, pair: Pair) -> None:
        customer, link = await without_project(pair)
        await pair.control(
            "/delete", {"side": "SEVERA", "entity": "customers", "id": link.external_id}
        )
        await pair.sync(full=True)
        await pair.edit(Side.FINANCIALS, "customer", str(customer.number), name="Fortsatt her AS")

        await pair.sync(full=True)

        org = pair.world.severa.organizations[0]
        names = {row["name"] for row in org.tables["customers"]}
        assert not names & {"Fortsatt her AS", customer.name}


class TestRun:
    async def test_can_be_cancelled(self, pair: Pair) -> None:
        await pair.bill(6)
        run = await pair.ask_for_a_run()

        async def cancel() -> None:
            faultpoint.disarm()
            await SyncRun.filter(id=run.id).update(cancel_asked=True)
            await asyncio.sleep(0.3)

        faultpoint.arm("invoice.create.committed", cancel)
        await pair.drained()

        stopped = await SyncRun.get(id=run.id)
        assert stopped.state is SyncRunState.CANCELLED
        assert stopped.finished_at is not None

    async def test_that_was_cancelled_is_followed_by_one_that_finishes(self, pair: Pair) -> None:
        guids = await pair.bill(2)
        run = await pair.ask_for_a_run()
        await SyncRun.filter(id=run.id).update(cancel_asked=True)
        await pair.drained()

        await pair.sync()

        assert [len(pair.marked(guid)) for guid in guids] == [1, 1]

    async def test_of_some_entities_touches_only_these(self, pair: Pair) -> None:
        run = await pair.ask_for_a_run()
        await SyncRun.filter(id=run.id).update(entities=["PRODUCT"])

        await pair.drained()

        steps = set(await pair.steps(run))
        assert {"reference", "products"} <= steps
        assert steps.isdisjoint({"customers", "projects", "invoices", "payments"})
