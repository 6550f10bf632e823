"""The limits of one operation: at each limit, one over it, and bombs that must cost nothing."""

import time
from typing import Any

import pytest
from graphql import parse

from gateway.graphql.limits import LIMITS, check, measure
from gateway.graphql.schema import schema


def limit_of(query: str, **variables: Any) -> str | None:
    """Return which limit a query breaks."""
    document = parse(query, max_tokens=100_000)
    error = check(measure(schema._schema, document, document.definitions[0], variables))
    return None if error is None else (error.extensions or {})["limit"]


def deep(levels: int) -> str:
    inner = "id"
    for level in range(levels - 2):
        inner = ("projects" if level % 2 else "customer") + "{" + inner + "}"
    return "{ node { " + inner + " } }"


def aliases(count: int) -> str:
    return "{ viewer {" + " ".join(f"a{number}: name" for number in range(count)) + "} }"


def directives(count: int) -> str:
    return "{ viewer { name " + "@skip(if: false) " * count + "} }"


def roots(count: int) -> str:
    return "{" + "viewer { name } " * count + "}"


def fields(count: int) -> str:
    return "{ viewer { " + "name " * (count - 1) + "} }"


def bomb(levels: int) -> str:
    text = "query { viewer { ...f0 } } "
    for level in range(levels):
        inner = f"...f{level + 1} ...f{level + 1}" if level < levels - 1 else "name"
        text += f"fragment f{level} on Viewer {{ {inner} }} "
    return text


class TestLimits:
    @pytest.mark.parametrize(
        ("make", "limit", "maximum"),
        [
            (deep, "depth", LIMITS.depth),
            (aliases, "aliases", LIMITS.aliases),
            (directives, "directives", LIMITS.directives),
            (roots, "root_fields", LIMITS.root_fields),
            (fields, "fields", LIMITS.fields),
        ],
    )
    def test_allows_the_maximum_and_refuses_one_more(
        self, make: Any, limit: str, maximum: int
    ) -> None:
        assert limit_of(make(maximum)) is None
        assert limit_of(make(maximum + 1)) == limit

    def test_multiplies_the_cost_by_page_sizes(self) -> None:
        query = """query ($n: Int) { customers(first: $n) { nodes { name
            history(first: $n) { nodes { kind } } } } }"""

        assert limit_of(query, n=20) is None
        assert limit_of(query, n=100) == "cost"
        assert limit_of(query) is None

    def test_lets_a_full_page_of_invoices_pass(self) -> None:
        query = """{ invoices(first: 100) { totalCount nodes { id number state kind date dueDate
          currency totalIncludingVat balance paidAmount customer { id name number }
          project { id name number } rows { code description quantity total }
          payments { number amount } attempts { outcome } issues { code title } } } }"""

        assert limit_of(query) is None

    @pytest.mark.parametrize("levels", [22, 60, 90])
    async def test_measures_a_bomb_of_fragments_at_once(self, ask: Any, levels: int) -> None:
        times = []
        for turn in range(3):  # Each text is new to the caches; a busy machine slows one of them.
            began = time.perf_counter()
            body = await ask.raw(bomb(levels) + " " * turn)
            times.append(time.perf_counter() - began)

        assert body["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
        assert min(times) < 0.25

    async def test_survives_fragments_inside_themselves(self, ask: Any) -> None:
        code = await ask.code(
            "{ viewer { ...a } } fragment a on Viewer { ...b } fragment b on Viewer { ...a }"
        )

        assert code == "GRAPHQL_VALIDATION_FAILED"

    async def test_counts_tokens(self, ask: Any) -> None:
        body = await ask.raw("{ viewer { " + "name " * 1000 + "} }")

        assert body["errors"][0]["extensions"] == {
            "code": "LIMIT_EXCEEDED",
            "limit": "tokens",
            "maximum": 1000,
        }

    async def test_remembers_the_cost_by_page_size(self, ask: Any) -> None:
        query = """query ($n: Int) { customers(first: $n) { nodes {
            history(first: $n) { nodes { kind } } } } }"""

        codes = [(await ask.raw(query, {"n": n})).get("errors") is None for n in (100, 5, 100)]

        assert codes == [False, True, False]

    async def test_lets_the_introspection_of_tools_pass(self, ask: Any) -> None:
        from graphql import get_introspection_query

        body = await ask.raw(get_introspection_query(input_value_deprecation=True))

        assert "errors" not in body
