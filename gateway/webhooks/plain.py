"""A bare HMAC-SHA256 over the raw body, in base64, in one header (W7).

It has no timestamp, so nothing but the stored event id guards against a replay.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

from gateway.webhooks.refusal import BadSignature, Malformed
from gateway.webhooks.secret import Key, valid_keys


def read_signature(headers: Mapping[str, str], *, header: str) -> bytes:
    """Read the signature from its header.

    Raises Malformed.
    """
    text = headers.get(header.lower(), "").strip()
    if not text or len(text) > 200:
        raise Malformed("signature")
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeError, ValueError) as error:
        raise BadSignature("signature") from error


def signers(
    signature: bytes, *, body: bytes, keys: Sequence[Key], now: datetime
) -> tuple[str, ...]:
    """List the fingerprints of the keys that made a signature, each compared in constant time."""
    return tuple(
        key.fingerprint
        for key in valid_keys(keys, now=now)
        if hmac.compare_digest(hmac.digest(key.secret, body, hashlib.sha256), signature)
    )
