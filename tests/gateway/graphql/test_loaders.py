"""The number of statements does not grow with the page, for any relation (P5)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from schema.words import Side

NOW = datetime(2026, 11, 24, tzinfo=UTC)

INVOICES = """{ invoices(first: 50) { totalCount freshness { asOf } nodes {
  number integration { name } customer { name customerClass { name } }
  project { name customer { name } } projects { number } rows { code project { name } }
  attachments { name } payments { number applications { amount } } attempts { outcome }
  issues { code } sync { state issues { code } } links { side }
  vatForecast { difference } history(first: 2) { nodes { kind run { state } } }
  provenance { field value } } } }"""
CUSTOMERS = """{ customers { nodes { addresses { city } contacts { email } links { side }
  customerClass { name } sync { issues { code } } integration { name } } } }"""
ISSUES = """{ issues { nodes { code records { id sync { state }
  ... on Invoice { customer { name } } } } } }"""
RUNS = "{ syncRuns { nodes { integration { name } steps { name } } } }"
CHANGES = "{ changes { nodes { kind record { id ... on Invoice { number } } run { state } } } }"
COSTS = "{ projectCosts { nodes { project { name } } } }"


@pytest.fixture
async def grow(make: Any) -> Any:
    """Return a function that adds one invoice with everything that hangs on it."""
    pair = await make.integration()

    async def add() -> None:
        customer, project = await make.customer(pair, class_id="1"), await make.project(pair)
        invoice = await make.invoice(customer, project_id=project.id)
        await make.row(invoice, project_id=project.id)
        await make.payment(invoice)
        await make.attempt(invoice)
        await make.issue(invoice)
        await make.cost(project)
        await make.link(invoice, Side.SEVERA, invoice.severa_id)
        run = await make.run(pair)
        await make.step(run, 1)
        await make.change(invoice, run_id=run.id)

    return add


class TestStatements:
    @pytest.mark.parametrize("query", [INVOICES, CUSTOMERS, ISSUES, RUNS, CHANGES, COSTS])
    async def test_are_as_many_for_one_as_for_twelve(
        self, ask: Any, grow: Any, count_sql: list[str], query: str
    ) -> None:
        await grow()
        count_sql.clear()
        await ask(query)
        one = len(count_sql)
        for _ in range(11):
            await grow()
        count_sql.clear()
        await ask(query)

        assert len(count_sql) == one
        assert one <= 25
