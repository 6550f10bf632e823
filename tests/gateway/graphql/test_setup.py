"""What the wizard and the reconciliation show."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from schema.models import MatchCandidate, SetupCheck, SetupReport, Sighting
from schema.types.ids import write_id
from schema.words import (
    Entity,
    InvoiceKind,
    InvoiceState,
    MatchDecision,
    MatchKind,
    SetupCheckState,
    SetupHow,
    SetupReportState,
)
from tests.gateway.graphql.conftest import NOW

REPORT = """query ($id: ID!) { setupReport(id: $id) { state integration { name }
  checks { code title how state inTheWay rules } obstacles { code cause nextStep } } }"""
NEWEST = "query ($id: ID!) { integration(id: $id) { setupReport { id } } }"
MATCHES = """query ($in: ID!, $entity: Entity!, $first: Int, $after: String) {
  matchCandidates(integrationId: $in, entity: $entity, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { kind proposal needsDecision severa { number name } financials { number } } } }"""
RECONCILE = """query ($in: ID!, $from: Date, $to: Date) {
  reconciliation(integrationId: $in, from: $from, to: $to) { verifiedThrough
    months { month currency severaCount severaTotal financialsCount financialsTotal
      acceptedDifference difference notOursCount notOursTotal }
    differences { number difference invoice { number } } } }"""


async def check(pair: Any, **values: Any) -> SetupCheck:
    given = {"code": "item_codes", "how": SetupHow.API, "state": SetupCheckState.PASSED} | values
    return await SetupCheck.create(integration_id=pair.id, **given)


class TestSetupReport:
    async def test_shows_every_check_those_in_the_way_first(self, ask: Any, make: Any) -> None:
        pair = await make.integration()
        report = await SetupReport.create(integration_id=pair.id, state=SetupReportState.READY)
        await check(pair)
        await check(pair, code="periods_open", state=SetupCheckState.FAILED, cause="Closed.")

        found = (await ask(REPORT, {"id": write_id("SetupReport", report.id)}))["setupReport"]

        assert [one["code"] for one in found["checks"]] == ["periods_open", "item_codes"]
        assert found["checks"][1]["rules"] == ["R41"]
        assert found["obstacles"][0]["cause"] == "Closed."
        assert found["integration"]["name"] == pair.name

    async def test_opens_again_what_was_attested_a_year_ago(self, ask: Any, make: Any) -> None:
        pair = await make.integration()
        report = await SetupReport.create(integration_id=pair.id, state=SetupReportState.READY)
        await check(
            pair, code="same_license", how=SetupHow.ATTEST, ask_again_at=NOW - timedelta(days=1)
        )

        found = (await ask(REPORT, {"id": write_id("SetupReport", report.id)}))["setupReport"]

        assert (found["checks"][0]["state"], found["checks"][0]["inTheWay"]) == ("OPEN", True)

    async def test_is_found_from_its_integration(self, ask: Any, make: Any, principal: Any) -> None:
        pair = await make.integration()
        await SetupReport.create(integration_id=pair.id)
        newest = await SetupReport.create(integration_id=pair.id)
        name = write_id("SetupReport", newest.id)

        found = await ask(NEWEST, {"id": write_id("Integration", pair.id)})
        hidden = await ask(REPORT, {"id": name}, principal(integrations=frozenset()))

        assert found["integration"]["setupReport"]["id"] == name
        assert hidden["setupReport"] is None


class TestMatchCandidates:
    async def test_are_listed_page_by_page(self, ask: Any, make: Any) -> None:
        pair = await make.integration()
        for n in range(3):
            await MatchCandidate.create(
                integration_id=pair.id, entity=Entity.CUSTOMER, kind=MatchKind.NAME,
                severa_key=f"s{n}", severa_number=str(n), severa_name="A", seen_at=NOW,
                financials_key=f"f{n}" if n else "", proposal=MatchDecision.LINK if n else None,
            )  # fmt: skip
        given = {"in": write_id("Integration", pair.id), "entity": "CUSTOMER", "first": 2}

        page = (await ask(MATCHES, given))["matchCandidates"]
        after = given | {"after": page["pageInfo"]["endCursor"]}
        rest = (await ask(MATCHES, after))["matchCandidates"]
        none = (await ask(MATCHES, given | {"entity": "PRODUCT"}))["matchCandidates"]

        assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (3, True)
        first = page["nodes"][0]
        assert (first["needsDecision"], first["financials"]) == (True, None)
        assert rest["nodes"][0]["severa"] == {"number": "2", "name": "A"}
        assert none["totalCount"] == 0


class TestReconciliation:
    async def booked(self, make: Any, customer: Any, number: str, **values: Any) -> Any:
        """Make a released document whose totals agree unless values say otherwise."""
        given = {
            "number": number,
            "state": InvoiceState.PAID,
            "released_at": NOW - timedelta(days=60),
            "date": date(2026, 9, 10),
            "financials_total": Decimal(125),
        } | values
        return await make.invoice(customer, **given)

    async def test_compares_both_sides_by_month_and_currency(self, ask: Any, make: Any) -> None:
        pair = await make.integration()
        customer = await make.customer(pair)
        await self.booked(
            make, customer, "1", financials_total=Decimal("124.97"),
            accepted_difference=Decimal("0.03"),
        )  # fmt: skip
        await self.booked(
            make, customer, "2", kind=InvoiceKind.CREDIT_NOTE, financials_total=Decimal(-50),
            total_including_vat=Decimal(-50),
        )  # fmt: skip
        await Sighting.create(
            integration_id=pair.id, side="FINANCIALS", resource="customerdocument",
            external_id="Invoice/9", digest="d", seen_at=NOW,
            body={"documentType": "Invoice", "referenceNumber": "9", "currencyId": "NOK",
                  "documentDate": "2026-09-12", "amountInCurrency": Decimal(10), "status": "Open"},
        )  # fmt: skip

        found = (await ask(RECONCILE, {"in": write_id("Integration", pair.id)}))["reconciliation"]

        assert found["months"] == [
            {
                "month": "2026-09-01",
                "currency": "NOK",
                "severaCount": 2,
                "severaTotal": "75.00",
                "financialsCount": 2,
                "financialsTotal": "74.97",
                "acceptedDifference": "0.03",
                "difference": "0.00",
                "notOursCount": 1,
                "notOursTotal": "10.00",
            }
        ]
        assert (found["differences"], found["verifiedThrough"]) == ([], "2026-10-31")

    async def test_names_the_documents_that_differ(self, ask: Any, make: Any) -> None:
        pair = await make.integration()
        customer = await make.customer(pair)
        await self.booked(make, customer, "1")
        await self.booked(
            make, customer, "2", date=date(2026, 10, 3), financials_total=Decimal(100)
        )
        given = {"in": write_id("Integration", pair.id)}

        found = (await ask(RECONCILE, given))["reconciliation"]
        september = (await ask(RECONCILE, given | {"from": "2026-09-05", "to": "2026-09-30"}))[
            "reconciliation"
        ]

        assert found["differences"] == [
            {"number": "2", "difference": "25.00", "invoice": {"number": "2"}}
        ]
        assert found["verifiedThrough"] == "2026-09-30"
        assert [one["month"] for one in september["months"]] == ["2026-09-01"]
        assert september["differences"] == []

    async def test_shows_nothing_of_another_company(
        self, ask: Any, make: Any, principal: Any
    ) -> None:
        pair = await make.integration()
        await self.booked(make, await make.customer(pair), "1")
        stranger = principal(integrations=frozenset())

        found = await ask(RECONCILE, {"in": write_id("Integration", pair.id)}, stranger)

        assert found["reconciliation"] == {"verifiedThrough": None, "months": [], "differences": []}
