"""Pages: bounds, cursors in both directions, and inserts between two pages."""

from typing import Any

QUERY = """
query ($first: Int, $after: String, $last: Int, $before: String, $order: CustomerOrder) {
  customers(first: $first, after: $after, last: $last, before: $before, orderBy: $order) {
    edges { cursor node { name } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""


async def page(ask: Any, **variables: Any) -> Any:
    return (await ask(QUERY, variables))["customers"]


def names(found: Any) -> list[str]:
    return [edge["node"]["name"] for edge in found["edges"]]


class TestPages:
    async def test_has_fifty_items_by_default_and_a_hundred_at_most(
        self, make: Any, ask: Any
    ) -> None:
        pair = await make.integration()
        for number in range(102):
            await make.customer(pair, name=f"{number:03}")

        assert len((await page(ask))["edges"]) == 50
        assert len((await page(ask, first=100))["edges"]) == 100
        assert len((await page(ask, first=0))["edges"]) == 0

    async def test_refuses_arguments_that_name_no_page(self, ask: Any) -> None:
        cases: list[dict[str, Any]] = [
            {"first": -1},
            {"first": 101},
            {"last": -1},
            {"last": 101},
            {"first": 1, "last": 1},
        ]
        for variables in cases:
            assert await ask.code(QUERY, variables) == "BAD_USER_INPUT", variables

    async def test_refuses_cursors_of_other_lists_and_orders(self, make: Any, ask: Any) -> None:
        pair = await make.integration()
        await make.customer(pair)
        by_name = {"field": "NAME"}
        cursor = (await page(ask, order=by_name))["pageInfo"]["endCursor"]

        for variables in (
            {"after": cursor},
            {"after": cursor, "order": {"field": "NAME", "direction": "DESC"}},
            {"after": "YXJyYXljb25uZWN0aW9uOjE"},
            {"after": ""},
        ):
            assert await ask.code(QUERY, variables) == "BAD_CURSOR", variables

    async def test_goes_forth_and_back(self, make: Any, ask: Any) -> None:
        pair = await make.integration()
        for name in "abcde":
            await make.customer(pair, name=name)
        order = {"field": "NAME", "direction": "DESC"}

        first = await page(ask, first=2, order=order)
        second = await page(ask, first=2, after=first["pageInfo"]["endCursor"], order=order)
        back = await page(ask, last=2, before=second["pageInfo"]["endCursor"], order=order)
        end = await page(ask, last=2, order=order)

        assert [names(one) for one in (first, second, back, end)] == [
            ["e", "d"],
            ["c", "b"],
            ["d", "c"],
            ["b", "a"],
        ]
        assert first["pageInfo"]["hasNextPage"]
        assert not first["pageInfo"]["hasPreviousPage"]
        assert back["pageInfo"]["hasPreviousPage"]
        assert not end["pageInfo"]["hasNextPage"]

    async def test_sees_no_gap_and_no_repeat_while_rows_are_inserted(
        self, make: Any, ask: Any
    ) -> None:
        pair = await make.integration()
        for name in "bdfhj":
            await make.customer(pair, name=name)
        order = {"field": "NAME"}

        seen: list[str] = []
        after = None
        for inserted in ("a", "e", "g", "z", "k", None):
            found = await page(ask, first=1, after=after, order=order)
            seen += names(found)
            after = found["pageInfo"]["endCursor"] or after
            if inserted:
                await make.customer(pair, name=inserted)

        assert seen == ["b", "d", "e", "f", "g", "h"]

    async def test_breaks_ties_by_id(self, make: Any, ask: Any) -> None:
        pair = await make.integration()
        for _ in range(7):
            await make.customer(pair, name="same", number="1")

        seen: list[str] = []
        after = None
        while True:
            found = await page(ask, first=2, after=after, order={"field": "NUMBER"})
            seen += [edge["cursor"] for edge in found["edges"]]
            after = found["pageInfo"]["endCursor"]
            if not found["pageInfo"]["hasNextPage"]:
                break

        assert len(seen) == len(set(seen)) == 7


class TestTotals:
    async def test_counts_only_when_asked(self, make: Any, ask: Any, count_sql: list[str]) -> None:
        await make.customer(await make.integration())

        await ask("{ customers { nodes { name links { side } } } }")
        counted = [sql for sql in count_sql if "count(" in sql]
        data = await ask("{ customers { totalCount } }")

        assert counted == []
        assert data["customers"]["totalCount"] == 1
