"""Severa's door: tokens with their odd names, scopes, the `Client_Id` header."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.http import Call, Caller, Op, Refused, Reply
from sandbox.severa.crud import body_of
from sandbox.severa.errors import failure, invalid, problem
from sandbox.severa.fields import fold
from sandbox.severa.state import SeveraState, Token

if TYPE_CHECKING:
    from sandbox.world import World

GROUPS = (
    *("activities", "customers", "fees", "files", "hours", "invoices", "projects"),
    *("resourceallocations", "settings", "travels", "users"),
)
ALL_SCOPES = frozenset(
    {f"{group}:{verb}" for group in GROUPS for verb in ("read", "write", "delete")}
    | {"organization:read", "organization:write"}
)


def authenticate(world: World, headers: dict[str, str], op: Op) -> Caller:
    """Check token, client id and scopes.

    Raises `Refused` with 401 or 403.
    """
    token = _token_of(world, headers)
    if token is None:
        raise Refused(problem(401, "AuthenticationRequired", "A valid access token is required."))
    client = headers.get("client_id")
    if client != token.client_id and (client or world.assume.client_id_header_required):
        raise Refused(problem(401, "AuthenticationRequired", "The Client_Id header is not valid."))
    lacking = sorted(set(op.scopes) - token.scopes)
    if lacking:
        text = f"The scope {', '.join(lacking)} is required."
        raise Refused(problem(403, "InsufficientApiScope", text))
    return Caller(
        company=token.organization,
        company_id=token.organization.guid,
        client_id=token.client_id,
        scopes=token.scopes,
    )


def expire(world: World, headers: dict[str, str]) -> None:
    """Forget the access token of a call."""
    world.severa.access.pop(_bearer(headers), None)


def _bearer(headers: dict[str, str]) -> str:
    kind, _, value = headers.get("authorization", "").partition(" ")
    return value.strip() if kind.lower() == "bearer" else ""


def _token_of(world: World, headers: dict[str, str]) -> Token | None:
    token = world.severa.access.get(_bearer(headers))
    if token is None or token.expires <= world.clock.now():
        return None
    return token


async def token(call: Call) -> Reply:
    """Give a pair of tokens for credentials; scopes come with commas, spaces or both."""
    given = fold(body_of(call))
    org = call.world.severa.by_client(given.get("client_id"))
    if org is None or org.client_secret != given.get("client_secret"):
        raise Refused(problem(401, "AuthenticationRequired", "Unknown client or wrong secret."))
    asked = str(given.get("scope") or "").replace(",", " ").split()
    scopes = ALL_SCOPES if not asked else ALL_SCOPES & set(asked)
    return _issue(call.world, org, scopes)


async def refresh(call: Call) -> Reply:
    """Exchange a refresh token, sent as a bare JSON string, for a new pair."""
    text = body_of(call)
    if not isinstance(text, str):
        raise invalid("The body must be a JSON string.")
    old = call.world.severa.refresh.pop(text, None)
    if old is None or old.expires <= call.world.clock.now():
        raise Refused(problem(401, "AuthenticationRequired", "The refresh token is not valid."))
    return _issue(call.world, old.organization, old.scopes)


async def signout(call: Call) -> Reply:
    """Kill a refresh token; the access token lives on until it expires."""
    text = body_of(call)
    if not isinstance(text, str):
        raise invalid("The body must be a JSON string.")
    call.world.severa.refresh.pop(text, None)
    return Reply(body=b"", media_type="text/plain")


def _issue(world: World, org: Any, scopes: frozenset[str]) -> Reply:
    state: SeveraState = world.severa
    now = world.clock.now()
    lives = world.assume.severa_token_seconds, world.assume.severa_refresh_seconds
    ends = [now + timedelta(seconds=life) for life in lives]
    texts = [_new_token(world, state) for _ in lives]
    for shelf, text, end in zip((state.access, state.refresh), texts, ends, strict=True):
        shelf[text] = Token(
            organization=org, client_id=org.client_id, scopes=frozenset(scopes), expires=end
        )
    return Reply(
        body={
            "access_token": texts[0],
            "access_token_type": "Bearer",
            "access_token_expires_in": lives[0],
            "access_token_expires_utc": ends[0],
            "refresh_token": texts[1],
            "refresh_token_expires_in": lives[1],
            "refresh_token_expires_utc": ends[1],
            "scope": ",".join(sorted(scopes)),
        }
    )


def _new_token(world: World, state: SeveraState) -> str:
    state.issued += 1
    seed = f"{world.nonce}-{state.seed}-{state.issued}-{world.clock.now().timestamp()}"
    return hashlib.sha256(seed.encode()).hexdigest()


async def heartbeat(call: Call) -> Reply:
    """Say that server or database is there."""
    return Reply(body=b"OK", media_type="text/plain")


async def authorized(call: Call) -> Reply:
    """Say 204 to a valid token."""
    return Reply(status=204)


OPS = (
    Op(method="POST", path="/v1/token", handler=token, open=True),
    Op(method="POST", path="/v1/refreshtoken", handler=refresh, open=True),
    Op(method="POST", path="/v1/signout", handler=signout, open=True),
    Op(method="GET", path="/heartbeat/server", handler=heartbeat, open=True),
    Op(method="GET", path="/heartbeat/database", handler=heartbeat, open=True),
    Op(method="GET", path="/heartbeat/authorized", handler=authorized),
)
__all__ = ["ALL_SCOPES", "OPS", "authenticate", "expire", "failure"]
