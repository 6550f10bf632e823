"""What travels between the client and its callers; vendor JSON is untyped up to here."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schema.words import Side

Record = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a list; `resume` continues behind it after a crash, None on the last page.

    `date` is the vendor's own Date header of the answer.
    """

    rows: list[Record]
    resume: str | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a vendor answered to one call that went well.

    `etag` comes without its quotes; `location_key` is the key that a create was given.
    """

    status: int
    body: Any = None
    etag: str | None = None
    location_key: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    request_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One file to be attached."""

    name: str
    content: bytes = field(repr=False)
    content_type: str = "application/octet-stream"
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer as they were on the wire, without credentials."""

    side: Side
    operation: str
    method: str
    url: str
    request_body: Any
    status: int
    response_body: Any
    headers: Mapping[str, str]


@dataclass(slots=True)
class Usage:
    """Counters of one client, for metrics; the budget fields repeat the vendor's headers."""

    calls: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    retries: int = 0
    waits: float = 0.0
    filtered: int = 0
    limit: int | None = None
    remaining: int | None = None
    reset: float | None = None
