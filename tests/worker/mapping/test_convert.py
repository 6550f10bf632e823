"""Converters: each value survives the way to the other side and back, or says why it cannot."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.words import ProjectStatus, Side
from worker.mapping.convert import (
    ACTIVE,
    CURRENCY,
    DAY,
    LEAVE,
    LONGEST_NOTE,
    MONEY,
    NOTES,
    NUMBER,
    STATUS,
    TERM,
    TEXT,
    CannotMap,
    Convert,
    fits_severa,
)
from worker.mapping.reference import References

SEVERA, FINANCIALS = Side.SEVERA, Side.FINANCIALS
REFERENCES = References(
    base_currency="NOK",
    severa_currencies={"NOK": "guid-nok", "EUR": "guid-eur"},
    financials_currencies=frozenset({"NOK", "SEK"}),
    term_days={"14": 14, "30": 30, "30B": 30, "EOM": 45},
    term_ids={14: "14", 30: "30"},
)


def there_and_back(convert: Convert, raw: Any, *, start: Side) -> Any:
    """Read a value on one side, write it to the other, and read it there again."""
    value = convert.read(start, convert.tidy(raw), REFERENCES)
    written = convert.write(start.other, value, REFERENCES, None)
    return convert.read(start.other, convert.tidy(written), REFERENCES)


class TestText:
    @given(st.text())
    def test_round_trips(self, text: str) -> None:
        wanted = TEXT.tidy(text)

        assert there_and_back(TEXT, text, start=SEVERA) == wanted
        assert there_and_back(TEXT, text, start=FINANCIALS) == wanted

    @pytest.mark.parametrize("raw", [None, "", "  ", "\r\n"])
    def test_of_nothing_is_nothing(self, raw: str | None) -> None:
        assert TEXT.tidy(raw) is None

    def test_is_tidy_when_it_is_tidied_twice(self) -> None:
        once = TEXT.tidy(" a\r\nb ")

        assert once == "a\nb"
        assert TEXT.tidy(once) == once


class TestNumber:
    """R158, Q15."""

    @given(st.integers(min_value=1, max_value=2**31 - 1))
    def test_of_digits_fits_and_round_trips(self, number: int) -> None:
        assert fits_severa(str(number))
        assert there_and_back(NUMBER, str(number), start=FINANCIALS) == str(number)

    @pytest.mark.parametrize("number", ["007", "A12", "12 3", "٣", "", "-1", "1.0"])
    def test_that_would_change_does_not_fit(self, number: str) -> None:
        assert not fits_severa(number)

    def test_that_does_not_fit_is_named(self) -> None:
        with pytest.raises(CannotMap, match="0042") as caught:
            NUMBER.write(SEVERA, "0042", REFERENCES, None)

        assert caught.value.issue == "number_does_not_fit"

    def test_is_a_number_in_severa_and_a_text_in_financials(self) -> None:
        assert NUMBER.write(SEVERA, "42", REFERENCES, None) == 42
        assert NUMBER.write(FINANCIALS, "42", REFERENCES, None) == "42"


class TestActive:
    """R155, R166, Q28, Q54."""

    @pytest.mark.parametrize("side", list(Side))
    @pytest.mark.parametrize("active", [True, False])
    def test_round_trips(self, side: Side, active: bool) -> None:
        raw = ACTIVE.write(side, active, REFERENCES, None)

        assert there_and_back(ACTIVE, raw, start=side) is active

    @pytest.mark.parametrize("status", ["OnHold", "CreditHold", "NoPurchases", "OneTime"])
    def test_keeps_a_finer_active_status(self, status: str) -> None:
        assert ACTIVE.read(FINANCIALS, status, REFERENCES) is True
        assert ACTIVE.write(FINANCIALS, True, REFERENCES, status) == status

    @pytest.mark.parametrize("status", ["Inactive", "NoSales", "NoRequest", "MarkedForDeletion"])
    def test_keeps_a_finer_inactive_status(self, status: str) -> None:
        assert ACTIVE.read(FINANCIALS, status, REFERENCES) is False
        assert ACTIVE.write(FINANCIALS, False, REFERENCES, status) == status

    def test_overwrites_what_disagrees(self) -> None:
        assert ACTIVE.write(FINANCIALS, False, REFERENCES, "OnHold") == "Inactive"
        assert ACTIVE.write(FINANCIALS, True, REFERENCES, "NoSales") == "Active"


class TestCurrency:
    """R160, R208."""

    def test_round_trips(self) -> None:
        assert there_and_back(CURRENCY, "NOK", start=SEVERA) == "NOK"
        assert CURRENCY.write(SEVERA, "EUR", REFERENCES, None) == "guid-eur"

    def test_of_nothing_is_the_home_currency(self) -> None:
        assert CURRENCY.read(FINANCIALS, None, REFERENCES) == "NOK"

    @pytest.mark.parametrize(("side", "code"), [(SEVERA, "SEK"), (FINANCIALS, "EUR")])
    def test_that_a_side_lacks_is_named(self, side: Side, code: str) -> None:
        with pytest.raises(CannotMap, match=code) as caught:
            CURRENCY.write(side, code, REFERENCES, None)

        assert caught.value.issue == "unknown_currency"


class TestTerms:
    """R161, R204, Q13."""

    def test_round_trip_by_their_days(self) -> None:
        assert there_and_back(TERM, 14, start=SEVERA) == 14
        assert there_and_back(TERM, "30", start=FINANCIALS) == 30

    def test_of_another_kind_are_left_alone(self) -> None:
        assert TERM.read(FINANCIALS, "ENDOFMONTH", REFERENCES) is LEAVE

    def test_with_equal_days_stay_what_they_are(self) -> None:
        assert TERM.write(FINANCIALS, 30, REFERENCES, "30B") == "30B"

    def test_with_equal_days_are_chosen_by_the_table(self) -> None:
        assert TERM.write(FINANCIALS, 30, REFERENCES, "14") == "30"

    def test_of_unknown_days_are_never_guessed(self) -> None:
        with pytest.raises(CannotMap, match="15 days") as caught:
            TERM.write(FINANCIALS, 15, REFERENCES, None)

        assert caught.value.issue == "unknown_terms"


class TestMoney:
    """R154, J11."""

    @given(st.decimals(min_value=0, max_value=10**9, places=4))
    def test_round_trips_exactly(self, amount: Decimal) -> None:
        assert there_and_back(MONEY, {"amount": amount}, start=SEVERA) == amount
        assert there_and_back(MONEY, amount, start=FINANCIALS) == amount

    def test_has_one_spelling(self) -> None:
        spelled = {MONEY.tidy(Decimal(text)) for text in ("100", "100.0", "1E+2", "100.000")}

        assert spelled == {"100"}

    def test_of_nothing_is_nothing(self) -> None:
        assert MONEY.tidy({"amount": None}) is None
        assert MONEY.read(SEVERA, None, REFERENCES) is None


class TestNotes:
    """R164, Q12."""

    def test_are_cut_for_financials(self) -> None:
        long = "x" * LONGEST_NOTE + " tail"

        assert NOTES.write(FINANCIALS, long, REFERENCES, None) == "x" * LONGEST_NOTE
        assert NOTES.write(FINANCIALS, "short", REFERENCES, None) == "short"
        assert NOTES.write(FINANCIALS, None, REFERENCES, None) is None
        exact = "x" * LONGEST_NOTE
        assert NOTES.write(FINANCIALS, exact, REFERENCES, None) == exact

    def test_that_were_cut_are_never_written_back(self) -> None:
        long = "x" * (LONGEST_NOTE + 1)

        assert NOTES.write(SEVERA, "x" * LONGEST_NOTE, REFERENCES, long) == long
        assert NOTES.write(SEVERA, None, REFERENCES, long) == long
        assert NOTES.write(SEVERA, "new", REFERENCES, "old") == "new"
        assert NOTES.write(SEVERA, "new", REFERENCES, None) == "new"


class TestDay:
    @given(st.dates(min_value=date(1900, 1, 1)))
    def test_round_trips(self, day: date) -> None:
        assert there_and_back(DAY, day.isoformat(), start=SEVERA) == day

    def test_is_a_local_midnight_in_financials(self) -> None:
        assert DAY.write(FINANCIALS, date(2026, 11, 24), REFERENCES, None) == "2026-11-24T00:00:00"

    def test_has_one_spelling(self) -> None:
        assert DAY.tidy("2026-11-24T00:00:00") == DAY.tidy("2026-11-24") == "2026-11-24"


class TestStatus:
    """R192, Q43."""

    @pytest.mark.parametrize("status", list(ProjectStatus))
    def test_round_trips(self, status: ProjectStatus) -> None:
        assert there_and_back(STATUS, status.value, start=SEVERA) == status.value

    @pytest.mark.parametrize(
        ("status", "word"), [("ACTIVE", "Active"), ("CLOSED", "Completed"), ("LOST", "Cancelled")]
    )
    def test_has_its_word_in_financials(self, status: str, word: str) -> None:
        assert STATUS.write(FINANCIALS, status, REFERENCES, None) == word

    def test_that_only_financials_knows_is_itself(self) -> None:
        assert STATUS.read(FINANCIALS, "InPlanning", REFERENCES) == "InPlanning"

    def test_follows_the_settings(self) -> None:
        """Q43: the words are configurable."""
        chosen = References(options={"project_states": {"LOST": "Completed", "CLOSED": "OnHold"}})

        assert STATUS.write(FINANCIALS, "LOST", chosen, None) == "Completed"
        assert STATUS.write(FINANCIALS, "ACTIVE", chosen, None) == "Active"
        assert STATUS.read(FINANCIALS, "OnHold", chosen) == "CLOSED"
        assert STATUS.read(FINANCIALS, "Active", chosen) == "ACTIVE"
        assert STATUS.read(SEVERA, "LOST", chosen) == "LOST"

    @pytest.mark.parametrize("held", ["OnHold", "PendingApproval"])
    def test_that_waits_for_a_person_there_is_kept_while_open(self, held: str) -> None:
        assert STATUS.write(FINANCIALS, "ACTIVE", REFERENCES, held) == held
        assert STATUS.write(FINANCIALS, "CLOSED", REFERENCES, held) == "Completed"
        assert STATUS.write(FINANCIALS, "ACTIVE", REFERENCES, "Planned") == "Active"
        assert STATUS.write(SEVERA, "ACTIVE", REFERENCES, held) == "ACTIVE"
