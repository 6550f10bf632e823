"""The worker process: arq carries the knocks, PostgreSQL holds the work, the desk does it."""

import asyncio
import logging
import os
import signal
import socket
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

from arq import Worker, cron, func
from arq.connections import ArqRedis

from schema import database, migrate, queue
from schema.clock import utc_now
from schema.secrets import Vault
from schema.settings import Settings
from worker import faultpoint, schedule, sweep
from worker.deliveries.postman import Postman
from worker.desk import Desk
from worker.notifier import Notifier

log = logging.getLogger(__name__)

# How often the worker looks for due rows by itself, in seconds; no knock is needed for that.
WATCH = 1.0
# How often it looks for what a crash may have left behind, in seconds.
SWEEP = 10.0


async def run(settings: Settings, environ: Mapping[str, str] | None = None) -> None:
    """Work until SIGTERM or SIGINT.

    Raises ConfigError for a database or setting that does not serve.
    """
    faultpoint.arm_from((environ or {}).get("GATEWAY_FAULT_POINTS", ""))
    await migrate.require_head(settings.database_url)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(
            database.opened(settings.database_url, pool=settings.database_pool)
        )
        redis = queue.make_pool(settings.redis_url)
        stack.push_async_callback(redis.aclose)
        notifier = Notifier(redis)
        notifier.start()
        stack.push_async_callback(notifier.stop)
        vault = Vault(settings.secret_keys)
        postman = Postman(settings=settings, vault=vault, clock=utc_now, redis=redis)
        stack.push_async_callback(postman.stop)
        desk = Desk(
            settings=settings,
            vault=vault,
            clock=utc_now,
            notifier=notifier,
            holder=f"{socket.gethostname()}:{os.getpid()}",
        )
        stack.push_async_callback(desk.stop)
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, stopping.set)
        tasks = [
            asyncio.create_task(_watch(settings, desk, notifier), name="watch"),
            asyncio.create_task(_listen(settings, redis, desk), name="arq"),
            asyncio.create_task(postman.run(), name="postman"),
        ]
        log.info("worker.started pid=%s", os.getpid())
        await stopping.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    log.info("worker.stopped pid=%s", os.getpid())


async def _watch(settings: Settings, desk: Desk, notifier: Notifier) -> None:
    """Tick and sweep without Redis, so that losing every knock loses nothing (J1)."""
    swept = 0.0
    while True:
        try:
            for integration_id in await schedule.tick(settings):
                desk.knock(integration_id)
            if time.monotonic() - swept >= SWEEP:
                for integration_id in await sweep.sweep():
                    desk.knock(integration_id)
                swept = time.monotonic()
            await desk.sweep()
            # Another worker may have ended between its commit and its stamp.
            notifier.touch()
        except Exception as error:
            log.warning("watch.failed error=%s", error or type(error).__name__)
        await asyncio.sleep(WATCH)


async def _listen(settings: Settings, redis: ArqRedis, desk: Desk) -> None:
    """Run arq; whatever ends it, it is started again with a pause: knocks only make us faster."""
    pause = 0.5
    while True:
        worker, begun = _arq(settings, redis, desk), time.monotonic()
        try:
            await worker.async_run()
        except Exception as error:
            log.warning("arq.lost error=%s", error or type(error).__name__)
        finally:
            await _close(worker)
        pause = 0.5 if time.monotonic() - begun > 30 else min(pause * 2, 10.0)
        await asyncio.sleep(pause)


async def _close(worker: Worker) -> None:
    for task in worker.tasks.values():
        task.cancel()
    await asyncio.gather(*worker.tasks.values(), return_exceptions=True)


def _arq(settings: Settings, redis: ArqRedis, desk: Desk) -> Worker:
    async def drain(ctx: dict[str, Any], integration_id: str) -> None:
        desk.knock(UUID(integration_id))

    async def tick(ctx: dict[str, Any]) -> None:
        for integration_id in await schedule.tick(settings):
            desk.knock(integration_id)

    return Worker(
        functions=[func(drain, name=queue.DRAIN)],
        cron_jobs=[cron(tick, name="tick", second=0, keep_result=0, timeout=30)],
        redis_pool=redis,
        queue_name=queue.QUEUE_NAME,
        job_serializer=queue.serialize,
        job_deserializer=queue.deserialize,
        keep_result=0,
        job_timeout=30,
        max_jobs=50,
        poll_delay=0.1,
        queue_read_limit=1000,
        handle_signals=False,
        health_check_interval=10,
        health_check_key=f"severa-gateway:worker:{socket.gethostname()}:{os.getpid()}",
        log_results=False,
    )
