"""Files of supplier documents go to the projects that they concern, once (R106 to R109, Q27)."""

from decimal import Decimal

import pytest

from schema.models import Attachment, Attempt, ProjectCost
from schema.words import AttemptState, Side
from tests.worker.pair import Pair
from tests.worker.rules.cost_desk import Books, Row

UPLOAD = "POST /v1/projects/{projectGuid}/files"
BILL, RECEIPT = b"%PDF-1.4 bill", b"%PDF-1.4 receipt"


@pytest.fixture
async def books(pair: Pair) -> Books:
    """The ledger, and two projects that both sides know."""
    return await Books.opened(pair)


def content(books: Books, place: int = 0) -> dict[str, bytes]:
    """Return the files of a project by name."""
    return {row["name"]: books.org.bytes[row["file"]] for row in books.files(place)}


class TestFiles:
    async def test_a_file_of_a_row_goes_to_its_project(self, pair: Pair, books: Books) -> None:
        """R107; R232: with the text of the cost."""
        books.invoice(
            Row(text="Hotel", files=(("receipt.pdf", RECEIPT),)), Row(text="Taxi", project=1)
        )
        await pair.sync()
        assert content(books) == {"receipt.pdf": RECEIPT}
        assert content(books, 1) == {}
        file = books.files()[0]
        assert file["description"] == books.fee()["description"]
        assert file["contentType"] == "application/pdf"
        row = await Attachment.get()
        assert (row.record_id, row.target_id) == (
            (await ProjectCost.filter(description__startswith="Hotel").get()).id,
            file["guid"],
        )

    async def test_a_file_of_the_document_goes_to_all_projects(
        self, pair: Pair, books: Books
    ) -> None:
        """R108, and once where several rows are on one project (Q27)."""
        books.invoice(
            Row(text="One"),
            Row(text="Two", amount="7"),
            Row(text="Three", project=1),
            files=(("bill.pdf", BILL),),
        )
        await pair.sync()
        assert content(books) == content(books, 1) == {"bill.pdf": BILL}
        assert books.files(1)[0]["description"].startswith("Three, ")

    async def test_one_content_is_added_once_per_project(self, pair: Pair, books: Books) -> None:
        books.invoice(
            Row(text="One", files=(("receipt.pdf", BILL),)),
            Row(text="Two", amount="7", files=(("again.pdf", BILL),)),
            files=(("bill.pdf", BILL), ("other.pdf", RECEIPT)),
        )
        await pair.sync()
        assert content(books) == {"receipt.pdf": BILL, "other.pdf": RECEIPT}

    async def test_a_file_that_comes_later_follows(self, pair: Pair, books: Books) -> None:
        batch = books.journal(Row(text="Postage"))
        await pair.sync()
        books.attach(batch.attachments, [("late.pdf", BILL)])
        books.ledger.touch(books.ledger.batches, batch)
        await pair.sync()
        assert content(books) == {"late.pdf": BILL}
        assert len(books.fees()) == 1

    async def test_files_of_other_rows_stay_away(self, pair: Pair, books: Books) -> None:
        """A row without a project gives its file to nobody."""
        books.invoice(Row(text="One", project=None, files=(("receipt.pdf", RECEIPT),)), Row())
        await pair.sync()
        assert content(books) == {}

    async def test_an_existing_file_is_adopted(self, pair: Pair, books: Books) -> None:
        """Q45: the vendor's own integration has left the file there."""
        books.invoice(files=(("bill.pdf", BILL),))
        books.own_file("bill.pdf", BILL)
        await pair.sync()
        assert len(books.files()) == 1
        assert (await Attachment.get()).target_id == books.files()[0]["guid"]

    async def test_the_control_route_brings_files(self, pair: Pair, books: Books) -> None:
        made = await pair.control("/financials/supplier-invoices", {"count": 4})
        await pair.sync()
        total = sum(Decimal(str(line["amount"])) for row in made for line in row["lines"])
        assert sum(cost.unit_cost for cost in await ProjectCost.all()) == total
        assert not await Attachment.filter(copied_at=None).exists()
        assert await Attachment.all().count() >= 6


class TestFaults:
    @pytest.mark.parametrize("kind", ["timeout_after_write", "late_write", "error_500"])
    async def test_doubt_is_looked_up(self, pair: Pair, books: Books, kind: str) -> None:
        books.invoice(files=(("bill.pdf", BILL),))
        await pair.fault(kind, UPLOAD, Side.SEVERA, delay=0.05)
        await pair.sync()
        assert len(books.fees()) == 1
        await books.wait(pair)
        await pair.sync()
        await pair.sync()
        assert content(books) == {"bill.pdf": BILL}
        assert len(books.files()) == 1
        assert not await Attempt.exists(state__in=[AttemptState.OPEN, AttemptState.UNCERTAIN])

    async def test_a_refusal_is_an_issue_and_holds_nothing_up(
        self, pair: Pair, books: Books
    ) -> None:
        books.invoice(files=(("bill.pdf", BILL), ("other.pdf", RECEIPT)))
        await pair.fault("error_400", UPLOAD, Side.SEVERA)
        await pair.sync()
        assert content(books) == {"other.pdf": RECEIPT}
        assert "bill.pdf" in (await pair.open_issues())["file_refused"].cause
        before = pair.writes()
        await pair.sync()
        assert pair.writes() == before
        await pair.sync(full=True)
        assert content(books) == {"other.pdf": RECEIPT, "bill.pdf": BILL}
        assert "file_refused" not in await pair.open_issues()
