"""Which records a document still needs: what is on its way holds inactivations back (R56, Q55)."""

from collections.abc import Collection
from uuid import UUID

from schema import database
from schema.words import InvoiceState
from worker.context import Context

_STATES = tuple(
    state.value
    for state in (
        InvoiceState.READY,
        InvoiceState.WAITING,
        InvoiceState.CHECKED,
        InvoiceState.CREATED,
        InvoiceState.COMPARED,
        InvoiceState.RELEASED,
        InvoiceState.UNCERTAIN,
        InvoiceState.ORPHANED,
    )
)
_MOVING = "(i.state = ANY($3::text[]) OR (i.state = 'FAILED' AND i.severa_role = 'TRANSFER'))"
_CUSTOMERS = f"""
SELECT DISTINCT i.customer_id AS id FROM invoice i
WHERE i.integration_id = $1 AND i.customer_id = ANY($2::uuid[]) AND {_MOVING}
"""
_PROJECTS = f"""
SELECT DISTINCT p.id FROM unnest($2::uuid[]) AS p(id) JOIN invoice i ON i.integration_id = $1
WHERE {_MOVING} AND (i.project_id = p.id OR EXISTS (
    SELECT 1 FROM invoice_row r WHERE r.invoice_id = i.id AND r.project_id = p.id))
"""
_PRODUCTS = f"""
SELECT DISTINCT p.id FROM product p
JOIN invoice_row r ON upper(r.code) = upper(p.code) JOIN invoice i ON i.id = r.invoice_id
WHERE i.integration_id = $1 AND p.id = ANY($2::uuid[]) AND {_MOVING}
"""


async def _ids(ctx: Context, sql: str, ids: Collection[UUID]) -> set[UUID]:
    found = await database.rows(sql, ctx.integration.id, list(ids), list(_STATES))
    return {UUID(str(row["id"])) for row in found}


async def customers(ctx: Context, ids: Collection[UUID]) -> set[UUID]:
    """Return the customers with an invoice or credit note on its way."""
    return await _ids(ctx, _CUSTOMERS, ids)


async def projects(ctx: Context, ids: Collection[UUID]) -> set[UUID]:
    """Return the projects with an invoice or credit note on its way."""
    return await _ids(ctx, _PROJECTS, ids)


async def products(ctx: Context, ids: Collection[UUID]) -> set[UUID]:
    """Return the items on an invoice or credit note that is on its way."""
    return await _ids(ctx, _PRODUCTS, ids)
