"""Both registers laid side by side before activation, and what people decide of them (Q14)."""

from collections.abc import AsyncIterator

import pytest

from schema import jobs, queue
from schema.models import Customer, Integration, Link, MatchCandidate, SetupReport
from schema.words import Entity, IntegrationState, MatchDecision, MatchKind, SetupReportState, Side
from tests.worker.pair import Pair, opened, small_world


@pytest.fixture
async def fresh(database: str, redis_url: str) -> AsyncIterator[Pair]:
    """A pair that is being set up: nothing is linked yet."""
    async with opened(small_world(), url=database, redis_url=redis_url) as pair:
        await Integration.filter(id=pair.integration.id).update(state=IntegrationState.SETUP)
        pair.integration.state = IntegrationState.SETUP
        yield pair


async def lay_out(pair: Pair) -> None:
    """Have the pair tested, as the mutation asks for it."""
    report = await SetupReport.create(integration_id=pair.integration.id)
    await queue.enqueue(
        jobs.TEST_INTEGRATION,
        integration_id=pair.integration.id,
        arguments={"report_id": report.id},
    )
    await pair.drained()
    await report.refresh_from_db()
    assert report.state is SetupReportState.READY, report.reason


async def of(pair: Pair, **conditions: object) -> list[MatchCandidate]:
    """Return the candidates among customers."""
    return await MatchCandidate.filter(
        integration_id=pair.integration.id, entity=Entity.CUSTOMER, **conditions
    ).order_by("severa_number", "financials_number")


async def decide(candidate: MatchCandidate, decision: MatchDecision) -> None:
    """Decide one candidate as the mutation does."""
    await MatchCandidate.filter(id=candidate.id).update(decision=decision)


async def sync(pair: Pair) -> None:
    """Carry out the initial sync."""
    await Integration.filter(id=pair.integration.id).update(state=IntegrationState.ACTIVE)
    await pair.sync()


async def twins_of(candidate: MatchCandidate) -> set[str]:
    """Return the record that each object of a candidate is linked with."""
    keys = [candidate.severa_key, candidate.financials_key]
    return {str(one.record_id) for one in await Link.filter(internal_id__in=keys)}


class TestCandidates:
    async def test_of_one_unique_name_are_proposed_as_one_record(self, fresh: Pair) -> None:
        """R52, Q14: the numbers differ by definition."""
        await lay_out(fresh)

        found = await of(fresh, kind=MatchKind.NAME)

        assert found
        assert {one.proposal for one in found} == {MatchDecision.LINK}
        assert all(one.severa_number != one.financials_number for one in found)

    async def test_without_a_twin_are_created_unless_a_rule_leaves_them_out(
        self, fresh: Pair
    ) -> None:
        """R45, R46, Q36."""
        await lay_out(fresh)

        found = await of(fresh, kind=MatchKind.NONE)

        assert {one.proposal for one in found} == {MatchDecision.CREATE, MatchDecision.LEAVE}
        internal = [one for one in found if "own customer" in one.reason]
        assert {one.proposal for one in internal} == {MatchDecision.LEAVE}

    async def test_of_every_register_are_laid_out(self, fresh: Pair) -> None:
        await lay_out(fresh)

        kinds = {one.entity for one in await MatchCandidate.all()}

        assert kinds == {Entity.CUSTOMER, Entity.PRODUCT, Entity.PROJECT}

    async def test_that_contradict_each_other_wait_for_a_person(self, fresh: Pair) -> None:
        await lay_out(fresh)
        one = (await of(fresh, kind=MatchKind.NAME))[0]
        await fresh.edit(
            Side.FINANCIALS, "customer", str(one.financials_number), vatRegistrationId="NO111111111"
        )
        await fresh.edit(Side.SEVERA, "customers", one.severa_key, vatNumber="NO222222222")

        await lay_out(fresh)

        again = (await of(fresh, severa_key=one.severa_key))[0]
        assert (again.id, again.proposal) == (one.id, None)
        assert "contradict" in again.reason

    async def test_keep_what_was_decided(self, fresh: Pair) -> None:
        await lay_out(fresh)
        one = (await of(fresh, kind=MatchKind.NAME))[0]
        await decide(one, MatchDecision.CREATE)

        await lay_out(fresh)

        assert (await MatchCandidate.get(id=one.id)).decision is MatchDecision.CREATE

    async def test_are_not_touched_after_activation(self, pair: Pair) -> None:
        await lay_out(pair)

        assert await MatchCandidate.all().count() == 0


class TestNumber:
    """An equal number with another name (Q14)."""

    async def candidate(self, pair: Pair) -> MatchCandidate:
        """Give an object of each side without a twin the same number."""
        await lay_out(pair)
        alone = await of(pair, kind=MatchKind.NONE, proposal=MatchDecision.CREATE)
        billed = {
            str(row.get("customer"))
            for row in pair.world.severa.organizations[0].tables["invoices"]
        }
        ours = next(one for one in alone if one.severa_key and one.severa_key not in billed)
        theirs = (await of(pair, kind=MatchKind.NAME))[0]
        await pair.edit(Side.FINANCIALS, "customer", str(theirs.financials_number), name="Other AS")
        await pair.edit(
            Side.SEVERA, "customers", ours.severa_key, number=int(str(theirs.financials_number))
        )
        await lay_out(pair)
        return (await of(pair, severa_key=ours.severa_key))[0]

    async def test_waits_for_a_person(self, fresh: Pair) -> None:
        one = await self.candidate(fresh)

        assert (one.kind, one.proposal) == (MatchKind.NUMBER, None)
        await sync(fresh)
        assert "match_unclear" in await fresh.open_issues()
        assert await twins_of(one) == set()

    async def test_is_one_record_when_a_person_says_so(self, fresh: Pair) -> None:
        one = await self.candidate(fresh)
        await decide(one, MatchDecision.LINK)

        await sync(fresh)

        assert len(await twins_of(one)) == 1
        assert "match_unclear" not in await fresh.open_issues()

    async def test_is_two_records_when_a_person_says_so(self, fresh: Pair) -> None:
        one = await self.candidate(fresh)
        await decide(one, MatchDecision.CREATE)

        await sync(fresh)

        assert len(await twins_of(one)) == 2
        assert await Customer.filter(name="Other AS").count() == 1

    async def test_is_left_alone_when_a_person_says_so(self, fresh: Pair) -> None:
        one = await self.candidate(fresh)
        await decide(one, MatchDecision.LEAVE)

        await sync(fresh)

        assert await twins_of(one) == set()
        assert "match_unclear" not in await fresh.open_issues()


class TestTwice:
    async def test_is_laid_out_pair_by_pair(self, fresh: Pair) -> None:
        """R53, Q29."""
        await lay_out(fresh)
        one, other = (await of(fresh, kind=MatchKind.NAME))[:2]
        await fresh.edit(
            Side.FINANCIALS, "customer", str(other.financials_number), name=one.financials_name
        )

        await lay_out(fresh)

        found = await of(fresh, kind=MatchKind.TWICE)
        assert {str(row.financials_number) for row in found} == {
            str(one.financials_number),
            str(other.financials_number),
        }
        assert {row.proposal for row in found} == {None}
