"""Links the two sample companies: one active integration with sealed credentials, and API keys."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from gateway.auth import Unauthenticated, authenticate, make_key
from gateway.demo.keep import Keep
from schema.clock import utc_now
from schema.database import execute, transaction
from schema.models import Integration
from schema.secrets import Vault
from schema.words import IntegrationState, Scope

_LOOK_BACK = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A sample company with what its two sides' clients need."""

    name: str
    organization_number: str
    base_currency: str
    units: dict[str, str]
    severa: dict[str, str]
    financials: dict[str, str]

    @classmethod
    def read(cls, row: dict[str, Any]) -> "Company":
        """Read a row of the sandbox's list."""
        severa, financials = row["severa"], row["financials"]
        return cls(
            name=row["name"],
            organization_number=row["organizationNumber"],
            base_currency=row["homeCurrency"],
            units=row["units"],
            severa={
                "client_id": severa["clientId"],
                "client_secret": severa["clientSecret"],
            },
            financials={
                "client_id": financials["clientId"],
                "client_secret": financials["clientSecret"],
                "tenant_id": financials["tenantId"],
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """The integration of the sample company, and whether it was made just now."""

    id: UUID
    new: bool


async def link(*, company: Company, keep: Keep, vault: Vault, new_sandbox: bool) -> Linked:
    """Return the integration of a sample company; make it if it is missing.

    An integration with a sandbox that has forgotten everything is removed and made anew.
    """
    tenant = company.financials["tenant_id"]
    async with transaction():
        known = await Integration.filter(financials_tenant_id=tenant).order_by("-id").first()
        if known is not None and new_sandbox:
            await execute("DELETE FROM integration WHERE id = $1", known.id)
            known = None
        integration = known or Integration(
            financials_tenant_id=tenant, state=IntegrationState.ACTIVE
        )
        _fill(integration, company=company, keep=keep, vault=vault)
        await integration.save(force_create=known is None)
    return Linked(id=integration.id, new=known is None)


def _fill(integration: Integration, *, company: Company, keep: Keep, vault: Vault) -> None:
    own = integration.id
    secrets = {"severa": keep.severa_secret, "financials": keep.financials_secret}
    integration.name = company.name
    integration.organization_number = company.organization_number
    integration.base_currency = company.base_currency
    integration.options = {"units": company.units, **integration.options}
    integration.severa_credentials = vault.seal(integration_id=own, values=company.severa)
    integration.financials_credentials = vault.seal(integration_id=own, values=company.financials)
    integration.webhook_secrets = vault.seal(integration_id=own, values=secrets)
    now = utc_now()
    integration.start_from = integration.start_from or (now - _LOOK_BACK).date()
    integration.activated_at = integration.activated_at or now


async def ensure_keys(keep: Keep) -> Keep:
    """Return the memory with two keys that work: one with all scopes, one that only reads."""
    full, reading = keep.api_key, keep.read_only_key
    if not await _works(full):
        _, full = await make_key(name="demo", scopes=frozenset(Scope))
    if not await _works(reading):
        _, reading = await make_key(name="demo, read only", scopes=frozenset([Scope.READ]))
    return replace(keep, api_key=full, read_only_key=reading)


async def _works(key: str) -> bool:
    try:
        await authenticate(f"Bearer {key}")
    except Unauthenticated:
        return False
    return True
