"""Looking into our own database: how far the work is, and what stands still."""

import asyncpg

# What may not be left when everything has come to rest, each with the rows that tell of it.
STUCK = {
    "jobs queued or running": """
        SELECT kind || ' ' || state || ' tries ' || tries || ': ' || coalesce(error, '')
        FROM job WHERE state = 'RUNNING' OR (state = 'QUEUED' AND kind <> 'sync.run')
    """,
    "dead letters": "SELECT kind || ': ' || coalesce(error, '') FROM job WHERE state = 'DEAD'",
    "attempts in doubt": """
        SELECT entity || ' ' || purpose || ' ' || state || ': ' || evidence
        FROM attempt WHERE state IN ('OPEN', 'UNCERTAIN')
    """,
    "invoices on their way": """
        SELECT state || ' ' || coalesce(order_number, '') || ' ' || coalesce(waiting_reason, '')
        FROM invoice WHERE state NOT IN
            ('NUMBERED', 'SENT', 'PARTIALLY_PAID', 'PAID', 'NOT_IN_SCOPE', 'DRAFT')
    """,
    "webhooks not handled": """
        SELECT state || ' ' || type || ' ' || coalesce(reason, '')
        FROM webhook_event WHERE state IN ('RECEIVED', 'QUEUED', 'DEAD')
    """,
    "runs without an end": """
        SELECT state || ' since ' || started_at FROM sync_run
        WHERE finished_at IS NULL AND state = 'RUNNING'
          AND started_at < now() - interval '60 seconds'
    """,
    "journal rows without a place": "SELECT kind FROM change WHERE position IS NULL",
    "gaps in the journal": """
        SELECT 'after ' || position FROM (
            SELECT position, lead(position) OVER (ORDER BY position) AS next FROM change) AS row
        WHERE next <> position + 1
    """,
    "integrations that do not run": """
        SELECT state || ' ' || coalesce(paused_reason, '') FROM integration WHERE state <> 'ACTIVE'
    """,
    "records in doubt": """
        SELECT name || ' ' || sync_state || ' ' || coalesce(waiting_reason, '') FROM customer
        WHERE sync_state IN ('UNCERTAIN', 'PENDING')
    """,
}
_BUSY = """
SELECT (SELECT count(*) FROM job
        WHERE state = 'RUNNING' OR (state = 'QUEUED' AND kind <> 'sync.run'))
     + (SELECT count(*) FROM attempt WHERE state IN ('OPEN', 'UNCERTAIN'))
     + (SELECT count(*) FROM invoice WHERE state NOT IN
        ('NUMBERED', 'SENT', 'PARTIALLY_PAID', 'PAID', 'NOT_IN_SCOPE', 'DRAFT'))
     + (SELECT count(*) FROM sighting WHERE dirty AND resource IN ('invoices', 'customerdocument',
        'customerPayment'))
"""
_DONE = "SELECT count(*) FROM invoice WHERE numbered_at IS NOT NULL AND order_number LIKE 'SO%'"
_RUNS = """
SELECT count(*) FROM sync_run
WHERE state IN ('SUCCEEDED', 'SUCCEEDED_WITH_ISSUES') AND started_at > $1
"""


class Look:
    """Reads the database for the harness, whatever happens to the server meanwhile."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def done(self) -> int:
        """Count the invoices whose number stands in Severa; -1 while the database is away."""
        return await self._count(_DONE)

    async def busy(self) -> int:
        """Count what is still under way; -1 while the database is away."""
        return await self._count(_BUSY)

    async def runs_since(self, moment: object) -> int:
        """Count the runs that began after a moment and went through."""
        return await self._count(_RUNS, moment)

    async def rows(self, sql: str) -> list[asyncpg.Record]:
        """Read rows; the database has to be there."""
        connection = await asyncpg.connect(self._url)
        try:
            found: list[asyncpg.Record] = await connection.fetch(sql)
            return found
        finally:
            await connection.close()

    async def stuck(self) -> dict[str, list[str]]:
        """Return what stands still although nothing disturbs it any more."""
        found = {}
        for name, sql in STUCK.items():
            rows = [str(row[0]) for row in await self.rows(sql)]
            if rows:
                found[name] = rows
        return found

    async def _count(self, sql: str, *values: object) -> int:
        try:
            connection = await asyncpg.connect(self._url, timeout=5)
            try:
                return int(await connection.fetchval(sql, *values))
            finally:
                await connection.close()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return -1
