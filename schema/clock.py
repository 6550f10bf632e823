"""The clock is a parameter, so that tests can freeze it."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present moment as aware UTC."""
    return datetime.now(UTC)
