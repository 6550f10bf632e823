"""Health for machines: alive without asking anyone, ready with the database, metrics (O3)."""

import asyncio
import logging
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway import gauges
from gateway.answers import answer
from gateway.metrics import CONTENT_TYPE
from gateway.services import Services
from schema import database, migrate

log = logging.getLogger(__name__)

# Probes commonly give up after one second.
DATABASE_SECONDS = 0.9
REDIS_SECONDS = 0.5
SCRAPE_SECONDS = 5.0


def routes(services: Callable[[], Services]) -> list[BaseRoute]:
    """Return the routes of health and metrics."""
    wanted: list[str | None] = []

    async def livez(request: Request) -> Response:
        return answer({"status": "alive", "version": program_version()})

    async def readyz(request: Request) -> Response:
        if not wanted:
            wanted.append(await asyncio.to_thread(migrate.revision))
        return await _ready(services(), wanted=wanted[0])

    async def metrics(request: Request) -> Response:
        return await _metrics(services())

    return [
        Route("/livez", livez, methods=["GET"]),
        Route("/readyz", readyz, methods=["GET"]),
        Route("/metrics", metrics, methods=["GET"]),
    ]


def program_version() -> str:
    """Return the version of the installed program."""
    try:
        return version("severa-gateway")
    except PackageNotFoundError:
        return "unknown"


async def _ready(services: Services, *, wanted: str | None) -> Response:
    checks = {"database": "ok", "migrations": "ok", "redis": "ok"}
    found, redis = await asyncio.gather(_revision(), _redis_answers(services))
    if found is None:
        checks |= {"database": "unreachable", "migrations": "unknown"}
    elif found != wanted:
        checks["migrations"] = f"at {found or 'none'}, needs {wanted}; run severa-gateway migrate"
    if not redis:
        checks["redis"] = "unreachable"
    ready = checks["database"] == checks["migrations"] == "ok"
    degraded = "ready" if checks["redis"] == "ok" else "degraded"
    body = {
        "status": degraded if ready else "not_ready",
        "checks": checks,
        "version": program_version(),
        "revision": found or None,
    }
    return answer(body, status=200 if ready else 503)


async def _revision() -> str | None:
    """Return the database's revision, "" for a database without one, None when it is away."""
    try:
        async with asyncio.timeout(DATABASE_SECONDS):
            there = await database.rows("SELECT to_regclass('alembic_version')::text AS name")
            if there[0]["name"] is None:
                return ""
            found = await database.rows("SELECT version_num FROM alembic_version")
    except Exception as error:
        log.warning("health.database_unreachable error=%s", type(error).__name__)
        return None
    return str(found[0]["version_num"]) if found else ""


async def _redis_answers(services: Services) -> bool:
    try:
        async with asyncio.timeout(REDIS_SECONDS):
            return bool(await services.redis.ping())
    except (RedisError, OSError) as error:
        log.warning("health.redis_unreachable error=%s", type(error).__name__)
        return False


async def _metrics(services: Services) -> Response:
    metrics = services.metrics
    try:
        async with asyncio.timeout(SCRAPE_SECONDS):
            await gauges.read(metrics)
        metrics.database_up.set(1)
    except Exception as error:
        log.warning("metrics.database_unreachable error=%s", type(error).__name__)
        metrics.database_up.set(0)
    metrics.redis_up.set(1 if await _redis_answers(services) else 0)
    return Response(metrics.text(), media_type=CONTENT_TYPE)
