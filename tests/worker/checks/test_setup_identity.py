"""Organization numbers are compared in a normal form, and shown raw when they differ."""

from typing import Any

import pytest

from schema.words import SetupCheckState
from worker.checks.identity import normal_form, organization_number


def _judge(corporate: str | None, **details: Any) -> Any:
    said = {"country": {"code": "NO"}, "vatNumber": None, "kvkNumber": None} | details
    [verdict] = organization_number(details=said, organizations=[{"corporateId": corporate}])
    assert verdict.code == "organization_number"
    return verdict


class TestNormalForm:
    @pytest.mark.parametrize(
        ("text", "country", "digits"),
        [
            ("FI12345678", "FI", "12345678"),
            ("1234567-8", "FI", "12345678"),
            ("123456-7", "FI", "01234567"),
            ("SE556012579001", "SE", "5560125790"),
            ("556012-5790", "SE", "5560125790"),
            ("NO974432692MVA", "NO", "974432692"),
            ("NO 974 432 692 MVA", None, "974432692"),
            ("974 432 692", "NO", "974432692"),
            ("974432692", None, "974432692"),
            ("NO974432692MVA1", None, "974432692"),
            ("974432692 0001", "NO", "974432692"),
            ("DE 811 569 869", "NO", "811569869"),
            ("n/a", "NO", ""),
            ("", "NO", ""),
            (None, None, ""),
        ],
    )
    def test_is_the_digits_of_the_country(
        self, text: str | None, country: str | None, digits: str
    ) -> None:
        """Q34: FI 8 digits, SE the first 10, NO 9."""
        assert normal_form(text, country=country) == digits


class TestOrganizationNumber:
    def test_passes_for_equal_numbers_in_different_writing(self) -> None:
        """R24."""
        verdict = _judge("974 432 692", vatNumber="NO974432692MVA")

        assert verdict.state is SetupCheckState.PASSED
        assert verdict.details["number"] == "974432692"

    def test_takes_the_dutch_number_from_the_chamber_of_commerce(self) -> None:
        verdict = _judge(
            "12345678", vatNumber="NL999999999B01", kvkNumber="12345678", country={"code": "NL"}
        )

        assert verdict.state is SetupCheckState.PASSED

    def test_shows_both_raw_values_when_it_refuses(self) -> None:
        """Q34: both raw values."""
        verdict = _judge("812 345 678", vatNumber="NO974432692MVA")

        assert verdict.state is SetupCheckState.FAILED
        assert "'NO974432692MVA'" in verdict.cause
        assert "'812 345 678'" in verdict.cause

    @pytest.mark.parametrize(
        ("corporate", "vat", "reason"),
        [
            (None, None, "Neither side has an organization number"),
            ("974432692", None, "Severa has no organization number"),
            (None, "NO974432692MVA", "Financials has no organization number"),
            ("unknown", "NO974432692MVA", "Financials has no organization number"),
        ],
    )
    def test_refuses_a_missing_number(
        self, corporate: str | None, vat: str | None, reason: str
    ) -> None:
        """Q34: neither present is refused with the reason."""
        verdict = _judge(corporate, vatNumber=vat)

        assert verdict.state is SetupCheckState.FAILED
        assert verdict.cause.startswith(reason)
        shown = f"'{vat}'" if vat else "(empty)"
        assert f"VAT number {shown} and KvK number (empty) in Severa" in verdict.cause

    def test_takes_any_organization_of_the_tenant(self) -> None:
        [verdict] = organization_number(
            details={"country": {"code": "NO"}, "vatNumber": "NO974432692MVA"},
            organizations=[{"corporateId": "812345678"}, {"corporateId": "974432692"}],
        )

        assert verdict.state is SetupCheckState.PASSED
