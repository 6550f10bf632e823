"""What the queries answer, over real rows."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from schema.words import InvoiceKind, InvoiceState, Role, Scope, Side, SyncRunState


class TestInvoices:
    QUERY = """
    query ($filter: InvoiceFilter, $orderBy: InvoiceOrder, $first: Int, $after: String) {
      invoices(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
        totalCount
        nodes { id number state kind severaId totalIncludingVat balance customer { name } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }"""

    async def _numbers(self, ask: Any, **given: Any) -> set[str]:
        data = await ask(self.QUERY, {"filter": given})
        return {node["number"] for node in data["invoices"]["nodes"]}

    async def test_shows_money_as_text_and_unknown_amounts_as_null(
        self, make: Any, ask: Any
    ) -> None:
        customer = await make.customer(await make.integration())
        await make.invoice(customer, total_including_vat=Decimal("1250.5"))

        node = (await ask(self.QUERY))["invoices"]["nodes"][0]

        assert node["totalIncludingVat"] == "1250.50"
        assert node["balance"] is None

    async def test_filters_by_every_condition(self, make: Any, ask: Any, global_id: Any) -> None:
        pair = await make.integration()
        one, two = await make.customer(pair), await make.customer(pair, name="Øst & Co 100%")
        project = await make.project(pair)
        first = await make.invoice(
            one, number="1", state=InvoiceState.FAILED, date=date(2026, 10, 1), currency="EUR"
        )
        await make.invoice(
            two, number="2", kind=InvoiceKind.CREDIT_NOTE, total_including_vat=Decimal(900)
        )
        third = await make.invoice(
            two, number="3", due_date=date(2026, 11, 1), balance=Decimal(10), project_id=project.id
        )
        await make.issue(first)

        cases: list[tuple[dict[str, Any], set[str]]] = [
            ({"states": ["FAILED"]}, {"1"}),
            ({"kinds": ["CREDIT_NOTE"]}, {"2"}),
            ({"numbers": ["1", "3"]}, {"1", "3"}),
            ({"severaIds": [third.severa_id]}, {"3"}),
            ({"customerId": global_id(two)}, {"2", "3"}),
            ({"projectId": global_id(project)}, {"3"}),
            ({"currency": "EUR"}, {"1"}),
            ({"dateFrom": "2026-11-01"}, {"2", "3"}),
            ({"dateTo": "2026-10-31"}, {"1"}),
            ({"dueBefore": "2026-11-02"}, {"3"}),
            ({"overdue": True}, {"3"}),
            ({"overdue": False}, {"1", "2"}),
            ({"totalMin": "125.01"}, {"2"}),
            ({"totalMax": "125.00"}, {"1", "3"}),
            ({"issueCode": "vat_mismatch"}, {"1"}),
            ({"search": "øst & co 100%"}, {"2", "3"}),
            ({"search": "100_"}, set()),
            ({"changedSince": "2020-01-01T00:00:00Z"}, {"1", "2", "3"}),
            ({"customerId": global_id(project)}, set()),
            ({"states": []}, set()),
        ]
        for given, expected in cases:
            assert await self._numbers(ask, **given) == expected, given

    async def test_orders_with_unknown_values_last(self, make: Any, ask: Any) -> None:
        customer = await make.customer(await make.integration())
        for number, day in (("a", date(2026, 1, 2)), ("b", None), ("c", date(2026, 1, 1))):
            await make.invoice(customer, number=number, date=day)

        for direction, expected in (("ASC", "cab"), ("DESC", "acb")):
            order = {"field": "DATE", "direction": direction}
            seen, after = "", None
            while True:
                page = await ask(self.QUERY, {"orderBy": order, "first": 1, "after": after})
                found = page["invoices"]
                seen += "".join(node["number"] for node in found["nodes"])
                after = found["pageInfo"]["endCursor"]
                if not found["pageInfo"]["hasNextPage"]:
                    break
            assert seen == expected


class TestOneRecord:
    async def test_shows_everything_that_belongs_to_an_invoice(
        self, make: Any, ask: Any, global_id: Any
    ) -> None:
        pair = await make.integration()
        customer, project = await make.customer(pair), await make.project(pair)
        invoice = await make.invoice(customer, project_id=project.id, severa_role=Role.FAILED)
        await make.row(invoice, project_id=project.id, expected_vat_percent=Decimal(15))
        await make.payment(invoice, voided=True)
        await make.attempt(invoice, evidence="The draft 1001 was created.")
        await make.issue(invoice, resolved_at=invoice.created_at)
        await make.issue(invoice, code="no_rows")
        await make.link(invoice, Side.SEVERA, invoice.severa_id)
        await make.change(invoice, previous_state="DRAFT")

        data = await ask(
            """query ($id: ID!) { invoice(id: $id) {
              severaStatus { id name role } project { number } projects { number }
              rows { description quantity vatPercent expectedVatPercent project { number } }
              vatForecast { difference rows { vat expectedVat } }
              payments { number voided applications { amount invoice { id } } }
              attempts { outcome mark side state record { id } }
              issues { code title fixableBy records { id } }
              sync { state issues { code } } links { side externalId }
              history { nodes { kind previousState fields { field before after } } }
              integration { name }
            } }""",
            {"id": global_id(invoice)},
        )

        found = data["invoice"]
        assert found["severaStatus"] == {"id": "status-1", "name": "To transfer", "role": "FAILED"}
        assert [one["number"] for one in found["projects"]] == [project.number]
        assert found["vatForecast"]["difference"] == "10.00"
        assert found["payments"][0]["applications"][0]["invoice"]["id"] == global_id(invoice)
        assert found["attempts"][0]["outcome"] == "The draft 1001 was created."
        assert {one["code"] for one in found["issues"]} == {"no_rows", "vat_mismatch"}
        assert [one["code"] for one in found["sync"]["issues"]] == ["no_rows"]
        assert found["history"]["nodes"][0]["fields"][0]["before"] == "a"

    async def test_goes_back_in_time(self, make: Any, ask: Any, global_id: Any) -> None:
        customer = await make.customer(await make.integration(), name="New", website=None)
        moment = customer.created_at + timedelta(hours=1)
        fields = [
            {"field": "name", "before": "Old", "after": "New"},
            {"field": "website", "before": "https://old.example", "after": None},
            {"field": "paymentTermDays", "before": "14", "after": None},
        ]
        await make.change(customer, fields_changed=fields, at=moment + timedelta(hours=1))
        query = """query ($id: ID!, $asOf: DateTime) {
          customer(id: $id, asOf: $asOf) { name website paymentTermDays } }"""

        then = await ask(query, {"id": global_id(customer), "asOf": moment.isoformat()})
        before = await ask(query, {"id": global_id(customer), "asOf": "2020-01-01T00:00:00Z"})

        assert then["customer"] == {
            "name": "Old",
            "website": "https://old.example",
            "paymentTermDays": 14,
        }
        assert before["customer"] is None

    async def test_tells_where_a_field_comes_from(
        self, make: Any, ask: Any, global_id: Any
    ) -> None:
        customer = await make.customer(await make.integration(), website="https://now.example")
        await make.link(customer, Side.SEVERA, "g", base={"website": "https://now.example"})
        await make.link(customer, Side.FINANCIALS, "1", base={"website": "now.example"})
        await make.change(
            customer, fields_changed=[{"field": "website", "before": None, "after": "x"}]
        )

        data = await ask(
            """query ($id: ID!) { customer(id: $id) { provenance {
              field owner value severaValue financialsValue lastWriter reason } } }""",
            {"id": global_id(customer)},
        )

        found = {one["field"]: one for one in data["customer"]["provenance"]}
        assert found["number"]["owner"] == "FINANCIALS"
        assert found["website"] == {
            "field": "website",
            "owner": None,
            "value": "https://now.example",
            "severaValue": "https://now.example",
            "financialsValue": "now.example",
            "lastWriter": "worker",
            "reason": "changed in Severa",
        }


class TestTenants:
    async def test_hides_other_integrations_without_a_hint(
        self, make: Any, ask: Any, global_id: Any, principal: Any
    ) -> None:
        mine, other = await make.integration(), await make.integration()
        foreign = await make.customer(other)
        invoice = await make.invoice(foreign)
        issue, run = await make.issue(invoice), await make.run(other)
        me = principal(integrations=frozenset({mine.id}))
        await make.customer(mine, name="Mine")

        data = await ask(
            """query ($ids: [ID!]!, $other: ID!, $c: ID!) {
              nodes(ids: $ids) { id } integration(id: $other) { name }
              customer(id: $c) { name } integrations { nodes { id } }
              customers { nodes { name } totalCount } invoices { totalCount }
              filtered: customers(integrationId: $other) { nodes { name } totalCount }
              issues { nodes { id } } syncRuns { nodes { id } }
              syncStatus(integrationId: $other) { entity } changes { nodes { kind } }
              invoiceSummary { count } statusRoles(integrationId: $other) { statusId }
            }""",
            {
                "ids": [global_id(one) for one in (foreign, invoice, issue, run, other)] + ["x"],
                "other": global_id(other),
                "c": global_id(foreign),
            },
            me,
        )

        assert data["nodes"] == [None] * 6
        assert data["integration"] is None
        assert data["customer"] is None
        assert data["integrations"]["nodes"] == [{"id": global_id(mine)}]
        assert data["customers"] == {"nodes": [{"name": "Mine"}], "totalCount": 1}
        assert data["filtered"] == {"nodes": [], "totalCount": 0}
        assert data["invoices"]["totalCount"] == 0
        for name in ("issues", "syncRuns", "changes"):
            assert data[name]["nodes"] == [], name
        for name in ("syncStatus", "invoiceSummary", "statusRoles"):
            assert data[name] == [], name


class TestStatusAndSums:
    async def test_counts_what_waits_and_what_is_blocked(self, make: Any, ask: Any) -> None:
        pair = await make.integration()
        await make.customer(pair, sync_state="WAITING")
        await make.customer(pair, sync_state="BLOCKED")
        run = await make.run(pair)
        await make.step(run, 1)

        data = await ask(
            """{ syncStatus { entity state pending blocked total lastSuccessAt
                 freshness { asOf ageSeconds isStale } } }"""
        )

        found = {one["entity"]: one for one in data["syncStatus"]}
        assert len(found) == 6
        customers = found["CUSTOMER"]
        assert (customers["pending"], customers["blocked"], customers["total"]) == (1, 1, 2)
        assert customers["state"] == "SUCCEEDED"
        assert customers["freshness"]["isStale"] is False
        assert found["INVOICE"]["state"] == "NEVER_RUN"

    async def test_never_adds_two_currencies(self, make: Any, ask: Any) -> None:
        customer = await make.customer(await make.integration())
        await make.invoice(customer)
        await make.invoice(customer, kind=InvoiceKind.CREDIT_NOTE)
        await make.invoice(customer, currency="EUR")

        data = await ask(
            """{ invoiceSummary(groupBy: [MONTH, CUSTOMER]) {
              currency month count totalIncludingVat balance customer { name } state } }"""
        )

        found = {one["currency"]: one for one in data["invoiceSummary"]}
        assert (found["NOK"]["count"], found["NOK"]["totalIncludingVat"]) == (2, "0.00")
        assert found["EUR"]["month"] == "2026-11-01"
        assert found["EUR"]["customer"]["name"] == customer.name
        assert found["EUR"]["balance"] is None

    async def test_shows_runs_newest_first_with_their_steps(self, make: Any, ask: Any) -> None:
        pair = await make.integration()
        old, new = await make.run(pair), await make.run(pair, state=SyncRunState.RUNNING)
        await make.step(old, 2)
        await make.step(old, 1, entity=None, name="reference")

        data = await ask(
            "{ syncRuns { nodes { id state trigger steps { name entity direction processed } } } }"
        )

        nodes = data["syncRuns"]["nodes"]
        assert [node["state"] for node in nodes] == ["RUNNING", "SUCCEEDED"]
        assert [step["name"] for step in nodes[1]["steps"]] == ["reference", "customers"]
        assert new.id != old.id

    async def test_gathers_issues_by_cause(self, make: Any, ask: Any) -> None:
        customer = await make.customer(await make.integration())
        for _ in range(2):
            await make.issue(await make.invoice(customer))

        data = await ask(
            "{ rootCauses { code recordsFreed moneyFreed { currency amount } issues { id } } }"
        )

        cause = data["rootCauses"][0]
        assert cause["recordsFreed"] == 2
        assert cause["moneyFreed"] == [{"currency": "NOK", "amount": "250.00"}]


class TestJournal:
    async def test_reads_on_from_a_cursor(self, make: Any, ask: Any) -> None:
        customer = await make.customer(await make.integration())
        for number in range(5):
            await make.change(customer, kind=f"customer.changed.{number}")
        query = """query ($after: String) { changes(first: 2, after: $after) {
          nodes { kind cursor record { id } } pageInfo { endCursor hasNextPage } totalCount } }"""

        kinds, after = [], None
        while True:
            page = (await ask(query, {"after": after}))["changes"]
            kinds += [node["kind"][-1] for node in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break

        assert "".join(kinds) == "01234"
        assert page["totalCount"] == 5


class TestScopes:
    async def test_names_the_missing_scope(self, ask: Any, principal: Any) -> None:
        reader = principal(Scope.READ)

        assert await ask.code("{ apiKeys { id } }", None, reader) == "FORBIDDEN"
        assert await ask.code("{ integrations { nodes { id } } }", None, principal(Scope.KEYS)) == (
            "FORBIDDEN"
        )

    async def test_tells_any_caller_who_it_is(self, ask: Any, principal: Any) -> None:
        data = await ask("{ viewer { name scopes } }", None, principal(Scope.SYNC))

        assert data["viewer"] == {"name": "tester", "scopes": ["SYNC"]}


class TestExplanations:
    QUERY = """query ($id: ID!) { explain(id: $id) {
      text nextStep dependencies { id } } }"""

    async def test_name_the_issue_and_what_it_waits_for(
        self, make: Any, ask: Any, global_id: Any
    ) -> None:
        customer = await make.customer(await make.integration(), sync_state="BLOCKED")
        invoice = await make.invoice(customer, state=InvoiceState.WAITING)

        waiting = (await ask(self.QUERY, {"id": global_id(invoice)}))["explain"]
        await make.issue(invoice)
        refused = (await ask(self.QUERY, {"id": global_id(invoice)}))["explain"]
        unknown = (await ask(self.QUERY, {"id": "x"}))["explain"]

        assert waiting["dependencies"] == [{"id": global_id(customer)}]
        assert customer.name in waiting["text"]
        assert refused["nextStep"] == "Correct the row in Severa."
        assert unknown["text"] == "There is no such record."
