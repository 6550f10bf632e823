"""The files of the built dashboard, read once, with what a browser must know of each."""

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

STATIC = Path(__file__).parent / "static"
INDEX = "index.html"
_HASHED = "assets/"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
# Everything comes from here, no text runs as a script, and no other page may frame this one.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_PAGE_HEADERS = {
    "content-security-policy": _POLICY,
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


@dataclass(frozen=True, kw_only=True)
class File:
    """One file as it is sent."""

    name: str
    body: bytes

    @property
    def media_type(self) -> str:
        """The type that its ending says."""
        suffix = Path(self.name).suffix
        return _TYPES.get(suffix) or mimetypes.types_map.get(suffix, "application/octet-stream")

    @cached_property
    def packed(self) -> bytes | None:
        """The body compressed, if that makes it smaller."""
        made = gzip.compress(self.body, 9, mtime=0)
        return made if len(made) < len(self.body) * 0.9 else None

    @cached_property
    def headers(self) -> Mapping[str, str]:
        """Name and age: what has its hash in its name never changes, the page is always asked."""
        hashed = self.name.startswith(_HASHED)
        found = {
            "content-type": self.media_type,
            "etag": f'"{hashlib.sha256(self.body).hexdigest()[:20]}"',
            "cache-control": "public, max-age=31536000, immutable" if hashed else "no-cache",
            "vary": "accept-encoding",
        }
        return found | _PAGE_HEADERS if self.name == INDEX else found


def read_files(folder: Path | None = None) -> dict[str, File]:
    """Read the built files; nothing when the dashboard was not built."""
    folder = STATIC if folder is None else folder
    if not (folder / INDEX).is_file():
        return {}
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not name.startswith("."):
            found[name] = File(name=name, body=path.read_bytes())
    return found
