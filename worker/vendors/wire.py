"""The parts of one request on its way: its time limits, what is sent, and what came back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from schema import money
from schema.clock import Clock
from worker.vendors.dialect import Payload
from worker.vendors.endpoints import Operation

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long each part of a request may take, in seconds, and how large an answer may be."""

    connect: float = 5.0
    pool: float = 10.0
    send: float = 30.0
    read: float = 30.0
    write: float = 60.0
    total: float = 120.0
    largest_answer: int = 20 * MIB

    def of(self, operation: Operation, *, left: float) -> httpx.Timeout:
        """Return the timeouts of one request that has `left` seconds in all."""
        read = min(self.write if operation.writes else self.read, left)
        return httpx.Timeout(
            connect=min(self.connect, left), pool=self.pool, write=min(self.send, left), read=read
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request to be made; `deadline` is what it may take in all, in seconds from now.

    `guard` is asked right before bytes leave, each time, and stops them by raising.
    """

    operation: Operation
    url: str
    params: list[tuple[str, str]] = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    payload: Payload | None = None
    deadline: float | None = None
    guard: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """An answer that was read whole."""

    status: int
    headers: httpx.Headers
    body: bytes
    url: httpx.URL
    last_byte_at: datetime


_LEAVING = ("send_request_headers.started", "send_request_body.started")
_LEFT = ("send_request_headers.complete", "send_request_body.complete")


class Sent:
    """Remembers when the last byte of a request left, and asks its guard before they do."""

    def __init__(self, clock: Clock, guard: Callable[[], None] | None = None) -> None:
        self._clock = clock
        self._guard = guard
        self._at: datetime | None = None

    @property
    def at(self) -> datetime:
        """Return that moment; the present one when the transport did not tell."""
        return self._at or self._clock()

    async def trace(self, event: str, info: Any) -> None:
        """Listen to the transport."""
        if self._guard is not None and event.endswith(_LEAVING):
            self._guard()
        if event.endswith(_LEFT):
            self._at = self._clock()


def json_payload(body: Any) -> Payload:
    """Return a JSON body with every Decimal as a plain number."""
    return Payload(content=money.dumps(body).encode(), content_type="application/json")
