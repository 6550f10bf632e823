"""The secrets of an endpoint: several at once, each with an optional validity (W5).

They are stored as one text: secrets joined by commas, each optionally followed by
`;from=<time>` and `;until=<time>`.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from schema.secrets import fingerprint

_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One secret, ready to verify with; `public` is set for an Ed25519 key."""

    fingerprint: str
    secret: bytes
    public: Ed25519PublicKey | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def valid(self, now: datetime) -> bool:
        """Tell whether the key counts at a moment."""
        if self.starts_at is not None and now < self.starts_at:
            return False
        return self.ends_at is None or now < self.ends_at


def read_keys(text: str) -> tuple[Key, ...]:
    """Read the stored text; an entry that cannot be read is left out."""
    entries = (entry.strip() for entry in text.split(","))
    return tuple(key for entry in entries if entry and (key := _read(entry)) is not None)


def overlap(*, current: str, new: str, until: datetime) -> str:
    """Put a new secret before the current ones, which stay valid for a while (W5)."""
    ends = until.astimezone(UTC).isoformat(timespec="seconds")
    old = [entry.strip() for entry in current.split(",") if entry.strip()]
    limited = [entry if ";until=" in entry else f"{entry};until={ends}" for entry in old]
    return ",".join([new, *limited])


def valid_keys(keys: Iterable[Key], *, now: datetime) -> tuple[Key, ...]:
    """Choose the keys that count at a moment."""
    return tuple(key for key in keys if key.valid(now))


def _read(entry: str) -> Key | None:
    secret, *options = entry.split(";")
    try:
        times = dict(option.strip().split("=", 1) for option in options)
        starts, ends = _time(times.get("from")), _time(times.get("until"))
        public = _public(secret)
    except ValueError:
        return None
    return Key(
        fingerprint=fingerprint(secret),
        secret=b"" if public else _bytes(secret),
        public=public,
        starts_at=starts,
        ends_at=ends,
    )


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _public(secret: str) -> Ed25519PublicKey | None:
    if not secret.startswith("whpk_"):
        return None
    return Ed25519PublicKey.from_public_bytes(_decoded(secret.removeprefix("whpk_")))


def _bytes(secret: str) -> bytes:
    """Return the key: the decoded part behind `whsec_`, or the bytes of any other text."""
    if not secret.startswith("whsec_"):
        return secret.encode()
    try:
        return _decoded(secret.removeprefix("whsec_"))
    except ValueError:
        return secret.encode()


def _decoded(text: str) -> bytes:
    if not _BASE64.fullmatch(text):
        raise ValueError("not base64")
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))
    except binascii.Error as error:
        raise ValueError("not base64") from error
