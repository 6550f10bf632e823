"""The wizard, from two pairs of credentials to an integration that runs by itself (R14, R117)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from schema.models import (
    Audit,
    Integration,
    Issue,
    Job,
    MatchCandidate,
    Reference,
    SetupCheck,
    SetupReport,
    SyncRun,
)
from schema.types.ids import write_id
from schema.words import (
    Entity,
    IntegrationState,
    MatchDecision,
    MatchKind,
    Role,
    Scope,
    SetupCheckState,
    SetupHow,
    SetupReportState,
    Side,
    SyncTrigger,
)

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
CREATE = """mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) {
  integration { id name state financialsTenantId startFrom }
  webhooks { side url secret } userErrors { code path } } }"""
CREDENTIALS = """mutation ($input: UpdateIntegrationCredentialsInput!) {
  updateIntegrationCredentials(input: $input) { integration { id } userErrors { code } } }"""
TEST = """mutation ($input: TestIntegrationInput!) { testIntegration(input: $input) {
  setupReport { id state } userErrors { code } } }"""
ATTEST = """mutation ($input: AttestSetupInput!) { attestSetup(input: $input) {
  setupReport { checks { code state attestedBy answer } } userErrors { code } } }"""
ASIDE = """mutation ($input: SetAsideSetupCheckInput!) { setAsideSetupCheck(input: $input) {
  setupReport { obstacles { code } } userErrors { code } } }"""
DECIDE = """mutation ($input: DecideMatchesInput!) { decideMatches(input: $input) {
  decided candidates { decision needsDecision decidedBy } userErrors { code } } }"""
ROLES = """mutation ($input: SetStatusRolesInput!) { setStatusRoles(input: $input) {
  integration { id } userErrors { code } } }"""
ACTIVATE = """mutation ($input: ActivateIntegrationInput!) { activateIntegration(input: $input) {
  integration { state startFrom activatedAt } userErrors { code message nextStep } } }"""
ROTATE = """mutation ($input: RotateWebhookSecretInput!) { rotateWebhookSecret(input: $input) {
  secret webhook { side url } userErrors { code } } }"""
START = """mutation ($input: StartSyncInput!) { startSync(input: $input) {
  run { trigger } userErrors { code } } }"""

SEVERA = {"clientId": "severa-1", "clientSecret": "s3cret"}
FINANCIALS = {"clientId": "visma-1", "clientSecret": "s3cret", "tenantId": "tenant-1"}


@pytest.fixture
async def draft(do: Any) -> Integration:
    """An integration that was just created."""
    await do(CREATE, name="Norlund AS", severa=SEVERA, financials=FINANCIALS)
    return await Integration.get()


def named(integration: Integration) -> str:
    return str(write_id("Integration", integration.id))


async def report_of(integration: Integration, **check: Any) -> SetupReport:
    """Store a finished test with at most one check."""
    report = await SetupReport.create(
        integration_id=integration.id, state=SetupReportState.READY, finished_at=NOW
    )
    if check:
        given = {"how": SetupHow.API, "state": SetupCheckState.FAILED} | check
        await SetupCheck.create(integration_id=integration.id, **given)
    return report


class TestCreate:
    async def test_seals_the_credentials_and_makes_webhook_secrets(self, do: Any) -> None:
        """R21, R23."""
        answer = await do(CREATE, name="Norlund AS", severa=SEVERA, financials=FINANCIALS)

        made = await Integration.get()
        vault = do.services.vault
        assert answer["integration"]["state"] == "SETUP"
        assert "s3cret" not in (made.severa_credentials or "")
        opened = vault.open(integration_id=made.id, sealed=made.financials_credentials)
        assert opened["tenant_id"] == "tenant-1"
        secrets = vault.open(integration_id=made.id, sealed=made.webhook_secrets)
        assert {hook["side"].lower(): hook["secret"] for hook in answer["webhooks"]} == secrets
        assert answer["webhooks"][0]["url"].endswith(f"/webhooks/severa/{made.id}")

    async def test_shows_the_secrets_only_once(self, do: Any) -> None:
        given = {"name": "A", "severa": SEVERA, "financials": FINANCIALS, "idempotencyKey": "k"}

        first = await do(CREATE, **given)
        second = await do(CREATE, **given)

        assert first["integration"] == second["integration"]
        assert second["webhooks"] is None
        assert await Integration.all().count() == 1

    @pytest.mark.parametrize("change", ["tenant", "client"])
    async def test_refuses_a_company_that_another_one_has(
        self, do: Any, draft: Integration, change: str
    ) -> None:
        """R24: an organization or tenant is in one active integration only."""
        await Integration.filter(id=draft.id).update(state=IntegrationState.ACTIVE)
        other = {"clientId": "severa-2", "clientSecret": "x"}
        tenant = FINANCIALS | {"tenantId": "tenant-2"}
        severa, financials = (other, FINANCIALS) if change == "tenant" else (SEVERA, tenant)

        answer = await do(CREATE, name="B", severa=severa, financials=financials)

        assert answer["userErrors"][0]["code"] == "ALREADY_LINKED"
        assert await Integration.all().count() == 1

    async def test_needs_complete_credentials_and_a_key_that_sees_it(
        self, do: Any, who: Any
    ) -> None:
        blank = SEVERA | {"clientSecret": " "}
        bound = who(integrations=frozenset())

        empty = await do(CREATE, name="A", severa=blank, financials=FINANCIALS)
        blind = await do(CREATE, bound, name="A", severa=SEVERA, financials=FINANCIALS)

        assert empty["userErrors"] == [
            {"code": "CREDENTIALS_INCOMPLETE", "path": ["input", "severa"]}
        ]
        assert blind["userErrors"][0]["code"] == "KEY_IS_BOUND"

    async def test_needs_its_scope(self, do: Any, who: Any) -> None:
        given = {"name": "A", "severa": SEVERA, "financials": FINANCIALS}

        body = await do.raw(CREATE, given, who(Scope.READ, Scope.SYNC))

        assert body["errors"][0]["extensions"]["code"] == "FORBIDDEN"


class TestCredentials:
    async def test_are_replaced_side_by_side(self, do: Any, draft: Integration) -> None:
        before = draft.financials_credentials

        await do(CREDENTIALS, integrationId=named(draft), severa=SEVERA | {"clientSecret": "new"})

        await draft.refresh_from_db()
        opened = do.services.vault.open(integration_id=draft.id, sealed=draft.severa_credentials)
        assert opened["client_secret"] == "new"
        assert draft.financials_credentials == before

    async def test_stay_with_their_company_after_activation(
        self, do: Any, draft: Integration
    ) -> None:
        await Integration.filter(id=draft.id).update(state=IntegrationState.ACTIVE)

        answer = await do(
            CREDENTIALS, integrationId=named(draft), financials=FINANCIALS | {"tenantId": "t2"}
        )

        assert answer["userErrors"][0]["code"] == "TENANT_IS_FIXED"


class TestTest:
    async def test_is_a_job_that_is_asked_for_once(self, do: Any, draft: Integration) -> None:
        first = await do(TEST, integrationId=named(draft))
        second = await do(TEST, integrationId=named(draft))

        assert first["setupReport"] == second["setupReport"]
        assert first["setupReport"]["state"] == "QUEUED"
        job = await Job.get()
        assert job.kind == "integration.test"
        assert job.arguments == {"report_id": str((await SetupReport.get()).id)}


class TestAttest:
    async def test_keeps_who_stated_it(self, do: Any, draft: Integration) -> None:
        """R25."""
        await report_of(draft)

        answer = await do(ATTEST, integrationId=named(draft), code="same_license")

        check = answer["setupReport"]["checks"][0]
        assert check == {
            "code": "same_license",
            "state": "PASSED",
            "attestedBy": "key:tester",
            "answer": None,
        }

    async def test_keeps_a_status_of_autoinvoice(self, do: Any, draft: Integration) -> None:
        """R129, Q21."""
        name = named(draft)
        await do(ATTEST, integrationId=name, code="autoinvoice_error", statusId="guid-9")
        assert (await SetupCheck.get()).answer == {"status": "guid-9"}

        await do(ATTEST, integrationId=name, code="autoinvoice_error", notUsed=True)
        assert (await SetupCheck.get()).answer == {"used": False}

    async def test_is_for_what_no_api_answers(self, do: Any, draft: Integration) -> None:
        read = await do(ATTEST, integrationId=named(draft), code="organization_number")
        unknown = await do(ATTEST, integrationId=named(draft), code="x")

        assert read["userErrors"][0]["code"] == "NOT_ATTESTABLE"
        assert unknown["userErrors"][0]["code"] == "NOT_ATTESTABLE"


class TestSetAside:
    async def test_lets_activation_pass_with_a_reason(self, do: Any, draft: Integration) -> None:
        """Q46."""
        await report_of(draft, code="item_codes", subject="Item 7", cause="No code.")
        check = write_id("SetupCheck", (await SetupCheck.get()).id)

        bare = await do(ASIDE, checkId=check, reason=" ")
        done = await do(ASIDE, checkId=check, reason="Never sold.")

        assert bare["userErrors"][0]["code"] == "REASON_MISSING"
        assert done["setupReport"]["obstacles"] == []
        kept = await SetupCheck.get()
        assert (kept.set_aside_reason, kept.set_aside_by) == ("Never sold.", "key:tester")

    async def test_is_for_those_who_may_see_it(self, do: Any, who: Any, draft: Integration) -> None:
        await report_of(draft, code="item_codes")
        check = write_id("SetupCheck", (await SetupCheck.get()).id)

        answer = await do(ASIDE, who(integrations=frozenset()), checkId=check, reason="x")

        assert answer["userErrors"][0]["code"] == "NOT_FOUND"


class TestActivate:
    async def test_is_refused_before_a_test(self, do: Any, draft: Integration) -> None:
        answer = await do(ACTIVATE, integrationId=named(draft))

        assert [error["code"] for error in answer["userErrors"]] == ["NOT_TESTED"]

    async def test_is_refused_with_every_reason(self, do: Any, draft: Integration) -> None:
        """R150, Q45, Q46."""
        await report_of(draft, code="vendor_integration", cause="It is on.")
        await Issue.create(
            integration_id=draft.id, code="name_twice", subject="x", cause="Twice.",
            next_step="Rename.", opened_at=NOW, last_seen_at=NOW,
        )  # fmt: skip

        answer = await do(ACTIVATE, integrationId=named(draft))

        assert [error["code"] for error in answer["userErrors"]] == [
            "VENDOR_INTEGRATION",
            "INITIAL_SYNC_ERROR",
        ]
        assert answer["userErrors"][0]["message"] == "It is on."
        assert (await Integration.get()).state is IntegrationState.SETUP

    async def test_starts_today_with_a_full_run(self, do: Any, draft: Integration) -> None:
        """R26, Q45."""
        await report_of(draft, code="rounding", state=SetupCheckState.WARNING, blocking=False)

        answer = await do(ACTIVATE, integrationId=named(draft))

        assert answer["userErrors"] == []
        assert answer["integration"]["state"] == "ACTIVE"
        assert answer["integration"]["startFrom"] == "2026-11-24"
        run = await SyncRun.get()
        assert (run.trigger, run.full, run.entities) == (SyncTrigger.SETUP, True, None)
        assert await Audit.filter(action="integration.activate").exists()

    async def test_takes_a_day_that_a_person_chose(self, do: Any, draft: Integration) -> None:
        await report_of(draft)

        answer = await do(ACTIVATE, integrationId=named(draft), startFrom="2026-01-01")
        again = await do(ACTIVATE, integrationId=named(draft))

        assert answer["integration"]["startFrom"] == "2026-01-01"
        assert again["userErrors"][0]["code"] == "ALREADY_ACTIVATED"

    async def test_is_refused_when_another_one_got_the_company_meanwhile(
        self, do: Any, draft: Integration
    ) -> None:
        await report_of(draft)
        await do(CREATE, name="Twin", severa=SEVERA, financials=FINANCIALS)
        await Integration.filter(name="Twin").update(state=IntegrationState.ACTIVE)

        answer = await do(ACTIVATE, integrationId=named(draft))

        assert answer["userErrors"][0]["code"] == "ALREADY_LINKED"


class TestInitialSync:
    async def test_carries_registers_only(self, do: Any, draft: Integration) -> None:
        """R150, Q45: nothing is invoiced before activation."""
        refused = await do(START, integrationId=named(draft), entities=["INVOICE"])
        started = await do(START, integrationId=named(draft))

        assert refused["userErrors"][0]["code"] == "NOT_ACTIVE"
        assert started["run"]["trigger"] == "SETUP"
        assert set((await SyncRun.get()).entities) == {"CUSTOMER", "PRODUCT", "PROJECT"}


class TestMatches:
    async def candidate(self, draft: Integration, n: int, **values: Any) -> MatchCandidate:
        given = {
            "kind": MatchKind.NAME,
            "severa_key": f"s{n}",
            "financials_key": f"f{n}",
            "proposal": MatchDecision.LINK,
            "seen_at": NOW,
        } | values
        return await MatchCandidate.create(integration_id=draft.id, entity=Entity.CUSTOMER, **given)

    async def test_are_decided_one_by_one(self, do: Any, draft: Integration) -> None:
        one = await self.candidate(draft, 1, kind=MatchKind.NUMBER, proposal=None)
        wish = {"candidateId": write_id("MatchCandidate", one.id), "decision": "CREATE"}

        answer = await do(DECIDE, integrationId=named(draft), decisions=[wish])

        assert answer["decided"] == 1
        assert answer["candidates"] == [
            {"decision": "CREATE", "needsDecision": False, "decidedBy": "key:tester"}
        ]

    async def test_are_accepted_in_bulk_as_proposed(self, do: Any, draft: Integration) -> None:
        """Q14."""
        await self.candidate(draft, 1)
        await self.candidate(draft, 2, proposal=None)

        answer = await do(DECIDE, integrationId=named(draft), acceptProposals=True)

        assert answer["decided"] == 1
        found = await MatchCandidate.all().order_by("severa_key")
        assert [one.decision for one in found] == [MatchDecision.LINK, None]

    async def test_never_link_one_object_twice_or_alone(self, do: Any, draft: Integration) -> None:
        one = await self.candidate(draft, 1, decision=MatchDecision.LINK)
        rival = await self.candidate(draft, 2, severa_key=one.severa_key)
        alone = await self.candidate(draft, 3, financials_key="")
        answers = [
            await do(
                DECIDE,
                integrationId=named(draft),
                decisions=[{"candidateId": write_id("MatchCandidate", row.id), "decision": "LINK"}],
            )
            for row in (rival, alone)
        ]

        codes = [answer["userErrors"][0]["code"] for answer in answers]
        assert codes == ["LINKED_TWICE", "NO_TWIN"]
        assert (await MatchCandidate.get(id=rival.id)).decision is None


class TestStatusRoles:
    async def statuses(self, draft: Integration) -> list[dict[str, str]]:
        for role in Role:
            await Reference.create(
                integration_id=draft.id, side=Side.SEVERA.value, kind="invoicestatuses",
                key=f"guid-{role.value}", body={"isActive": True}, seen_at=NOW,
            )  # fmt: skip
        return [{"statusId": f"guid-{role.value}", "role": role.value} for role in Role]

    async def test_are_assigned_by_hand_and_given_back(self, do: Any, draft: Integration) -> None:
        """R82, Q3, Q19."""
        roles = await self.statuses(draft)
        await do(ROLES, integrationId=named(draft), roles=roles)
        assert (await Integration.get()).status_roles["guid-PAID"] == "PAID"

        await do(ROLES, integrationId=named(draft), roles=[])
        assert (await Integration.get()).status_roles == {}

    @pytest.mark.parametrize(
        ("change", "code"),
        [("unknown", "UNKNOWN_STATUS"), ("twice", "ROLE_TWICE"), ("missing", "ROLE_MISSING")],
    )
    async def test_must_be_one_status_for_every_role(
        self, do: Any, draft: Integration, change: str, code: str
    ) -> None:
        roles = await self.statuses(draft)
        given = {
            "unknown": [*roles[1:], {"statusId": "nowhere", "role": roles[0]["role"]}],
            "twice": [*roles[1:], {"statusId": roles[0]["statusId"], "role": roles[1]["role"]}],
            "missing": roles[1:],
        }[change]

        answer = await do(ROLES, integrationId=named(draft), roles=given)

        assert answer["userErrors"][0]["code"] == code


class TestWebhookSecret:
    async def test_is_renewed_while_the_old_one_still_counts(
        self, do: Any, draft: Integration
    ) -> None:
        """W5."""
        vault = do.services.vault
        old = vault.open(integration_id=draft.id, sealed=draft.webhook_secrets)

        answer = await do(ROTATE, integrationId=named(draft), side="SEVERA")

        await draft.refresh_from_db()
        kept = vault.open(integration_id=draft.id, sealed=draft.webhook_secrets)
        new, before = kept["severa"].split(",")
        assert new == answer["secret"] != old["severa"]
        assert before == f"{old['severa']};until=2026-11-25T06:00:00+00:00"
        assert kept["financials"] == old["financials"]

    async def test_can_end_the_old_one_at_once(self, do: Any, draft: Integration) -> None:
        answer = await do(ROTATE, integrationId=named(draft), side="FINANCIALS", overlapHours=0)
        long = await do(ROTATE, integrationId=named(draft), side="SEVERA", overlapHours=1000)

        await draft.refresh_from_db()
        kept = do.services.vault.open(integration_id=draft.id, sealed=draft.webhook_secrets)
        assert kept["financials"] == answer["secret"]
        assert long["userErrors"][0]["code"] == "BAD_OVERLAP"
