"""Invalid keys are counted per address, and nobody else is held off."""

import pytest

from gateway.quota import Attempts, TooManyAttempts
from gateway.quota import attempts as module


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def fail(attempts: Attempts, address: str, times: int) -> None:
    for number in range(times):
        attempts.check(address, f"Bearer wrong {number}")
        attempts.failed(address, f"Bearer wrong {number}")


class TestAttempts:
    def test_end_at_the_limit_and_begin_again(self, clock: Clock) -> None:
        attempts = Attempts(per_minute=6, timer=clock)
        fail(attempts, "192.0.2.1", 6)

        with pytest.raises(TooManyAttempts) as refused:
            attempts.check("192.0.2.1", "Bearer x")
        assert refused.value.retry_after == 10
        clock.now = 10.0
        fail(attempts, "192.0.2.1", 1)

    def test_hold_off_no_other_address(self, clock: Clock) -> None:
        attempts = Attempts(per_minute=2, timer=clock)
        fail(attempts, "192.0.2.1", 2)

        attempts.check("192.0.2.2", "Bearer x")

    def test_let_in_a_key_that_was_good(self, clock: Clock) -> None:
        attempts = Attempts(per_minute=2, timer=clock)
        attempts.accepted("Bearer good")
        fail(attempts, "192.0.2.1", 2)

        attempts.check("192.0.2.1", "Bearer good")
        attempts.failed("192.0.2.1", "Bearer good")
        with pytest.raises(TooManyAttempts):
            attempts.check("192.0.2.1", "Bearer good")

    def test_count_an_owner_of_many_addresses_once(self, clock: Clock) -> None:
        attempts = Attempts(per_minute=2, timer=clock)
        fail(attempts, "2001:db8::1", 1)
        fail(attempts, "2001:db8::2", 1)

        with pytest.raises(TooManyAttempts):
            attempts.check("2001:db8::3", "Bearer x")
        attempts.check("2001:db8:0:1::1", "Bearer x")

    def test_keep_a_table_of_a_fixed_size(
        self, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "ADDRESSES", 10)
        attempts = Attempts(per_minute=2, timer=clock)
        for number in range(100):
            fail(attempts, f"192.0.2.{number}", 1)

        assert len(attempts) == 10

    def test_are_not_counted_at_0(self, clock: Clock) -> None:
        attempts = Attempts(per_minute=0, timer=clock)
        fail(attempts, "192.0.2.1", 100)

        assert len(attempts) == 0
