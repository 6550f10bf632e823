"""Why a record is where it is."""

from __future__ import annotations

import strawberry

from schema.types.base import SyncedRecord
from schema.types.said import said


@strawberry.type
class Explanation:
    """Why a record is where it is, what it waits for, and the one action that helps most."""

    text: str = said("In plain words.")
    next_step: str | None = said("What a person can do; null if nothing is needed.")
    dependencies: list[SyncedRecord] = said("The records that it waits for.")
