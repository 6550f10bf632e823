"""The habits in which the two vendors differ, as one value that the client carries."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from schema.words import Side
from worker.vendors.records import Upload


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What an error answer says, cleaned for people.

    `rule` is true when the vendor's business logic spoke, not its web server; `denied` when the
    way in is barred whatever the status says.
    """

    message: str
    reasons: tuple[str, ...] = ()
    vendor_ref: str | None = None
    rule: bool = False
    denied: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """The bytes of a request and the type they are sent as."""

    content: bytes = field(repr=False)
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one vendor wants to be spoken to, and how it answers."""

    side: Side
    encode_key: Callable[[str], str]
    moment: Callable[[datetime], str]
    complaint: Callable[[int, Mapping[str, str], bytes], Complaint]
    uploads: Callable[[Sequence[Upload], Any], Payload]
    location_key: Callable[[Mapping[str, str]], str]
    tidy: Callable[[bytes, Any], Any]
    request_id_header: str
