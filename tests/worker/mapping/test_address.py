"""Addresses: one text in Severa, three lines in Financials, and stable in between."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.words import Side
from worker.mapping.address import (
    ADDRESS,
    financials_address,
    severa_address,
    split_lines,
    tidy_address,
)
from worker.mapping.convert import CannotMap
from worker.mapping.reference import References

REFERENCES = References(
    country_guids={"NO": "guid-no", "FI": "guid-fi"},
    country_codes={"guid-no": "NO", "guid-fi": "FI"},
    regions={("guid-no", "vestland"): "guid-vestland"},
)
SEVERA = {
    "guid": "a1",
    "addressline": "Parkveien 32\nInngang B",
    "postalCode": "5003",
    "city": "Bergen",
    "country": {"guid": "guid-no"},
    "countryRegion": {"guid": "guid-vestland", "name": "Vestland"},
}
FINANCIALS = {
    "addressLine1": "Parkveien 32",
    "addressLine2": "Inngang B",
    "postalCode": "5003",
    "city": "Bergen",
    "country": {"id": "NO", "name": "Norway"},
    "county": {"id": "Vestland", "name": "Vestland"},
}
lines = st.text(alphabet=st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)


def read(side: Side, raw: Any) -> Any:
    """Read an address into our own form."""
    return ADDRESS.read(side, ADDRESS.tidy(raw), REFERENCES)


def in_financials(written: dict[str, Any]) -> dict[str, Any]:
    """Return what Financials shows after an address was written."""
    kept = {name: value for name, value in written.items() if value}
    country, county = kept.pop("countryId", None), kept.pop("county", None)
    return kept | {"country": {"id": country}, "county": {"id": county, "name": county}}


class TestSplitting:
    """Q10, R168."""

    def test_is_at_line_breaks(self) -> None:
        assert split_lines("a\r\n b \n\nc") == ["a", "b", "c"]

    def test_joins_the_rest_in_the_third_line(self) -> None:
        assert split_lines("a\nb\nc\nd\ne") == ["a", "b", "c, d, e"]

    @given(st.lists(lines, max_size=8).map("\n".join))
    def test_is_stable(self, text: str) -> None:
        once = split_lines(text)

        assert split_lines("\n".join(once)) == once
        assert len(once) <= 3


class TestAddress:
    def test_is_the_same_from_both_sides(self) -> None:
        """R168 to R172."""
        assert read(Side.SEVERA, SEVERA) == read(Side.FINANCIALS, FINANCIALS)

    @given(st.lists(lines, min_size=1, max_size=6).map("\n".join))
    def test_round_trips_from_severa(self, text: str) -> None:
        value = read(Side.SEVERA, SEVERA | {"addressline": text})
        written = ADDRESS.write(Side.FINANCIALS, value, REFERENCES, None)

        shown = in_financials(financials_address(written))

        assert read(Side.FINANCIALS, shown) == value

    def test_round_trips_from_financials(self) -> None:
        value = read(Side.FINANCIALS, FINANCIALS)
        written = ADDRESS.write(Side.SEVERA, value, REFERENCES, None)

        body = severa_address(written, regions=REFERENCES.regions)

        assert body["countryRegion"] == {"guid": "guid-vestland"}
        shown = {**body, "countryRegion": {"guid": "guid-vestland", "name": "Vestland"}}
        assert read(Side.SEVERA, shown) == value

    def test_without_anything_is_none(self) -> None:
        assert tidy_address(None) is None
        assert tidy_address({"addressLine1": " "}) is None
        assert tidy_address({"guid": "a1", "addressline": ""}) is None

    def test_in_an_unknown_country_is_refused(self) -> None:
        value = read(Side.FINANCIALS, FINANCIALS | {"country": {"id": "XX"}})

        with pytest.raises(CannotMap, match="XX") as caught:
            ADDRESS.write(Side.SEVERA, value, REFERENCES, None)

        assert caught.value.issue == "country_unknown"

    def test_with_an_unknown_region_leaves_the_region_alone(self) -> None:
        value = read(Side.FINANCIALS, FINANCIALS | {"county": {"name": "Nowhere"}})
        written = ADDRESS.write(Side.SEVERA, value, REFERENCES, None)

        assert "countryRegion" not in severa_address(written, regions=REFERENCES.regions)

    def test_clears_lines_in_financials_that_are_gone(self) -> None:
        value = read(Side.SEVERA, SEVERA | {"addressline": "Parkveien 32", "countryRegion": None})

        body = financials_address(value)

        assert [body[f"addressLine{n}"] for n in (1, 2, 3)] == ["Parkveien 32", "", ""]
        assert body["county"] == ""
