"""Health: alive without anyone, ready with a migrated database, metrics without ids."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.app import create_app
from gateway.auth import make_key
from gateway.services import Services, open_services
from schema import queue
from schema.database import execute, transaction
from schema.jobs import SYNC
from schema.models import Checkpoint, Integration, WebhookEvent
from schema.secrets import new_key
from schema.settings import Hidden, Settings
from schema.words import IntegrationState, Scope, Side


@pytest.fixture
async def services(database: str, redis_url: str) -> AsyncIterator[Services]:
    chosen = Settings(
        database_url=Hidden(database),
        redis_url=Hidden(redis_url),
        secret_keys=Hidden(new_key()),
        database_pool=3,
    )
    async with open_services(chosen) as opened:
        yield opened


@pytest.fixture
async def client(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(services.settings, services=services)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as opened:
        yield opened


class TestReadiness:
    async def test_is_given_with_the_revision(self, client: httpx.AsyncClient) -> None:
        response = await client.get("/readyz")

        body = response.json()
        assert (response.status_code, body["status"]) == (200, "ready")
        assert body["checks"] == {"database": "ok", "migrations": "ok", "redis": "ok"}
        assert body["revision"]

    async def test_is_refused_for_an_older_database(self, client: httpx.AsyncClient) -> None:
        await execute("UPDATE alembic_version SET version_num = '0000'")
        older = await client.get("/readyz")
        await execute("DROP TABLE alembic_version")
        bare = await client.get("/readyz")

        assert (older.status_code, bare.status_code) == (503, 503)
        assert "severa-gateway migrate" in older.json()["checks"]["migrations"]


class TestLiveness:
    async def test_asks_nobody(self, database: str) -> None:
        chosen = Settings(database_url=Hidden(database))
        transport = httpx.ASGITransport(app=create_app(chosen))

        async with httpx.AsyncClient(transport=transport, base_url="http://10.1.2.3") as client:
            response = await client.get("/livez")

        assert (response.status_code, response.json()["status"]) == (200, "alive")


class TestMetrics:
    async def test_tell_of_inbox_queue_and_sync(self, client: httpx.AsyncClient) -> None:
        integration = await _behind()

        response = await client.get("/metrics")

        samples = _samples(response.text)
        assert response.headers["content-type"].startswith("text/plain")
        assert samples["severa_gateway_inbox_depth"] == 1
        assert 59 < samples["severa_gateway_inbox_oldest_age_seconds"] < 90
        assert 29 < samples["severa_gateway_queue_oldest_due_age_seconds"] < 60
        assert samples["severa_gateway_queue_depth"] == 1
        assert 599 < samples["severa_gateway_sync_lag_seconds"] < 700
        assert samples["severa_gateway_database_up"] == 1
        assert str(integration) not in response.text

    async def test_count_requests_by_route_and_hold_no_id(self, client: httpx.AsyncClient) -> None:
        for _ in range(2):
            await client.post(f"/webhooks/severa/{UUID(int=5)}", content=b"{}")
        await client.get("/nowhere/at/all")

        text = (await client.get("/metrics")).text

        assert 'route="/webhooks/severa/{integration}",status="400"} 2.0' in text
        assert 'route="unmatched",status="404"} 1.0' in text
        assert 'webhook_rejected_total{reason="id",source="severa"} 2.0' in text
        assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", text)

    async def test_count_operations_refusals_and_cost(self, client: httpx.AsyncClient) -> None:
        _, key = await make_key(name="k", scopes=[Scope.READ])
        for query in ("{ viewer { __typename } }", "{", "{ nothing }"):
            await client.post(
                "/graphql", json={"query": query}, headers={"authorization": f"Bearer {key}"}
            )

        text = (await client.get("/metrics")).text

        name = "severa_gateway_graphql"
        assert f'{name}_operations_total{{outcome="executed",type="query"}} 1.0' in text
        assert f'{name}_refusals_total{{reason="graphql_parse_failed"}} 1.0' in text
        assert f'{name}_refusals_total{{reason="graphql_validation_failed"}} 1.0' in text
        assert f"{name}_cost_count" in text
        assert f"{name}_subscriptions 0.0" in text

    async def test_have_base_units_in_their_names(self, services: Services) -> None:
        names = [name for name in services.metrics.names() if name.startswith("severa_gateway")]

        assert len(names) > 20
        assert not [name for name in names if re.search(r"_(ms|millis|minutes|kb)\b", name)]


async def _behind() -> UUID:
    """Make an integration with an old webhook, an old job and an old checkpoint."""
    now = datetime.now(UTC)
    integration = await Integration.create(name="n", state=IntegrationState.ACTIVE)
    await WebhookEvent.create(
        side=Side.SEVERA,
        source="s",
        event_id="e",
        type="t",
        body=b"{}",
        digest="d",
        received_at=now - timedelta(seconds=60),
    )
    await Checkpoint.create(
        integration=integration,
        side="SEVERA",
        resource="invoices",
        completed_at=now - timedelta(seconds=600),
    )
    async with transaction():
        await queue.enqueue(SYNC, integration_id=integration.id, due_at=now - timedelta(seconds=30))
    return integration.id


def _samples(text: str) -> dict[str, Any]:
    families = text_string_to_metric_families(text)
    return {sample.name: sample.value for family in families for sample in family.samples}
