"""Signing in to Visma.net: client credentials for one company, no refresh token."""

from dataclasses import dataclass, field

import httpx

from schema.clock import Clock
from schema.words import Side
from worker.vendors.token import Token, TokenAuth, TokenRoute, lacking, lifetime

SCOPES = " ".join(f"vismanet_erp_service_api:{what}" for what in
                  ("read", "create", "update", "delete"))  # fmt: skip
_MARGIN = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The service application, and the company (never the customer) it may enter."""

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    tenant_id: str
    scopes: str = SCOPES


def auth(*, credentials: Credentials, http: httpx.AsyncClient, clock: Clock) -> TokenAuth:
    """Build the sign-in of one Financials client."""
    route = TokenRoute(http=http, side=Side.FINANCIALS, operation="POST /connect/token")

    async def grant(old: Token | None) -> Token:
        body = await route.ask(credentials.token_url, data=_form(credentials))
        return Token(
            text=str(body["access_token"]),
            renew_at=clock() + lifetime(body.get("expires_in"), margin=_MARGIN),
            lacking_scopes=lacking(asked=credentials.scopes, granted=body.get("scope")),
        )

    return TokenAuth(grant, clock=clock)


def _form(credentials: Credentials) -> dict[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
        "scope": credentials.scopes,
        "tenant_id": credentials.tenant_id,
    }
