"""What a run stands on: the stores, the sandbox, the gateway, one linked pair of companies."""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from chaos.options import LEASE_SECONDS, TIME_SCALE, Options
from chaos.vendors import Vendors
from chaos.workers import ROOT
from gateway.embedded.port import free_port
from gateway.embedded.postgres import EmbeddedPostgres
from gateway.embedded.process import Child
from gateway.embedded.redis import EmbeddedRedis
from schema.database import opened
from schema.migrate import upgrade
from schema.models import Integration
from schema.secrets import Vault, new_key, new_webhook_secret
from schema.words import IntegrationState


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Everything that runs except the workers."""

    data_dir: Path
    postgres: EmbeddedPostgres
    redis: EmbeddedRedis
    vendors: Vendors
    environ: Mapping[str, str]
    integrations: list[Integration]
    hooks: Mapping[str, Mapping[str, str]]

    async def flush_redis(self) -> None:
        """Throw away everything that Redis holds."""
        async with Redis.from_url(self.redis.url) as client:
            await client.flushall()


@asynccontextmanager
async def open_house(options: Options) -> AsyncIterator[House]:
    """Start all of it in a directory of its own; everything ends with the block."""
    async with AsyncExitStack() as stack:
        data_dir = _directory(options, stack)
        postgres = EmbeddedPostgres(data_dir=data_dir / "postgres", fsync=False)
        redis = EmbeddedRedis(data_dir=data_dir / "redis")
        await stack.enter_async_context(postgres)
        await stack.enter_async_context(redis)
        await upgrade(postgres.url)
        root = await _sandbox(options, data_dir, stack)
        vendors = Vendors(root)
        stack.push_async_callback(vendors.close)
        await vendors.wait_until_ready()
        await vendors.control(
            "POST", "/limits", {"severaPerSecond": None, "financialsPerHour": None}
        )
        port = free_port()
        environ = _environ(options, root, key=new_key(), postgres=postgres, redis=redis, port=port)
        linked = [await _link(environ, company, port) for company in vendors.companies]
        await _gateway(environ, data_dir, stack)
        yield House(
            data_dir=data_dir,
            postgres=postgres,
            redis=redis,
            vendors=vendors,
            environ=environ,
            integrations=[integration for integration, _ in linked],
            hooks=linked[0][1],
        )


def _directory(options: Options, stack: AsyncExitStack) -> Path:
    path = Path(tempfile.mkdtemp(prefix=f"chaos-{options.seed}-"))
    if options.keep:
        sys.stdout.write(f"Everything stays in {path}\n")
    else:
        stack.callback(shutil.rmtree, path, ignore_errors=True)
    return path


async def _sandbox(options: Options, data_dir: Path, stack: AsyncExitStack) -> str:
    port = free_port()
    words = ["--port", str(port), "--size", options.size, "--seed", str(options.seed), "--matched"]
    words += ["--companies", str(options.companies)]
    await _child(
        "sandbox", ["sandbox", *words, "--time-scale", str(TIME_SCALE)], {}, data_dir, stack
    )
    return f"http://127.0.0.1:{port}"


async def _gateway(environ: Mapping[str, str], data_dir: Path, stack: AsyncExitStack) -> None:
    await _child("gateway", ["gateway.cli", "serve"], environ, data_dir, stack, restart=True)


async def _child(
    name: str,
    words: list[str],
    environ: Mapping[str, str],
    data_dir: Path,
    stack: AsyncExitStack,
    *,
    restart: bool = False,
) -> None:
    child = Child(
        name,
        [sys.executable, "-m", *words],
        log_path=data_dir / f"{name}.log",
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **environ},
        cwd=ROOT,
        restart=restart,
    )
    await child.start()
    stack.push_async_callback(child.stop)


def _environ(
    options: Options,
    root: str,
    *,
    key: str,
    postgres: EmbeddedPostgres,
    redis: EmbeddedRedis,
    port: int,
) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": postgres.url,
        "DATABASE_POOL": "6",
        "REDIS_URL": redis.url,
        "GATEWAY_SECRET_KEYS": key,
        "GATEWAY_PROFILE": "demo",
        "GATEWAY_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "GATEWAY_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SEVERA_BASE_URL": f"{root}/severa/rest-api",
        "FINANCIALS_BASE_URL": f"{root}/financials",
        "FINANCIALS_TOKEN_URL": f"{root}/connect/token",
        "VENDOR_TIME_SCALE": str(TIME_SCALE),
        "SEVERA_CALLS_PER_SECOND": "0",
        "LEASE_SECONDS": str(LEASE_SECONDS),
        "SYNC_INTERVAL_SECONDS": str(options.sync_seconds),
        "LOG_LEVEL": "WARNING",
    }


async def _link(
    environ: Mapping[str, str], company: dict[str, Any], port: int
) -> tuple[Integration, dict[str, dict[str, str]]]:
    vault = Vault(environ["GATEWAY_SECRET_KEYS"])
    integration = Integration(
        name=company["name"],
        state=IntegrationState.ACTIVE,
        options={"units": company["units"]},
        financials_tenant_id=company["financials"]["tenantId"],
    )
    severa, financials = company["severa"], company["financials"]
    secrets = {side: new_webhook_secret() for side in ("severa", "financials")}
    for name, values in {
        "severa_credentials": _named(severa, "clientId", "clientSecret"),
        "financials_credentials": _named(financials, "clientId", "clientSecret", "tenantId"),
        "webhook_secrets": secrets,
    }.items():
        sealed = vault.seal(integration_id=integration.id, values=values)
        setattr(integration, name, sealed)
    async with opened(environ["DATABASE_URL"], pool=2):
        await integration.save()
    urls = {
        side: f"http://127.0.0.1:{port}/webhooks/{side}/{integration.id}"
        for side in ("severa", "financials")
    }
    return integration, {side: {"url": urls[side], "secret": secrets[side]} for side in urls}


def _named(values: Mapping[str, str], *names: str) -> dict[str, str]:
    """Write camel case names the way our credentials are kept."""
    places = {"clientId": "client_id", "clientSecret": "client_secret", "tenantId": "tenant_id"}
    return {places[name]: values[name] for name in names}


async def restart_postgres(house: House) -> None:
    """Restart the database under everybody's feet."""
    await house.postgres.stop()
    await asyncio.sleep(0.3)
    await house.postgres.start()
