"""Which endpoints exist and which secrets they have, read from PostgreSQL and kept for a moment."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from gateway.webhooks.secret import Key, read_keys
from schema import database
from schema.secrets import SecretUnreadable, Vault
from schema.words import IntegrationState, Side

log = logging.getLogger(__name__)

KEEP_SECONDS = 2.0
_SQL = "SELECT id, state, financials_tenant_id, webhook_secrets, webhooks_held FROM integration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """What the intake must know of an integration."""

    integration_id: UUID
    active: bool
    held: bool
    company: str | None
    keys: Mapping[Side, tuple[Key, ...]]


class Directory:
    """The endpoints by the text of their integration's id; a bad signature makes it look again."""

    def __init__(self, vault: Vault, *, timer: Callable[[], float] = time.monotonic) -> None:
        self._vault, self._timer = vault, timer
        self._endpoints: dict[str, Endpoint] = {}
        self._opened: dict[tuple[UUID, str], Mapping[Side, tuple[Key, ...]]] = {}
        self._read_at = float("-inf")
        self._reads = 0
        self._lock = asyncio.Lock()

    async def endpoints(self) -> Mapping[str, Endpoint]:
        """Return the endpoints as they were at most two seconds ago."""
        if self._timer() - self._read_at > KEEP_SECONDS:
            return await self.fresh()
        return self._endpoints

    async def fresh(self) -> Mapping[str, Endpoint]:
        """Return the endpoints as they are now; callers at the same time share one reading."""
        asked = self._reads
        async with self._lock:
            if self._reads == asked:
                self._reads += 1
                await self._read()
        return self._endpoints

    async def _read(self) -> None:
        began = self._timer()
        found = [self._endpoint(row) for row in await database.rows(_SQL)]
        self._endpoints = {str(endpoint.integration_id): endpoint for endpoint in found}
        self._read_at = began

    def _endpoint(self, row: Mapping[str, object]) -> Endpoint:
        integration_id = UUID(str(row["id"]))
        company = row["financials_tenant_id"]
        return Endpoint(
            integration_id=integration_id,
            active=row["state"] == IntegrationState.ACTIVE,
            held=bool(row["webhooks_held"]),
            company=None if company is None else str(company),
            keys=self._keys(integration_id, str(row["webhook_secrets"] or "")),
        )

    def _keys(self, integration_id: UUID, sealed: str) -> Mapping[Side, tuple[Key, ...]]:
        """Decrypt the secrets of an integration, once per sealed text."""
        if not sealed:
            return {}
        place = (integration_id, sealed)
        if place not in self._opened:
            if len(self._opened) > 4096:
                self._opened.clear()
            self._opened[place] = self._open(integration_id, sealed)
        return self._opened[place]

    def _open(self, integration_id: UUID, sealed: str) -> Mapping[Side, tuple[Key, ...]]:
        try:
            values = self._vault.open(integration_id=integration_id, sealed=sealed)
        except SecretUnreadable as error:
            log.error("webhook.secret_unreadable error=%s", error)
            return {}
        return {side: read_keys(values.get(side.lower(), "")) for side in Side}
