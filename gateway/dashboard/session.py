"""A person's session: an API key, encrypted in a cookie that no script can read.

The cookie is worth no more than the key inside: a revoked key ends its sessions within seconds.
Redis remembers the sessions that people ended; while it is away, only the browser forgets them.
"""

import asyncio
import json
import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from gateway.services import Services

log = logging.getLogger(__name__)

SECONDS = 12 * 3600
_KEPT = 2.0
_KNOWN = 1024
_LONGEST = 2000
_PURPOSE = "session"
_REDIS_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What an open cookie holds."""

    id: str
    key: str

    @property
    def authorization(self) -> str:
        """What the caller would send without a session."""
        return f"Bearer {self.key}"


class Sessions:
    """Opens, reads and ends the sessions of one gateway process."""

    def __init__(
        self, services: Callable[[], Services], *, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._services, self._timer = services, timer
        self._known: OrderedDict[str, tuple[float, Session]] = OrderedDict()

    def seal(self, key: str) -> str:
        """Make the text of a new cookie."""
        content = {"for": _PURPOSE, "id": secrets.token_urlsafe(18), "key": key}
        return self._fernet().encrypt(json.dumps(content).encode()).decode()

    async def open(self, text: str) -> Session | None:
        """Read a cookie; None when it is forged, too old or ended."""
        known = self._known.get(text)
        if known is not None and self._timer() - known[0] < _KEPT:
            return known[1]
        self._known.pop(text, None)
        session = self._read(text)
        if session is None or await self._ended(session):
            return None
        self._known[text] = (self._timer(), session)
        while len(self._known) > _KNOWN:
            self._known.popitem(last=False)
        return session

    async def end(self, text: str) -> None:
        """Let a session be the last of its cookie, wherever the text was copied to."""
        self._known.pop(text, None)
        session = self._read(text)
        if session is None:
            return
        try:
            async with asyncio.timeout(_REDIS_SECONDS):
                await self._services().redis.set(_ended_name(session), b"1", ex=SECONDS)
        except Exception as error:
            log.warning("session.end_not_kept error=%r", error)

    def _read(self, text: str) -> Session | None:
        if len(text) > _LONGEST:
            return None
        try:
            found = json.loads(self._fernet().decrypt(text.encode(), ttl=SECONDS))
        except (InvalidToken, ValueError):
            return None
        if not isinstance(found, dict) or found.get("for") != _PURPOSE:
            return None
        return Session(id=str(found["id"]), key=str(found["key"]))

    async def _ended(self, session: Session) -> bool:
        try:
            async with asyncio.timeout(_REDIS_SECONDS):
                return bool(await self._services().redis.exists(_ended_name(session)))
        except Exception as error:
            log.warning("session.end_not_asked error=%r", error)
            return False

    def _fernet(self) -> MultiFernet:
        keys = self._services().settings.secret_keys.split(",")
        return MultiFernet([Fernet(key.strip()) for key in keys if key.strip()])


def cookie_name(public_url: str) -> str:
    """Name the cookie; cookies of one host are shared by its ports, so the port is part of it."""
    parts = urlsplit(public_url)
    if parts.scheme == "https":
        return "__Host-severa-gateway"
    return f"severa-gateway-{parts.port or 80}"


def _ended_name(session: Session) -> str:
    return f"session:ended:{session.id}"
