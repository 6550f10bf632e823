"""Standard Webhooks: an HMAC or Ed25519 signature over id, timestamp and raw body (W3, W4, W6)."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature

from gateway.webhooks.event import ID_LENGTH
from gateway.webhooks.refusal import BadSignature, Malformed
from gateway.webhooks.secret import Key, valid_keys

TOLERANCE_SECONDS = 300
MOST_SIGNATURES = 16
_FAMILIES = ("webhook", "svix")
_ID = re.compile(rf"[!-\-/-~]{{1,{ID_LENGTH}}}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The three headers of a delivery."""

    id: str
    timestamp: int
    signatures: tuple[tuple[str, bytes], ...]


def open_envelope(headers: Mapping[str, str]) -> Envelope:
    """Read the headers, also under their older `svix-` names.

    Raises Malformed.
    """
    family = next((name for name in _FAMILIES if f"{name}-id" in headers), _FAMILIES[0])
    named = [headers.get(f"{family}-{part}", "") for part in ("id", "timestamp", "signature")]
    event_id, timestamp, signature = (text.strip() for text in named)
    if not _ID.fullmatch(event_id):
        raise Malformed("id")
    if not _TIMESTAMP.fullmatch(timestamp):
        raise Malformed("timestamp")
    if not signature or len(signature) > 8192:
        raise Malformed("signature")
    return Envelope(id=event_id, timestamp=int(timestamp), signatures=tuple(_signatures(signature)))


def verify(envelope: Envelope, *, body: bytes, keys: Sequence[Key], now: datetime) -> str:
    """Return the fingerprint of the key that signed; every key meets every signature.

    Raises BadSignature.
    """
    signed = f"{envelope.id}.{envelope.timestamp}.".encode() + body
    matched = [
        key.fingerprint
        for key in valid_keys(keys, now=now)
        if _signed_by(key, signatures=envelope.signatures, content=signed)
    ]
    if not matched:
        raise BadSignature("signature")
    if abs(int(now.timestamp()) - envelope.timestamp) > TOLERANCE_SECONDS:
        raise BadSignature("timestamp")
    return matched[0]


def _signed_by(key: Key, *, signatures: Sequence[tuple[str, bytes]], content: bytes) -> bool:
    if key.public is not None:
        given = [value for version, value in signatures if version == "v1a"]
        return any([_accepts(key, value=value, content=content) for value in given])
    expected = hmac.digest(key.secret, content, hashlib.sha256)
    given = [value for version, value in signatures if version == "v1"]
    return any([hmac.compare_digest(expected, value) for value in given])


def _accepts(key: Key, *, value: bytes, content: bytes) -> bool:
    try:
        if key.public is not None:
            key.public.verify(value, content)
    except InvalidSignature:
        return False
    return key.public is not None


def _signatures(text: str) -> Iterator[tuple[str, bytes]]:
    """Read the space-separated list; unknown versions and broken base64 are skipped."""
    for part in text.split()[:MOST_SIGNATURES]:
        version, comma, value = part.partition(",")
        if not comma or version not in ("v1", "v1a"):
            continue
        try:
            yield version, base64.b64decode(value.encode("ascii"), validate=True)
        except (binascii.Error, UnicodeError, ValueError):
            continue
