"""Key lengths, series before their end, and the series of invoices."""

from typing import Any

import pytest

from schema.words import SetupCheckState
from worker.checks import numbering

PASSED, WARNING, FAILED = (
    SetupCheckState.PASSED,
    SetupCheckState.WARNING,
    SetupCheckState.FAILED,
)


def _length(*values: str, length: int, exact: bool = False) -> Any:
    [verdict] = numbering.key_length(
        code="project_key_length",
        what="Project numbers",
        length=length,
        values=values,
        exact=exact,
    )
    return verdict


def _series(
    name: str = "ARINVOICE", start: str = "100001", coming: str = "100020", **more: Any
) -> dict[str, Any]:
    last = str(int(coming) - 1) if coming.isdigit() else coming
    part = {"startNbr": start, "endNbr": "999999", "lastNbr": last, "nextNumber": coming}
    return {"numberingId": name, "description": "", "sequence": [part | more]}


def _judge(
    *series: dict[str, Any],
    documents: tuple[str, ...] = ("100005",),
    chosen: tuple[str, ...] = (),
    severa: tuple[int, ...] = (),
) -> list[Any]:
    return numbering.invoice_series(
        series=series, documents=documents, chosen=chosen, severa=severa
    )


class TestKeyLength:
    def test_takes_numbers_of_the_length_of_the_key(self) -> None:
        """R15, R16, R58: four digits in a key of four."""
        assert _length("1001", "9999", length=4, exact=True).state is PASSED

    def test_refuses_a_key_that_is_too_short(self) -> None:
        """R16: the sync would fail."""
        verdict = _length("1001", "10000", length=4)

        assert verdict.state is FAILED
        assert "up to 5 characters, the key in Financials has 4: 10000" in verdict.cause

    def test_names_a_few_of_many(self) -> None:
        many = tuple(str(number) for number in range(10_000, 10_012))

        assert _length(*many, length=4).cause.endswith("10009 and 2 more.")

    def test_warns_of_a_longer_key_where_lengths_should_be_equal(self) -> None:
        """R58: the lengths match."""
        assert _length("1001", length=5, exact=True).state is WARNING
        assert _length("1001", length=5).state is PASSED

    def test_takes_an_empty_register(self) -> None:
        assert _length(length=4, exact=True).state is PASSED


class TestNumberingAhead:
    @pytest.mark.parametrize(
        ("coming", "state"),
        [(9899, PASSED), (9900, WARNING), (9999, WARNING), (10_000, FAILED)],
    )
    def test_sees_the_end_of_project_numbers_coming(
        self, coming: int, state: SetupCheckState
    ) -> None:
        """R15, R58: 10000 comes after 9999."""
        [verdict] = numbering.numbering_ahead(
            settings={"nextProjectNumber": coming}, lengths={"PROJECT": 4}, series=[]
        )

        assert verdict.state is state

    def test_sees_the_end_of_a_series_coming(self) -> None:
        series = [
            _series(coming="999990"),
            _series("ARCREDIT", coming="200000"),
            {"numberingId": "OLD", "sequence": [{"nextNumber": "A1", "endNbr": "A9"}]},
            {"numberingId": "NONE"},
        ]
        [verdict] = numbering.numbering_ahead(settings={}, lengths={"PROJECT": 4}, series=series)

        assert (verdict.state, verdict.subject) == (WARNING, "series ARINVOICE")
        assert "10 numbers are left before 1000000" in str(verdict.cause)


class TestInvoiceSeries:
    def test_passes_above_every_number_in_severa(self) -> None:
        """Q51, R6."""
        [verdict] = _judge(_series(coming="100020"), severa=(99_999, 100_019))

        assert verdict.state is PASSED
        assert verdict.details["highest"] == 99_999

    def test_refuses_letters(self) -> None:
        """Q51: digits only."""
        [verdict] = _judge(_series(start="F1", coming="F20"), documents=())

        assert verdict.state is FAILED
        assert "gives F1; Severa keeps digits only" in verdict.cause

    @pytest.mark.parametrize(("coming", "state"), [("2147483647", PASSED), ("2147483648", FAILED)])
    def test_refuses_numbers_from_two_to_the_31st(
        self, coming: str, state: SetupCheckState
    ) -> None:
        """Q51: below 2^31."""
        verdicts = _judge(_series(start="1", coming=coming), documents=(), chosen=("ARINVOICE",))

        assert verdicts[0].state is state

    @pytest.mark.parametrize(
        ("highest", "state"), [(100_019, PASSED), (100_020, FAILED), (500_000, FAILED)]
    )
    def test_refuses_a_next_number_that_severa_has(
        self, highest: int, state: SetupCheckState
    ) -> None:
        """Q51: its next number is above every number in Severa."""
        [verdict] = _judge(_series(coming="100020"), severa=(5, highest))

        assert verdict.state is state

    def test_leaves_the_numbers_of_the_other_series_out(self) -> None:
        """R61: credit notes have a series of their own in Financials."""
        both = (_series(), _series("ARCREDIT", "200001", "200010"))

        [verdict] = _judge(*both, documents=("100005", "200003"), severa=(100_019, 200_009))

        assert verdict.state is PASSED

    def test_looks_at_the_series_that_gave_the_documents(self) -> None:
        other = _series("OTHER", start="700001", coming="7X")

        assert [v.state for v in _judge(other, _series())] == [PASSED]

    def test_goes_by_names_when_there_is_no_document(self) -> None:
        other = _series("APINVOICE", coming="4X")

        assert [v.state for v in _judge(other, _series(), documents=())] == [PASSED]

    def test_prefers_what_a_person_chose(self) -> None:
        own = _series("OWN", "300001", "30X")

        [verdict] = _judge(_series(), own, chosen=("OWN",))

        assert verdict.state is FAILED

    def test_refuses_when_the_series_cannot_be_told(self) -> None:
        [verdict] = _judge(_series("GL"), documents=("5", "A7"))

        assert verdict.state is FAILED
        assert "choose it" in verdict.cause


class TestNumbersKept:
    def test_names_a_linked_number_that_was_changed(self) -> None:
        """R18, R19: detected and reported."""
        linked = {("CUSTOMER", "7"): "10001", ("PROJECT", "9"): "1001", ("PRODUCT", "1"): "A"}
        seen = {("CUSTOMER", "7"): "10999", ("PROJECT", "9"): "1001"}

        [verdict] = numbering.numbers_kept(linked=linked, seen=seen)

        assert verdict.state is FAILED
        assert verdict.cause == "Customer 10001 is called 10999 in Financials now."

    def test_passes_while_all_are_as_they_were(self) -> None:
        [verdict] = numbering.numbers_kept(
            linked={("CUSTOMER", "7"): "10001"}, seen={("CUSTOMER", "7"): "10001"}
        )

        assert verdict.state is PASSED
