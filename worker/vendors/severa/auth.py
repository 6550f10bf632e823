"""Signing in to Severa: JSON routes with field names of their own, refresh by a bare string."""

from dataclasses import dataclass, field
from typing import Any

import httpx

from schema import money
from schema.clock import Clock
from schema.words import Side
from worker.vendors.errors import VendorBusy, VendorDenied, VendorDown
from worker.vendors.token import Token, TokenAuth, TokenRoute, lacking, lifetime

SCOPES = (
    "customers:read,customers:write,projects:read,settings:read,settings:write,invoices:read,"
    "invoices:write,fees:read,fees:write,files:read,files:write,travels:read,hours:read,"
    "organization:read"
)
_MARGIN = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a Severa administrator created for this integration."""

    client_id: str
    client_secret: str = field(repr=False)
    scopes: str = SCOPES


def auth(
    *, base_url: str, credentials: Credentials, http: httpx.AsyncClient, clock: Clock
) -> TokenAuth:
    """Build the sign-in of one Severa client."""
    return TokenAuth(_Grant(base_url, credentials, http, clock).grant, clock=clock)


class _Grant:
    def __init__(
        self, base_url: str, credentials: Credentials, http: httpx.AsyncClient, clock: Clock
    ) -> None:
        self._base = base_url.rstrip("/")
        self._credentials = credentials
        self._clock = clock
        self._new = TokenRoute(http=http, side=Side.SEVERA, operation="POST /v1/token")
        self._again = TokenRoute(http=http, side=Side.SEVERA, operation="POST /v1/refreshtoken")

    async def grant(self, old: Token | None) -> Token:
        """Refresh a token that still lives, else ask for a new one."""
        if old is not None and old.refresh is not None:
            try:
                return self._token(await self._refresh(old.refresh))
            except (VendorDenied, VendorDown, VendorBusy):
                pass  # Whatever is wrong with the refresh token, the credentials decide.
        return self._token(await self._fresh())

    async def _fresh(self) -> dict[str, Any]:
        body = {
            "client_id": self._credentials.client_id,
            "client_secret": self._credentials.client_secret,
            "scope": self._credentials.scopes,
        }
        return await self._new.ask(f"{self._base}/v1/token", json=body)

    async def _refresh(self, token: str) -> dict[str, Any]:
        return await self._again.ask(
            f"{self._base}/v1/refreshtoken",
            content=money.dumps(token).encode(),
            headers={"Content-Type": "application/json"},
        )

    def _token(self, body: dict[str, Any]) -> Token:
        return Token(
            text=str(body["access_token"]),
            renew_at=self._clock() + lifetime(body.get("access_token_expires_in"), margin=_MARGIN),
            refresh=body.get("refresh_token"),
            lacking_scopes=lacking(asked=self._credentials.scopes, granted=body.get("scope")),
        )
