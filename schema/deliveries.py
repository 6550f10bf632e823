"""The words and messages of outgoing webhooks, on which gateway and worker agree."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from schema.clock import Clock
from schema.journal import write_cursor
from schema.models import Change
from schema.secrets import Vault, new_webhook_secret

TEST = "subscriber.test"
OVERLAP = timedelta(hours=24)


class DeliveryState(StrEnum):
    """How far a delivery is."""

    QUEUED = "QUEUED"
    SENDING = "SENDING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"
    SKIPPED = "SKIPPED"


def wants(events: Sequence[str], kind: str) -> bool:
    """Tell whether a choice of events has a kind of change; an empty choice has all."""
    return not events or kind in events or f"{kind.partition('.')[0]}.*" in events


def message(change: Change, *, subscriber_id: UUID) -> dict[str, Any]:
    """Write the message about a change: a doorbell that says where to look."""
    from schema.types.ids import write_id

    assert change.position is not None
    names = "".join(word.capitalize() for word in change.entity.value.split("_"))
    return {
        "id": f"msg_{uuid5(subscriber_id, str(change.position)).hex}",
        "type": change.kind,
        "timestamp": change.at.isoformat(),
        "cursor": write_cursor(change.position),
        "data": {
            "integrationId": write_id("Integration", change.integration_id),
            "entity": change.entity.value,
            "recordId": write_id(names, change.record_id),
            "fields": change.fields_changed,
            "previousState": change.previous_state,
            "actor": change.actor,
            "reason": change.reason or None,
        },
    }


def trial_message(*, own: UUID, position: int, at: datetime) -> dict[str, Any]:
    """Write a message that only shows that messages arrive."""
    return {
        "id": f"msg_{own.hex}",
        "type": TEST,
        "timestamp": at.isoformat(),
        "cursor": write_cursor(position),
        "data": {},
    }


def seal_secret(
    vault: Vault, *, subscriber_id: UUID, old: str | None, clock: Clock
) -> tuple[str, str]:
    """Make a secret; returns it and the sealed text, in which an old one stays valid for a day."""
    values = {"secret": new_webhook_secret()}
    if old is not None:
        values |= {"old": old, "until": (clock() + OVERLAP).isoformat()}
    return values["secret"], vault.seal(integration_id=subscriber_id, values=values)


def valid_secrets(values: Mapping[str, str], *, at: datetime) -> list[str]:
    """Return the secrets to sign with, the newest first."""
    found = [values["secret"]]
    if "old" in values and datetime.fromisoformat(values["until"]) > at:
        found.append(values["old"])
    return found
