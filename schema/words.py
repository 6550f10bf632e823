"""The words that every room shares: sides, entities and states, as the public API spells them."""

from enum import StrEnum


class Side(StrEnum):
    """One of the two systems that are kept in step."""

    SEVERA = "SEVERA"
    FINANCIALS = "FINANCIALS"

    @property
    def other(self) -> "Side":
        """Return the opposite side."""
        return Side.FINANCIALS if self is Side.SEVERA else Side.SEVERA


class Entity(StrEnum):
    """A kind of unified record."""

    CUSTOMER = "CUSTOMER"
    PRODUCT = "PRODUCT"
    PROJECT = "PROJECT"
    INVOICE = "INVOICE"
    PAYMENT = "PAYMENT"
    PROJECT_COST = "PROJECT_COST"


class SyncState(StrEnum):
    """Where a record stands between the two sides."""

    IN_SYNC = "IN_SYNC"
    PENDING = "PENDING"
    WAITING = "WAITING"
    BLOCKED = "BLOCKED"
    CONFLICT = "CONFLICT"
    UNCERTAIN = "UNCERTAIN"


class InvoiceKind(StrEnum):
    """An invoice, or a note that credits one."""

    INVOICE = "INVOICE"
    CREDIT_NOTE = "CREDIT_NOTE"


class InvoiceState(StrEnum):
    """How far an invoice is on its way from Severa to the books and back."""

    DRAFT = "DRAFT"
    READY = "READY"
    WAITING = "WAITING"
    CHECKED = "CHECKED"
    CREATED = "CREATED"
    COMPARED = "COMPARED"
    RELEASED = "RELEASED"
    NUMBERED = "NUMBERED"
    SENT = "SENT"
    PARTIALLY_PAID = "PARTIALLY_PAID"
    PAID = "PAID"
    UNCERTAIN = "UNCERTAIN"
    FAILED = "FAILED"
    ORPHANED = "ORPHANED"
    CANCELLED = "CANCELLED"
    NOT_IN_SCOPE = "NOT_IN_SCOPE"


class Role(StrEnum):
    """What an invoice status of Severa means to the transfer (Q3, Q19)."""

    FAILED = "FAILED"
    DRAFT = "DRAFT"
    TRANSFER = "TRANSFER"
    SUCCESS = "SUCCESS"
    SENT = "SENT"
    PARTIALLY_PAID = "PARTIALLY_PAID"
    PAID = "PAID"


class ProjectStatus(StrEnum):
    """Whether a project or sales case is open, closed or lost."""

    ACTIVE = "ACTIVE"
    CLOSED = "CLOSED"
    LOST = "LOST"


class ProductKind(StrEnum):
    """The Severa register an item belongs to (R32)."""

    PRODUCT = "PRODUCT"
    WORK_TYPE = "WORK_TYPE"
    TRAVEL_EXPENSE = "TRAVEL_EXPENSE"


class AddressKind(StrEnum):
    """What an address of a customer is used for."""

    BILLING = "BILLING"
    POSTAL = "POSTAL"
    OFFICE = "OFFICE"


class IntegrationState(StrEnum):
    """Whether an integration is being set up, runs by itself, or stands still."""

    SETUP = "SETUP"
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"


class SyncTrigger(StrEnum):
    """What started a sync run."""

    SCHEDULE = "SCHEDULE"
    MANUAL = "MANUAL"
    WEBHOOK = "WEBHOOK"
    SETUP = "SETUP"
    RETRY = "RETRY"


class SyncRunState(StrEnum):
    """The state of a sync run or of one of its steps."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    SUCCEEDED_WITH_ISSUES = "SUCCEEDED_WITH_ISSUES"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    SKIPPED = "SKIPPED"


class SyncDirection(StrEnum):
    """Which way a step of a run carries data."""

    IN = "IN"
    OUT = "OUT"
    BOTH = "BOTH"


class AttemptState(StrEnum):
    """What is known about one write to the outside."""

    OPEN = "OPEN"
    SUCCEEDED = "SUCCEEDED"
    REFUSED = "REFUSED"
    UNCERTAIN = "UNCERTAIN"
    NOT_DONE = "NOT_DONE"


class JobState(StrEnum):
    """The state of a job row."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    DEAD = "DEAD"


class WebhookEventState(StrEnum):
    """How far a received webhook has been handled."""

    RECEIVED = "RECEIVED"
    QUEUED = "QUEUED"
    PROCESSED = "PROCESSED"
    FAILED = "FAILED"
    DEAD = "DEAD"
    IGNORED = "IGNORED"


class PlanKind(StrEnum):
    """What a plan is made for."""

    SYNC = "SYNC"
    RETRY = "RETRY"


class PlanState(StrEnum):
    """Whether a plan can be read and executed."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    READY = "READY"
    FAILED = "FAILED"
    STALE = "STALE"


class PlanAction(StrEnum):
    """What a plan intends to do to one record on one side."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    RENUMBER = "RENUMBER"
    INACTIVATE = "INACTIVATE"
    NOTHING = "NOTHING"
    REFUSE = "REFUSE"


class SetupHow(StrEnum):
    """How a set-up check knows: read from a vendor, told by an answer, or stated by a person."""

    API = "API"
    PROBE = "PROBE"
    ATTEST = "ATTEST"


class SetupCheckState(StrEnum):
    """What a set-up check found; OPEN waits for an administrator to attest."""

    PASSED = "PASSED"
    WARNING = "WARNING"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"
    OPEN = "OPEN"


class SetupReportState(StrEnum):
    """How far the test of an integration is."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    READY = "READY"
    FAILED = "FAILED"


class MatchKind(StrEnum):
    """How an object of one side compares with those of the other side at take-over (Q14)."""

    NUMBER_AND_NAME = "NUMBER_AND_NAME"
    NAME = "NAME"
    NUMBER = "NUMBER"
    TWICE = "TWICE"
    NONE = "NONE"


class MatchDecision(StrEnum):
    """What becomes of the objects of a match candidate: one record, two records, or nothing."""

    LINK = "LINK"
    CREATE = "CREATE"
    LEAVE = "LEAVE"


class NumberOutcome(StrEnum):
    """What became of a document number."""

    USED = "USED"
    DELETED = "DELETED"
    MISSING = "MISSING"


class CostMode(StrEnum):
    """Whether supplier costs become costs only, or costs and billable fees (R110)."""

    COSTS_ONLY = "COSTS_ONLY"
    COSTS_AND_FEES = "COSTS_AND_FEES"


class SeveralProjects(StrEnum):
    """What happens to an invoice with rows of several projects (Q41)."""

    REFUSE = "REFUSE"
    FIRST = "FIRST"
    NONE = "NONE"


class ReleaseMode(StrEnum):
    """Whether the gateway releases documents, or a bookkeeper does."""

    AUTOMATIC = "AUTOMATIC"
    BY_HAND = "BY_HAND"


class Scope(StrEnum):
    """What an API key may do (K5)."""

    READ = "records:read"
    SYNC = "sync:write"
    INVOICES = "invoices:write"
    RECORDS = "records:write"
    SETUP = "setup:write"
    WEBHOOKS = "webhooks:admin"
    KEYS = "keys:admin"
