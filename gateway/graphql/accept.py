"""Reads Accept and Content-Type headers exactly, not by looking for a word in them (H2, H7)."""

from __future__ import annotations

from dataclasses import dataclass

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
STREAM = "text/event-stream"
LENGTH = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What a client takes: the better of the two JSON types, and whether it takes a stream."""

    json: str | None
    stream: bool


def accepted(header: str | None) -> Accepted:
    """Choose a media type; without a header, or with one that takes everything, it is JSON."""
    if header is None or not header.strip():
        return Accepted(json=JSON, stream=False)
    ranges = _ranges(header[:LENGTH])
    graphql, json = _quality(ranges, GRAPHQL), _quality(ranges, JSON)
    explicit = GRAPHQL in ranges
    best = None
    if graphql > 0 and explicit and graphql >= json:
        best = GRAPHQL
    elif json > 0:
        best = JSON
    elif graphql > 0:
        best = GRAPHQL
    return Accepted(json=best, stream=ranges.get(STREAM, 0.0) > 0)


def _ranges(header: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in header.split(","):
        essence, *parameters = [piece.strip().lower() for piece in part.split(";")]
        if essence:
            found[essence] = max(found.get(essence, 0.0), _weight(parameters))
    return found


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


def _quality(ranges: dict[str, float], media_type: str) -> float:
    for candidate in (media_type, "application/*", "*/*"):
        if candidate in ranges:
            return ranges[candidate]
    return 0.0


def is_json(header: str | None) -> bool:
    """Tell whether a body claims to be JSON in UTF-8."""
    essence, *parameters = [piece.strip().lower() for piece in (header or "").split(";")]
    if essence != JSON:
        return False
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip().strip('"') not in ("utf-8", "utf8"):
            return False
    return True
