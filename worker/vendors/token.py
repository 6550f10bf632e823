"""The bearer token of one client: asked for once however many wait, renewed early, never shown."""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx

from schema.clock import Clock
from schema.words import Side
from worker.vendors.complaint import parsed
from worker.vendors.errors import Context, VendorBusy, VendorDenied, VendorDown
from worker.vendors.verdict import retry_after

_LONGEST_ANSWER = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A bearer token and the moment when it should be replaced."""

    text: str = field(repr=False)
    renew_at: datetime
    refresh: str | None = field(default=None, repr=False)
    lacking_scopes: frozenset[str] = frozenset()


Grant = Callable[[Token | None], Awaitable[Token]]


class TokenAuth(httpx.Auth):
    """Puts the token on every request; a 401 renews it once and repeats the request.

    A request that was answered with 401 was provably refused, so repeating a write is safe.
    """

    def __init__(self, grant: Grant, *, clock: Clock) -> None:
        self._grant = grant
        self._clock = clock
        self._token: Token | None = None
        self._lock = asyncio.Lock()

    @property
    def lacking_scopes(self) -> frozenset[str]:
        """Return the scopes that the present token does not have although it should."""
        return self._token.lacking_scopes if self._token else frozenset()

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Sign one request."""
        token = await self._current()
        request.headers["Authorization"] = f"Bearer {token.text}"
        response = yield request
        if response.status_code == 401:
            fresh = await self._replaced(token)
            request.headers["Authorization"] = f"Bearer {fresh.text}"
            yield request

    async def _current(self) -> Token:
        token = self._token
        if token is not None and self._clock() < token.renew_at:
            return token
        return await self._replaced(token, early=True)

    async def _replaced(self, old: Token | None, *, early: bool = False) -> Token:
        """Return a token newer than `old`; whoever comes first asks for it."""
        async with self._lock:
            if self._token is not None and self._token is not old:
                return self._token
            # A refused token says nothing good about its refresh token: only an early
            # renewal uses it, so that a 401 always ends in a token from the credentials.
            self._token = await self._grant(old if early else None)
            return self._token


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRoute:
    """Where tokens come from, and how its failures are told."""

    http: httpx.AsyncClient
    side: Side
    operation: str

    async def ask(self, url: str, **sent: Any) -> dict[str, Any]:
        """Ask for a token; return the answer's object.

        Raises VendorDenied, VendorBusy or VendorDown.
        """
        try:
            response = await self.http.post(url, auth=httpx.Auth(), **sent)
        except httpx.HTTPError as error:
            message = f"no token: {type(error).__name__}"
            raise VendorDown(message, context=self._context()) from None
        body = parsed(response.content[:_LONGEST_ANSWER])
        if response.status_code == 429:
            wait = retry_after(response.headers)
            raise VendorBusy(
                "no token: asked us to slow down", context=self._context(429), wait=wait or 1.0
            )
        if response.status_code >= 500:
            raise VendorDown("no token: no answer", context=self._context(response.status_code))
        if response.status_code != 200:
            raise VendorDenied(_reason(body), context=self._context(response.status_code))
        if not isinstance(body, dict) or not body.get("access_token"):
            raise VendorDown("no token: unreadable answer", context=self._context(200))
        return body

    def _context(self, status: int | None = None) -> Context:
        return Context(side=self.side, operation=self.operation, status=status)


def lifetime(seconds: Any, *, margin: float) -> timedelta:
    """Return how long a token may be used when it should be renewed `margin` seconds early.

    A token that lives shorter than the margin is used for half of its life.
    """
    whole = float(seconds) if isinstance(seconds, int | float | Decimal) else 0.0
    return timedelta(seconds=max(whole - margin, whole / 2))


def lacking(*, asked: str, granted: Any) -> frozenset[str]:
    """Return the scopes that are missing from an answer; an answer without scopes lacks none.

    Vendors separate scopes with spaces, commas or both.
    """
    if not isinstance(granted, str) or not granted.strip():
        return frozenset()
    return frozenset(re.split(r"[,\s]+", asked)) - frozenset(re.split(r"[,\s]+", granted))


def _reason(body: Any) -> str:
    """Return what a token endpoint says, which never holds our secret."""
    if isinstance(body, dict):
        said = body.get("error_description") or body.get("error")
        if isinstance(said, dict):
            said = said.get("type")
        if isinstance(said, str):
            return f"no token: {said}"
    return "no token: the credentials were refused"
