"""Follows issues. They are no records and have no place in the journal, so their cursor is a time
with marks of what was sent lately: an issue that commits late is neither lost nor repeated.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.graphql.connection import BadCursor
from gateway.graphql.context import Context
from gateway.graphql.journal import followed
from schema import database
from schema.types.issue import IssueChange, issue_type

OVERLAP = timedelta(seconds=10)
MARKS = 64

_SINCE = """
SELECT * FROM (
    SELECT *, greatest(opened_at, last_seen_at, resolved_at) AS moved_at FROM issue
    WHERE $2::uuid[] IS NULL OR integration_id = ANY($2::uuid[])
) i WHERE moved_at > $1 ORDER BY moved_at, id LIMIT 5000
"""

Row = dict[str, Any]


@dataclass(slots=True)
class Place:
    """How far a subscriber has been told."""

    moment: datetime
    marks: dict[str, datetime] = field(default_factory=dict)

    def note(self, row: Row) -> None:
        """Go on to an issue that is being sent."""
        self.marks[mark_of(row)] = row["moved_at"]
        self.moment = max(self.moment, row["moved_at"])
        floor = self.moment - OVERLAP
        self.marks = {mark: at for mark, at in self.marks.items() if at >= floor}

    def write(self) -> str:
        """Turn the place into the opaque text that clients keep."""
        micros = round(self.moment.timestamp() * 1_000_000)
        text = f"i1:{micros}:{''.join(list(self.marks)[-MARKS:])}"
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_place(text: str) -> Place:
    """Turn a client's cursor into a place.

    Raises BadCursor for a text that we did not give out.
    """
    try:
        padded = text + "=" * (-len(text) % 4)
        packed = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
        version, micros, marks = packed.split(":")
        if version != "i1" or len(micros) > 17 or len(marks) > 8 * MARKS or len(marks) % 8:
            raise ValueError(text)
        moment = datetime.fromtimestamp(int(micros) / 1_000_000, tz=UTC)
        named = [marks[start : start + 8] for start in range(0, len(marks), 8)]
        return Place(moment, dict.fromkeys(named, moment))
    except (ValueError, OverflowError, OSError, binascii.Error, UnicodeError) as error:
        raise BadCursor("This cursor was not given out by this API.") from error


def mark_of(row: Row) -> str:
    """Name one state of one issue in eight characters."""
    state = (row["id"], row["occurrences"], row["last_seen_at"], row["resolved_at"])
    return hashlib.sha256(repr(state).encode()).hexdigest()[:8]


async def follow_issues(
    context: Context, integration_id: str | None, after: str | None
) -> AsyncGenerator[IssueChange, None]:
    """Yield every issue whose state changed after a place, each state once."""
    hub = context.services.hub
    allowed = followed(context, integration_id)
    keys = None if allowed is None else list(allowed)
    if after is None:
        place = Place(hub.clock())
        for row in await database.rows(_SINCE, place.moment - OVERLAP, keys):
            place.note(row)
    else:
        place = read_place(after)
    while not hub.closed:
        seen = hub.rings
        for row in await database.rows(_SINCE, place.moment - OVERLAP, keys):
            if mark_of(row) not in place.marks:
                place.note(row)
                yield IssueChange(cursor=place.write(), issue=issue_type(row))
        await hub.ring_after(seen)
