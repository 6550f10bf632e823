"""A worker that is killed in the middle of a delivery loses nothing (J10, W16)."""

import sys
from pathlib import Path
from typing import Any

from gateway.embedded.process import Child
from schema.models import Delivery
from schema.settings import Settings
from tests.worker.pair import until

ROOT = Path(__file__).resolve().parents[3]


def worker(settings: Settings, logs: Path, number: int) -> Child:
    """A real worker process that may call this machine."""
    return Child(
        f"worker {number}",
        [sys.executable, "-m", "worker"],
        env={
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
            "GATEWAY_SECRET_KEYS": settings.secret_keys,
            "WEBHOOK_TARGETS": "any",
            "PATH": "/usr/bin:/bin",
        },
        cwd=ROOT,
        log_path=logs / f"worker-{number}.log",
    )


class TestAKilledWorker:
    async def test_has_its_message_sent_again_by_the_next(
        self, house: Any, receiver: Any, tmp_path: Path
    ) -> None:
        subscriber = await house.subscriber(receiver.url)
        receiver.pause = 5.0
        await house.change()
        first, second = (worker(house.settings, tmp_path, number) for number in (1, 2))

        async def heard() -> bool:
            return bool(receiver.got)

        async def arrived() -> bool:
            return await Delivery.filter(state="DELIVERED").exists()

        await first.start()
        try:
            await until(heard, what="the first try")
            first.kill()
            await first.wait()
        finally:
            await first.stop()
        receiver.pause = 0.0
        await house.pass_time(subscriber)
        await second.start()
        try:
            await until(arrived, what="the second try")
        finally:
            await second.stop()

        assert len({one.headers["webhook-id"] for one in receiver.got}) == 1
        assert [one.tries for one in await house.log(subscriber)] == [2]
