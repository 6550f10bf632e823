"""The headers of the IETF draft on rate limits."""

from __future__ import annotations

from gateway.quota.rate import WINDOW, Standing


def headers(standing: Standing) -> list[tuple[bytes, bytes]]:
    """Return what an answer tells about the caller's quota."""
    return [
        (b"ratelimit-policy", f'"points";q={standing.size};w={WINDOW}'.encode()),
        (b"ratelimit", f'"points";r={standing.left};t={standing.full_in}'.encode()),
    ]
