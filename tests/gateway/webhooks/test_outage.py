"""Webhooks while a store is away: no Redis costs nothing, no database makes the sender retry."""

import time
from pathlib import Path
from typing import Any

import pytest

from gateway.embedded.postgres import EmbeddedPostgres
from gateway.embedded.redis import EmbeddedRedis
from schema.migrate import upgrade
from schema.models import Job, WebhookEvent
from schema.secrets import new_key
from schema.settings import Hidden, Settings


class TestWithoutRedis:
    @pytest.fixture
    async def own_redis(self, store_dir: Path) -> Any:
        async with EmbeddedRedis(data_dir=store_dir / "own-redis") as server:
            yield server

    @pytest.fixture
    def redis_url(self, own_redis: EmbeddedRedis) -> str:
        return own_redis.url

    async def test_a_delivery_is_stored_at_once(
        self, gateway: Any, own_redis: EmbeddedRedis
    ) -> None:
        await gateway.ring()
        await own_redis.stop()

        started = time.perf_counter()
        answers = [await gateway.ring() for _ in range(5)]
        seconds = time.perf_counter() - started
        ready = await gateway.client.get("/readyz")

        assert [one.status_code for one in answers] == [202] * 5
        assert seconds < 1
        assert await Job.all().count() == 6
        assert (ready.status_code, ready.json()["status"]) == (200, "degraded")


class TestWithoutPostgreSQL:
    @pytest.fixture
    async def own_postgres(self, store_dir: Path) -> Any:
        server = EmbeddedPostgres(data_dir=store_dir / "own-postgres", fsync=False)
        async with server:
            await upgrade(server.url)
            yield server

    @pytest.fixture
    def settings(self, own_postgres: EmbeddedPostgres, redis_url: str) -> Settings:
        return Settings(
            database_url=Hidden(own_postgres.url),
            redis_url=Hidden(redis_url),
            secret_keys=Hidden(new_key()),
        )

    async def test_the_sender_is_asked_to_try_again(
        self, gateway: Any, own_postgres: EmbeddedPostgres
    ) -> None:
        await gateway.ring(event_id="msg_1")
        await own_postgres.stop()
        refused = await gateway.ring(event_id="msg_2")
        gateway_health = [
            await gateway.client.get(path) for path in ("/livez", "/readyz", "/metrics")
        ]
        await own_postgres.start()
        accepted = await gateway.ring(event_id="msg_2")

        assert refused.status_code == 503
        assert refused.headers["retry-after"] == "5"
        assert refused.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
        assert [one.status_code for one in gateway_health] == [200, 503, 200]
        assert "severa_gateway_database_up 0.0" in gateway_health[2].text
        assert accepted.status_code == 202
        assert await WebhookEvent.all().count() == 2
