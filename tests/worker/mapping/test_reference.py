"""Look-ups in reference data: rates by day, statuses by role, the value most in use."""

from datetime import date
from decimal import Decimal

import pytest

from schema.words import Role
from worker.mapping.reference import References, VATRule, most_common


def _rule(*rates: tuple[str, str], last_day: date | None = None) -> VATRule:
    return VATRule(
        vat_id="3",
        categories=frozenset(),
        zones=frozenset(),
        rates=tuple((date.fromisoformat(day), Decimal(rate)) for day, rate in rates),
        last_day=last_day,
    )


class TestRate:
    @pytest.mark.parametrize(
        ("day", "rate"),
        [("2014-12-31", None), ("2015-01-01", "24"), ("2024-08-31", "24"), ("2024-09-01", "25.5")],
    )
    def test_is_the_one_that_is_valid_on_the_day(self, day: str, rate: str | None) -> None:
        rule = _rule(("2015-01-01", "24"), ("2024-09-01", "25.5"))

        assert rule.rate(date.fromisoformat(day)) == (None if rate is None else Decimal(rate))

    def test_ends_with_the_vat_id(self) -> None:
        rule = _rule(("2015-01-01", "24"), last_day=date(2024, 8, 31))

        assert rule.rate(date(2024, 8, 31)) == 24
        assert rule.rate(date(2024, 9, 1)) is None


class TestStatus:
    def test_is_found_by_its_role(self) -> None:
        """Q3, R82."""
        references = References(status_roles={"a": Role.SENT, "b": Role.PAID})

        assert references.status(Role.PAID) == "b"
        with pytest.raises(KeyError):
            references.status(Role.FAILED)


class TestMostCommon:
    def test_counts_per_key(self) -> None:
        pairs = [("NO", "A"), ("NO", "B"), ("NO", "B"), ("SE", "A"), ("*", "B")]

        assert most_common(pairs) == {"NO": "B", "SE": "A", "*": "B"}

    def test_of_no_pairs_is_nothing(self) -> None:
        assert most_common([]) == {}

    def test_has_defaults_for_what_was_never_read(self) -> None:
        """Q41: the non-project code is X until Financials gives another one."""
        assert References().non_project == "X"
