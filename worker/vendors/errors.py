"""What can go wrong between us and a vendor; the class decides whether a call may be repeated.

VendorError
├── VendorDown (Retryable)       no answer, or one that says nothing; nothing was changed
├── VendorBusy (Retryable)       asked to slow down for longer than we were ready to wait
├── VersionMoved (Retryable)     the record changed since we read it
├── VendorDenied (Refused)       credentials, scope, licence or company are wrong
├── VendorRefused (Refused)      the vendor's own rules refused the call
│   └── RecordMissing            there is no such record
└── OutcomeUnknown               a write may have landed; only a look-up can tell
"""

from dataclasses import dataclass
from datetime import datetime

from schema.errors import GatewayError, Refused, Retryable
from schema.words import Side

LONGEST_MESSAGE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Which call an error belongs to; `operation` is `METHOD /path-template`."""

    side: Side
    operation: str
    status: int | None = None
    request_id: str | None = None


class VendorError(GatewayError):
    """A call to a vendor did not do what it should."""

    code = "vendor_error"

    def __init__(self, message: str, *, context: Context) -> None:
        self.side = context.side
        self.operation = context.operation
        self.status = context.status
        self.request_id = context.request_id
        self.message = message[:LONGEST_MESSAGE]
        super().__init__(f"{context.side} {context.operation}: {self.message}")


class VendorDown(VendorError, Retryable):
    """The vendor gave no usable answer and certainly changed nothing."""

    code = "vendor_down"
    retryable = True


class VendorBusy(VendorError, Retryable):
    """The vendor asked us to slow down; `wait` says for how many seconds."""

    code = "vendor_busy"
    retryable = True

    def __init__(self, message: str, *, context: Context, wait: float) -> None:
        self.wait = wait
        super().__init__(message, context=context)


class VersionMoved(VendorError, Retryable):
    """The record changed after we read it (412): read again, merge, write again."""

    code = "version_moved"
    retryable = True


class VendorDenied(VendorError, Refused):
    """The vendor does not let us in: credentials, scope, licence or company."""

    code = "vendor_denied"


class VendorRefused(VendorError, Refused):
    """A rule of the vendor refused the call; `reasons` holds its sentences one by one."""

    code = "vendor_refused"

    def __init__(
        self,
        message: str,
        *,
        context: Context,
        reasons: tuple[str, ...] = (),
        vendor_ref: str | None = None,
    ) -> None:
        self.reasons = reasons or ((message,) if message else ())
        self.vendor_ref = vendor_ref
        super().__init__(message, context=context)


class RecordMissing(VendorRefused):
    """The vendor has no such record (404, 410)."""

    code = "record_missing"


class OutcomeUnknown(VendorError):
    """A write may or may not have landed: look it up before anything is repeated."""

    code = "outcome_unknown"

    def __init__(self, message: str, *, context: Context, last_byte_at: datetime) -> None:
        self.last_byte_at = last_byte_at
        super().__init__(message, context=context)
