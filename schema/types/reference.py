"""Values of the vendors' reference data, and what invoice statuses mean."""

from __future__ import annotations

import strawberry

from schema.types import enums as _enums  # noqa: F401  registers the enums
from schema.types.base import Row
from schema.types.said import said
from schema.words import Role


@strawberry.type
class ReferenceValue:
    """A value that one of the systems offers for choice, for example a customer class."""

    id: str = said("Its id in the system it comes from.")
    name: str = said("Its name there.")


@strawberry.type
class InvoiceStatus:
    """A status of an invoice in Severa."""

    id: str = said("Its guid in Severa.")
    name: str | None = said("Its name in Severa, as users see it.")
    role: Role | None = said("What the gateway takes it to mean; null if nothing.")


@strawberry.type
class StatusRole:
    """What an invoice status of Severa means to the transfer."""

    status_id: str = said("The status' guid in Severa.")
    status_name: str | None = said("Its name in Severa.")
    role: Role | None = said("The role; null if the status plays none.")


def reference_type(row: Row) -> ReferenceValue:
    """Make a reference value from its row."""
    return ReferenceValue(id=row["key"], name=row["label"] or row["key"])
