"""The command `doctor`: looks at settings, stores, secrets and work, and says what to fix."""

import asyncio
from argparse import Namespace
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from gateway.cli.settings import settings
from gateway.cli.table import show_json, show_table
from schema.database import opened, rows
from schema.errors import ConfigError
from schema.migrate import require_head
from schema.settings import Settings

State = Literal["ok", "warning", "wrong"]
OLDEST, SKEW_SECONDS = 15, 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check found."""

    check: str
    state: State
    text: str


def run(arguments: Namespace) -> int:
    """Run every check; the exit status is 1 when one of them found something wrong."""
    found = asyncio.run(_examine(settings()))
    if arguments.json:
        show_json([{"check": one.check, "state": one.state, "text": one.text} for one in found])
    else:
        show_table(
            "Findings", ("check", "state", "text"), [(f.check, f.state, f.text) for f in found]
        )
    return 1 if any(one.state == "wrong" for one in found) else 0


async def _examine(chosen: Settings) -> list[Finding]:
    found = [Finding(check="settings", state="ok", text=f"profile {chosen.profile}")]
    found.append(await _redis(chosen))
    try:
        async with opened(chosen.database_url, pool=2):
            found += [await _version(), await _clock()]
            await require_head(chosen.database_url)
            found.append(Finding(check="migrations", state="ok", text="newest revision"))
            found += [await _secrets(chosen), await _worker(chosen), await _dead(), *await _roles()]
    except ConfigError as error:
        found.append(Finding(check="database", state="wrong", text=str(error)))
    return found


async def _redis(chosen: Settings) -> Finding:
    """Look at version and eviction: a Redis that evicts forgets wake-ups (J13)."""
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    if chosen.redis_url in ("", "memory://"):
        state: State = "wrong" if chosen.profile == "production" else "warning"
        return Finding(check="redis", state=state, text="In the process itself; set REDIS_URL.")
    try:
        client: Redis = Redis.from_url(chosen.redis_url, socket_connect_timeout=5)
        info = await client.info()
        await client.aclose()
    except (RedisError, OSError, ValueError) as error:
        return Finding(check="redis", state="wrong", text=f"REDIS_URL does not answer: {error}")
    text = f"version {info['redis_version']}, {info['maxmemory_policy']}"
    if info["maxmemory_policy"] == "noeviction":
        return Finding(check="redis", state="ok", text=text)
    return Finding(check="redis", state="warning", text=f"{text}; set it to noeviction.")


async def _version() -> Finding:
    [row] = await rows("SELECT current_setting('server_version') AS version")
    major = int(str(row["version"]).split(".")[0])
    state: State = "ok" if major >= OLDEST else "wrong"
    return Finding(check="database", state=state, text=f"PostgreSQL {row['version']}")


async def _clock() -> Finding:
    from schema.clock import utc_now

    before = utc_now()
    [row] = await rows("SELECT clock_timestamp() AS now")
    skew = abs((row["now"] - before).total_seconds())
    state: State = "ok" if skew < SKEW_SECONDS else "warning"
    return Finding(check="clock", state=state, text=f"{skew:.1f} s away from the database's clock")


async def _secrets(chosen: Settings) -> Finding:
    from schema.models import Integration
    from schema.secrets import Vault

    try:
        vault = Vault(chosen.secret_keys)
        for one in await Integration.all():
            for sealed in (one.severa_credentials, one.financials_credentials, one.webhook_secrets):
                if sealed is not None:
                    vault.open(integration_id=one.id, sealed=sealed)
    except ConfigError as error:
        return Finding(check="secrets", state="wrong", text=str(error))
    return Finding(check="secrets", state="ok", text="every stored secret can be read")


async def _worker(chosen: Settings) -> Finding:
    late = await rows(
        "SELECT name FROM integration WHERE state = 'ACTIVE'"
        " AND next_tick_at < now() - $1::interval",
        timedelta(seconds=2 * chosen.sync_interval_seconds),
    )
    if late:
        text = f"No worker ticks for {late[0]['name']}; start `severa-gateway work`."
        return Finding(check="worker", state="wrong", text=text)
    return Finding(check="worker", state="ok", text="every active integration ticks")


async def _dead() -> Finding:
    [row] = await rows("SELECT count(*) AS count FROM job WHERE state = 'DEAD'")
    state: State = "warning" if row["count"] else "ok"
    return Finding(check="jobs", state=state, text=f"{row['count']} dead letters")


async def _roles() -> list[Finding]:
    """Look for integrations whose invoice statuses have no clear meaning yet (Q19)."""
    found = await rows(
        """
        SELECT integration.name, issue.cause, issue.next_step FROM issue
        JOIN integration ON integration.id = issue.integration_id
        WHERE issue.resolved_at IS NULL AND issue.code IN ('roles_unclear', 'vendor_denied')
        """
    )
    return [
        Finding(check=row["name"], state="wrong", text=f"{row['cause']} {row['next_step']}")
        for row in found
    ]
