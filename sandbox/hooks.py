"""Outgoing webhooks: Severa's doorbell (Standard Webhooks) and Financials' events."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import logging
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from sandbox.codec import render

if TYPE_CHECKING:
    from sandbox.world import World

TRIES = 4
PATIENCE = 10.0

logger = logging.getLogger("sandbox")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a side's webhooks go, and the secret that signs them."""

    url: str
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One webhook on its way."""

    side: str
    id: str
    timestamp: int
    raw: bytes


def secret_key(secret: str) -> bytes:
    """Give the signing key: the decoded part behind `whsec_`, else the text itself."""
    if not secret.startswith("whsec_"):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        return secret.encode()


def standard_headers(secret: str, message: Message) -> dict[str, str]:
    """Sign as Standard Webhooks does: id, timestamp and body, version 1."""
    signed = f"{message.id}.{message.timestamp}.".encode() + message.raw
    return {
        "webhook-id": message.id,
        "webhook-timestamp": str(message.timestamp),
        "webhook-signature": f"v1,{_sign(secret, signed)}",
    }


def financials_headers(secret: str, message: Message) -> dict[str, str]:
    """Sign as Visma.net does: HMAC-SHA256 over the raw body, base64."""
    return {"x-webhook-signature": _sign(secret, message.raw)}


def _sign(secret: str, signed: bytes) -> str:
    return base64.b64encode(hmac.digest(secret_key(secret), signed, hashlib.sha256)).decode()


class Hooks:
    """Sends webhooks one after another in the background, with retries and planned faults."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.targets: dict[str, Target] = {}
        self.sent: deque[Message] = deque(maxlen=1000)
        self._waiting: deque[Message] = deque()
        self._draining = False
        self._held: Message | None = None
        self._count = 0

    def send(self, *, url_kind: str, payload: dict[str, Any]) -> None:
        """Queue a webhook for "severa" or "financials"; without a target nothing happens."""
        if url_kind not in self.targets:
            return
        self._count += 1
        message = Message(
            side=url_kind,
            id=f"msg_{self._world.nonce}{self._count:08d}",
            timestamp=int(self._world.clock.now().timestamp()),
            raw=render(payload),
        )
        for ready in self._spoil(message):
            self._queue(ready)

    def _spoil(self, message: Message) -> list[Message]:
        """Apply planned webhook faults: drop, double, or hold one back behind the next."""
        take = self._world.faults.take
        if take(message.side, "*", "webhook_dropped"):
            return []
        out = [message]
        if take(message.side, "*", "webhook_duplicated"):
            out.append(message)
        if self._held is None and take(message.side, "*", "webhook_reordered"):
            self._held = message
            return []
        if self._held is not None:
            out.append(self._held)
            self._held = None
        return out

    def _queue(self, message: Message) -> None:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return
        self._waiting.append(message)
        if not self._draining:
            self._draining = True
            self._world.later(self._drain())

    async def _drain(self) -> None:
        try:
            async with httpx.AsyncClient(timeout=PATIENCE, verify=False, trust_env=False) as client:
                while self._waiting:
                    await self._deliver(client, self._waiting.popleft())
        finally:
            self._draining = False

    async def _deliver(self, client: httpx.AsyncClient, message: Message) -> None:
        for attempt in range(TRIES):
            target = self.targets.get(message.side)
            if target is None:
                return
            if await self._post(client, target, message):
                self.sent.append(message)
                return
            await asyncio.sleep(0.2 * 2**attempt)
        logger.warning("webhook %s was not accepted", message.id)

    async def _post(self, client: httpx.AsyncClient, target: Target, message: Message) -> bool:
        headers = _HEADERS[message.side](target.secret, message)
        headers["content-type"] = "application/json"
        try:
            answer = await client.post(target.url, content=message.raw, headers=headers)
        except httpx.HTTPError:
            return False
        return answer.status_code < 500 and answer.status_code != 429


_HEADERS = {"severa": standard_headers, "financials": financials_headers}
