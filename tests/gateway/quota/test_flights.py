"""What a caller has under way at the same time is counted, also when it fails."""

import pytest

from gateway.quota import Flights, TooBusy


class TestFlights:
    def test_end_at_the_limit_of_one_caller(self) -> None:
        flights = Flights(limit=2, words="operations under way")

        with flights.hold("a"), flights.hold("a"), flights.hold("b"):
            with pytest.raises(TooBusy, match="has 2 operations under way"), flights.hold("a"):
                pass
            assert flights.count("a") == 2
        with flights.hold("a"):
            assert flights.count("a") == 1

    def test_are_counted_down_by_failures(self) -> None:
        flights = Flights(limit=1, words="operations under way")
        for _ in range(3):
            with pytest.raises(ZeroDivisionError), flights.hold("a"):
                raise ZeroDivisionError

        assert flights.count("a") == 0

    def test_are_not_limited_at_0(self) -> None:
        flights = Flights(limit=0, words="operations under way")

        with flights.hold("a"), flights.hold("a"):
            assert flights.count("a") == 2
