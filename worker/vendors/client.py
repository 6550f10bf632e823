"""One client for both vendors: lists page by page, single reads, and writes that never repeat.

It has no method per entity; what can be called stands in the endpoint and operation tables.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from schema.clock import Clock, utc_now
from schema.errors import ConfigError
from schema.words import Side
from worker.vendors import filters, paging
from worker.vendors.dialect import Dialect
from worker.vendors.endpoints import Endpoint, Operation
from worker.vendors.errors import Context, VendorDown
from worker.vendors.gate import Budget, Gate, Sleep
from worker.vendors.http import Sender
from worker.vendors.records import Answer, Exchange, Page, Upload, Usage
from worker.vendors.token import TokenAuth
from worker.vendors.wire import Call, Timeouts, json_payload

AGENT = "SeveraGateway/0.1"
# Shorter than the five seconds after which many servers drop an idle connection.
_KEEP_ALIVE = 4.0
_NOTHING: Mapping[str, str] = {}
_QUEUED = {"erp-api-background": "none"}


class Client:
    """Speaks to one vendor for one company; owns its connections, token and rate budget."""

    def __init__(
        self,
        *,
        base_url: str,
        dialect: Dialect,
        auth: TokenAuth,
        http: httpx.AsyncClient,
        budget: Budget,
        timeouts: Timeouts,
        clock: Clock = utc_now,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.side: Side = dialect.side
        self.usage = Usage()
        self._base = _checked(base_url)
        self._dialect = dialect
        self._http = http
        self._auth = auth
        http.auth = auth
        self._sender = Sender(
            http=http,
            dialect=dialect,
            gate=Gate(budget, usage=self.usage, sleep=sleep),
            budget=budget,
            timeouts=timeouts,
            usage=self.usage,
            clock=clock,
        )

    @property
    def on_exchange(self) -> Callable[[Exchange], None] | None:
        """Return the listener that hears of every exchange."""
        return self._sender.on_exchange

    @on_exchange.setter
    def on_exchange(self, listener: Callable[[Exchange], None] | None) -> None:
        self._sender.on_exchange = listener

    @property
    def lacking_scopes(self) -> frozenset[str]:
        """Return the scopes that were asked for and not granted; known after the first call."""
        return self._auth.lacking_scopes

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def __repr__(self) -> str:
        return f"Client({self.side}, {self._base})"

    async def pages(
        self,
        endpoint: Endpoint,
        *,
        path: Mapping[str, str] = _NOTHING,
        since: datetime | str | None = None,
        params: Mapping[str, Any] | None = None,
        resume: str | None = None,
    ) -> AsyncIterator[Page]:
        """Read a list page by page; `resume` goes on behind a page that was handled before.

        Raises VendorError.
        """
        operation = endpoint.operation
        asked = filters.query(self._dialect, operation, params)
        asked += self._since(endpoint, since)
        url = self._url(operation, path)

        date: str | None = None

        async def fetch(pairs: paging.Pairs) -> tuple[Any, Mapping[str, str]]:
            nonlocal date
            call = Call(operation=operation, url=url, params=asked + pairs)
            answer = await self._sender.send(call)
            date = answer.headers.get("date")
            return answer.body, answer.headers

        try:
            async for page in paging.read(endpoint, fetch=fetch, resume=resume):
                rows = filters.kept(self._dialect, endpoint, page.rows, params)
                self.usage.filtered += len(page.rows) - len(rows)
                yield Page(rows=rows, resume=page.resume, date=date)
        except (paging.EndedShort, ValueError) as error:
            context = Context(side=self.side, operation=operation.name)
            raise VendorDown(str(error), context=context) from error

    async def read(
        self,
        operation: Operation,
        *,
        path: Mapping[str, str] = _NOTHING,
        params: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Read one record or document.

        Raises VendorError, RecordMissing for an unknown key.
        """
        if operation.writes:
            raise ValueError(f"{operation.name} writes")
        pairs = filters.query(self._dialect, operation, params)
        call = Call(operation=operation, url=self._url(operation, path), params=pairs)
        return await self._sender.send(call)

    async def write(
        self,
        operation: Operation,
        *,
        path: Mapping[str, str] = _NOTHING,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        if_match: str | None = None,
        files: Sequence[Upload] | None = None,
        deadline: float | None = None,
        guard: Callable[[], None] | None = None,
        background: bool = False,
    ) -> Answer:
        """Change something, once; `deadline` is the longest the whole call may take, in seconds.

        `guard` is asked right before the bytes leave and may stop them by raising.

        With `background` Financials only queues the call: the answer is 202 with an `id` to ask
        for, and its state says `Finished` for a failed call too (its `statusCode` decides).
        Raises OutcomeUnknown when the write may have landed, VersionMoved when `if_match` is old,
        VendorDown or VendorBusy when nothing left, VendorRefused or VendorDenied when it was no.
        """
        if not operation.writes:
            raise ValueError(f"{operation.name} does not write")
        payload = None
        if files:
            payload = self._dialect.uploads(files, body)
        elif body is not None:
            payload = json_payload(body)
        return await self._sender.send(
            Call(
                operation=operation,
                url=self._url(operation, path),
                params=filters.query(self._dialect, operation, params),
                headers=_version(operation, if_match) | (_QUEUED if background else {}),
                body=body,
                payload=payload,
                deadline=deadline,
                guard=guard,
            )
        )

    def _since(self, endpoint: Endpoint, since: datetime | str | None) -> list[tuple[str, str]]:
        if since is None:
            return []
        if endpoint.since is None:
            raise ValueError(f"{endpoint.name} cannot be asked for changes")
        text = self._dialect.moment(since) if isinstance(since, datetime) else since
        pairs = [(endpoint.since, text)]
        if endpoint.condition:
            # Financials accepts the moment without its condition, and ignores it.
            pairs.append((f"{endpoint.since}Condition", ">="))
        return pairs

    def _url(self, operation: Operation, path: Mapping[str, str]) -> str:
        missing = set(operation.places) ^ set(path)
        if missing:
            raise ValueError(f"{operation.name}: wrong place names {', '.join(sorted(missing))}")
        encode = self._dialect.encode_key
        filled = re.sub(r"{(\w+)}", lambda place: encode(str(path[place[1]])), operation.path)
        return self._base + filled


def _checked(base_url: str) -> str:
    """Return an address without its last slash.

    Raises ConfigError when it is not an http address.
    """
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"{base_url!r} is not the http address of a vendor.")
    return base_url.rstrip("/")


def _version(operation: Operation, if_match: str | None) -> dict[str, str]:
    if if_match is None:
        return {}
    if not operation.if_match:
        raise ValueError(f"{operation.name} knows no If-Match")
    text = if_match if if_match.startswith(('"', "W/", "*")) else f'"{if_match}"'
    return {"If-Match": text}


def make_http(
    *,
    headers: Mapping[str, str],
    in_flight: int,
    transport: httpx.AsyncBaseTransport | None = None,
) -> httpx.AsyncClient:
    """Build the connections of one client."""
    return httpx.AsyncClient(
        headers={"User-Agent": AGENT, "Accept": "application/json", **headers},
        limits=httpx.Limits(
            max_connections=in_flight + 1,
            max_keepalive_connections=in_flight + 1,
            keepalive_expiry=_KEEP_ALIVE,
        ),
        timeout=httpx.Timeout(30.0, connect=5.0, pool=10.0),
        follow_redirects=False,
        trust_env=False,
        transport=transport,
    )
