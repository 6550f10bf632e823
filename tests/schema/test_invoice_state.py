"""An invoice's state follows from its facts: each state, and which fact outweighs which."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from schema.invoice_state import state_of, sync_state_of
from schema.words import InvoiceState, Role, SyncState

NOW = datetime(2026, 11, 24, tzinfo=UTC)
TOTAL = Decimal("1250.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The facts of an invoice of which nothing has happened yet."""

    out_of_scope: bool = False
    cancelled_at: datetime | None = None
    orphaned_at: datetime | None = None
    uncertain_since: datetime | None = None
    failed_at: datetime | None = None
    waiting_reason: str | None = None
    checked_at: datetime | None = None
    drafted_at: datetime | None = None
    compared_at: datetime | None = None
    released_at: datetime | None = None
    numbered_at: datetime | None = None
    severa_role: Role | None = None
    financials_total: Decimal | None = None
    balance: Decimal | None = None


NEW = Facts()
READY = replace(NEW, severa_role=Role.TRANSFER)
CHECKED = replace(READY, checked_at=NOW)
CREATED = replace(CHECKED, drafted_at=NOW)
COMPARED = replace(CREATED, compared_at=NOW, financials_total=TOTAL)
RELEASED = replace(COMPARED, released_at=NOW, balance=TOTAL)
NUMBERED = replace(RELEASED, numbered_at=NOW, severa_role=Role.SUCCESS)
SENT = replace(NUMBERED, severa_role=Role.SENT)
IN_PART = replace(SENT, balance=Decimal("0.01"))
PAID = replace(SENT, balance=Decimal("0.00"))


class TestTheUsualOrder:
    @pytest.mark.parametrize(
        ("facts", "state"),
        [
            (NEW, InvoiceState.DRAFT),
            (READY, InvoiceState.READY),
            (CHECKED, InvoiceState.CHECKED),
            (CREATED, InvoiceState.CREATED),
            (COMPARED, InvoiceState.COMPARED),
            (RELEASED, InvoiceState.RELEASED),
            (NUMBERED, InvoiceState.NUMBERED),
            (SENT, InvoiceState.SENT),
            (IN_PART, InvoiceState.PARTIALLY_PAID),
            (PAID, InvoiceState.PAID),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_follows_the_facts(self, facts: Facts, state: InvoiceState) -> None:
        assert state_of(facts) is state

    @pytest.mark.parametrize("role", [Role.DRAFT, Role.FAILED, Role.SENT, Role.PAID, None])
    def test_begins_only_with_the_transfer_role(self, role: Role | None) -> None:
        assert state_of(replace(NEW, severa_role=role)) is InvoiceState.DRAFT


class TestWhatStops:
    @pytest.mark.parametrize(
        ("facts", "state"),
        [
            (replace(READY, waiting_reason="x"), InvoiceState.WAITING),
            (replace(CREATED, waiting_reason="x"), InvoiceState.WAITING),
            (replace(CREATED, uncertain_since=NOW), InvoiceState.UNCERTAIN),
            (replace(READY, failed_at=NOW), InvoiceState.FAILED),
            (replace(CREATED, failed_at=NOW, orphaned_at=NOW), InvoiceState.ORPHANED),
            (replace(RELEASED, cancelled_at=NOW), InvoiceState.CANCELLED),
            (replace(PAID, cancelled_at=NOW), InvoiceState.CANCELLED),
            (replace(READY, out_of_scope=True), InvoiceState.NOT_IN_SCOPE),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_outweighs_the_way(self, facts: Facts, state: InvoiceState) -> None:
        assert state_of(facts) is state

    def test_waiting_does_not_hide_that_it_is_numbered(self) -> None:
        assert state_of(replace(NUMBERED, waiting_reason="x")) is InvoiceState.NUMBERED


class TestPayment:
    def test_needs_a_release(self) -> None:
        """Q30: PAID is written only after release."""
        early = replace(NUMBERED, released_at=None, balance=Decimal(0))

        assert state_of(early) is InvoiceState.NUMBERED

    def test_follows_the_balance_and_not_the_status_of_severa(self) -> None:
        by_hand = replace(SENT, severa_role=Role.PAID)

        assert state_of(by_hand) is InvoiceState.SENT

    def test_of_a_credit_note_counts_absolute_amounts(self) -> None:
        note = replace(SENT, financials_total=-TOTAL, balance=-TOTAL)

        assert state_of(note) is InvoiceState.SENT
        assert state_of(replace(note, balance=Decimal("-1"))) is InvoiceState.PARTIALLY_PAID
        assert state_of(replace(note, balance=Decimal(0))) is InvoiceState.PAID

    def test_of_a_zero_total_is_paid_at_once(self) -> None:
        """Q40."""
        zero = replace(NUMBERED, financials_total=Decimal(0), balance=Decimal(0))

        assert state_of(zero) is InvoiceState.PAID


class TestSyncState:
    @pytest.mark.parametrize(
        ("state", "sync"),
        [
            (InvoiceState.READY, SyncState.PENDING),
            (InvoiceState.RELEASED, SyncState.PENDING),
            (InvoiceState.WAITING, SyncState.WAITING),
            (InvoiceState.UNCERTAIN, SyncState.UNCERTAIN),
            (InvoiceState.FAILED, SyncState.BLOCKED),
            (InvoiceState.ORPHANED, SyncState.BLOCKED),
            (InvoiceState.NUMBERED, SyncState.IN_SYNC),
            (InvoiceState.PAID, SyncState.IN_SYNC),
            (InvoiceState.DRAFT, SyncState.IN_SYNC),
        ],
    )
    def test_follows_the_state(self, state: InvoiceState, sync: SyncState) -> None:
        assert sync_state_of(state) is sync
