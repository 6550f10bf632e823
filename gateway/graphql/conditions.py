"""What each filter of the API means in SQL."""

from __future__ import annotations

from datetime import date
from typing import Any

from gateway.graphql.where import Where
from schema.types.filters import (
    AttemptFilter,
    CustomerFilter,
    InvoiceFilter,
    IssueFilter,
    PaymentFilter,
    ProductFilter,
    ProjectCostFilter,
    ProjectFilter,
    SyncRunFilter,
    WebhookEventFilter,
)
from schema.types.ids import read_id

_ISSUE = (
    "EXISTS (SELECT 1 FROM issue_record ir JOIN issue i ON i.id = ir.issue_id "
    "WHERE ir.record_id = t.id AND i.resolved_at IS NULL AND i.code = ?)"
)
_SEVERA = (
    "EXISTS (SELECT 1 FROM link l WHERE l.record_id = t.id AND l.side = 'SEVERA' "
    "AND l.external_id = ANY(?::text[]))"
)
_OVERDUE = (
    "(t.due_date < ? AND t.kind = 'INVOICE' AND t.balance > 0 "
    "AND t.state NOT IN ('PAID', 'CANCELLED', 'NOT_IN_SCOPE'))"
)


def _common(where: Where, given: Any) -> None:
    where.one_of("t.sync_state", given.sync_states)
    where.at_least("t.updated_at", given.changed_since)
    if given.issue_code is not None:
        where.add(_ISSUE, given.issue_code)
    if given.severa_ids is not None:
        where.add(_SEVERA, given.severa_ids)


def customers(where: Where, given: CustomerFilter) -> None:
    """Add the conditions of a filter of customers."""
    _common(where, given)
    where.one_of("t.number", given.numbers)
    where.equal("t.vat_number", given.vat_number)
    where.equal("t.currency", given.currency)
    where.equal("t.is_active", given.is_active)
    where.search(given.search, "t.name", "t.number", "t.vat_number", "t.email")


def products(where: Where, given: ProductFilter) -> None:
    """Add the conditions of a filter of products."""
    _common(where, given)
    where.one_of("t.code", given.codes)
    where.one_of("t.kind", given.kinds)
    where.equal("t.is_active", given.is_active)
    where.search(given.search, "t.name", "t.code")


def projects(where: Where, given: ProjectFilter) -> None:
    """Add the conditions of a filter of projects."""
    _common(where, given)
    where.one_of("t.number", given.numbers)
    where.one_of("t.status", given.statuses)
    where.reference("t.customer_id", given.customer_id, "Customer")
    where.equal("t.is_sales_case", given.is_sales_case)
    where.search(given.search, "t.name", "t.number")


def invoices(where: Where, given: InvoiceFilter, today: date) -> None:
    """Add the conditions of a filter of invoices."""
    where.one_of("t.state", given.states)
    where.one_of("t.kind", given.kinds)
    where.one_of("t.number", given.numbers)
    where.one_of("t.severa_id", given.severa_ids)
    where.one_of("t.sync_state", given.sync_states)
    where.reference("t.customer_id", given.customer_id, "Customer")
    _project(where, given.project_id)
    where.equal("t.currency", given.currency)
    where.at_least("t.date", given.date_from)
    where.at_most("t.date", given.date_to)
    if given.due_before is not None:
        where.add("t.due_date < ?", given.due_before)
    if given.overdue is not None:
        where.add(_OVERDUE if given.overdue else f"({_OVERDUE}) IS NOT TRUE", today)
    where.at_least("t.total_including_vat", given.total_min)
    where.at_most("t.total_including_vat", given.total_max)
    where.at_least("t.updated_at", given.changed_since)
    if given.issue_code is not None:
        where.add(_ISSUE, given.issue_code)
    _search_invoices(where, given.search)


def _project(where: Where, text: str | None) -> None:
    if text is None:
        return
    found = read_id(text)
    if found is None or found[0] != "Project":
        where.never()
        return
    where.add(
        "(t.project_id = ? OR EXISTS (SELECT 1 FROM invoice_row r "
        "WHERE r.invoice_id = t.id AND r.project_id = ?))",
        found[1],
        found[1],
    )


def _search_invoices(where: Where, text: str | None) -> None:
    if text is None or not text.strip():
        return
    where.search(
        text,
        "t.number",
        "t.reference_number",
        "t.order_number",
        "t.our_reference",
        "t.your_reference",
        "t.severa_number::text",
        "(SELECT c.name FROM customer c WHERE c.id = t.customer_id)",
    )


def payments(where: Where, given: PaymentFilter) -> None:
    """Add the conditions of a filter of payments."""
    where.one_of("t.number", given.numbers)
    where.one_of("t.customer_number", given.customer_numbers)
    where.equal("t.voided", given.voided)
    where.at_least("t.date", given.date_from)
    where.at_most("t.date", given.date_to)
    where.at_least("t.updated_at", given.changed_since)
    if given.invoice_id is not None:
        found = read_id(given.invoice_id)
        if found is None or found[0] != "Invoice":
            where.never()
        else:
            where.add(
                "EXISTS (SELECT 1 FROM payment_application a "
                "WHERE a.payment_id = t.id AND a.invoice_id = ?)",
                found[1],
            )


def project_costs(where: Where, given: ProjectCostFilter) -> None:
    """Add the conditions of a filter of project costs."""
    where.reference("t.project_id", given.project_id, "Project")
    where.one_of("t.supplier_number", given.supplier_numbers)
    where.equal("t.currency", given.currency)
    where.at_least("t.date", given.date_from)
    where.at_most("t.date", given.date_to)
    where.one_of("t.sync_state", given.sync_states)
    where.at_least("t.updated_at", given.changed_since)
    where.search(given.search, "t.description", "t.supplier_name", "t.journal_key")


def sync_runs(where: Where, given: SyncRunFilter) -> None:
    """Add the conditions of a filter of sync runs."""
    where.one_of("t.state", given.states)
    where.one_of("t.trigger", given.triggers)
    where.at_least("t.created_at", given.since)


def issues(where: Where, given: IssueFilter) -> None:
    """Add the conditions of a filter of issues."""
    where.one_of("t.code", given.codes)
    if given.open is not None:
        where.add("t.resolved_at IS NULL" if given.open else "t.resolved_at IS NOT NULL")
    where.at_least("t.opened_at", given.opened_since)
    where.search(given.search, "t.cause")
    if given.record_id is not None:
        found = read_id(given.record_id)
        if found is None:
            where.never()
        else:
            where.add(
                "EXISTS (SELECT 1 FROM issue_record ir "
                "WHERE ir.issue_id = t.id AND ir.record_id = ?)",
                found[1],
            )


def webhook_events(where: Where, given: WebhookEventFilter) -> None:
    """Add the conditions of a filter of webhooks."""
    where.one_of("t.state", given.states)
    where.one_of("t.side", given.sides)
    where.one_of("t.type", given.types)
    where.one_of("t.event_id", given.event_ids)
    where.at_least("t.received_at", given.received_since)


def attempts(where: Where, given: AttemptFilter) -> None:
    """Add the conditions of a filter of attempts."""
    where.one_of("t.state", given.states)
    where.one_of("t.side", given.sides)
    where.equal("t.mark", given.mark)
    where.at_least("t.created_at", given.since)
    if given.record_id is not None:
        found = read_id(given.record_id)
        if found is None:
            where.never()
        else:
            where.add("t.record_id = ?", found[1])
