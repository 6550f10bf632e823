"""The vendor clients of each integration, kept between jobs with their tokens and budgets."""

from collections.abc import Callable
from urllib.parse import urlsplit
from uuid import UUID

from schema.clock import Clock
from schema.models import Integration
from schema.secrets import Vault
from schema.settings import Settings
from schema.words import Side
from worker.vendors import financials, severa
from worker.vendors.client import Client
from worker.vendors.records import Exchange


class Clients:
    """Builds clients on demand; new credentials make new ones."""

    def __init__(self, *, settings: Settings, vault: Vault, clock: Clock) -> None:
        self._settings, self._vault, self._clock = settings, vault, clock
        # Hears of every exchange of the clients that are made from now on.
        self.on_exchange: Callable[[Exchange], None] | None = None
        self._made: dict[UUID, tuple[str, dict[Side, Client]]] = {}

    async def of(self, integration: Integration) -> dict[Side, Client]:
        """Return both clients of an integration.

        Raises SecretUnreadable when its credentials cannot be decrypted.
        """
        version = f"{integration.severa_credentials}|{integration.financials_credentials}"
        known = self._made.get(integration.id)
        if known is not None and known[0] == version:
            return known[1]
        if known is not None:
            await _close(known[1])
        made = {
            Side.SEVERA: self._severa(integration),
            Side.FINANCIALS: self._financials(integration),
        }
        self._made[integration.id] = (version, made)
        return made

    async def aclose(self) -> None:
        """Close every connection."""
        for _, clients in self._made.values():
            await _close(clients)
        self._made.clear()

    def _severa(self, integration: Integration) -> Client:
        secret = self._vault.open(
            integration_id=integration.id, sealed=integration.severa_credentials or ""
        )
        return severa.client(
            base_url=self._settings.severa_base_url,
            client_id=secret["client_id"],
            client_secret=secret["client_secret"],
            calls_per_second=self._settings.severa_calls_per_second or None,
            time_scale=self._settings.vendor_time_scale,
            clock=self._clock,
            on_exchange=self.on_exchange,
        )

    def _financials(self, integration: Integration) -> Client:
        secret = self._vault.open(
            integration_id=integration.id, sealed=integration.financials_credentials or ""
        )
        hosts = {*financials.HOSTS, urlsplit(self._settings.financials_base_url).hostname or ""}
        return financials.client(
            base_url=self._settings.financials_base_url,
            token_url=self._settings.financials_token_url,
            client_id=secret["client_id"],
            client_secret=secret["client_secret"],
            tenant_id=secret["tenant_id"],
            hosts=hosts,
            time_scale=self._settings.vendor_time_scale,
            clock=self._clock,
            on_exchange=self.on_exchange,
        )


async def _close(clients: dict[Side, Client]) -> None:
    for client in clients.values():
        await client.aclose()
