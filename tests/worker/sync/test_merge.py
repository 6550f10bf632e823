"""The three-way merge, branch by branch."""

from typing import Any

import pytest

from schema.words import Side
from worker.mapping.convert import CURRENCY, NUMBER, TERM
from worker.mapping.field import Field, Form
from worker.mapping.reference import References
from worker.sync.merge import Merged, Sides, merge

SEVERA, FINANCIALS = Side.SEVERA, Side.FINANCIALS
NAME = Field(name="name", severa="name", financials="name")
REFERENCES = References(
    severa_currencies={"NOK": "guid-nok"},
    financials_currencies=frozenset({"NOK"}),
    term_days={"14": 14, "30": 30, "30B": 30},
    term_ids={14: "14", 30: "30"},
)


def merged(
    now: tuple[Any, Any],
    base: tuple[Any, Any] | None = None,
    *,
    row: Field = NAME,
    choice: Side | None = None,
) -> Merged:
    """Merge one field; pairs are what Severa and Financials say, `...` is not there."""
    return merge(
        (row,),
        sides=Sides(now=_forms(now, row), base=_forms(base or (..., ...), row)),
        references=REFERENCES,
        choices={} if choice is None else {row.name: choice},
    )


def _forms(pair: tuple[Any, Any], row: Field) -> dict[Side, Form | None]:
    return {
        side: None if value is ... else {row.name: value}
        for side, value in zip(Side, pair, strict=True)
    }


def written(outcome: Merged) -> dict[Side, Any]:
    """Return what is to be written, by side."""
    return {side: form for side, form in outcome.writes.items() if form}


class TestOneSideChanged:
    def test_severa_wins(self) -> None:
        outcome = merged(("new", "old"), ("old", "old"))

        assert outcome.values == {"name": "new"}
        assert written(outcome) == {FINANCIALS: {"name": "new"}}

    def test_financials_wins(self) -> None:
        outcome = merged(("old", "new"), ("old", "old"))

        assert outcome.values == {"name": "new"}
        assert written(outcome) == {SEVERA: {"name": "new"}}

    def test_a_cleared_value_travels(self) -> None:
        outcome = merged((None, "old"), ("old", "old"))

        assert written(outcome) == {FINANCIALS: {"name": None}}

    def test_the_target_agrees_only_when_it_was_read_back(self) -> None:
        outcome = merged(("new", "old"), ("old", "old"))

        assert outcome.agreed[FINANCIALS] == {}
        assert outcome.winners == {"name": SEVERA}


class TestNobodyChanged:
    def test_equal_values_need_nothing(self) -> None:
        outcome = merged(("same", "same"), ("same", "same"))

        assert written(outcome) == {}
        assert outcome.values == {"name": "same"}

    def test_a_difference_that_was_agreed_on_stays(self) -> None:
        """Converters lose: a cut text is never written back (Q12)."""
        outcome = merged(("a long text", "a long"), ("a long text", "a long"))

        assert written(outcome) == {}
        assert outcome.clashes == []
        assert "name" not in outcome.values

    def test_a_change_of_the_cut_side_travels(self) -> None:
        outcome = merged(("a long text", "other"), ("a long text", "a long"))

        assert written(outcome) == {SEVERA: {"name": "other"}}


class TestBothChanged:
    def test_to_the_same_value_is_agreement(self) -> None:
        outcome = merged(("new", "new"), ("old", "old"))

        assert written(outcome) == {}
        assert outcome.agreed == {SEVERA: {"name": "new"}, FINANCIALS: {"name": "new"}}

    def test_without_an_owner_is_a_clash(self) -> None:
        outcome = merged(("mine", "theirs"), ("old", "old"))

        [clash] = outcome.clashes
        assert (clash.base, clash.severa, clash.financials) == ("old", "mine", "theirs")
        assert written(outcome) == {}
        assert outcome.agreed == {SEVERA: {}, FINANCIALS: {}}

    @pytest.mark.parametrize("owner", list(Side))
    def test_with_an_owner_is_the_owners(self, owner: Side) -> None:
        row = Field(name="name", severa="name", financials="name", owner=owner)

        outcome = merged(("mine", "theirs"), ("old", "old"), row=row)

        value = "mine" if owner is SEVERA else "theirs"
        assert written(outcome) == {owner.other: {"name": value}}

    @pytest.mark.parametrize("choice", list(Side))
    def test_is_settled_by_a_persons_choice(self, choice: Side) -> None:
        outcome = merged(("mine", "theirs"), ("old", "old"), choice=choice)

        value = "mine" if choice is SEVERA else "theirs"
        assert written(outcome) == {choice.other: {"name": value}}
        assert outcome.clashes == []

    def test_a_clash_lets_the_other_fields_go_on(self) -> None:
        city = Field(name="city", severa="city", financials="city")
        now: dict[Side, Form | None] = {
            SEVERA: {"name": "mine", "city": "Oslo"},
            FINANCIALS: {"name": "theirs", "city": "Bergen"},
        }
        base: dict[Side, Form | None] = {side: {"name": "old", "city": "Oslo"} for side in Side}

        outcome = merge((NAME, city), sides=Sides(now=now, base=base), references=REFERENCES)

        assert [clash.name for clash in outcome.clashes] == ["name"]
        assert written(outcome) == {SEVERA: {"city": "Bergen"}}


class TestFirstLink:
    def test_fills_a_blank_from_the_other_side(self) -> None:
        assert written(merged((None, "theirs"))) == {SEVERA: {"name": "theirs"}}
        assert written(merged(("mine", None))) == {FINANCIALS: {"name": "mine"}}

    def test_with_different_values_is_a_clash(self) -> None:
        assert [clash.name for clash in merged(("mine", "theirs")).clashes] == ["name"]

    def test_with_equal_values_is_agreement(self) -> None:
        outcome = merged(("same", "same"))

        assert outcome.agreed == {SEVERA: {"name": "same"}, FINANCIALS: {"name": "same"}}

    def test_with_an_owner_is_the_owners(self) -> None:
        row = Field(name="name", severa="name", financials="name", owner=FINANCIALS)

        assert written(merged(("mine", "theirs"), row=row)) == {SEVERA: {"name": "theirs"}}


class TestNewRecord:
    @pytest.mark.parametrize(
        ("now", "target"), [(("mine", ...), FINANCIALS), ((..., "theirs"), SEVERA)]
    )
    def test_is_written_to_the_other_side(self, now: tuple[Any, Any], target: Side) -> None:
        outcome = merged(now)

        assert list(written(outcome)) == [target]


class TestOneWay:
    row = Field(
        name="number",
        severa="number",
        financials="number",
        owner=FINANCIALS,
        only_to=SEVERA,
        convert=NUMBER,
    )

    def test_source_always_wins(self) -> None:
        assert written(merged(("1", "2"), row=self.row)) == {SEVERA: {"number": 2}}

    def test_never_flows_back(self) -> None:
        assert written(merged(("1", ...), row=self.row)) == {}

    def test_change_of_the_target_alone_is_left_to_its_check(self) -> None:
        """R18, R19: a changed number is reported, not fought over."""
        outcome = merged(("9", "2"), ("2", "2"), row=self.row)

        assert written(outcome) == {}

    def test_source_that_has_just_been_created_wins(self) -> None:
        """R47: the number that Financials gives is news, whatever Severa had agreed on."""
        outcome = merged(("1", "2"), ("1", ...), row=self.row)

        assert written(outcome) == {SEVERA: {"number": 2}}


class TestLeftAlone:
    """Q13: terms of another kind."""

    row = Field(name="terms", severa="paymentTerm", financials="creditTerms.id", convert=TERM)

    def test_are_not_written_and_do_not_clash(self) -> None:
        outcome = merged((14, "ENDOFMONTH"), (30, "30"), row=self.row)

        assert written(outcome) == {}
        assert outcome.clashes == []
        assert outcome.values == {"terms": 14}

    def test_with_equal_days_are_equal(self) -> None:
        outcome = merged((30, "30B"), (14, "14"), row=self.row)

        assert written(outcome) == {}
        assert outcome.agreed == {SEVERA: {"terms": 30}, FINANCIALS: {"terms": "30B"}}


class TestFailures:
    def test_of_a_value_without_counterpart_are_kept(self) -> None:
        row = Field(name="currency", severa="currency", financials="currency", convert=CURRENCY)

        outcome = merged(("USD", "NOK"), ("NOK", "NOK"), row=row)

        assert [error.issue for error in outcome.failures] == ["unknown_currency"]
        assert written(outcome) == {}
