"""The kinds of work that are queued, with their urgency; each has one function in the worker."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKind:
    """A kind of job: lower priority numbers go first."""

    name: str
    priority: int
    tries: int = 5
    urgent: bool = False


# A vendor that is down for a quarter of an hour makes no dead letters of urgent work.
INVOICE_RETRY = JobKind(name="invoice.retry", priority=10, tries=12, urgent=True)
INVOICE_LOOK_UP = JobKind(name="invoice.look_up", priority=15, tries=12, urgent=True)
RECORD_WISH = JobKind(name="record.wish", priority=16, tries=12, urgent=True)
WEBHOOK_HANDLE = JobKind(name="webhook.handle", priority=20, tries=12, urgent=True)
PLAN_SYNC = JobKind(name="plan.sync", priority=30, tries=1)
PLAN_RETRY = JobKind(name="plan.retry", priority=30, tries=1)
EXECUTE_RETRY = JobKind(name="plan.execute_retry", priority=25, tries=3)
TEST_INTEGRATION = JobKind(name="integration.test", priority=30, tries=1)
SYNC = JobKind(name="sync.run", priority=40)

ALL = (
    INVOICE_RETRY,
    INVOICE_LOOK_UP,
    RECORD_WISH,
    WEBHOOK_HANDLE,
    PLAN_SYNC,
    PLAN_RETRY,
    EXECUTE_RETRY,
    TEST_INTEGRATION,
    SYNC,
)
BY_NAME = {kind.name: kind for kind in ALL}
