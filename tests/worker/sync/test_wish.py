"""What a person wants of a record reaches both systems, and is refused in words (R4, R5, Q42)."""

from decimal import Decimal
from typing import Any

from schema import jobs, queue
from schema.models import Change, Conflict, Issue, Product, RecordWish
from schema.words import Entity, ProductKind, Side, SyncState
from tests.worker.pair import Pair
from tests.worker.sync.test_register import in_financials, in_severa, linked, some_customer


async def want(pair: Pair, record: Any, **wanted: Any) -> RecordWish:
    """Ask for values as the mutation does, and let the desk carry it out."""
    made = await RecordWish.create(
        integration_id=pair.integration.id,
        entity=Entity(record._meta.db_table.upper()),
        record_id=record.id,
        wanted=wanted,
        asked_by="key:ann",
    )
    await queue.enqueue(
        jobs.RECORD_WISH, integration_id=pair.integration.id, arguments={"wish_id": made.id}
    )
    await pair.drained()
    await record.refresh_from_db()
    return await RecordWish.get(id=made.id)


def item(pair: Pair, code: str) -> dict[str, Any]:
    """Return an item as the sandbox's Financials stores it."""
    company = next(iter(pair.world.financials.companies.values()))
    return next(row.dto for row in company.items if row.key.strip() == code)


class TestWish:
    async def test_reaches_both_systems(self, pair: Pair) -> None:
        """R4, R163."""
        customer, guid, number = await some_customer(pair)

        done = await want(pair, customer, website="https://wish.example", email="w@wish.example")

        assert (done.reason, done.done_at is not None) == (None, True)
        assert in_severa(pair, guid)["website"] == "https://wish.example"
        assert in_financials(pair, number)["mainContact"]["web"] == "https://wish.example"
        assert (customer.email, customer.sync_state) == ("w@wish.example", SyncState.IN_SYNC)
        change = await Change.filter(record_id=customer.id).order_by("-id").first()
        assert change is not None
        assert change.actor == "key:ann"

    async def test_clears_a_field(self, pair: Pair) -> None:
        customer, guid, _ = await some_customer(pair)
        await want(pair, customer, website="https://wish.example")

        await want(pair, customer, website=None)

        assert customer.website is None
        assert not in_severa(pair, guid).get("website")

    async def test_that_is_true_already_writes_nothing(self, pair: Pair) -> None:
        customer, _, _ = await some_customer(pair)
        before = pair.writes()

        await want(pair, customer, name=customer.name)

        assert pair.writes() == before

    async def test_sets_a_price(self, pair: Pair) -> None:
        """R5, R154."""
        product = (await Product.filter(kind=ProductKind.PRODUCT, is_active=True).order_by("code"))[
            0
        ]
        link = await linked(product, Side.FINANCIALS)

        done = await want(pair, product, unit_price=Decimal("77.50"))

        assert done.reason is None
        assert item(pair, str(link.external_number))["defaultPrice"] == Decimal("77.5")
        assert product.unit_price == Decimal("77.5")

    async def test_sets_the_class_in_financials(self, pair: Pair) -> None:
        """R50, Q42."""
        customer, _, number = await some_customer(pair)
        company = next(iter(pair.world.financials.companies.values()))
        other = next(one for one in company.customer_classes if one != customer.class_id)

        done = await want(pair, customer, class_id=other)

        assert done.reason is None
        assert in_financials(pair, number)["customerClass"]["id"] == other
        assert customer.class_id == other

    async def test_answers_an_open_conflict(self, pair: Pair) -> None:
        customer, guid, number = await some_customer(pair)
        await pair.edit(Side.SEVERA, "customers", guid, website="https://a.no")
        await pair.edit(Side.FINANCIALS, "customer", number, mainContact={"web": "https://b.no"})
        await pair.sync()
        assert await Conflict.filter(record_id=customer.id, resolved_at=None).exists()

        await want(pair, customer, website="https://c.no")

        assert not await Conflict.filter(record_id=customer.id, resolved_at=None).exists()
        assert in_financials(pair, number)["mainContact"]["web"] == "https://c.no"

    async def test_is_refused_in_words(self, pair: Pair) -> None:
        customer, _, _ = await some_customer(pair)
        before = pair.writes()

        done = await want(pair, customer, payment_term_days=123)

        assert pair.writes() == before
        assert "123 days" in str(done.reason)
        assert await Issue.filter(resolved_at=None, code="unknown_terms").exists()

    async def test_of_something_that_is_not_kept_ends_with_a_reason(self, pair: Pair) -> None:
        kind = ProductKind.WORK_TYPE
        product = (await Product.filter(kind=kind, is_active=True).order_by("code"))[0]

        done = await want(pair, product, unit_price=Decimal(5))

        assert done.reason == "unitPrice is not kept."
        issue = (await pair.open_issues())["wish_refused"]
        assert "unitPrice" in issue.cause
