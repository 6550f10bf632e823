"""Who asks: API keys, hashed and scoped, checked in constant time and revocable within seconds."""

import hashlib
import hmac
import re
import secrets
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from schema.clock import utc_now
from schema.errors import Refused
from schema.models import ApiKey
from schema.words import Scope

CACHE_SECONDS = 2.0
CACHE_SIZE = 1024
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_KEY = re.compile(r"sgw_([0-9a-z]{8})_[0-9A-Za-z]{43}_[0-9a-f]{8}")
_BEARER = re.compile(r"Bearer +(\S{1,200}) *", re.IGNORECASE)
_NO_HASH = "0" * 64


class Unauthenticated(Refused):
    """The caller gave no valid key."""

    code = "UNAUTHENTICATED"


class Forbidden(Refused):
    """The caller's key lacks a scope."""

    code = "FORBIDDEN"

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        super().__init__(f"This key lacks the scope {scope.value}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A caller: what it may do, and for which integrations; None means all of them."""

    id: str
    name: str
    scopes: frozenset[Scope]
    integration_ids: frozenset[UUID] | None

    def may_see(self, integration_id: UUID) -> bool:
        """Tell whether the caller may see an integration's records (S10)."""
        return self.integration_ids is None or integration_id in self.integration_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    principal: Principal
    expires_at: datetime | None
    read_at: float


class KeyCache:
    """Keeps accepted keys for at most two seconds, so that a revocation works soon (K3)."""

    def __init__(self, *, timer: Callable[[], float] = time.monotonic) -> None:
        self._timer = timer
        self._known: OrderedDict[str, _Known] = OrderedDict()

    def get(self, digest: str) -> Principal | None:
        """Return the caller of a key that was accepted a moment ago."""
        known = self._known.get(digest)
        if known is None:
            return None
        late = self._timer() - known.read_at > CACHE_SECONDS
        if late or (known.expires_at is not None and known.expires_at <= utc_now()):
            del self._known[digest]
            return None
        return known.principal

    def put(self, digest: str, *, principal: Principal, expires_at: datetime | None) -> None:
        """Keep an accepted key."""
        self._known[digest] = _Known(
            principal=principal, expires_at=expires_at, read_at=self._timer()
        )
        while len(self._known) > CACHE_SIZE:
            self._known.popitem(last=False)

    def clear(self) -> None:
        """Forget every key."""
        self._known.clear()


_cache = KeyCache()


async def authenticate(authorization: str | None, *, cache: KeyCache = _cache) -> Principal:
    """Find the caller behind an Authorization text.

    Raises Unauthenticated, with the same words for an unknown, revoked and expired key.
    """
    text = _key_text(authorization)
    digest = _digest(text)
    known = cache.get(digest)
    if known is not None:
        return known
    key = await ApiKey.get_or_none(prefix=text.split("_")[1])
    matches = hmac.compare_digest(digest, key.secret_hash if key else _NO_HASH)
    if key is None or not matches or not _valid(key):
        raise Unauthenticated("This key is not valid.")
    principal = _principal(key)
    cache.put(digest, principal=principal, expires_at=key.expires_at)
    await _note_use(key)
    return principal


def require(principal: Principal, scope: Scope) -> None:
    """Make sure that the caller has a scope.

    Raises Forbidden.
    """
    if scope not in principal.scopes:
        raise Forbidden(scope)


async def make_key(
    *,
    name: str,
    scopes: Iterable[Scope],
    integration_ids: Iterable[UUID] | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Make an API key; its text is returned once and only its hash is kept (K3)."""
    text = _new_text()
    bound = None if integration_ids is None else sorted(str(one) for one in set(integration_ids))
    key = await ApiKey.create(
        name=name,
        prefix=text.split("_")[1],
        secret_hash=_digest(text),
        scopes=sorted({scope.value for scope in scopes}),
        integration_ids=bound,
        expires_at=expires_at,
    )
    return key, text


def _new_text() -> str:
    prefix = "".join(secrets.choice(_ALPHABET[:10] + _ALPHABET[36:]) for _ in range(8))
    secret = "".join(secrets.choice(_ALPHABET) for _ in range(43))
    body = f"sgw_{prefix}_{secret}"
    return f"{body}_{_checksum(body)}"


def _checksum(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08x}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _key_text(authorization: str | None) -> str:
    """Take the key out of the header; a mistyped key is refused without asking the database."""
    if not authorization:
        raise Unauthenticated("Send an API key as Authorization: Bearer <key>.")
    bearer = _BEARER.fullmatch(authorization.strip())
    text = bearer.group(1) if bearer else ""
    if not _KEY.fullmatch(text) or not hmac.compare_digest(text[-8:], _checksum(text[:-9])):
        raise Unauthenticated("This key is not valid.")
    return text


def _valid(key: ApiKey) -> bool:
    now = utc_now()
    if key.revoked_at is not None and key.revoked_at <= now:
        return False
    return key.expires_at is None or key.expires_at > now


def _principal(key: ApiKey) -> Principal:
    known = {scope.value for scope in Scope}
    bound = key.integration_ids
    return Principal(
        id=f"key:{key.prefix}",
        name=key.name,
        scopes=frozenset(Scope(text) for text in key.scopes if text in known),
        integration_ids=None if bound is None else frozenset(UUID(text) for text in bound),
    )


async def _note_use(key: ApiKey) -> None:
    """Write down the last use, at most once a minute."""
    now = utc_now()
    if key.last_used_at is None or now - key.last_used_at > timedelta(minutes=1):
        await ApiKey.filter(id=key.id).update(last_used_at=now)
