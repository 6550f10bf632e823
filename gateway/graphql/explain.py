"""Explains why a record is where it is, from its state, its issues and what it depends on."""

from __future__ import annotations

from gateway.graphql.context import Context
from gateway.graphql.nodes import find
from schema.types.base import SyncedRecord
from schema.types.explanation import Explanation
from schema.types.invoice import Invoice
from schema.types.issue import Issue
from schema.types.project import Project
from schema.types.project_cost import ProjectCost
from schema.words import InvoiceState, SyncState

_INVOICE = {
    InvoiceState.DRAFT: "The invoice is not ready in Severa: it has not got the transfer status.",
    InvoiceState.READY: "The invoice is ready and waits for the next run.",
    InvoiceState.WAITING: "The invoice waits.",
    InvoiceState.CHECKED: "The invoice passed all checks; its draft comes next.",
    InvoiceState.CREATED: "A draft is in Financials; its totals are compared next.",
    InvoiceState.COMPARED: "The totals agree; the document is released next.",
    InvoiceState.RELEASED: "The document is released; its number goes to Severa next.",
    InvoiceState.NUMBERED: "The invoice is in the books and its number is in Severa.",
    InvoiceState.SENT: "The invoice was sent to the customer.",
    InvoiceState.PARTIALLY_PAID: "The invoice is paid in part.",
    InvoiceState.PAID: "The invoice is paid.",
    InvoiceState.UNCERTAIN: "It is not known yet whether the last write took effect.",
    InvoiceState.FAILED: "The transfer was refused.",
    InvoiceState.ORPHANED: "The transfer was refused and its draft is still in Financials.",
    InvoiceState.CANCELLED: "The invoice was deleted or voided.",
    InvoiceState.NOT_IN_SCOPE: "The invoice is older than the start date of the integration.",
}
_STEPS = {
    InvoiceState.DRAFT: "Set the transfer status in Severa when the invoice is finished.",
    InvoiceState.ORPHANED: "Delete the draft in Financials, then retry.",
}
_SYNC = {
    SyncState.IN_SYNC: "Both systems agree.",
    SyncState.PENDING: "The record waits for the next run.",
    SyncState.WAITING: "The record waits for another one.",
    SyncState.BLOCKED: "The record waits for a person.",
    SyncState.CONFLICT: "Both systems changed the same field.",
    SyncState.UNCERTAIN: "It is not known yet whether the last write took effect.",
}


async def explain(context: Context, text: str) -> Explanation:
    """Explain a record; an unknown id is explained as that."""
    record = await find(context, text)
    if not isinstance(record, SyncedRecord):
        return Explanation(
            text="There is no such record.", next_step="Check the id.", dependencies=[]
        )
    found = await context.loaders.issues.load(record.key)
    issues = [issue for issue in found if issue.resolved_at is None]
    waits = [one for one in await _needed(context, record) if one.sync.state not in _FINE]
    settled = _settled(record)
    return Explanation(
        text=" ".join(_sentences(record, issues, [] if settled else waits)),
        next_step=None if settled and not issues else _step(record, issues, waits),
        dependencies=[] if settled else waits,
    )


_FINE = (SyncState.IN_SYNC,)
_DONE = (
    InvoiceState.NUMBERED,
    InvoiceState.SENT,
    InvoiceState.PARTIALLY_PAID,
    InvoiceState.PAID,
    InvoiceState.CANCELLED,
    InvoiceState.NOT_IN_SCOPE,
)


def _settled(record: SyncedRecord) -> bool:
    if isinstance(record, Invoice):
        return record.state in _DONE
    return record.sync.state is SyncState.IN_SYNC


async def _needed(context: Context, record: SyncedRecord) -> list[SyncedRecord]:
    """Load what a record cannot go without."""
    found: list[SyncedRecord | None] = []
    if isinstance(record, Invoice):
        found.append(await context.loaders.customer.load(record.customer_key))
        found += await context.loaders.projects_of_invoice.load(record.key)
    elif isinstance(record, Project) and record.customer_key is not None:
        found.append(await context.loaders.customer.load(record.customer_key))
    elif isinstance(record, ProjectCost):
        found.append(await context.loaders.project.load(record.project_key))
    return [one for one in found if one is not None]


def _sentences(record: SyncedRecord, issues: list[Issue], waits: list[SyncedRecord]) -> list[str]:
    said = [_INVOICE[record.state] if isinstance(record, Invoice) else _SYNC[record.sync.state]]
    if record.sync.reason:
        said.append(record.sync.reason.rstrip(".") + ".")
    said += [issue.cause for issue in issues[:3]]
    if waits:
        names = ", ".join(str(getattr(one, "name", one.id)) for one in waits[:5])
        said.append(f"It depends on {names}.")
    return said


def _step(record: SyncedRecord, issues: list[Issue], waits: list[SyncedRecord]) -> str | None:
    if issues:
        return issues[0].next_step
    if waits:
        return "Look at what it depends on first; it follows by itself."
    if isinstance(record, Invoice):
        return _STEPS.get(record.state)
    if record.sync.state is SyncState.CONFLICT:
        return "Pick a side for the field with resolveConflict."
    return None
