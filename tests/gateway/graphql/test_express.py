"""The fast way of reading lists answers exactly what the general way answers."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from graphql import FragmentDefinitionNode, GraphQLObjectType, get_named_type, parse

from gateway.graphql.columns import KINDS
from gateway.graphql.express import LISTS, translate
from gateway.graphql.operation import Request
from gateway.graphql.schema import schema
from schema.words import InvoiceState, Role

PAGE = "totalCount edges { cursor node { id } } pageInfo { endCursor startCursor hasNextPage }"


def everything(type_name: str, depth: int = 2) -> str:
    """Return a selection of every field that the fast way knows."""
    kind = KINDS[type_name]
    names = ["__typename", *kind.columns]
    inner = {name: one.type for name, one in kind.inner.items()}
    if depth:
        inner |= {name: one.type for name, one in kind.to.items()}
    parts = [f"{name} {everything(target, depth - 1)}" for name, target in inner.items()]
    return "{ " + " ".join([*names, *parts]) + " }"


@pytest.fixture
async def world(make: Any) -> Any:
    """Rows with every column set somewhere and null elsewhere."""
    pair = await make.integration(start_from=date(2026, 1, 1), base_currency="NOK")
    full = await make.customer(
        pair, website="https://x", notes="n", vat_number="1", payment_term_days=14, email="a@b"
    )
    empty = await make.customer(pair, number=None, currency=None, sync_state="BLOCKED")
    project = await make.project(pair, customer_id=full.id, start_date=date(2026, 2, 3))
    await make.project(pair)
    await make.product(pair, unit_price=Decimal("12.3456"), unit="h")
    await make.product(pair, unit_price=Decimal(0))
    first = await make.invoice(
        full, project_id=project.id, number="1", exchange_rate=Decimal("0.0912345678"),
        balance=Decimal("-5"), paid_amount=Decimal("1234567890123.45"), severa_role=Role.PAID,
        total_vat=Decimal("0.5"), last_synced_at=datetime(2026, 1, 1, 1, 2, 3, 456, tzinfo=UTC),
        state=InvoiceState.PAID, payment_date=date(2026, 3, 4), waiting_reason="r",
    )  # fmt: skip
    await make.invoice(empty, severa_status_id=None, severa_role=None, date=None)
    await make.payment(first, currency="NOK", voided=True)
    await make.cost(project, supplier_name="S", quantity=Decimal("1.5"))
    return pair


async def both(ask: Any, query: str, variables: dict[str, Any] | None = None) -> Any:
    """Run a query both ways; returns the one answer."""
    request = Request(query=query, variables=variables)
    prepared = ask.engine.prepare(request)
    assert prepared.refused is None, prepared.refused
    assert prepared.express is not None, query
    fast = await ask(query, variables)
    kept, prepared.express = prepared.express, None
    general = await ask(query, variables)
    prepared.express = kept
    assert to_text(fast) == to_text(general)
    return general


def to_text(answer: Any) -> str:
    """Write an answer as clients get it."""
    import orjson

    return orjson.dumps(answer).decode()


class TestFields:
    @pytest.mark.parametrize("name", list(LISTS))
    async def test_are_the_same_both_ways(self, ask: Any, world: Any, name: str) -> None:
        selection = everything(LISTS[name].type, depth=1)
        answer = await both(ask, f"{{ {name} {{ nodes {selection} {PAGE} }} }}")

        assert answer[name]["nodes"]

    def test_know_every_plain_field_of_the_types(self) -> None:
        for name, kind in KINDS.items():
            found = schema._schema.type_map[name]
            assert isinstance(found, GraphQLObjectType)
            leaves = {
                one
                for one, field in found.fields.items()
                if not isinstance(get_named_type(field.type), GraphQLObjectType)
            }
            lists_of = {"links", "history", "provenance"}
            assert leaves - set(kind.columns) - lists_of == set(), name


class TestArguments:
    async def test_are_the_same_both_ways(self, ask: Any, world: Any, make: Any) -> None:
        query = """query ($f: InvoiceFilter, $o: InvoiceOrder, $n: Int, $last: Int, $a: String) {
          invoices(filter: $f, orderBy: $o, first: $n, last: $last, after: $a) {
            edges { cursor node { number customer { name } } } totalCount
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor __typename } } }"""
        cursor = (await both(ask, query, {"n": 1}))["invoices"]["pageInfo"]["endCursor"]
        for variables in (
            {"f": {"states": ["PAID"]}},
            {"f": {"states": ["READY"], "dateFrom": "2026-01-01"}},
            {"f": {"totalMin": "1.00", "overdue": False, "search": "cust"}},
            {"o": {"field": "DATE"}},
            {"o": {"field": "DATE", "direction": "DESC"}, "last": 1},
            {"n": 1, "a": cursor},
            {"n": 0},
        ):
            await both(ask, query, variables)

    async def test_keep_their_errors(self, ask: Any, world: Any) -> None:
        query = "query ($n: Int, $a: String) { invoices(first: $n, after: $a) { totalCount } }"

        assert await ask.code(query, {"n": 101}) == "BAD_USER_INPUT"
        assert await ask.code(query, {"a": "x"}) == "BAD_CURSOR"
        assert await ask.code(query, {"n": "x"}) == "BAD_USER_INPUT"

    async def test_keep_to_the_scope_and_the_integrations(
        self, ask: Any, world: Any, principal: Any
    ) -> None:
        from schema.words import Scope

        query = "{ invoices { totalCount nodes { id } } }"
        stranger = principal(integrations=frozenset())

        assert (await ask(query, None, stranger))["invoices"] == {"totalCount": 0, "nodes": []}
        assert await ask.code(query, None, principal(Scope.SYNC)) == "FORBIDDEN"


class TestDocuments:
    async def test_with_aliases_and_fragments_go_the_fast_way(self, ask: Any, world: Any) -> None:
        await both(
            ask,
            """query { a: invoices(first: 1) { list: nodes { ...F same: number } }
                 b: customers { nodes { ... on Customer { name } ... { email } } } }
               fragment F on Invoice { number who: customer { ...G } }
               fragment G on Customer { n: name integration { name } }""",
        )

    @pytest.mark.parametrize(
        "query",
        [
            "{ viewer { name } }",
            "{ invoices { nodes { rows { code } } } }",
            "{ invoices { freshness { asOf } } }",
            "{ invoices { nodes { number @include(if: true) } } }",
            "{ invoices { nodes { number } nodes { id } } }",
            "{ invoices { nodes { ... on Node { id } } } }",
        ],
    )
    def test_with_anything_else_go_the_general_way(self, query: str) -> None:
        document = parse(query)
        fragments = {
            one.name.value: one
            for one in document.definitions
            if isinstance(one, FragmentDefinitionNode)
        }

        assert translate(schema, document.definitions[0], fragments) is None  # type: ignore[arg-type]  # it is an operation
