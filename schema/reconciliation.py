"""Reconciliation: counts and money on both sides, per month of document date and currency.

Differences are Severa minus Financials, credit notes count negative:
severa total - financials total = accepted difference + difference.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from schema import database

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """One month of one currency; amounts are with VAT in that currency."""

    month: date
    currency: str
    severa_count: int
    severa_total: Decimal
    financials_count: int
    financials_total: Decimal
    accepted_difference: Decimal
    not_ours_count: int
    not_ours_total: Decimal

    @property
    def difference(self) -> Decimal:
        """What nobody has accepted."""
        return self.severa_total - self.financials_total - self.accepted_difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A document whose totals differ by more than what was accepted when it was compared."""

    invoice_id: UUID
    number: str
    month: date
    currency: str
    difference: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """The months of an integration, its differing documents, and how far all is verified."""

    months: tuple[Month, ...]
    differences: tuple[Difference, ...]
    verified_through: date | None


# The newest word of each side: Severa's is our record, Financials' the document's last sighting.
_BOOKED = """
SELECT i.id, i.number, i.kind, date_trunc('month', i.date)::date AS month, i.currency,
       i.total_including_vat AS severa_total, i.accepted_difference,
       (CASE WHEN i.kind = 'CREDIT_NOTE' THEN -1 ELSE 1 END)
         * coalesce((s.body->>'amountInCurrency')::numeric, abs(i.financials_total))
         AS financials_total
FROM invoice i
LEFT JOIN link l ON l.record_id = i.id AND l.side = 'FINANCIALS'
LEFT JOIN sighting s ON s.integration_id = i.integration_id AND s.side = 'FINANCIALS'
     AND s.resource = 'customerdocument'
     AND s.external_id = (CASE i.kind WHEN 'CREDIT_NOTE' THEN 'CreditNote/' ELSE 'Invoice/' END)
                         || i.number
WHERE i.integration_id = $1 AND i.released_at IS NOT NULL AND i.cancelled_at IS NULL
"""
_MONTHS = f"""
SELECT month, currency, count(*) AS count, sum(severa_total) AS severa_total,
       sum(financials_total) AS financials_total,
       sum(coalesce(accepted_difference, 0)) AS accepted
FROM ({_BOOKED}) booked
WHERE ($2::date IS NULL OR month >= date_trunc('month', $2::date))
  AND ($3::date IS NULL OR month <= $3::date)
GROUP BY month, currency
"""
_NOT_OURS = """
SELECT date_trunc('month', (s.body->>'documentDate')::date)::date AS month,
       coalesce(s.body->>'currencyId', '') AS currency, count(*) AS count,
       sum((CASE WHEN s.body->>'documentType' = 'CreditNote' THEN -1 ELSE 1 END)
           * coalesce((s.body->>'amountInCurrency')::numeric, 0)) AS total
FROM sighting s
WHERE s.integration_id = $1 AND s.side = 'FINANCIALS' AND s.resource = 'customerdocument'
  AND s.body->>'documentType' IN ('Invoice', 'CreditNote')
  AND coalesce(s.body->>'status', '') NOT IN ('Voided', 'Hold', 'Balanced')
  AND s.body->>'documentDate' IS NOT NULL
  AND ($2::date IS NULL OR (s.body->>'documentDate')::date >= date_trunc('month', $2::date))
  AND ($3::date IS NULL OR date_trunc('month', (s.body->>'documentDate')::date) <= $3::date)
  AND NOT EXISTS (
      SELECT 1 FROM invoice i WHERE i.integration_id = s.integration_id
      AND i.number = trim(s.body->>'referenceNumber')
      AND i.kind = CASE s.body->>'documentType' WHEN 'CreditNote' THEN 'CREDIT_NOTE'
                                                ELSE 'INVOICE' END)
GROUP BY 1, 2
"""
_DIFFERENCES = f"""
SELECT id, number, month, currency,
       severa_total - financials_total - coalesce(accepted_difference, 0) AS difference
FROM ({_BOOKED}) booked
WHERE severa_total - financials_total - coalesce(accepted_difference, 0) <> 0
ORDER BY month, number
"""
# Months with something that has not come to rest, or a number that nobody can explain.
_OPEN = """
SELECT min(month) AS month FROM (
    SELECT date_trunc('month', date)::date AS month FROM invoice
    WHERE integration_id = $1 AND state IN
        ('READY', 'WAITING', 'CHECKED', 'CREATED', 'COMPARED', 'RELEASED', 'UNCERTAIN',
         'ORPHANED', 'FAILED')
    UNION ALL
    SELECT date_trunc('month', n.created_at)::date FROM number_entry n
    WHERE n.integration_id = $1 AND n.outcome = 'MISSING'
) open
"""


async def reconcile(
    *,
    integration_id: UUID,
    today: date,
    start: date | None = None,
    end: date | None = None,
) -> Reconciliation:
    """Compare both sides of one integration, from what was last seen of each."""
    booked = await database.rows(_MONTHS, integration_id, start, end)
    others = await database.rows(_NOT_OURS, integration_id, start, end)
    differing = await database.rows(_DIFFERENCES, integration_id)
    months = _months(booked, others)
    return Reconciliation(
        months=months,
        differences=tuple(
            Difference(
                invoice_id=row["id"],
                number=row["number"],
                month=row["month"],
                currency=row["currency"],
                difference=row["difference"],
            )
            for row in differing
            if _within(row["month"], start, end)
        ),
        verified_through=await _verified(integration_id, today, differing),
    )


def _within(month: date, start: date | None, end: date | None) -> bool:
    return (start is None or month >= start.replace(day=1)) and (end is None or month <= end)


def _months(booked: list[dict[str, Any]], others: list[dict[str, Any]]) -> tuple[Month, ...]:
    ours = {(row["month"], row["currency"]): row for row in booked}
    theirs = {(row["month"], row["currency"]): row for row in others}
    made = []
    for month, currency in sorted(ours.keys() | theirs.keys()):
        mine = ours.get((month, currency), {})
        other = theirs.get((month, currency), {})
        made.append(
            Month(
                month=month,
                currency=currency,
                severa_count=mine.get("count", 0),
                severa_total=mine.get("severa_total") or ZERO,
                financials_count=mine.get("count", 0),
                financials_total=mine.get("financials_total") or ZERO,
                accepted_difference=mine.get("accepted") or ZERO,
                not_ours_count=other.get("count", 0),
                not_ours_total=other.get("total") or ZERO,
            )
        )
    return tuple(made)


async def _verified(
    integration_id: UUID, today: date, differing: list[dict[str, Any]]
) -> date | None:
    """Return the last day of the last whole month before which nothing is open or differs."""
    first = await database.rows(
        "SELECT min(date) AS day FROM invoice WHERE integration_id = $1 "
        "AND released_at IS NOT NULL",
        integration_id,
    )
    started = first[0]["day"]
    if started is None:
        return None
    found = await database.rows(_OPEN, integration_id)
    blockers = [row["month"] for row in differing]
    if found[0]["month"] is not None:
        blockers.append(found[0]["month"])
    limit = min([*blockers, today.replace(day=1)])
    before = _last_day_of_month_before(limit)
    return before if before >= _month_end(started) else None


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _last_day_of_month_before(first: date) -> date:
    year, month = (first.year, first.month - 1) if first.month > 1 else (first.year - 1, 12)
    return date(year, month, monthrange(year, month)[1])
