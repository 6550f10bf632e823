"""Contacts in both forms: names, salutations, phone slots and the wish not to be mailed."""

from typing import Any

import pytest

from schema.words import Side
from worker.mapping.contact import (
    ACTIVE,
    CHANNELS,
    CONTACT,
    FIRST_NAME,
    REFUSAL,
    SALUTATION,
    names_of,
    slot,
)
from worker.mapping.convert import LEAVE
from worker.mapping.reference import References

NOTHING = References()
SEVERA, FINANCIALS = Side.SEVERA, Side.FINANCIALS
PLACES = {
    "salutation": ("salutation", "title", "title"),  # R176
    "first_name": ("firstName", "_first", "firstName"),  # R177
    "last_name": ("lastName", "_last", "lastName"),  # R178
    "title": ("jobTitle", "position", "position"),  # R179
    "mobile": ("_mobile", "_mobile", "_mobile"),  # R180
    "phone": ("_phone", "_phone", "_phone"),  # R181
    "email": ("_email", "email", "email"),  # R182
    "do_not_email": ("isEmailAllowed", "doNotEmail", "doNotEmail"),  # R183
    "is_active": ("isActive", "active", "active"),  # R184
}


class TestTable:
    def test_has_every_row(self) -> None:
        """R176 to R184."""
        rows = {row.name: (row.severa, row.financials, row.target(FINANCIALS)) for row in CONTACT}

        assert rows == PLACES
        assert [row.name for row in CONTACT if row.mandatory] == ["last_name"]
        assert {(row.owner, row.only_to) for row in CONTACT} == {(None, None)}

    def test_knows_the_kind_of_each_communication(self) -> None:
        assert CHANNELS == {"mobile": "MobilePhone", "phone": "Phone", "email": "EmailAddress"}


class TestSalutation:
    @pytest.mark.parametrize("word", ["Mr", "Mrs", "Ms"])
    def test_has_a_dot_in_severa_only(self, word: str) -> None:
        """R176."""
        assert SALUTATION.write(SEVERA, word, NOTHING, None) == f"{word}."
        assert SALUTATION.write(FINANCIALS, word, NOTHING, None) == word
        assert SALUTATION.read(SEVERA, f"{word}.", NOTHING) == word
        assert SALUTATION.read(FINANCIALS, word, NOTHING) == word

    @pytest.mark.parametrize("word", ["Doctor", "Miss", "Prof."])
    def test_that_severa_does_not_have_is_left_alone(self, word: str) -> None:
        """Q53."""
        assert SALUTATION.read(FINANCIALS, word, NOTHING) is LEAVE

    def test_of_nothing_is_nothing(self) -> None:
        assert SALUTATION.read(SEVERA, None, NOTHING) is None
        assert SALUTATION.write(SEVERA, None, NOTHING, None) is None
        assert SALUTATION.tidy(" ") is None


class TestNames:
    def test_of_one_word_are_a_last_name(self) -> None:
        """Q53."""
        assert names_of({"firstName": "Ada", "lastName": "Berg"}) == ("Ada", "Berg")
        assert names_of({"lastName": "Berg"}) == (None, "Berg")
        assert names_of({"firstName": "Ada", "lastName": " "}) == (None, "Ada")
        assert names_of({}) == (None, None)

    def test_have_a_dash_in_severa_that_never_travels_back(self) -> None:
        """Q53."""
        assert FIRST_NAME.write(SEVERA, None, NOTHING, None) == "-"
        assert FIRST_NAME.write(FINANCIALS, None, NOTHING, None) is None
        assert FIRST_NAME.write(SEVERA, "Ada", NOTHING, None) == "Ada"
        assert FIRST_NAME.read(SEVERA, "-", NOTHING) is None
        assert FIRST_NAME.read(SEVERA, "Ada", NOTHING) == "Ada"
        assert FIRST_NAME.tidy(" Ada ") == "Ada"


class TestSlots:
    def test_are_chosen_by_settings(self) -> None:
        """Q11: mobile in phone 1, phone in phone 2, unless a setting says otherwise."""
        assert (slot("mobile", {}), slot("phone", {})) == ("phone1", "phone2")
        assert slot("mobile", {"contact_mobile_slot": "phone3"}) == "phone3"
        assert slot("phone", {"contact_mobile_slot": "phone3"}) == "phone2"


class TestFlags:
    @pytest.mark.parametrize("refuses", [True, False])
    def test_of_mail_are_opposite(self, refuses: bool) -> None:
        """R183, Q53: allowed in Severa, refused in Financials."""
        assert REFUSAL.write(SEVERA, refuses, NOTHING, None) is not refuses
        assert REFUSAL.write(FINANCIALS, refuses, NOTHING, None) is refuses
        assert REFUSAL.read(SEVERA, not refuses, NOTHING) is refuses
        assert REFUSAL.read(FINANCIALS, refuses, NOTHING) is refuses

    @pytest.mark.parametrize(("raw", "active"), [(True, True), (None, True), (False, False)])
    def test_of_activity_count_what_is_missing_as_active(self, raw: Any, active: bool) -> None:
        """R184."""
        assert ACTIVE.tidy(raw) is active
        assert ACTIVE.read(FINANCIALS, active, NOTHING) is active
        assert ACTIVE.write(SEVERA, active, NOTHING, None) is active
