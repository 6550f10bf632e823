"""An invoice's state follows from its facts, by this function alone."""

from datetime import datetime
from decimal import Decimal
from typing import Protocol

from schema.words import InvoiceState, Role, SyncState


class Facts(Protocol):
    """What is stored of an invoice: times, the role of its Severa status, and the balance."""

    @property
    def out_of_scope(self) -> bool: ...
    @property
    def cancelled_at(self) -> datetime | None: ...
    @property
    def orphaned_at(self) -> datetime | None: ...
    @property
    def uncertain_since(self) -> datetime | None: ...
    @property
    def failed_at(self) -> datetime | None: ...
    @property
    def waiting_reason(self) -> str | None: ...
    @property
    def checked_at(self) -> datetime | None: ...
    @property
    def drafted_at(self) -> datetime | None: ...
    @property
    def compared_at(self) -> datetime | None: ...
    @property
    def released_at(self) -> datetime | None: ...
    @property
    def numbered_at(self) -> datetime | None: ...
    @property
    def severa_role(self) -> Role | None: ...
    @property
    def financials_total(self) -> Decimal | None: ...
    @property
    def balance(self) -> Decimal | None: ...


_AFTER_SENDING = (Role.SENT, Role.PARTIALLY_PAID, Role.PAID)


def state_of(facts: Facts) -> InvoiceState:
    """Work out the state of an invoice."""
    stopped = (
        (facts.out_of_scope, InvoiceState.NOT_IN_SCOPE),
        (facts.cancelled_at, InvoiceState.CANCELLED),
        (facts.orphaned_at, InvoiceState.ORPHANED),
        (facts.uncertain_since, InvoiceState.UNCERTAIN),
        (facts.failed_at, InvoiceState.FAILED),
        (facts.numbered_at, _after_numbering(facts)),
        (facts.waiting_reason, InvoiceState.WAITING),
        (facts.released_at, InvoiceState.RELEASED),
        (facts.compared_at, InvoiceState.COMPARED),
        (facts.drafted_at, InvoiceState.CREATED),
        (facts.checked_at, InvoiceState.CHECKED),
        (facts.severa_role is Role.TRANSFER, InvoiceState.READY),
    )
    return next((state for holds, state in stopped if holds), InvoiceState.DRAFT)


def _after_numbering(facts: Facts) -> InvoiceState:
    total, balance = facts.financials_total, facts.balance
    if facts.released_at and balance is not None and total is not None:
        if balance == 0:
            return InvoiceState.PAID
        if abs(balance) < abs(total):
            return InvoiceState.PARTIALLY_PAID
    if facts.severa_role in _AFTER_SENDING:
        return InvoiceState.SENT
    return InvoiceState.NUMBERED


_SYNC = {
    InvoiceState.UNCERTAIN: SyncState.UNCERTAIN,
    InvoiceState.FAILED: SyncState.BLOCKED,
    InvoiceState.ORPHANED: SyncState.BLOCKED,
    InvoiceState.WAITING: SyncState.WAITING,
    InvoiceState.READY: SyncState.PENDING,
    InvoiceState.CHECKED: SyncState.PENDING,
    InvoiceState.CREATED: SyncState.PENDING,
    InvoiceState.COMPARED: SyncState.PENDING,
    InvoiceState.RELEASED: SyncState.PENDING,
}


def sync_state_of(state: InvoiceState) -> SyncState:
    """Return where an invoice in a state stands between the two sides."""
    return _SYNC.get(state, SyncState.IN_SYNC)
