"""Lists read to their true end, in every style, and resumed after a crash."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.vendors import paging
from worker.vendors.endpoints import Endpoint, Paging
from worker.vendors.errors import VendorDown
from worker.vendors.financials import FINANCIALS
from worker.vendors.records import Page, Record
from worker.vendors.severa import SEVERA

Answer = tuple[Any, Mapping[str, str]]


class Table:
    """A vendor's list that answers in the style of its endpoint."""

    def __init__(self, rows: list[Record], *, size: int, totals: bool = True) -> None:
        self.rows, self.size, self.totals = rows, size, totals
        self.asked: list[dict[str, str]] = []

    async def token(self, pairs: paging.Pairs) -> Answer:
        asked = self._note(pairs)
        first = int(asked.get("pageToken", 0))
        after = first + self.size
        headers = {"nextpagetoken": str(after)} if after < len(self.rows) else {}
        return self.rows[first:after], headers

    async def offset(self, pairs: paging.Pairs) -> Answer:
        asked = self._note(pairs)
        first = int(asked["firstRow"])
        return self.rows[first : first + int(asked["rowCount"])], {}

    async def numbered(self, pairs: paging.Pairs) -> Answer:
        asked = self._note(pairs)
        first = (int(asked["pageNumber"]) - 1) * self.size
        rows = self.rows[first : first + self.size]
        return [self._counted(row, len(self.rows)) for row in rows], {}

    async def lines(self, pairs: paging.Pairs) -> Answer:
        """Page over lines; a batch is repeated on each page that holds lines of it."""
        asked = self._note(pairs)
        first = (int(asked["pageNumber"]) - 1) * self.size
        flat = [(row, line) for row in self.rows for line in row["journalTransactionLines"]]
        found: list[Record] = []
        for row, line in flat[first : first + self.size]:
            if found and found[-1]["batchNumber"] == row["batchNumber"]:
                found[-1]["journalTransactionLines"].append(line)
            else:
                found.append({**row, "journalTransactionLines": [line]})
        return [self._counted(row, len(flat)) for row in found], {}

    def _counted(self, row: Record, total: int) -> Record:
        if not self.totals:
            return row
        return {**row, "metadata": {"totalCount": total, "maxPageSize": self.size}}

    def _note(self, pairs: paging.Pairs) -> dict[str, str]:
        self.asked.append(dict(pairs))
        return dict(pairs)


def endpoint(style: Paging, *, page_size: int = 3) -> Endpoint:
    return Endpoint(name="n", path="/n", paging=style, key=("id",), page_size=page_size)


def numbers(count: int) -> list[Record]:
    return [{"id": number} for number in range(count)]


def batch(number: int, lines: int) -> Record:
    return {
        "module": "ModuleGL",
        "batchNumber": f"{number:04}",
        "journalTransactionLines": [{"lineNumber": line} for line in range(1, lines + 1)],
    }


async def collect(
    style: Paging, fetch: paging.Fetch, *, resume: str | None = None, page_size: int = 3
) -> list[Page]:
    reader = paging.read(endpoint(style, page_size=page_size), fetch=fetch, resume=resume)
    return [page async for page in reader]


def bare(pages: list[Page]) -> list[Record]:
    return [
        {name: value for name, value in row.items() if name != "metadata"}
        for page in pages
        for row in page.rows
    ]


STYLES = [
    (Paging.TOKEN, "token"),
    (Paging.OFFSET, "offset"),
    (Paging.NUMBERED, "numbered"),
]


class TestEveryStyle:
    @pytest.mark.parametrize(("style", "name"), STYLES)
    @pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 6, 7, 9])
    async def test_reads_each_row_once(self, style: Paging, name: str, count: int) -> None:
        table = Table(numbers(count), size=3)

        pages = await collect(style, getattr(table, name))

        assert bare(pages) == numbers(count)
        assert pages[-1].resume is None

    @pytest.mark.parametrize(("style", "name"), STYLES)
    async def test_goes_on_behind_any_page(self, style: Paging, name: str) -> None:
        table = Table(numbers(8), size=3)
        pages = await collect(style, getattr(table, name))

        for index, page in enumerate(pages[:-1]):
            rest = await collect(style, getattr(table, name), resume=page.resume)
            assert bare(rest) == bare(pages[index + 1 :])


class TestByToken:
    async def test_takes_no_short_or_empty_page_for_the_end(self) -> None:
        answers: list[Answer] = [
            ([{"id": 1}], {"nextpagetoken": "a"}),
            ([], {"nextpagetoken": "b"}),
            ([{"id": 2}], {"nextpagetoken": ""}),
        ]

        async def fetch(pairs: paging.Pairs) -> Answer:
            return answers.pop(0)

        assert bare(await collect(Paging.TOKEN, fetch)) == [{"id": 1}, {"id": 2}]

    async def test_does_not_turn_in_a_circle(self) -> None:
        async def fetch(pairs: paging.Pairs) -> Answer:
            return [{"id": 1}], {"nextpagetoken": "a"}

        with pytest.raises(paging.EndedShort):
            await collect(Paging.TOKEN, fetch)


class TestByNumber:
    async def test_obeys_a_smaller_cap_than_it_asked_for(self) -> None:
        table = Table(numbers(5), size=2)

        pages = await collect(Paging.NUMBERED, table.numbered, page_size=1000)

        assert bare(pages) == numbers(5)

    async def test_needs_no_extra_page_when_the_total_is_reached(self) -> None:
        table = Table(numbers(6), size=3)

        await collect(Paging.NUMBERED, table.numbered)

        assert len(table.asked) == 2

    async def test_looks_further_after_a_full_page_without_total(self) -> None:
        table = Table(numbers(6), size=3, totals=False)

        assert bare(await collect(Paging.NUMBERED, table.numbered)) == numbers(6)
        assert len(table.asked) == 3

    async def test_stops_when_page_one_comes_back(self) -> None:
        async def same(pairs: paging.Pairs) -> Answer:
            return numbers(3), {}

        assert bare(await collect(Paging.NUMBERED, same)) == numbers(3)

    async def test_does_not_take_a_short_list_for_a_whole_one(self) -> None:
        table = Table(numbers(3), size=3)

        async def cut(pairs: paging.Pairs) -> Answer:
            rows, headers = await table.numbered(pairs)
            return rows[:1], headers

        with pytest.raises(paging.EndedShort, match="1 of 3"):
            await collect(Paging.NUMBERED, cut)


class TestByRecords:
    async def test_reads_the_list_inside_the_object(self) -> None:
        async def fetch(pairs: paging.Pairs) -> Answer:
            first = (int(dict(pairs)["pageNumber"]) - 1) * 2
            return {"totalCount": 3, "records": numbers(3)[first : first + 2]}, {}

        assert bare(await collect(Paging.RECORDS, fetch)) == numbers(3)


class TestByLines:
    @given(
        st.lists(st.integers(1, 5), max_size=6).map(
            lambda counts: [batch(number, lines) for number, lines in enumerate(counts)]
        ),
        st.integers(1, 4),
        st.booleans(),
    )
    async def test_never_gives_out_a_part_of_a_batch(
        self, rows: list[Record], size: int, totals: bool
    ) -> None:
        table = Table(rows, size=size, totals=totals)

        pages = await collect(Paging.LINES, table.lines, page_size=size)

        assert bare(pages) == rows

    @given(
        st.lists(st.integers(1, 5), min_size=1, max_size=6).map(
            lambda counts: [batch(number, lines) for number, lines in enumerate(counts)]
        ),
        st.integers(1, 4),
    )
    async def test_resumes_without_losing_or_cutting_a_batch(
        self, rows: list[Record], size: int
    ) -> None:
        table = Table(rows, size=size)
        pages = await collect(Paging.LINES, table.lines, page_size=size)

        for index, page in enumerate(pages[:-1]):
            rest = await collect(Paging.LINES, table.lines, resume=page.resume, page_size=size)
            owed = bare(pages[index + 1 :])
            # Whole batches may come twice, handling is idempotent; none is missing or cut.
            assert all(row in bare(rest) for row in owed)
            assert all(row in rows for row in bare(rest))


class TestThroughTheClient:
    async def test_sends_the_moment_with_its_condition(
        self, vendor: Any, make_financials: Any, answer: Any
    ) -> None:
        vendor.script = [answer([])]
        pages = make_financials().pages(
            FINANCIALS["customerdocument"], since="2026-11-24T10:00:00.123"
        )

        assert [page.rows async for page in pages] == [[]]
        asked = dict(vendor.seen[0].query)
        assert asked["lastModifiedDateTime"] == "2026-11-24T10:00:00.123"
        assert asked["lastModifiedDateTimeCondition"] == ">="
        assert (asked["pageNumber"], asked["pageSize"]) == ("1", "1000")

    async def test_sends_the_journal_no_condition(
        self, vendor: Any, make_financials: Any, answer: Any
    ) -> None:
        vendor.script = [answer([])]
        pages = make_financials().pages(FINANCIALS["journaltransaction"], since="2026-11-24")

        assert [page.rows async for page in pages] == [[]]
        assert "lastModifiedDateTimeCondition" not in dict(vendor.seen[0].query)

    async def test_writes_moments_as_each_vendor_wants_them(
        self, vendor: Any, make_severa: Any, make_financials: Any, answer: Any, wrist: Any
    ) -> None:
        vendor.script = [answer([])]
        for client, row in (
            (make_severa(), SEVERA["customers"]),
            (make_financials(), FINANCIALS["customer"]),
        ):
            assert [page async for page in client.pages(row, since=wrist())]

        asked = [dict(seen.query) for seen in vendor.seen]
        assert asked[0]["changedSince"] == "2026-11-24T12:00:00.000Z"
        assert asked[1]["lastModifiedDateTime"] == "2026-11-24T12:00:00.000"

    async def test_drops_rows_that_do_not_fit_the_filter(
        self, vendor: Any, make_financials: Any, answer: Any
    ) -> None:
        rows = [{"referenceNumber": n, "customer": {"number": n}} for n in ("1", "2")]
        vendor.script = [answer(rows)]
        client = make_financials()

        pages = [
            page
            async for page in client.pages(FINANCIALS["customerinvoice"], params={"customer": "2"})
        ]

        assert [row["referenceNumber"] for row in pages[0].rows] == ["2"]
        assert client.usage.filtered == 1

    async def test_compares_dates_as_the_condition_says(
        self, vendor: Any, make_financials: Any, answer: Any
    ) -> None:
        rows = [{"documentDate": f"2026-11-{day}T00:00:00"} for day in ("22", "23", "24")]
        vendor.script = [answer(rows)]
        asked = {"documentDate": "2026-11-23", "documentDateCondition": ">="}

        pages = [
            page
            async for page in make_financials().pages(FINANCIALS["customerinvoice"], params=asked)
        ]

        assert [row["documentDate"][8:10] for row in pages[0].rows] == ["23", "24"]

    async def test_refuses_a_date_without_its_condition(self, make_financials: Any) -> None:
        pages = make_financials().pages(
            FINANCIALS["customerinvoice"], params={"documentDate": "2026-11-23"}
        )

        with pytest.raises(ValueError, match="documentDateCondition"):
            await anext(pages)

    async def test_refuses_changes_where_there_are_none(self, make_severa: Any) -> None:
        pages = make_severa().pages(SEVERA["salescases"], since="2026-11-23")

        with pytest.raises(ValueError, match="changes"):
            await anext(pages)

    async def test_repeats_the_name_of_a_list(
        self, vendor: Any, make_severa: Any, answer: Any
    ) -> None:
        vendor.script = [answer([])]
        params = {"invoiceStatusGuids": ["a", "b"]}

        assert [p async for p in make_severa().pages(SEVERA["invoices"], params=params)]
        assert [pair for pair in vendor.seen[0].query if pair[0] != "rowCount"] == [
            ("invoiceStatusGuids", "a"),
            ("invoiceStatusGuids", "b"),
        ]

    @pytest.mark.parametrize("body", [{"rows": []}, [1, 2], "text"])
    async def test_takes_nonsense_for_an_outage(
        self, vendor: Any, make_severa: Any, answer: Any, body: Any
    ) -> None:
        vendor.script = [answer(body)]

        with pytest.raises(VendorDown):
            await anext(make_severa().pages(SEVERA["customers"]))

    async def test_says_how_much_of_a_list_is_missing(
        self, vendor: Any, make_financials: Any, answer: Any
    ) -> None:
        row = {"number": "1", "metadata": {"totalCount": 2, "maxPageSize": 1000}}
        vendor.script = [answer([row]), answer([])]

        with pytest.raises(VendorDown, match="1 of 2"):
            assert [p async for p in make_financials().pages(FINANCIALS["customer"])]
