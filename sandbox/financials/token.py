"""The token endpoint of Visma Connect, and the check of tokens and scopes at every call."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from sandbox.http import Call, Caller, Op, Refused, Reply

from .errors import GatewayRefused
from .state import Client, FinancialsState, Token

if TYPE_CHECKING:
    from sandbox.world import World

PREFIXES = ("vismanet_erp_service_api:", "vismanet_erp_interactive_api:")


def _error(code: str, *, status: int = 400) -> Reply:
    return Reply(status=status, body={"error": code})


async def issue(call: Call) -> Reply:
    """Answer `POST /connect/token`: client credentials in a form, for one tenant."""
    if not call.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return _error("invalid_request")
    form = {
        name: values[0] for name, values in parse_qs(call.body.decode("utf-8", "replace")).items()
    }
    state: FinancialsState = call.world.financials
    if form.get("grant_type") != "client_credentials":
        return _error("unsupported_grant_type")
    client = state.clients.get(form.get("client_id", ""))
    if client is None or not secrets.compare_digest(client.secret, form.get("client_secret", "")):
        return _error("invalid_client")
    asked = frozenset(form.get("scope", "").split()) or client.scopes
    if not asked <= client.scopes:
        return _error("invalid_scope")
    tenant = form.get("tenant_id", "").strip().lower()
    if not _may_use(state, client, tenant):
        return _error("invalid_tenant")
    return _issued(call.world, client, tenant, asked)


def _may_use(state: FinancialsState, client: Client, tenant: str) -> bool:
    """The licence holder's tenant gets a token too: the API refuses it later."""
    return tenant in client.tenants or tenant in state.licence_tenants


def _issued(world: World, client: Client, tenant: str, scopes: frozenset[str]) -> Reply:
    seconds = world.assume.financials_token_seconds
    access = secrets.token_urlsafe(48)
    world.financials.tokens[access] = Token(
        client=client.id,
        tenant=tenant,
        scopes=scopes,
        expires=world.clock.now() + timedelta(seconds=seconds),
    )
    return Reply(
        body={
            "access_token": access,
            "expires_in": seconds,
            "token_type": "Bearer",
            "scope": " ".join(sorted(scopes)),
        }
    )


def _bearer(headers: dict[str, str]) -> str:
    kind, _, value = headers.get("authorization", "").partition(" ")
    return value.strip() if kind.lower() == "bearer" else ""


def authenticate(world: World, headers: dict[str, str], op: Op) -> Caller:
    """Find the caller behind a token.

    Raises `Refused` with 401 for a missing, expired or wrong-tenant token, 403 for a scope.
    """
    token = world.financials.tokens.get(_bearer(headers))
    if token is None or token.expires <= world.clock.now():
        raise Refused(Reply(status=401, headers={"WWW-Authenticate": "Bearer"}))
    company = world.financials.companies.get(token.tenant)
    if company is None:
        refusal = GatewayRefused(status=401, code="12027", message="No license for this company.")
        raise Refused(Reply(status=401, body=refusal.body()))
    verbs = {scope.partition(":")[2] for scope in token.scopes if scope.startswith(PREFIXES)}
    if not set(op.scopes) <= verbs:
        text = f"The scope {PREFIXES[0]}{op.scopes[0]} is missing."
        forbidden = GatewayRefused(status=403, code="12003", message=text)
        raise Refused(Reply(status=403, body=forbidden.body()))
    return Caller(
        company=company, company_id=token.tenant, client_id=token.client, scopes=token.scopes
    )


def expire(world: World, headers: dict[str, str]) -> None:
    """Forget the token of these headers."""
    world.financials.tokens.pop(_bearer(headers), None)
