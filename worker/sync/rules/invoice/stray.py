"""Strays: drafts with our mark that no invoice of ours follows; they are deleted, and told of.

None should exist. One is left where a write landed after every deadline, as when a machine slept
between the last look at its lease and the call; a bookkeeper must not find and release it.
"""

import re
from collections.abc import Mapping
from typing import Any

from schema.models import Invoice
from schema.words import InvoiceKind
from worker.context import Context
from worker.mapping.invoice import carries, mark_of
from worker.sync import push
from worker.sync.rules.invoice import books, draft
from worker.vendors.errors import RecordMissing

_DRAFTS = ("Hold", "Balanced")
_MARK = re.compile(re.escape(mark_of("")) + r"[0-9a-fA-F-]{36}")


async def look_at(ctx: Context, kind: InvoiceKind, document: Mapping[str, Any]) -> bool:
    """Delete a draft that carries the mark of an invoice booked under another number.

    Tells whether it was one. Raises VendorError.
    """
    if document.get("status") not in _DRAFTS:
        return False
    calls = books.CALLS[kind]
    number = str(document.get("referenceNumber")).strip()
    try:
        body = (await ctx.financials.read(calls.read, path={calls.place: number})).body
    except RecordMissing:
        return False
    invoice = await _owner(ctx, kind, body)
    if invoice is None or body.get("status") not in _DRAFTS:
        return False
    if invoice.number in (None, number) or await push.open_attempts(invoice.id):
        return False  # Its own look-up will find it.
    await draft.delete(
        ctx, invoice, number=number, why=f"A second draft beside {invoice.number}, landed late."
    )
    return True


async def _owner(ctx: Context, kind: InvoiceKind, body: Mapping[str, Any]) -> Invoice | None:
    found = _MARK.search(str(body.get("note") or ""))
    if found is None or not carries(body.get("note"), found[0]):
        return None
    return await Invoice.get_or_none(
        integration_id=ctx.integration.id, kind=kind, mark=found[0], released_at__isnull=False
    )
