"""The number ledger: every document number that Financials used, and the ones nobody can explain.

Financials numbers our documents and its own in one series (R61), so a gap is a question: a draft
of ours that was deleted is in the ledger already, anything else is MISSING until it turns up.
"""

from schema import database
from schema.ids import new_id
from worker.context import Context

_FOREIGN = """
INSERT INTO number_entry (id, created_at, updated_at, integration_id, number, kind, outcome,
                          explanation)
SELECT gen_random_uuid(), now(), now(), s.integration_id, trim(s.body->>'referenceNumber'),
       CASE s.body->>'documentType' WHEN 'CreditNote' THEN 'CREDIT_NOTE' ELSE 'INVOICE' END,
       'USED', 'A document of Financials that does not come from Severa.'
FROM sighting s
WHERE s.integration_id = $1 AND s.side = 'FINANCIALS' AND s.resource = 'customerdocument'
  AND s.body->>'documentType' IN ('Invoice', 'CreditNote')
ON CONFLICT (integration_id, kind, number) DO UPDATE SET
    outcome = 'USED', explanation = 'It was missing and turned up later.', updated_at = now()
    WHERE number_entry.outcome = 'MISSING'
"""
_GAPS = """
WITH known AS (
    SELECT kind, number::bigint AS n FROM number_entry
    WHERE integration_id = $1 AND number ~ '^[1-9][0-9]{0,9}$'
), ordered AS (
    SELECT kind, n, lead(n) OVER (PARTITION BY kind ORDER BY n) AS next FROM known
)
SELECT kind, missing.n FROM ordered
CROSS JOIN LATERAL generate_series(ordered.n + 1, ordered.next - 1) AS missing(n)
WHERE ordered.next - ordered.n BETWEEN 2 AND 1000
"""
_MISSING = """
INSERT INTO number_entry (id, created_at, updated_at, integration_id, number, kind, outcome,
                          explanation)
VALUES ($1, now(), now(), $2, $3, $4, 'MISSING', $5)
ON CONFLICT (integration_id, kind, number) DO NOTHING
"""
_EXPLANATION = (
    "No document with this number was ever seen; a person may have deleted a draft in Financials."
)


async def refresh(ctx: Context) -> int:
    """Bring the ledger up to what was seen of Financials; returns how many numbers are missing."""
    async with ctx.transaction():
        await database.execute(_FOREIGN, ctx.integration.id)
        gaps = await database.rows(_GAPS, ctx.integration.id)
        for gap in gaps:
            await database.execute(
                _MISSING,
                new_id(),
                ctx.integration.id,
                str(gap["n"]),
                gap["kind"],
                _EXPLANATION,
            )
    return len(gaps)
