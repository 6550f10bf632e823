"""One request to a vendor: sent, retried only while that is harmless, and judged.

No httpx exception leaves this module.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx

from schema.clock import Clock
from worker.vendors import verdict
from worker.vendors.dialect import Dialect
from worker.vendors.endpoints import Operation
from worker.vendors.errors import (
    Context,
    OutcomeUnknown,
    VendorBusy,
    VendorDown,
    VendorError,
    VendorRefused,
)
from worker.vendors.gate import Budget, Gate, HeldBack
from worker.vendors.records import Answer, Exchange, Usage
from worker.vendors.wire import Call, Raw, Sent, Timeouts

NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


class _TooLarge(Exception):
    """The answer is larger than we accept."""


class Sender:
    """Sends requests of one client and turns every outcome into an Answer or a VendorError."""

    def __init__(
        self,
        *,
        http: httpx.AsyncClient,
        dialect: Dialect,
        gate: Gate,
        budget: Budget,
        timeouts: Timeouts,
        usage: Usage,
        clock: Clock,
    ) -> None:
        self._http = http
        self._dialect = dialect
        self._gate = gate
        self._budget = budget
        self._timeouts = timeouts
        self._usage = usage
        self._clock = clock
        self.on_exchange: Callable[[Exchange], None] | None = None

    async def send(self, call: Call) -> Answer:
        """Send one request; repeat it only when it provably changed nothing."""
        started = asyncio.get_running_loop().time()
        patience = min(self._budget.patience, call.deadline or self._budget.patience)
        attempt = 0
        while True:
            try:
                return await self._attempt(call, started=started, until=started + patience)
            except VendorBusy as error:
                await self._hold(error, call, until=started + patience)
            except VendorError as error:
                attempt += 1
                if not self._worth_repeating(error, call.operation, attempt):
                    self._usage.failures[call.operation.name] += 1
                    raise
                await self._pause(error, attempt, until=started + patience)

    async def _attempt(self, call: Call, *, started: float, until: float) -> Answer:
        try:
            async with self._gate.turn(until=until):
                raw = await self._once(call, left=self._left(call, started))
        except HeldBack as held:
            raise self._held(held, call) from held
        except (VendorDown, OutcomeUnknown):
            self._gate.failed()
            raise
        except VendorBusy as busy:
            self._gate.refused(wait=busy.wait)  # The token route asked for it.
            raise
        return self._judge(call, raw)

    def _left(self, call: Call, started: float) -> float:
        if call.deadline is None:
            return self._timeouts.total
        left = started + call.deadline - asyncio.get_running_loop().time()
        if left <= 0:
            raise HeldBack(wait=0.0, broken=False)
        return min(left, self._timeouts.total)

    async def _once(self, call: Call, *, left: float) -> Raw:
        sent = Sent(self._clock, call.guard)
        request = self._request(call, left=left, sent=sent)
        self._usage.calls[call.operation.name] += 1
        try:
            async with asyncio.timeout(left):
                return await self._exchange(request, call, sent=sent)
        except NEVER_LEFT as error:
            raise VendorDown(_said(error), context=self._context(call)) from error
        except _TooLarge as error:
            raise self._too_large(call, sent) from error
        except (httpx.HTTPError, httpx.StreamError, TimeoutError) as error:
            raise self._lost(_said(error), call, sent.at) from error

    def _request(self, call: Call, *, left: float, sent: Sent) -> httpx.Request:
        headers = {**call.headers}
        if call.payload is not None:
            headers["Content-Type"] = call.payload.content_type
        extensions: dict[str, Any] = {}
        if call.operation.writes:
            extensions["trace"] = sent.trace
        return self._http.build_request(
            call.operation.method,
            call.url,
            params=httpx.QueryParams(tuple(call.params)) if call.params else None,
            headers=headers,
            content=call.payload.content if call.payload else None,
            timeout=self._timeouts.of(call.operation, left=left),
            extensions=extensions,
        )

    async def _exchange(self, request: httpx.Request, call: Call, *, sent: Sent) -> Raw:
        response = await self._http.send(request, stream=True)
        try:
            body = await self._read(response)
        finally:
            await response.aclose()
        raw = Raw(
            status=response.status_code,
            headers=response.headers,
            body=body,
            url=request.url,
            last_byte_at=sent.at,
        )
        self._note_limits(raw.headers)
        return raw

    async def _read(self, response: httpx.Response) -> bytes:
        chunks: list[bytes] = []
        size = 0
        async for chunk in response.aiter_bytes():
            size += len(chunk)
            if size > self._timeouts.largest_answer:
                raise _TooLarge
            chunks.append(chunk)
        return b"".join(chunks)

    def _judge(self, call: Call, raw: Raw) -> Answer:
        """Turn an answer into what the caller gets; the hook hears of it in either case."""
        context = self._context(call, raw)
        if raw.status == 429:
            wait = self._gate.refused(wait=verdict.retry_after(raw.headers))
            self._report(call, raw)
            raise VendorBusy("asked us to slow down", context=context, wait=wait)
        if raw.status >= 300:
            self._report(call, raw)
            error = verdict.failure(
                self._dialect, call.operation, raw.status, raw.headers, raw.body,
                context=context, last_byte_at=raw.last_byte_at,
            )  # fmt: skip
            self._note(error)
            raise error
        try:
            body = verdict.content(self._dialect, call.operation, raw.status, raw.body)
            key = verdict.created_key(self._dialect, call.operation, raw.status, raw.headers)
        except ValueError as error:
            self._report(call, raw)
            self._gate.failed()
            raise self._lost(f"unreadable answer: {error}", call, raw.last_byte_at, raw) from error
        self._gate.answered()
        self._report(call, raw)
        return Answer(
            status=raw.status,
            body=body,
            etag=verdict.etag(raw.headers),
            location_key=key,
            headers=raw.headers,
            request_id=context.request_id,
        )

    def _note(self, error: VendorError) -> None:
        if isinstance(error, VendorDown | OutcomeUnknown):
            self._gate.failed()
        else:
            self._gate.answered()

    def _lost(
        self, message: str, call: Call, last_byte_at: datetime, raw: Raw | None = None
    ) -> VendorError:
        context = self._context(call, raw)
        if call.operation.writes:
            return OutcomeUnknown(message, context=context, last_byte_at=last_byte_at)
        return VendorDown(message, context=context)

    def _too_large(self, call: Call, sent: Sent) -> VendorError:
        message = f"the answer is larger than {self._timeouts.largest_answer} bytes"
        if call.operation.writes:
            return self._lost(message, call, sent.at)
        return VendorRefused(message, context=self._context(call))

    def _held(self, held: HeldBack, call: Call) -> VendorError:
        if held.broken:
            message = f"not called for {held.wait:.3g} s after many failures in a row"
            return VendorDown(message, context=self._context(call))
        message = f"held back for {held.wait:.3g} s"
        return VendorBusy(message, context=self._context(call), wait=held.wait)

    async def _hold(self, error: VendorBusy, call: Call, *, until: float) -> None:
        # Raised by us, before anything left, or by a 429 whose hold the next turn waits out.
        late = asyncio.get_running_loop().time() + error.wait > until
        if error.status != 429 or late:
            self._usage.failures[call.operation.name] += 1
            raise error
        self._usage.retries += 1

    async def _pause(self, error: VendorError, attempt: int, *, until: float) -> None:
        try:
            await self._gate.pause(self._gate.backoff(attempt - 1), until=until)
        except HeldBack:
            raise error from None

    def _worth_repeating(self, error: VendorError, operation: Operation, attempt: int) -> bool:
        """Tell whether the same request may go out again, and is likely to fare better."""
        if isinstance(error, VendorDown):
            return attempt < self._budget.tries and self._gate.may_retry()
        # An ERP message with status 500 is permanent after one retry of a read.
        flaky = isinstance(error, VendorRefused) and (error.status or 0) >= 500
        return flaky and not operation.writes and attempt == 1 and self._gate.may_retry()

    def _context(self, call: Call, raw: Raw | None = None) -> Context:
        header = self._dialect.request_id_header
        return Context(
            side=self._dialect.side,
            operation=call.operation.name,
            status=raw.status if raw else None,
            request_id=raw.headers.get(header) if raw else None,
        )

    def _report(self, call: Call, raw: Raw) -> None:
        if self.on_exchange is None:
            return
        plain = call.operation.answers == "bytes" and raw.status < 300
        self.on_exchange(
            Exchange(
                side=self._dialect.side,
                operation=call.operation.name,
                method=call.operation.method,
                url=raw.url.raw_path.decode("ascii"),
                request_body=call.body,
                status=raw.status,
                response_body=raw.body if plain else verdict.readable(raw.body),
                headers=raw.headers,
            )
        )

    def _note_limits(self, headers: httpx.Headers) -> None:
        if "x-ratelimit-remaining" not in headers:
            return
        self._usage.limit = verdict.whole(headers.get("x-ratelimit-limit"))
        self._usage.remaining = verdict.whole(headers.get("x-ratelimit-remaining"))
        self._usage.reset = verdict.whole(headers.get("x-ratelimit-reset"))


def _said(error: Exception) -> str:
    text = str(error).strip()
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
