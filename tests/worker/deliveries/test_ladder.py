"""The pauses between the tries of a delivery."""

from datetime import UTC, datetime

import pytest

from worker.deliveries.ladder import LADDER, wait_after
from worker.deliveries.send import retry_after

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


class TestWaitAfter:
    def test_spreads_the_tries_over_about_a_day(self) -> None:
        assert 23 * 3600 < sum(LADDER) < 25 * 3600

    @pytest.mark.parametrize(("tries", "wait"), list(enumerate(LADDER, start=1)))
    def test_climbs_with_some_jitter(self, tries: int, wait: float) -> None:
        found = wait_after(tries)

        assert found is not None
        assert 0.9 * wait <= found <= 1.1 * wait

    def test_ends_after_the_last_rung(self) -> None:
        assert wait_after(len(LADDER) + 1) is None


class TestRetryAfter:
    @pytest.mark.parametrize(
        ("text", "wait"),
        [
            *((None, None), ("", None), ("soon", None), ("-5", None), ("120", 120.0)),
            ("Tue, 24 Nov 2026 06:01:00 GMT", 60.0),
            ("Tue, 24 Nov 2026 05:00:00 GMT", 0.0),
        ],
    )
    def test_is_read_as_seconds_or_as_a_date(self, text: str | None, wait: float | None) -> None:
        assert retry_after(text, at=NOW) == wait
