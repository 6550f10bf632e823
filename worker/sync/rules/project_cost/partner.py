"""The name behind a business account: a supplier's, else a customer's (R224, Q26)."""

from datetime import timedelta

from schema.models import Customer, Reference
from schema.words import Side
from worker.context import Context
from worker.vendors.errors import RecordMissing
from worker.vendors.financials import operations

KIND = "supplier"
# So long a name that was read is used again; what is written keeps the name of its day.
FRESH = timedelta(days=1)


async def name_of(ctx: Context, number: str) -> str | None:
    """Return the name of a business account, None for one that nobody knows.

    Raises VendorError other than a missing record.
    """
    if not number:
        return None
    known = await Reference.get_or_none(
        integration_id=ctx.integration.id, side=Side.FINANCIALS.value, kind=KIND, key=number
    )
    if known is not None and ctx.clock() - known.seen_at < FRESH:
        return known.label or None
    name = await _supplier(ctx, number) or await _customer(ctx, number)
    async with ctx.transaction():
        await Reference.update_or_create(
            integration_id=ctx.integration.id,
            side=Side.FINANCIALS.value,
            kind=KIND,
            key=number,
            defaults={"label": name or "", "body": {}, "seen_at": ctx.clock()},
        )
    return name


async def _supplier(ctx: Context, number: str) -> str | None:
    try:
        answer = await ctx.financials.read(operations.SUPPLIER_READ, path={"supplierCd": number})
    except RecordMissing:
        return None
    return str(answer.body.get("name") or "").strip() or None


async def _customer(ctx: Context, number: str) -> str | None:
    found = await Customer.filter(integration_id=ctx.integration.id, number=number).first()
    return None if found is None else found.name
