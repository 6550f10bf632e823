"""The journal: one row per change of a unified record, read by one gap-free cursor (J14).

Rows are inserted without a position. After commit one stamper numbers what is visible, so a
position never appears below one that a reader has already passed.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from schema import database
from schema.errors import Refused
from schema.models import Change
from schema.words import Entity

LOCK = 7_305_118_001

_STAMP = """
WITH todo AS (
    SELECT id, row_number() OVER (ORDER BY id) AS n FROM change WHERE position IS NULL
), base AS (
    UPDATE counter SET value = value + (SELECT count(*) FROM todo)
    WHERE name = 'journal' AND EXISTS (SELECT 1 FROM todo)
    RETURNING value
)
UPDATE change SET position = base.value - (SELECT count(*) FROM todo) + todo.n
FROM todo, base WHERE change.id = todo.id
"""


class BadCursor(Refused):
    """A cursor that this API did not give out."""

    code = "bad_cursor"


_WAITING = "SELECT EXISTS (SELECT 1 FROM change WHERE position IS NULL) AS found"


async def stamp() -> int:
    """Number every visible unstamped row; returns how many there were.

    A row that is committed while another process stamps is stamped by whoever committed it, or by
    the worker's watch.
    """
    if not (await database.rows(_WAITING))[0]["found"]:
        return 0
    async with database.transaction():
        await database.rows("SELECT pg_advisory_xact_lock($1)", LOCK)
        return await database.execute(_STAMP)


async def position() -> int:
    """Return the newest position."""
    found = await database.rows("SELECT value FROM counter WHERE name = 'journal'")
    return int(found[0]["value"]) if found else 0


async def read(
    *,
    after: int,
    limit: int,
    integration_ids: Sequence[UUID] | None = None,
    entities: Sequence[Entity] | None = None,
    record_id: UUID | None = None,
    until: int | None = None,
) -> list[Change]:
    """Read journal rows in order after a position; None means every integration."""
    query = Change.filter(position__gt=after).order_by("position").limit(limit)
    if integration_ids is not None:
        query = query.filter(integration_id__in=list(integration_ids))
    if entities:
        query = query.filter(entity__in=list(entities))
    if record_id is not None:
        query = query.filter(record_id=record_id)
    if until is not None:
        query = query.filter(position__lte=until)
    return await query


def write_cursor(place: int) -> str:
    """Turn a position into the opaque text that clients keep."""
    return base64.urlsafe_b64encode(f"j1:{place}".encode()).decode().rstrip("=")


def read_cursor(text: str) -> int:
    """Turn a client's cursor into a position.

    Raises BadCursor for a text that we did not give out.
    """
    try:
        padded = text + "=" * (-len(text) % 4)
        version, _, digits = base64.urlsafe_b64decode(padded.encode()).decode().partition(":")
        if version != "j1" or not digits.isascii() or not digits.isdigit() or len(digits) > 18:
            raise ValueError(text)
        return int(digits)
    except (ValueError, binascii.Error, UnicodeError) as error:
        raise BadCursor("This cursor was not given out by this API.") from error


def change_row(values: dict[str, Any]) -> Change:
    """Build an unstamped journal row."""
    return Change(**values)
