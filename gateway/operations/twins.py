"""Finds other integrations of the same companies: each may be in one that is in use only."""

from __future__ import annotations

from uuid import UUID

from gateway.operations.base import Outcome, refused
from schema import database
from schema.models import Integration
from schema.secrets import SecretUnreadable, Vault
from schema.words import IntegrationState

LOCK = 7_305_118_002
IN_USE = (IntegrationState.ACTIVE, IntegrationState.PAUSED)


async def lock() -> None:
    """Let those who link or activate go one after the other, until the transaction ends."""
    await database.rows("SELECT pg_advisory_xact_lock($1)", LOCK)


async def of_credentials(
    vault: Vault, *, own: UUID, tenant: str | None, client: str | None
) -> Outcome | None:
    """Refuse credentials that lead to a company which another integration in use has."""
    for other in await Integration.filter(state__in=IN_USE).exclude(id=own):
        if tenant and other.financials_tenant_id == tenant:
            return _taken("Visma.net company", other, path=("input", "financials", "tenantId"))
        if client and _client_of(vault, other) == client:
            return _taken("Severa organization", other, path=("input", "severa", "clientId"))
    return None


async def of_integration(vault: Vault, integration: Integration) -> Outcome | None:
    """Refuse an integration whose companies another one in use has."""
    guid = integration.severa_organization_id
    others = await Integration.filter(state__in=IN_USE).exclude(id=integration.id)
    for other in others:
        if guid is not None and other.severa_organization_id == guid:
            return _taken("Severa organization", other, path=("input", "integrationId"))
    return await of_credentials(
        vault,
        own=integration.id,
        tenant=integration.financials_tenant_id,
        client=_client_of(vault, integration),
    )


def _client_of(vault: Vault, integration: Integration) -> str | None:
    """Return the client of Severa, which belongs to one organization."""
    if integration.severa_credentials is None:
        return None
    try:
        values = vault.open(integration_id=integration.id, sealed=integration.severa_credentials)
    except SecretUnreadable:
        return None
    return values.get("client_id")


def _taken(what: str, other: Integration, *, path: tuple[str, ...]) -> Outcome:
    return refused(
        "ALREADY_LINKED",
        f"This {what} is in the integration {other.name!r} already.",
        "Use that integration; a company is kept in step by one only.",
        path=path,
    )
