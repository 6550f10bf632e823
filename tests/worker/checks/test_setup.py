"""The test of an integration against the sandbox: right as it is, and wrong in every way at once.

The rows in WRONG name what was made wrong in the two systems, and the words in which the check
of that rule must say so.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest

from gateway.embedded.postgres import EmbeddedPostgres
from gateway.embedded.redis import EmbeddedRedis
from sandbox.severa import door
from sandbox.world import World
from schema import jobs, queue
from schema.clock import utc_now
from schema.models import Integration, Issue, SetupCheck, SetupReport
from schema.secrets import Vault
from schema.setup import (
    NotAttestable,
    ReasonMissing,
    attest,
    in_the_way,
    obstacles,
    set_aside,
    state_now,
)
from schema.setup_checks import CHECKS
from schema.words import (
    IntegrationState,
    Role,
    SetupCheckState,
    SetupHow,
    SetupReportState,
    Side,
)
from tests.conftest import run
from tests.worker.pair import KEY, Pair, opened, small_world

PASSED, WARNING, FAILED = (
    SetupCheckState.PASSED,
    SetupCheckState.WARNING,
    SetupCheckState.FAILED,
)
OPEN, UNKNOWN = SetupCheckState.OPEN, SetupCheckState.UNKNOWN
_S, _F = Side.SEVERA, Side.FINANCIALS
Found = dict[str, list[SetupCheck]]


async def examined(pair: Pair) -> Found:
    """Carry out a test as the mutation asks for it, and return the checks by code."""
    report = await SetupReport.create(integration_id=pair.integration.id)
    await queue.enqueue(
        jobs.TEST_INTEGRATION,
        integration_id=pair.integration.id,
        arguments={"report_id": report.id},
    )
    await pair.drained()
    await report.refresh_from_db()
    assert report.state is SetupReportState.READY, report.reason
    found: Found = {}
    for check in await SetupCheck.filter(integration_id=pair.integration.id):
        found.setdefault(check.code, []).append(check)
    return found


async def _wrong(pair: Pair) -> None:
    """Make everything wrong that the two systems let people make wrong."""
    world = pair.world
    org, books = world.severa.organizations[0], next(iter(world.financials.companies.values()))
    rows = {name: list(org.tables[name]) for name in ("products", "worktypes", "invoicestatuses")}
    await pair.control("/assume", {"vendor_integration_on": True})
    await pair.control("/financials/close-period", {"period": f"{utc_now():%Y%m}"})
    await pair.edit(_F, "organization", "1", corporateId="812 345 678")
    await pair.edit(_F, "dimension", "PROJECT", length=3)
    await pair.edit(_F, "dimension", "CUSTOMER", length=2)
    await pair.edit(_F, "dimension", "INVENTORY", length=5)
    await pair.edit(_F, "numbersequence", "ARINVOICE", startNbr="F100001")
    await pair.edit(_F, "customer", list(books.customers)[1].key, name=_first_name(books))
    await pair.edit(_F, "branch", "2", currency={"id": "EUR"})
    await pair.edit(_F, "vat", "3", zones=[])
    await pair.edit(_F, "creditterm", "EOM", dueDateType="FixedNumberOfDays", dueDay1=14)
    await pair.edit(_S, "products", rows["products"][0]["guid"], code=None, vatRate=None)
    await pair.edit(_S, "products", rows["products"][1]["guid"], measurementUnit="boks")
    await pair.edit(_S, "worktypes", rows["worktypes"][0]["guid"], code=rows["products"][1]["code"])
    for unit in list(org.tables["businessunits"])[1:]:
        await pair.edit(_S, "businessunits", unit["guid"], vatNumber=None)
    statuses = {row["name"]: row["guid"] for row in rows["invoicestatuses"]}
    await pair.edit(_S, "invoicestatuses", statuses["Sent"], hasInvoiceNumber=False)
    await pair.edit(_S, "invoicestatuses", statuses["Failed invoices"], isReadOnly=True)
    await pair.edit(_S, "invoicestatuses", statuses["Draft"], isDefaultForCreditNote=True)
    await pair.edit(_S, "invoicestatuses", statuses["Waiting for approval"], isSent=True)
    org.settings.next_project_number = 1000
    org.settings.set_credit_note_number = True
    org.settings.unique_item_codes = False
    books.templates.clear()
    books.projects.remove(next(row for row in books.projects if row.non_project))


def _first_name(books: Any) -> str:
    return str(next(iter(books.customers)).dto["name"])


# fmt: off
WRONG = (
    ("organization_number", FAILED, "'NO974432692MVA'", "R24, Q34: both raw values"),
    ("organization_number", FAILED, "'812 345 678'", "R24, Q34: both raw values"),
    ("vendor_integration", FAILED, "Norlund Rådgivning AS", "Q45"),
    ("customer_key_length", FAILED, "up to 3 characters, the key in Financials has 2", "R15"),
    ("project_key_length", FAILED, "up to 4 characters, the key in Financials has 3", "R15, R58"),
    ("item_key_length", FAILED, "the key in Financials has 5", "R15"),
    ("numbering_ahead", FAILED, "1000 comes after 999", "R15, R58"),
    ("invoice_series", FAILED, "gives F100001; Severa keeps digits only", "Q51"),
    ("item_codes", FAILED, "has no code", "R41"),
    ("item_code_twice", FAILED, "have the code", "R42"),
    ("unique_identifier", FAILED, "unique", "R43"),
    ("customer_name_twice", FAILED, "are all called", "R53"),
    ("customer_vat", WARNING, "without an invoicing VAT", "R51, R149"),
    ("item_vat", WARNING, "without a VAT percentage", "R36, R149"),
    ("invoice_statuses", FAILED, "'Waiting for approval' must not be marked as sent", "R80, R82"),
    ("failed_status", FAILED, "'Failed invoices' must be editable", "R83"),
    ("number_setting", FAILED, "'Sent' must have 'Invoice number'", "R85"),
    ("credit_note_numbering", FAILED, "is on in Severa", "R86"),
    ("default_after_credit", FAILED, "One status is the default after credit", "R87"),
    ("periods_open", FAILED, "is closed", "Q58"),
    ("vat_setup", FAILED, "VAT category HIGH in zone 01 has no VAT id", "R149, Q2"),
    ("project_template", FAILED, "There is no project template Z", "R190, R221"),
    ("non_project_code", FAILED, "no code for 'no project'", "Q41"),
    ("home_currencies", FAILED, "branch 2 has EUR", "Q38"),
    ("branch_mapping", WARNING, "sent without a branch", "R29, Q5"),
    ("payment_terms", WARNING, "terms of 14 days; choose one", "Q13"),
    ("units", WARNING, "boks", "R219, Q39"),
)
# fmt: on


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the test of a thoroughly wrong pair of companies left."""

    checks: Found
    issues: list[str]


async def _outcome(url: str, redis_url: str) -> Outcome:
    async with opened(small_world(), url=url, redis_url=redis_url) as pair:
        await _wrong(pair)
        checks = await examined(pair)
        issues = [issue.code for issue in await Issue.filter(resolved_at=None)]
        # The sandbox sums its numbers up when the pair is closed.
        await pair.edit(_F, "numbersequence", "ARINVOICE", startNbr="100001")
        return Outcome(checks=checks, issues=issues)


@pytest.fixture(scope="module")
def wrong(
    postgres: EmbeddedPostgres, migrated: str, redis_server: EmbeddedRedis
) -> Iterator[Outcome]:
    """The outcome for everything wrong at once."""
    url = run(postgres.create_database("setup_wrong", template=migrated))
    yield run(_outcome(url, redis_server.url))
    run(postgres.drop_database("setup_wrong"))


class TestAPairWithEverythingWrong:
    @pytest.mark.parametrize(
        ("code", "state", "words"),
        [pytest.param(*row[:3], id=f"{row[0]} {row[3]}") for row in WRONG],
    )
    def test_is_told_what(
        self, wrong: Outcome, code: str, state: SetupCheckState, words: str
    ) -> None:
        fitting = [check for check in wrong.checks[code] if check.state is state]

        assert any(words in str(check.cause) for check in fitting), [
            (check.state.value, check.cause) for check in wrong.checks[code]
        ]
        assert all(check.next_step for check in fitting)

    def test_still_lets_us_in(self, wrong: Outcome) -> None:
        for code in ("severa_access", "severa_scopes", "financials_access", "financials_scopes"):
            assert [check.state for check in wrong.checks[code]] == [PASSED]

    def test_runs_nothing_while_the_statuses_are_in_doubt(self, wrong: Outcome) -> None:
        """Q19: refuse to run."""
        assert "roles_unclear" in wrong.issues


@pytest.fixture
async def pair(database: str, redis_url: str) -> Any:
    """A pair that is linked and never synced."""
    async with opened(small_world(), url=database, redis_url=redis_url) as made:
        await Integration.filter(id=made.integration.id).update(state=IntegrationState.SETUP)
        yield made


def _one(found: Found, code: str) -> SetupCheck:
    [check] = found[code]
    return check


class TestAPairThatIsRight:
    async def test_passes_all_that_no_person_has_to_state(self, pair: Pair) -> None:
        """R117, R14: the wizard verifies existing data in both systems."""
        found = await examined(pair)

        states = {code: {check.state for check in checks} for code, checks in found.items()}
        asked = {code for code, kind in CHECKS.items() if kind.how is SetupHow.ATTEST}
        assert set(states) == set(CHECKS)
        assert {code for code, seen in states.items() if seen == {OPEN}} == asked
        assert not [code for code, seen in states.items() if seen & {FAILED, UNKNOWN}]

    async def test_tells_how_each_check_knows(self, pair: Pair) -> None:
        """Every CHK rule: by API, by probe, or attested."""
        found = await examined(pair)

        assert all(
            check.how is CHECKS[code].how for code, checks in found.items() for check in checks
        )

    async def test_explains_every_check(self, pair: Pair) -> None:
        """R118: help texts of the wizard itself."""
        found = await examined(pair)

        assert all(kind.title and kind.next_step for kind in CHECKS.values())
        shown = [check for checks in found.values() for check in checks]
        assert all(check.next_step for check in shown if check.state is not PASSED)

    async def test_learns_number_and_roles(self, pair: Pair) -> None:
        """R24, Q19: what the wizard shows next."""
        await examined(pair)

        await pair.integration.refresh_from_db()
        assert pair.integration.organization_number == pair.world.companies[0].org_number
        assert set(pair.integration.status_roles.values()) == {role.value for role in Role}

    async def test_changes_nothing_outside(self, pair: Pair) -> None:
        await examined(pair)

        assert pair.writes() == {}


class TestTheDoors:
    async def test_names_wrong_credentials_of_severa(self, pair: Pair) -> None:
        """R21, Q33; the other side is examined all the same."""
        pair.world.severa.organizations[0].client_secret = "another"

        found = await examined(pair)

        assert _one(found, "severa_access").state is FAILED
        assert _one(found, "unique_identifier").state is UNKNOWN
        assert _one(found, "financials_access").state is PASSED
        assert _one(found, "non_project_code").state is PASSED

    async def test_names_a_scope_that_severa_does_not_grant(
        self, pair: Pair, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """R22, Q33: the granted scopes are compared with those asked for; 403 says the rest."""
        monkeypatch.setattr(door, "ALL_SCOPES", door.ALL_SCOPES - {"invoices:read"})

        found = await examined(pair)

        assert "invoices:read" in str(_one(found, "severa_scopes").cause)
        assert _one(found, "invoice_series").state is UNKNOWN

    async def test_knows_the_tenant_of_the_licence_holder(self, pair: Pair) -> None:
        """R25: a token is given, the licence error 12027 follows."""
        await _sealed(pair, tenant_id=str(uuid5(NAMESPACE_URL, f"licence/{_tenant(pair)}")))

        found = await examined(pair)

        assert "12027" in str(_one(found, "financials_access").cause)
        assert _one(found, "severa_access").state is PASSED

    async def test_knows_a_tenant_that_never_approved(self, pair: Pair) -> None:
        """R21: invalid_tenant."""
        await _sealed(pair, tenant_id=str(UUID(int=7)))

        found = await examined(pair)

        assert "invalid_tenant" in str(_one(found, "financials_access").cause)

    async def test_knows_scopes_that_were_never_approved(self, pair: Pair) -> None:
        """R22."""
        clients = pair.world.financials.clients
        for name, client in list(clients.items()):
            clients[name] = replace(client, scopes=frozenset(sorted(client.scopes)[:1]))

        found = await examined(pair)

        assert _one(found, "financials_scopes").state is FAILED

    async def test_leaves_unknown_what_a_vendor_did_not_answer(self, pair: Pair) -> None:
        await pair.fault("error_500", "GET /v1/financialPeriod", times=20)

        found = await examined(pair)

        assert _one(found, "periods_open").state is UNKNOWN
        assert _one(found, "non_project_code").state is PASSED


def _tenant(pair: Pair) -> str:
    return pair.world.companies[0].financials.tenant_id


async def _sealed(pair: Pair, **changes: str) -> None:
    login = pair.world.companies[0].financials
    values = {
        "client_id": login.client_id,
        "client_secret": login.client_secret,
        "tenant_id": login.tenant_id,
    }
    pair.integration.financials_credentials = Vault(KEY).seal(
        integration_id=pair.integration.id, values=values | changes
    )
    await pair.integration.save()


class TestActivation:
    async def test_is_blocked_until_it_was_tested(self, pair: Pair) -> None:
        """Q46."""
        [obstacle] = await obstacles(integration_id=pair.integration.id, now=utc_now())

        assert obstacle.code == "not_tested"

    async def test_is_blocked_while_something_is_open(self, pair: Pair) -> None:
        """Q46, R150: errors must be fixed for it to go through."""
        pair.world.severa.organizations[0].settings.unique_item_codes = False
        await examined(pair)

        found = await obstacles(integration_id=pair.integration.id, now=utc_now())

        assert {"unique_identifier", "same_license"} <= {obstacle.code for obstacle in found}
        assert all(obstacle.cause and obstacle.next_step for obstacle in found)

    async def test_is_free_once_all_is_attested(self, pair: Pair) -> None:
        """Attested: who and when is kept, and asked again after a year."""
        now = utc_now()
        for code in [code for code, kind in CHECKS.items() if kind.how is SetupHow.ATTEST]:
            await attest(integration_id=pair.integration.id, code=code, by="Ada", now=now)

        found = await examined(pair)

        assert await obstacles(integration_id=pair.integration.id, now=now) == []
        check = _one(found, "same_license")
        assert (check.attested_by, check.attested_at) == ("Ada", now)
        later = now + timedelta(days=366)
        assert state_now(check, now=later) is OPEN
        assert in_the_way(check, now=later)

    async def test_asks_again_after_a_year_in_the_next_test_too(self, pair: Pair) -> None:
        long_ago = utc_now() - timedelta(days=366)
        await attest(
            integration_id=pair.integration.id, code="same_license", by="Ada", now=long_ago
        )

        found = await examined(pair)

        assert _one(found, "same_license").state is OPEN

    async def test_judges_what_was_stated(self, pair: Pair) -> None:
        """R131, Q21: an empty status after error is refused."""
        await attest(
            integration_id=pair.integration.id,
            code="autoinvoice_error",
            by="Ada",
            now=utc_now(),
            answer={"status": ""},
        )
        before = await SetupCheck.get(code="autoinvoice_error")

        found = await examined(pair)

        assert before.state is UNKNOWN
        assert _one(found, "autoinvoice_error").state is FAILED

    async def test_can_pass_over_a_finding_with_a_reason(self, pair: Pair) -> None:
        """Q46: set aside, with a reason that is kept, for this cause only."""
        pair.world.severa.organizations[0].settings.unique_item_codes = False
        check = _one(await examined(pair), "unique_identifier")
        with pytest.raises(ReasonMissing):
            await set_aside(check=check, by="Ada", reason=" ", now=utc_now())
        await set_aside(check=check, by="Ada", reason="We number by hand.", now=utc_now())

        again = _one(await examined(pair), "unique_identifier")

        assert (again.state, again.set_aside_reason) == (FAILED, "We number by hand.")
        assert not in_the_way(again, now=utc_now())

    async def test_does_not_pass_over_another_cause(self, pair: Pair) -> None:
        await pair.edit(_F, "dimension", "PROJECT", length=3)
        check = _one(await examined(pair), "project_key_length")
        await set_aside(check=check, by="Ada", reason="Will be longer.", now=utc_now())
        await pair.edit(_F, "dimension", "PROJECT", length=2)

        again = _one(await examined(pair), "project_key_length")

        assert again.set_aside_at is None
        assert in_the_way(again, now=utc_now())

    async def test_takes_an_attest_only_for_what_no_api_shows(self, pair: Pair) -> None:
        with pytest.raises(NotAttestable):
            await attest(
                integration_id=pair.integration.id,
                code="project_key_length",
                by="Ada",
                now=utc_now(),
            )


class TestRoles:
    async def _swap(self, pair: Pair) -> None:
        """Change the order so that another status stands for the transfer."""
        org = pair.world.severa.organizations[0]
        guids = {row["name"]: row["guid"] for row in org.tables["invoicestatuses"]}
        await pair.edit(
            _S, "invoicestatuses", guids["Waiting for approval"], isReadOnly=True,
            isDefaultForCreditNote=True, sortOrder=4,
        )  # fmt: skip
        await pair.edit(
            _S, "invoicestatuses", guids["Approved, ready for Financials"], isReadOnly=False,
            isDefaultForCreditNote=False, sortOrder=3,
        )  # fmt: skip

    async def test_are_read_again_while_setting_up(self, pair: Pair) -> None:
        """Q19: the statuses of Severa are being put in order."""
        await examined(pair)
        await pair.integration.refresh_from_db()
        before = dict(pair.integration.status_roles)
        await self._swap(pair)

        found = await examined(pair)

        await pair.integration.refresh_from_db()
        assert _one(found, "invoice_statuses").state is PASSED
        assert pair.integration.status_roles != before

    async def test_stay_and_are_doubted_once_it_runs(self, pair: Pair) -> None:
        """R80, Q19: a change of the statuses is an issue, never a silent new reading."""
        await examined(pair)
        await Integration.filter(id=pair.integration.id).update(state=IntegrationState.ACTIVE)
        await pair.integration.refresh_from_db()
        before = dict(pair.integration.status_roles)
        await self._swap(pair)

        found = await examined(pair)

        await pair.integration.refresh_from_db()
        assert _one(found, "invoice_statuses").state is FAILED
        assert pair.integration.status_roles == before
        assert "roles_unclear" in await pair.open_issues()


class TestFindingsByRecord:
    async def test_come_and_go_with_the_records(self, pair: Pair) -> None:
        """R41, Q46: single records can be fixed or set aside one by one."""
        org = pair.world.severa.organizations[0]
        products = [row["guid"] for row in org.tables["products"]][:2]
        codes = [row["code"] for row in org.tables["products"]][:2]
        for guid in products:
            await pair.edit(_S, "products", guid, code=None)
        first = (await examined(pair))["item_codes"]
        await pair.edit(_S, "products", products[0], code=codes[0])

        left = (await examined(pair))["item_codes"]

        assert len(first) == 2
        assert [check.subject for check in left] == [f"product {products[1]}"]


def _world_with(**changes: Any) -> World:
    world = small_world()
    org = world.severa.organizations[0]
    org.sample = replace(org.sample, **changes)
    return world


class TestOrganizationNumber:
    async def test_is_refused_when_severa_shows_none(self, database: str, redis_url: str) -> None:
        """Q34: neither present, refused with the reason."""
        world = _world_with(vat_number="")
        async with opened(world, url=database, redis_url=redis_url) as pair:
            found = await examined(pair)

        check = _one(found, "organization_number")
        assert check.state is FAILED
        assert "Severa has no organization number" in str(check.cause)
