"""What the endpoints of webhooks share: secrets, the inbox, and the order of the steps (W1)."""

import logging
from collections.abc import Awaitable, Callable

from gateway.metrics import Metrics
from gateway.services import Services
from gateway.webhooks.arrival import Arrival
from gateway.webhooks.directory import Directory
from gateway.webhooks.event import Event
from gateway.webhooks.inbox import Inbox
from gateway.webhooks.store import Outcome

log = logging.getLogger(__name__)


class Intake:
    """Verifies, stores and wakes; a lost Redis only makes the waking slower."""

    def __init__(self, services: Callable[[], Services], *, inbox: Inbox, metrics: Metrics) -> None:
        self._services, self._inbox = services, inbox
        self._directory: Directory | None = None
        self.metrics = metrics

    @property
    def services(self) -> Services:
        """The open services of this process."""
        return self._services()

    @property
    def directory(self) -> Directory:
        """The endpoints and their secrets."""
        if self._directory is None:
            self._directory = Directory(self.services.vault)
        return self._directory

    async def take(self, arrival: Arrival, *, reader: "Reader") -> Outcome:
        """Verify and store a delivery, and ring for whom it concerns.

        Raises Malformed, BadSignature, Crowded, and what the database raises.
        """
        event = await reader(arrival, self)
        source = event.side.lower()
        self.metrics.webhooks_verified.labels(source).inc()
        outcome = await self._inbox.put(event)
        if outcome is Outcome.DUPLICATE:
            self.metrics.webhooks_duplicate.labels(source).inc()
            return outcome
        if outcome is Outcome.CONFLICT:
            self.metrics.webhooks_conflict.labels(source).inc()
            log.warning("webhook.conflict", extra={"source": source, "event_id": event.event_id})
        for integration_id in event.wakes:
            self.services.knocker.knock(integration_id)
        return outcome


Reader = Callable[[Arrival, Intake], Awaitable[Event]]
