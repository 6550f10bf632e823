"""Keys of Financials in a path, there and back."""

import binascii
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Mapping
from urllib.parse import quote, unquote, urlsplit

# The reserved characters of the vendor's page, and those that its web server refuses in a path.
_NEEDS_CODING = re.compile(r"[:/?#\[\]@&*+;%<>\\|\"]|^b64\(|^\.+$|^$")
_CODED = re.compile(r"^b64\((.*)\)$", re.DOTALL)


def key(value: str) -> str:
    """Return a key as it may stand in a path, as `b64(...)` when it holds a reserved character."""
    if not _NEEDS_CODING.search(value):
        return quote(value, safe="")
    text = urlsafe_b64encode(value.encode()).decode().rstrip("=")
    return f"b64({text})"


def plain_key(text: str) -> str:
    """Return the key that a path segment stands for."""
    decoded = unquote(text)
    coded = _CODED.match(decoded)
    if coded is None:
        return decoded
    try:
        return urlsafe_b64decode(coded[1] + "=" * (-len(coded[1]) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return decoded


def location_key(headers: Mapping[str, str], *, hosts: Collection[str]) -> str:
    """Return the key at the end of a Location, whose host must be a known one.

    Raises ValueError for a missing Location, an empty key or a foreign host.
    """
    location = headers.get("location")
    if not location:
        raise ValueError("a create without Location")
    parts = urlsplit(location)
    if parts.netloc and (parts.hostname or "").lower() not in hosts:
        raise ValueError("the Location names a foreign host")
    found = plain_key(parts.path.rstrip("/").rsplit("/", 1)[-1])
    if not found:
        raise ValueError("the Location names no key")
    return found
