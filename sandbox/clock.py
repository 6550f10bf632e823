"""The sandbox's clock: real time that can be moved forward, never frozen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """Real UTC time plus an offset that control routes may advance."""

    def __init__(self) -> None:
        self._offset = timedelta()

    def now(self) -> datetime:
        """Tell the time, aware, in UTC, to the millisecond that both vendors show."""
        moment = datetime.now(UTC) + self._offset
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        self._offset += timedelta(seconds=seconds)
